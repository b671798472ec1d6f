"""Random damage to whatever the commands read: they end with 0, 1 or 2 and a message, never a traceback."""

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from gan_style.cli.main import main
from gan_style.training import dry_run, loop, session
from tests.small import SMALL_RECIPE
from tests.training.test_damage import Made

# What parsers and file systems stumble over.
TOKENS = [b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"[" * 200, b"{a: " * 60, b"9" * 5000, b"-1", b"1e400", b"nan"]
TOKENS += [
    b"null",
    b'"',
    b"'",
    b": ",
    b"\n",
    b"\t",
    b"&a *a",
    b"!!python/object:os.system",
    b"\x1b[2J",
    b"%!PS\n",
]
WORDS = [
    "",
    " ",
    "\0",
    "-",
    "--",
    "=",
    "a=b",
    "..",
    "/",
    "~nobody",
    "\udcff",
    "n" * 300,
    "9" * 5000,
    "-1",
    "1e9",
]
WORDS += [
    "nan",
    "[::1",
    "http://[::1/x",
    "http://a:b@/",
    "file:///etc/passwd",
    "*",
    "a\nb",
    "\x1b[2J",
    "{",
    "é",
]
KEYS = [
    "train.steps",
    "data.crop",
    "data.batch",
    "method",
    "method.kind",
    "output.log_every",
    "data",
    "x",
    "",
]
COMMANDS = [
    "sample {run} --input {picture}",
    "sample",
    "runs",
    "check {recipe}",
    "train {recipe}",
    "evaluate",
    "report",
    "ablate",
]
COMMANDS += [
    "data list",
    "data fetch",
    "schema",
    "wandb sync --dry-run",
    "wandb sweep",
    "depths",
    "import-weights",
]
OPTIONS = [
    "--input",
    "--output",
    "--size",
    "--style",
    "--style-image",
    "--mask",
    "--strength",
    "--seed",
    "--runs",
]
OPTIONS += ["--name", "--ablation", "--url", "--from-file", "--sha256", "--results", "--only", "--checkpoint"]
MOST_LINES = 25  # twenty messages, and what stands around them
SMALL_FILES = [f"checkpoints/step-{step:08d}/manifest.json" for step in (6, 8)]
SMALL_FILES += ["summary.json", "metrics.jsonl", "config.yaml"]


def pictures() -> dict[str, bytes]:
    pixels, kept = Image.fromarray(np.random.default_rng(0).integers(0, 256, (20, 24, 4), np.uint8)), {}
    for kind in ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP", "PPM"):
        file = io.BytesIO()
        pixels.convert("RGBA" if kind in ("PNG", "WEBP", "TIFF") else "RGB").save(file, kind)
        kept[kind.lower()] = file.getvalue()
    return kept


@st.composite
def hurt(draw: st.DrawFn, content: bytes) -> bytes:
    """A few bytes changed, put in, cut out or cut off."""
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(content)))
        new = draw(st.one_of(st.sampled_from(TOKENS), st.binary(max_size=4)))
        taken = draw(st.sampled_from([0, len(new), 1, 16]))
        content = content[:place] + new + content[place + taken :]
    return content[: draw(st.integers(0, len(content)))] if draw(st.integers(0, 5)) == 0 else content


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    """What would train, or ask a server, for long is not among them."""
    line = draw(st.sampled_from(COMMANDS)).split()
    word = st.one_of(st.sampled_from(WORDS), st.text(max_size=6))
    if line[0] in ("check", "train"):
        line.append(f"{draw(st.sampled_from(KEYS))}={draw(word)}")
    line += draw(st.lists(word, max_size=1))
    for option, value in draw(st.lists(st.tuples(st.sampled_from(OPTIONS), word), max_size=3)):
        line += [option, value]
    return line


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Made:
    return Made(tmp_path_factory.mktemp("fuzz"))


@pytest.fixture
def place(made, tmp_path, monkeypatch) -> Path:
    """A working directory; the network of the run is built, and nothing is trained."""
    monkeypatch.chdir(tmp_path)
    for name in ("GAN_STYLE_RUNS", "GAN_STYLE_DATA"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setattr(session, "build_method", lambda *some: made.method)
    monkeypatch.setattr(session, "configure", lambda *some: None)
    monkeypatch.setattr(loop, "steps", lambda *some: ())
    monkeypatch.setattr(dry_run, "build_method", lambda *some: made.method)
    return tmp_path


def ends_well(line: list[str]) -> None:
    result = CliRunner().invoke(main, line)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise AssertionError(f"{line}: a traceback") from result.exception
    assert result.exit_code in (0, 1, 2), line
    assert "Traceback" not in result.output, result.output
    assert result.exit_code == 0 or result.output.strip(), f"{line}: no message"
    assert len(result.stderr.splitlines()) <= MOST_LINES, result.stderr


def a_picture(data: st.DataObject, made: Made, folder: Path) -> None:
    kept = pictures()
    (folder / "in.png").write_bytes(data.draw(hurt(kept[data.draw(st.sampled_from(sorted(kept)))])))
    words = ["sample", str(made.copied(folder).folder)]
    ends_well([*words, "--input", str(folder / "in.png"), "--output", str(folder / "out")])


def a_recipe(data: st.DataObject, made: Made, folder: Path) -> None:
    recipe = SMALL_RECIPE.format(source=made.recipe.path.parent / "photos", target=folder / "paintings")
    (folder / "recipe.yaml").write_bytes(data.draw(hurt(recipe.encode())))
    ends_well(["check", str(folder / "recipe.yaml")])


def a_small_file(data: st.DataObject, made: Made, folder: Path) -> None:
    run = made.copied(folder).folder
    path = run / data.draw(st.sampled_from(SMALL_FILES))
    path.write_bytes(data.draw(hurt(path.read_bytes())))
    runs = ["--runs", str(run.parents[2])]
    ends_well(["train", str(made.recipe.path), *made.recipe.overrides, "--until", "1", *runs])
    ends_well(["runs", *runs])


def a_command_line(data: st.DataObject, made: Made, folder: Path) -> None:
    known = {"{run}": str(made.copied(folder).folder), "{recipe}": str(made.recipe.path)}
    known["{picture}"] = str(made.recipe.path.parent / "photos" / "00.png")
    ends_well([known.get(word, word) for word in data.draw(command_lines())])


CASES = pytest.mark.parametrize("case", [a_picture, a_recipe, a_small_file, a_command_line])


def try_all(
    case: Callable[[st.DataObject, Made, Path], None], examples: int, made: Made, place: Path
) -> None:
    folder = place / "trial"

    @settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def trial(data: st.DataObject) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        case(data, made, folder)

    trial()


@CASES
@pytest.mark.usefixtures("loaded_once")
def test_thirty_damages(case, made, place):
    try_all(case, 8, made, place)


@CASES
@pytest.mark.slow
def test_two_thousand_damages(case, made, place):
    try_all(case, 500, made, place)
