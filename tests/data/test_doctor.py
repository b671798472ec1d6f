"""The doctor objects to every fault that was planted, to nothing else, and never ends in a traceback."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image, ImageDraw

from gan_style.cli.main import main
from gan_style.data.doctor import picture
from gan_style.data.doctor.examine import domains
from gan_style.data.doctor.findings import Domain, Finding, findings

HEIGHT, WIDTH = 200, 240


def scene(seed: int, height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """A picture (H, W, 3) uint8 with shapes of all sizes, sharp, in colour."""
    rng = np.random.default_rng(seed)
    drawn = Image.fromarray(rng.integers(60, 200, (4, 5, 3), np.uint8)).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    pen = ImageDraw.Draw(drawn)
    for size in np.geomspace(min(height, width) / 2, 3, 120):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        colour = tuple(int(value) for value in rng.integers(20, 235, 3))
        pen.ellipse((x, y, x + size * rng.uniform(0.5, 1.5), y + size), fill=colour)
    grain = rng.normal(0, 4, (height, width, 1))
    return np.clip(np.asarray(drawn) + grain, 0, 255).astype(np.uint8)


def with_mat(pixels):
    pixels = pixels.copy()
    pixels[:12], pixels[-12:], pixels[:, :12], pixels[:, -12:] = 250, 250, 250, 250
    return pixels


def with_frame(pixels):
    """A carved frame: texture all around, and a straight edge to the painting."""
    rng = np.random.default_rng(5)
    carved = np.clip(60 + rng.normal(0, 6, pixels.shape), 0, 255).astype(np.uint8)
    carved[18:-18, 18:-18] = np.clip(pixels[18:-18, 18:-18].astype(int) // 2 + 120, 0, 255)
    return carved


def with_caption(pixels):
    image = Image.fromarray(pixels)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, HEIGHT - 22, WIDTH, HEIGHT), fill="white")
    pen.text((8, HEIGHT - 18), "Oil on canvas, 1889", fill="black")
    return np.asarray(image)


def of_jpeg(pixels, tmp_path):
    Image.fromarray(pixels).save(tmp_path / "poor.jpg", quality=4)
    return np.asarray(Image.open(tmp_path / "poor.jpg"))


@cache
def good():
    return tuple(picture.examine(scene(seed), f"{seed}.png", str(seed)) for seed in range(40))


def told(pixels: np.ndarray, name: str = "picture.png") -> set[str]:
    domain = Domain("photographs", "folder", (*good(), picture.examine(pixels, name, "other")))
    found = findings([domain])
    assert all(one.names == (name,) for one in found), found
    return {one.what for one in found}


def test_sound_pictures_raise_nothing():
    assert told(scene(100)) == set()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (with_mat, "a frame around them"),
        (with_frame, "a frame around them"),
        (with_caption, "a plain band along an edge (a mat or a caption)"),
        (lambda pixels: np.repeat(pixels[..., :1], 3, axis=2), "without colour"),
        (lambda pixels: (pixels // 80 + 120).astype(np.uint8), "almost empty"),
        (lambda pixels: pixels[:100], "smaller than 128 pixels"),
        (lambda pixels: scene(3, 150, 600), "very long or very wide"),
    ],
)
def test_each_fault_of_a_picture_is_named(change, what):
    assert what in told(change(scene(100)))


def test_blocks_are_a_matter_of_many_pictures(tmp_path):
    poor = [picture.examine(of_jpeg(scene(seed), tmp_path), f"{seed}.jpg", str(seed)) for seed in range(40)]
    assert "blocks of JPEG" in {one.what for one in findings([Domain("photographs", "folder", tuple(poor))])}


def write(folder: Path, pictures: list[np.ndarray], suffix: str = "png") -> Path:
    folder.mkdir()
    for number, pixels in enumerate(pictures):
        Image.fromarray(pixels).save(folder / f"{number:02d}.{suffix}")
    return folder


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("sound")
    return (
        write(root / "photos", [scene(seed) for seed in range(31)]),
        write(root / "paintings", [scene(seed) for seed in range(100, 131)]),
    )


def asked(*paths: object, cwd: Path) -> tuple[int, str]:
    command = ["doctor", *map(str, paths), "--sheet", str(cwd / "sheet.png")]
    result = CliRunner().invoke(main, command)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output + (result.stderr if result.stderr_bytes else "")


def test_sound_folders_pass(sound, tmp_path):
    code, said = asked(*sound, cwd=tmp_path)
    assert code == 0
    assert "nothing to object to" in said
    assert not (tmp_path / "sheet.png").exists()


def test_broken_and_hostile_files_are_listed(sound, tmp_path):
    folder = write(tmp_path / "photos", [scene(seed) for seed in range(200, 231)])
    (folder / "cut.png").write_bytes((folder / "00.png").read_bytes()[:400])
    (folder / "notes.txt").write_text("no picture")
    (folder / "gone.png").symlink_to(tmp_path / "nowhere.png")
    code, said = asked(folder, sound[1], cwd=tmp_path)
    assert code == 0
    assert "unreadable" in said
    assert "31 of" in said


def named(found: list[Finding], start: str) -> Finding:
    return next(one for one in found if one.what.startswith(start))


def test_copies_and_leaks_are_found_whatever_their_size(sound, tmp_path):
    root = tmp_path / "set"
    root.mkdir()
    half = np.asarray(Image.fromarray(scene(3)).resize((WIDTH // 2, HEIGHT // 2), Image.Resampling.LANCZOS))
    write(root / "trainA", [*(scene(seed) for seed in range(31)), half])
    write(root / "testA", [scene(50), scene(4)], "jpg")
    write(root / "trainB", [scene(seed) for seed in range(100, 131)])
    found = findings(domains([root]))
    assert named(found, "copies of others").names == ("31.png",)
    leak = named(found, "also among the domain A")
    assert (leak.where, leak.names) == ("domain A (test)", ("01.jpg",))
    assert "a leak" in leak.advice


def test_what_would_be_in_vain_ends_with_1(sound, tmp_path):
    code, said = asked(sound[0], sound[0], cwd=tmp_path)
    assert code == 1
    assert "both are the same" in said
    one = write(tmp_path / "one", [scene(1)] * 5)
    code, said = asked(sound[0], one, cwd=tmp_path)
    assert code == 1
    assert "5 usable, 1 different" in said
    empty = write(tmp_path / "empty", [np.full((150, 150, 3), 90 + seed, np.uint8) for seed in range(5)])
    code, said = asked(sound[0], empty, cwd=tmp_path)
    assert code == 1
    assert "all of them almost empty" in said


def test_domains_of_other_scales_are_told_apart(sound, tmp_path):
    large = write(tmp_path / "large", [scene(seed, 500, 520) for seed in range(31)])
    found = findings(domains([large, sound[1]]))
    assert "data.short_side: 200" in named(found, "shorter sides apart").advice
    soft = [
        np.asarray(Image.fromarray(scene(seed)[::4, ::4]).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC))
        for seed in range(31)
    ]
    found = findings(domains([write(tmp_path / "soft", soft), sound[1]]))
    assert "the paintings are sharper" in named(found, "fine detail apart").advice


def test_few_pictures_are_told(sound, tmp_path):
    found = findings(domains([sound[0], write(tmp_path / "few", [scene(seed) for seed in range(100, 105)])]))
    assert (found[0].what, found[0].where) == ("only 5 different pictures", "paintings")


@pytest.mark.parametrize("missing", ["nowhere", "void"])
def test_a_folder_without_pictures_is_one_clear_line(missing, sound, tmp_path):
    (tmp_path / "void").mkdir()
    code, said = asked(tmp_path / missing, sound[1], cwd=tmp_path)
    assert code == 2
    assert str(tmp_path / missing) in said


def test_a_second_look_reads_notes_and_notices_changes(sound, tmp_path, monkeypatch):
    folder = write(tmp_path / "photos", [scene(seed) for seed in range(300, 332)])
    domains([folder])
    counted = []
    examine = picture.examine
    monkeypatch.setattr(picture, "examine", lambda *some: counted.append(1) or examine(*some))
    domains([folder])
    assert counted == []
    Image.fromarray(with_mat(scene(300))).save(folder / "00.png")
    (found,) = findings(domains([folder]))
    assert (len(counted), found.names) == (1, ("00.png",))
