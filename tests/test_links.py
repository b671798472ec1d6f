"""Somebody else's folders and names: no links written through, no pipes waited for, no escapes printed."""

import json
import os
import tarfile

import numpy as np
import pytest

from gan_style.data.fetch import unpack
from gan_style.data.kept import write_whole
from gan_style.experiment.runs import OWN_FOLDERS, Run, claimed
from gan_style.inference.outputs import Outputs, refuse_inputs
from gan_style.inference.requests import one_pass, read_style_image
from gan_style.methods import Request
from gan_style.report import readme
from gan_style.report.listing import print_runs
from gan_style.system import disk, images
from gan_style.system.errors import UserError
from gan_style.system.locks import exclusive
from gan_style.system.progress import say

WRITERS = [
    (disk.write, ".a.png.partial"),
    (write_whole, ".a.png.partial"),
    (
        lambda path, content: images.write(path, images.Picture(np.zeros((8, 8, 3), np.uint8))),
        ".a.png.partial",
    ),
]


@pytest.mark.parametrize(("write", "planted"), WRITERS)
@pytest.mark.parametrize("plant", ["link", "pipe"])
def test_what_lies_where_a_file_is_prepared_is_replaced(write, planted, plant, tmp_path):
    dear, out = tmp_path / "dear.txt", tmp_path / "out"
    out.mkdir()
    dear.write_text("mine")
    if plant == "link":
        (out / planted).symlink_to(dear)
    else:
        os.mkfifo(out / planted)
    write(out / "a.png", b"new")
    assert dear.read_text() == "mine"
    assert [path.name for path in out.iterdir()] == ["a.png"]
    assert not (out / "a.png").is_symlink()


@pytest.mark.parametrize("name", OWN_FOLDERS)
def test_a_run_folder_with_links_is_refused(name, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / name).symlink_to(tmp_path)
    with pytest.raises(UserError, match=f"{name}: this is a link"):
        Run(tmp_path / "run").check_links()


@pytest.mark.parametrize("plant", ["link", "pipe"])
def test_lists_and_locks_are_plain_files(plant, tmp_path):
    for name in (".painted.jsonl", ".lock"):
        if plant == "link":
            (tmp_path / name).symlink_to(tmp_path / "elsewhere")
        else:
            os.mkfifo(tmp_path / name)
    with pytest.raises(UserError, match=r"painted.jsonl: a plain file is needed"):
        Outputs(tmp_path)
    with pytest.raises(UserError, match=r"lock: a plain file is needed"), exclusive(tmp_path / ".lock", int):
        pass
    assert not (tmp_path / "elsewhere").exists()


def test_what_somebody_elses_run_says_is_no_markup_and_no_command(tmp_path, capsys):
    run = tmp_path / "small" / "default" / "seed0"
    run.mkdir(parents=True)
    (run / "config.yaml").write_text("train: {}")
    (run / "summary.json").write_text(json.dumps({"status": "[/x]\x1b[2J"}))
    print_runs(tmp_path)
    told = capsys.readouterr().out
    assert "[/x]" in told.replace("\n", "")
    assert "\x1b" not in told


def test_names_cannot_move_the_cursor(capsys):
    say("a\x1b[2J\x07\u202e.png\nb é")
    assert capsys.readouterr().out == "a\\x1b[2J\\x07\\u202e.png\nb é\n"


@pytest.mark.parametrize("weight", ["1e999", "nan", "1e308", "-inf"])
def test_weights_are_finite(weight, tmp_path):
    with pytest.raises(UserError, match="is no weight up to 1,000,000"):
        read_style_image(f"{tmp_path}/x.png={weight}")
    with pytest.raises(UserError, match="is no weight up to 1,000,000"):
        one_pass(Request(), f"oil={weight}")


def test_folders_in_an_archive_count_too(tmp_path, monkeypatch):
    monkeypatch.setattr(unpack, "MAX_FILES", 5)
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        for number in range(10):
            folder = tarfile.TarInfo(f"d{number}")
            folder.type = tarfile.DIRTYPE
            tar.addfile(folder)
    with pytest.raises(UserError, match="more than 5 entries"):
        unpack.unpack(tmp_path / "a.tar", tmp_path / "out", "a.tar")


def test_a_readme_keeps_its_line_ends_and_what_is_no_utf8(tmp_path):
    (tmp_path / "real.md").write_bytes(b"caf\xe9\r\n")
    (tmp_path / "README.md").symlink_to(tmp_path / "real.md")
    readme.update(tmp_path / "README.md", "| a |\n| b |")
    assert (tmp_path / "README.md").is_symlink()
    content = (tmp_path / "real.md").read_bytes()
    assert content.startswith(b"caf\xe9")
    assert b"| a |\r\n| b |" in content


def test_pictures_that_are_looked_at_are_not_written_over(tmp_path):
    (tmp_path / "map.png").touch()
    refuse_inputs([tmp_path / "distances.png"], [tmp_path / "map.png"])
    with pytest.raises(UserError, match=r"map.png is one of the pictures to look at"):
        refuse_inputs([tmp_path / "map.png"], [tmp_path / "map.png"])


def test_a_run_is_not_gone_on_with_through_a_link(tmp_path):
    run = Run(tmp_path / "runs" / "small" / "default" / "seed0")
    run.folder.mkdir(parents=True)
    (run.folder / "samples").symlink_to(tmp_path)
    with pytest.raises(UserError, match="samples: this is a link"), claimed(run, fresh=False):
        pass
