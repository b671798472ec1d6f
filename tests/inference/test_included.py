"""What is packed paints as its run does; what stands in while nothing was trained; what is not its card's."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import gan_style
from gan_style.cli.main import main
from gan_style.evaluation import pack as packing
from gan_style.evaluation.pack import pack
from gan_style.experiment.card import cards, read_card
from gan_style.experiment.find import read_recipe
from gan_style.experiment.runs import Run
from gan_style.features.distilled import TEACHER, Distilled
from gan_style.system import disk, images, included
from gan_style.system.errors import RunError, UserError
from gan_style.training import load
from gan_style.training.checkpoints import PAINTING
from gan_style.training.load import load_method
from tests.small import smooth_pictures, write_small_recipe


@pytest.fixture(scope="module")
def packed(run, tmp_path_factory):
    """The run, packed as the included painter `small`."""
    folder = tmp_path_factory.mktemp("package") / "included" / "small"
    (run.folder / "evaluation").mkdir()
    scores = [{"value": 0.81234, "low": None, "high": None}, {"value": 0.9, "low": 0.8, "high": 0.95}]
    photographs, drawn = ({"gram[w]": {"score": one}, "structure": {"score": None}} for one in scores)
    told = {"figures": photographs, "drawn": drawn}
    (run.folder / packing.EVALUATED).write_text(json.dumps(told))
    pack(run, folder, "a small painter", ["drawn here, CC0"])
    return folder


@pytest.fixture
def package(packed, monkeypatch):
    """As if it had come with the package."""
    monkeypatch.setattr(included, "FOLDER", packed.parent)
    return packed


@pytest.fixture
def photographs(tmp_path, rng):
    return smooth_pictures(tmp_path / "photographs", rng, 1, (40, 48))


@pytest.mark.usefixtures("loaded_once")
def test_it_paints_as_its_run_does(run, package, photographs):
    picture = images.read(next(photographs.glob("*"))).pixels
    before, after = (gan_style.load(one)(picture) for one in (run.folder, "included/small"))
    assert np.abs(before.astype(int) - after).max() <= 2  # of 255: half precision


@pytest.mark.usefixtures("loaded_once")
def test_its_only_style_may_be_named(package, photographs):
    picture = images.read(next(photographs.glob("*"))).pixels
    painter, (style,) = gan_style.load("included/small"), read_card(package).styles
    np.testing.assert_array_equal(painter(picture, style=style), painter(picture))
    with pytest.raises(UserError, match="style"):
        painter(picture, style="another")


def test_it_paints_beside_others_whatever_they_were_trained_with(run, package, photographs):
    """A run settles this process's threads, and its precision."""
    picture = images.read(next(photographs.glob("*"))).pixels
    first = gan_style.load("included/small")
    expected = first(picture)
    other = gan_style.load(run.folder)
    np.testing.assert_array_equal(first(picture), expected)
    other(picture)


def test_its_card(run, packed):
    card = read_card(packed)
    assert (card.kind, card.about, card.pictures) == ("painter", "a small painter", ["drawn here, CC0"])
    assert card.scores == {
        "photographs": {"gram[w]": [0.812, None, None]},
        "drawn scenes": {"gram[w]": [0.9, 0.8, 0.95]},
    }
    [(file, digest)] = card.sha256.items()
    with np.load(packed / file) as arrays:
        assert all(name.startswith(f"{PAINTING}generator/") for name in arrays)
        assert {arrays[name].dtype for name in arrays} == {np.dtype(np.float16)}
        assert card.parameters == sum(arrays[name].size for name in arrays)
    assert digest == disk.file_sha256(packed / file)
    assert card.steps == run.summary()["steps"]
    assert (packed / "sheet.jpg").is_file()


def test_a_training_starts_from_it(package, tmp_path, capsys):
    recipe = read_recipe(str(write_small_recipe(tmp_path)), None, ("train.init_from=included/small",))
    from gan_style.training.session import open_session, resume

    session = open_session(recipe, 5, Run(tmp_path / "r"))
    resume(session)
    told = capsys.readouterr().err
    assert "discriminator" in told
    assert "generator" not in told
    with np.load(next(package.glob("checkpoints/*/networks.npz"))) as arrays:
        name = f"{PAINTING}generator/{next(iter(arrays)).split('/', 2)[2]}"
        kept = session.method.networks["generator"].weights[0].numpy()
        np.testing.assert_array_equal(arrays[name], kept)


