"""Wrong configs get one message with file, line, key and a suggestion; right ones mean what they say."""

from pathlib import Path
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from gan_style.config.choice import choice_of
from gan_style.config.load import load
from gan_style.config.located import parse
from gan_style.config.model import Config
from gan_style.system.errors import UserError


def brush(*, width: Annotated[int, Field(ge=1)] = 2, tip: Literal["round", "flat"] = "round") -> str:
    return f"{tip} {width}"


def knife(*, length: float) -> str:
    return f"knife {length}"


class Train(Config):
    steps: int
    rate: float = 1e-3
    name: str = "x"
    sizes: tuple[int, ...] = ()
    flag: bool = False


class Whole(Config):
    train: Train
    tool: choice_of({"brush": brush, "knife": knife}) = None


@pytest.fixture
def write(tmp_path: Path):
    def write(text: str, name: str = "config.yaml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    return write


def message(path: Path, *overrides: str) -> str:
    with pytest.raises(UserError) as caught:
        load(path, Whole, overrides)
    return str(caught.value)


def test_values_keep_their_types(write):
    config = load(
        write("train: {steps: 5, rate: 1e-4, sizes: [1, 2], flag: true, name: 'off'}"), Whole
    ).config
    assert config.train == Train(steps=5, rate=1e-4, sizes=(1, 2), flag=True, name="off")


def test_unknown_key_names_place_and_suggestion(write):
    path = write("train:\n  steps: 5\n  setps: 5\n")
    assert message(path) == f"{path}:3:3: train.setps: unknown key, did you mean 'steps'?"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("train:\n  steps: 5\n  steps: 6\n", ":3:3: steps: this key stands twice, first at line 2"),
        ("train:\n  steps: five\n", ":2:3: train.steps: expected a valid integer, found the text 'five'"),
        ("train:\n  steps: 010\n", "found the text '010'"),
        ("train:\n  steps: 12:30\n", "found the text '12:30'"),
        ("train: {steps: 1, flag: off}", "found the text 'off'"),
        ("train: {steps: 5.5}", "train.steps: expected a valid integer, found the number 5.5"),
        ("train: {steps: 1, rate: .nan}", "train.rate"),
        ("train: {rate: 1}", "train.steps: this key is required"),
        ("train: 5", "train: "),
        ("- 1\n- 2\n", "expected keys and values, found a list"),
        ("train: {steps: 1}\ntool: {kind: knif, length: 1}\n", "unknown kind 'knif', did you mean 'knife'?"),
        ("train: {steps: 1}\ntool: {length: 1}\n", "the key 'kind' is required"),
        (
            "train: {steps: 1}\ntool:\n  kind: brush\n  widht: 1\n",
            ":4:3: tool.widht: unknown key, did you mean 'width'?",
        ),
        (
            "train: {steps: 1}\ntool: {kind: brush, width: 0}\n",
            "tool.width: expected greater than or equal to 1, found the number 0",
        ),
        (
            "train: {steps: 1}\ntool: {kind: brush, tip: pointed}\n",
            "tool.tip: expected 'round' or 'flat', found the text 'pointed'",
        ),
        ("train: {steps: 1", "not valid YAML"),
        ("a: &x 1\nb: *x\n", "anchors and aliases are not supported"),
        ("train: !!python/object:os.system {steps: 1}\n", "config.yaml"),
        ("train: {steps: !!int '5'}\n", "config.yaml"),
    ],
)
def test_mistakes_are_told_where_they_stand(write, text, expected):
    told = message(write(text))
    assert expected in told
    assert "config.yaml" in told
    assert len(told.splitlines()) == 1


def test_all_mistakes_are_told_at_once(write):
    told = message(write("train:\n  setps: 5\n  rate: fast\n"))
    assert [line.split(": ")[1] for line in told.splitlines()] == ["train.steps", "train.rate", "train.setps"]


def test_child_wins_over_parent_and_lists_replace(write):
    write("train: {steps: 5, rate: 0.1, sizes: [1, 2]}\ntool: {kind: brush, width: 7}\n")
    child = write(
        "extends: ../config.yaml\ntrain: {rate: 0.2, sizes: [3]}\ntool: {kind: brush, tip: flat}\n",
        "ablations/a.yaml",
    )
    resolved = load(child, Whole)
    assert resolved.config.train == Train(steps=5, rate=0.2, sizes=(3,))
    assert resolved.config.tool() == "flat 7"
    origins = {".".join(path): str(origin) for path, origin in resolved.origins().items()}
    assert origins["train.rate"].endswith("a.yaml:2:9")
    assert origins["train.steps"].endswith("config.yaml:1:9")


def test_another_kind_replaces_its_whole_block(write):
    write("train: {steps: 5}\ntool: {kind: brush, width: 7}\n")
    child = write("extends: ../config.yaml\ntool: {kind: knife, length: 3}\n", "ablations/a.yaml")
    assert load(child, Whole).config.tool() == "knife 3.0"


def test_missing_parent_and_cycles_are_errors(write):
    assert "extends: there is no file" in message(write("extends: nowhere.yaml\n"))
    write("extends: b.yaml\n", "a.yaml")
    told = message(write("extends: a.yaml\n", "b.yaml"))
    assert "a.yaml:1:1" in told
    assert "extends this file in turn" in told


def test_overrides_are_validated_like_files(write):
    path = write("train: {steps: 5}\n")
    assert load(path, Whole, ["train.steps=7", "train.rate=1e-2", "train.sizes=[4]"]).config.train == Train(
        steps=7, rate=0.01, sizes=(4,)
    )
    assert (
        message(path, "train.setps=5")
        == "command line 'train.setps=5': train.setps: unknown key, did you mean 'steps'?"
    )
    assert "expected KEY=VALUE" in message(path, "steps")
    assert "found the text 'x'" in message(path, "train.steps=x")


INTEGERS = st.integers(-(2**63) + 1, 2**63 - 1)
SCALARS = st.one_of(INTEGERS, st.booleans(), st.floats(allow_nan=False, allow_infinity=False))


@given(st.dictionaries(st.text("abcxyz", min_size=1), SCALARS, max_size=5))
def test_plain_scalars_survive_yaml(values):
    text = "\n".join(
        f"{key}: {str(value).lower() if isinstance(value, bool) else repr(value)}"
        for key, value in values.items()
    )
    read = parse(text, "x").plain() or {}
    assert read == values
    assert [type(value) for value in read.values()] == [type(value) for value in values.values()]