def test_sample_takes_it_while_there_is_no_run(package, photographs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GAN_STYLE_RUNS", str(tmp_path / "runs"))
    told = CliRunner().invoke(main, ["sample", "small", "--input", str(photographs)])
    assert told.exit_code == 0, told.output
    assert "painting with included/small: a small painter" in told.output
    assert "make train EXP=small makes your own" in told.output
    assert len(list((tmp_path / "runs" / "included" / "small" / "painted").glob("*.png"))) == 2
    style = read_card(package).styles[0]
    again = ["sample", "--input", str(photographs), "--style", style]
    assert CliRunner().invoke(main, again).exit_code == 0
    told = CliRunner().invoke(main, ["sample", "--style", "nobody's"])
    assert told.exit_code == 2
    assert f"there are: {style}" in told.output
    for others in (["--seed", "1"], ["--ablation", "x"], ["--runs", "nowhere"]):
        told = CliRunner().invoke(main, ["sample", "small", *others])
        assert "holds no run of 'small'" in told.output


def test_painters_are_listed(package):
    told = CliRunner().invoke(main, ["painters"])
    assert told.exit_code == 0
    for words in (
        "included/small",
        "a small painter",
        "photographs: gram[w] 0.812",
        "drawn scenes: gram[w] 0.9 [0.8, 0.95]",
    ):
        assert words in told.output


def test_what_is_not_included_is_told(package):
    with pytest.raises(UserError, match="included/big: nothing of this name is included; there are: small"):
        gan_style.load("included/big")


@pytest.fixture(scope="module")
def built(packed):
    return load.build_method(read_recipe(str(packed / "config.yaml")).config, 0, learning=False)


def broken(arrays, how):
    name = next(iter(arrays))
    return arrays | {name: how(arrays[name])}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda arrays: broken(arrays, lambda one: one * np.float16("nan")), "finite"),
        (lambda arrays: broken(arrays, lambda one: np.array(["x"] * 3)), "finite"),
        (lambda arrays: broken(arrays, lambda one: np.array([{"a": 1}])), "no arrays of a checkpoint"),
        (lambda arrays: broken(arrays, lambda one: one[:1]), "has shape"),
        (lambda arrays: dict(list(arrays.items())[1:]), "belongs to another configuration"),
        (
            lambda arrays: arrays | {f"{PAINTING}generator/more": np.zeros(3, np.float16)},
            "belongs to another",
        ),
    ],
)
def test_hostile_weights_are_refused_though_their_hash_is_right(
    packed, built, tmp_path, monkeypatch, change, complaint
):
    monkeypatch.setattr(load, "build_method", lambda *some, **how: built)
    folder = shutil.copytree(packed, tmp_path / "copy")
    file = next(folder.glob("checkpoints/*/networks.npz"))
    with np.load(file) as stored:
        arrays = {name: stored[name] for name in stored}
    np.savez(file, **change(arrays))
    manifest = json.loads((file.parent / "manifest.json").read_text())
    manifest.pop("manifest_sha256")
    manifest["sha256"]["networks.npz"] = disk.file_sha256(file)
    from gan_style.experiment.saved import SEAL, seal

    (file.parent / "manifest.json").write_text(json.dumps({**manifest, SEAL: seal(manifest)}))
    with pytest.raises((UserError, RunError), match=complaint):
        load_method(Run(folder))


def test_damaged_weights_are_refused(packed, tmp_path):
    folder = shutil.copytree(packed, tmp_path / "copy")
    file = next(folder.glob("checkpoints/*/networks.npz"))
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(UserError, match="no intact checkpoint"):
        load_method(Run(folder))
    (folder / "card.json").write_text('{"about": 3}')
    with pytest.raises(UserError, match=r"card\.json: about"):
        read_card(folder)


def test_the_notebook_runs_with_what_is_included(monkeypatch):
    """With the real painters, which no other test here needs."""
    notebook = json.loads((Path(__file__).parents[2] / "docs" / "painting.ipynb").read_text())
    names: dict = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    assert names["painted"].shape == names["photograph"].shape
    assert not np.array_equal(names["painted"], names["photograph"])


def test_everything_included_is_as_its_card_says():
    """Hashes, parameters and licences; what painters look through; all together have at most 6 MB."""
    found, looked_through = cards(), Distilled().fingerprint()
    assert {"oil", "features"} <= set(found)
    for name, card in found.items():
        folder = included.FOLDER / name
        assert card.pictures
        for written in [*folder.rglob("*.json"), *folder.rglob("*.yaml")]:
            assert not re.search(r"""(^|[\s"'=])/\w""", written.read_text()), written  # of no one's machine
        assert card.features.get("Distilled", looked_through) == looked_through
        for file, digest in card.sha256.items():
            assert disk.file_sha256(folder / file) == digest
            with np.load(folder / file, allow_pickle=False) as arrays:
                assert sum(arrays[one].size for one in arrays if one != TEACHER) == card.parameters
                assert {arrays[array].dtype for array in arrays} == {np.dtype(np.float16)}
    assert sum(card.bytes for card in found.values()) <= 6_000_000
