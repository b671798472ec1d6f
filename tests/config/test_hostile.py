"""Recipes that somebody wrote to hang, burst or confuse: refused at once, in lines that one can read."""

import os
import random
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gan_style.cli.main import main
from gan_style.config import explain
from gan_style.config.bounds import AtMost
from gan_style.config.load import load
from gan_style.config.located import DEEPEST, LARGEST, LONGEST, parse
from gan_style.config.overrides import together
from gan_style.config.places import Place
from gan_style.config.sweeps import read_sweep
from gan_style.data import originals
from gan_style.experiment.recipe import Experiment
from gan_style.features.random_encoder import RandomEncoder
from gan_style.optim import lbfgs
from gan_style.system.deadline import deadline
from gan_style.system.errors import UserError
from gan_style.system.hardware import available_memory, memory, resident_memory
from gan_style.training import size
from gan_style.training.build import build_method

MOMENT = 3.0  # seconds; on a busy machine


@pytest.fixture
def refused(small_recipe):
    """What is said to a child of the small recipe with this text, or to overrides of it."""

    def refused(text: str | bytes = "", *overrides: str) -> str:
        child = small_recipe.with_name("child.yaml")
        content = text.encode() if isinstance(text, str) else text
        child.write_bytes(b"extends: small.yaml\n" + content)
        started = time.monotonic()
        with pytest.raises(UserError) as caught:
            load(child, Experiment, overrides)
        assert time.monotonic() - started < MOMENT
        told = str(caught.value)
        assert len(told.splitlines()) <= explain.MOST + 1
        assert max(map(len, told.splitlines())) < 1200
        assert all(char.isprintable() for char in told.replace("\n", ""))
        return told

    return refused


NINES = "9" * 5000


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            f"train: {{steps: {NINES}}}",
            r":2:16: 9+\.\.\. \(5,000 characters\): a number has at most",
        ),
        (f"train: {{steps: 0.{NINES}}}", r":2:16: .*a number has at most 40 characters"),
        (f"train: {{steps: {'9' * 200_000}x}}", r"train.steps: expected .*9\.\.\. \(200,001 characters\)"),
        ("train: {steps: 100000000000000000000}", ":2:16: .*a whole number has at most 64 bits"),
        ("why: " + "[" * 20_000 + "]" * 20_000, ":2:45: more than 40 groups and lists"),
        ("\n".join(" " * depth + "a:" for depth in range(60)), ":42:41: more than 40 groups"),
        ("why: [" + "1," * 50_000 + "1]", ":2:4007: more than 2,000 keys and values"),
        ("#" * LARGEST, "child.yaml: this file has more than 256 KB"),
        ("a: &a [x, x]\nb: [*a, *a]", ":3:5: anchors and aliases are not supported"),
        ("--- \nwhy: x", "but found another document"),
        ("'': 2", ":2:1: a key must be a word"),
        ("? [a]\n: 2", ":2:3: a key must be a word"),
        ("1: 2", ":2:1: 1: unknown key"),
        ("k" * 500 + ": 2", r":2:1: k+\.\.\. \(500 characters\): a key has at most 100 characters"),
        (r'"a\nb\e[31m": 2', r":2:1: a\\nb\\x1b\[31m: a key has"),
        (r'why: "\ud800"', ":2:6: the character U\\+D800 must not stand in a text"),
        (r'why: "\e[31m"', ":2:6: the character U\\+001B must not stand in a text"),
        ("why: a\x07b", ":2:7: the character U\\+0007 must not stand in YAML"),
        ("why: a\0b", ":2:7: the character U\\+0000 must not stand in YAML"),
        ("why: ä".encode("latin-1"), ":2:6: the byte 0xe4 is no UTF-8 text; save the file"),
        ("why: x".encode("utf-16"), ":2:1: the byte 0xff is no UTF-8 text"),
        (b"wandb: {mode: " + b"k" * 100_000 + b"}", r"k+\.\.\. \(100,000 characters\)"),
    ],
    ids=lambda value: "",
)
def test_a_file_that_is_no_recipe_is_refused_where_it_stops_being_one(refused, text, told):
    assert re.search(told, refused(text))


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        (["a=" + "[" * 5000], "more than 40 groups and lists"),
        ([".".join("a" * 5000) + "=1"], "a key has at most 40 parts"),
        (["k" * 100_000 + "=1"], "expected KEY=VALUE"),
        ([f"train.steps={NINES}"], "a number has at most 40"),
        (["=1"], "expected KEY=VALUE"),
        (["="], "expected KEY=VALUE"),
        (["train..steps=1"], "expected KEY=VALUE"),
        (["why=a\0b"], r"the character U\+0000"),
        (["wh\udce4=1"], r"the character U\+DCE4"),
        (["why=\udce4"], r"the character U\+DCE4"),
        (["train.steps=3", "train=4"], "train: is given twice"),
        (["train=4", "train.steps=3"], "train.steps: is given twice"),
        (["train={steps: 3}", "train.steps=3"], "train.steps: is given twice"),
        ([f"k{number}=1" for number in range(3000)], "\nand 2,980 more$"),
    ],
    ids=lambda value: "",
)
def test_an_override_is_no_way_around(refused, overrides, told):
    assert re.search(told, refused("", *overrides))


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("train.steps=1000000000000", "at most 1,000,000,000 steps: at a thousand a second"),
        ("method.generator.blocks=1000000", "at most 100 blocks: each is built"),
        ("method.generator.filters=20000", "at most 4,096 filters: a layer of more"),
        ("method.discriminator.filters=20000", "at most 4,096 filters"),
        ("method.generator.noise_channels=1000000000", "at most 256 channels of noise"),
        ("data.batch=1000000", "at most 4,096 pictures in a step"),
        ("data.crop=1000000000", "at most 2,048 pixels: a step keeps"),
        ("data.short_side=1000000000", "at most 8,192 pixels"),
        ("method.pool_size=1000000000", "at most 10,000 fakes"),
        ("method.generator_optimizer.learning_rate=1e300", "at most 1,000,000 for a learning rate"),
        ("method.generator_optimizer.learning_rate=0", "greater than 0"),
        ("method.weights.colour=1e300", "at most 1,000,000,000,000 for a weight"),
        ("method.weights.colour=-1", "greater than or equal to 0"),
        ("method.generator_input.edge_lines=1e300", "less than or equal to 1000"),
        ("method.style_features.seed=-1", "greater than or equal to 0"),
        ("method.diffaugment=[" + "colour, " * 100 + "colour]", "at most 8 entries"),
        ("sample.reflect_pad=1000000000", "at most 512 pixels"),
        ("data.originals='(a'", "no regular expression"),
        ("data.originals='(a{99999999999999999999})'", "no regular expression"),
        (f"data.originals='({'a' * 600})'", "at most 500 characters"),
    ],
)
def test_a_number_that_would_hang_or_burst_is_refused_with_the_reason(refused, override, told):
    assert re.search(told, refused("", override))


def test_a_bound_is_in_the_schema_for_editors():
    filters = Experiment.model_json_schema()["$defs"]["resnet"]["properties"]["filters"]
    assert (filters["minimum"], filters["maximum"]) == (1, 4096)
    assert AtMost(3, "x").check(None) is None


def test_what_is_at_a_bound_is_read():
    nested = parse("a: " + "[" * (DEEPEST - 1) + "]" * (DEEPEST - 1), "x").plain()
    assert str(nested).count("[") == DEEPEST - 1
    assert len(parse("[" + "1, " * LONGEST + "]", "x").value) == LONGEST
    assert parse(str(2**63 - 1), "x").value == 2**63 - 1
    assert parse(f"{'a' * 20_000}\n", "x").value == "a" * 20_000
    assert together(["a.b=1", "a.c=2"]).plain() == {"a": {"b": 1, "c": 2}}
    assert parse("﻿why: ä", "x").plain() == {"why": "ä"}


def test_a_chain_of_parents_ends(tmp_path):
    for number in range(1500):
        (tmp_path / f"{number}.yaml").write_text(f"extends: {number + 1}.yaml\n")
    with pytest.raises(UserError, match=r"20.yaml:1:1: extends: more than 20 files extend each other"):
        load(tmp_path / "0.yaml", Experiment)
    (tmp_path / "0.yaml").write_text(f"extends: {'x' * 5000}.yaml\n")
    with pytest.raises(UserError, match=r"0.yaml:1:1: extends: there is no file .*x\.\.\. \("):
        load(tmp_path / "0.yaml", Experiment)


def sweep(tmp_path: Path, text: str) -> str:
    path = tmp_path / "s.yaml"
    path.write_text(f"sweep: {text}\n")
    started = time.monotonic()
    with pytest.raises(UserError) as caught:
        read_sweep(path)
    assert time.monotonic() - started < MOMENT
    return str(caught.value)


LONG = "{from: 0.0, to: 1.0, count: 1000}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{{over: {{a: {LONG}, b: {LONG}, c: {LONG}}}}}", "1,000,000,000 trials are more than 1,000"),
        (f"{{folds: 100, over: {{a: {LONG}}}}}", "100,000 trials"),
        ("{over: {a: {from: 0.0, to: 1.0, count: 1000000000}}}", "expected less than or equal to 1000"),
        (f"{{over: {{a: {{from: 0, to: {'9' * 30}, count: 5}}}}}}", "a whole number has at most 64 bits"),
        ("{over: {a: {from: -1.7e308, to: 1.7e308, count: 5}}}", "over.a.from: expected"),
        ("{over: {" + ", ".join(f"a{n}: [1, 2]" for n in range(64)) + "}}", "at most 16 entries"),
        (f"{{over: {{a: [{'x' * 400}]}}}}", "the name of a trial would be too long for a file"),
        ("{over: {" + ".".join("a" * 48) + ": [1]}}", "is no key to vary"),
    ],
)
def test_a_sweep_is_counted_before_it_is_made(tmp_path, text, told):
    assert told in sweep(tmp_path, text)


def test_a_billion_steps_are_planned_without_walking_them(small_recipe, tmp_path):
    started = time.monotonic()
    config = load(small_recipe, Experiment, ("train.steps=1000000000", "method.identity_finetune=0.1")).config
    phases = build_method(config, 0).phases(config.train.steps)
    assert phases == {"identity_warmup": 2, "step": 899_999_998, "identity_finetune": 100_000_000}
    assert time.monotonic() - started < 2 * MOMENT
    more = load(small_recipe, Experiment, ("method.identity_warmup=1000000000",)).config
    assert build_method(more, 0).phases(8) == {"identity_warmup": 8, "step": 0, "identity_finetune": 0}


def checked(*arguments: str) -> tuple[int, str]:
    """The exit code of `gan-style check` and all that it said."""
    done = CliRunner().invoke(main, ["check", *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_check_names_what_is_missing_with_file_and_line(small_recipe):
    missing = small_recipe.with_name("missing.yaml")
    missing.write_text("extends: small.yaml\ndata:\n  source: nowhere\ntrain:\n  init_from: neither\n")
    code, told = checked(str(missing), "method.style_features={kind: vgg19_normalised, weights: no.npz}")
    assert code == 2
    assert f"{missing}:3:3: data.source: there is no folder nowhere\n" in told
    assert f"{missing}:5:3: train.init_from: there is no run folder neither\n" in told
    assert "method.style_features.weights: there is no file no.npz\n" in told
    assert "parameters" in told  # the networks do not depend on it
    assert checked(str(small_recipe))[0] == 0


def test_check_names_a_missing_picture_before_it_is_opened(small_recipe):
    path = small_recipe.with_name("fixed.yaml")
    path.write_text(
        "data: {kind: fixed, content: no.png, styles: {mine: neither.png, oil: paintbox}}\n"
        "method: {kind: gatys, initial_image: nor.png}\ntrain: {steps: 2}\n"
    )
    code, told = checked(str(path))
    assert code == 2
    assert re.findall(r"there is no file (\S+)", told) == ["no.png", "neither.png", "nor.png"]


def test_a_place_may_have_an_impossible_name(tmp_path):
    assert "there is no folder" in Place("folder").fault("")
    assert "too long" in Place("file").fault("x" * 5000)
    assert "there is no" in Place("folder").fault(str(tmp_path / "none"))
    assert "there is no folder checkpoints in it" in Place("run", inside=("checkpoints",)).fault(
        str(tmp_path)
    )
    assert Place("folder", ("paintbox",)).fault("paintbox") is None


def test_networks_too_large_for_the_machine_are_refused_before_they_are_built(small_recipe):
    before = resident_memory(os.getpid())
    code, told = checked(str(small_recipe), "method.generator={kind: resnet, filters: 4096, blocks: 9}")
    assert code == 2
    assert re.search(
        r"error: method: training this takes [\d,]+ GB of memory or more, and this machine", told
    )
    assert resident_memory(os.getpid()) - before < 500e6


def test_the_estimate_counts_what_is_really_built(small_recipe):
    config = load(small_recipe, Experiment, ("method.ema_decay=0.9", "method.identity_finetune=0.5")).config
    method = build_method(config, 0)
    weights = {name: network.count_params() for name, network in method.networks.items()}
    for part, build in size.networks(config.method):
        assert size.shaped(build, 2, 32).weights == weights[part]
    optimizer = sum(np.prod(one.shape) for one in method.players[0].optimizer.variables)
    assert optimizer >= 2 * weights["generator"] - 100
    kept = size.shaped(config.method.generator, 2, 32).features
    assert kept > 2 * 32 * 32 * 4
    assert size.shaped(config.method.generator, 4, 32).features == 2 * kept


def test_a_network_that_cannot_be_estimated_is_left_to_its_building():
    def computes() -> keras.Model:
        raise ValueError("not without numbers")

    assert size.shaped(computes, 1, 32) == size.Size(0, 0)


def test_estimating_changes_no_run(small_recipe):
    """Initialisers draw their seeds from Python's generator, also where nothing is initialised."""
    config = load(small_recipe, Experiment).config

    def built(estimated: bool) -> list[np.ndarray]:
        random.seed(5)
        if estimated:
            size.refuse_what_does_not_fit(config)
        return build_method(config, 0).networks["generator"].get_weights()

    for one, other in zip(built(False), built(True), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_long_memory_of_a_large_picture_is_refused(monkeypatch):
    monkeypatch.setattr(lbfgs, "memory", lambda: 1_000_000)
    history = lbfgs.History(100)
    with pytest.raises(UserError, match=r"method.optimizer.history: 100 steps take \d+ GB"):
        history.build([keras.Variable(np.zeros((64, 64, 3), np.float32))])


def test_a_pattern_that_takes_for_ever_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(originals, "PATIENCE", 0.3)
    started = time.monotonic()
    with pytest.raises(UserError, match=r"data.originals: '\(a\+\)\+\$' takes too long on the names in "):
        originals.originals(tmp_path, ["a" * 60 + "b"], "(a+)+$")
    assert time.monotonic() - started < MOMENT
    assert originals.originals(tmp_path, ["one__1", "one__2"], "(.+?)__") == ("one", "one")


def test_beside_the_main_thread_nothing_is_interrupted():
    done = []

    def work() -> None:
        with deadline(0.01, "late"):
            time.sleep(0.05)
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]


def told_by(read: Callable[[], object]) -> str:
    try:
        read()
    except UserError as problem:
        return str(problem)
    return ""


SIGNS = st.text("[]{}:,-?&*!|>'\"%@`#~<= \n\t\r\0\ufeff\u2028aä19.eE_", max_size=40)


@given(st.one_of(SIGNS, st.text(max_size=40)))
def test_whatever_is_typed_is_read_or_refused(text):
    for read in (lambda: parse(text, "x"), lambda: together([text]), lambda: together([f"why={text}"])):
        assert told_by(read).replace("\n", "").isprintable()


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
def test_a_damaged_recipe_is_read_or_refused(small_recipe, data):
    content = small_recipe.read_bytes()
    start = data.draw(st.integers(0, len(content)))
    end = start + data.draw(st.integers(0, 12))
    damaged = small_recipe.with_name("damaged.yaml")
    damaged.write_bytes(content[:start] + data.draw(st.binary(max_size=12)) + content[end:])
    assert told_by(lambda: load(damaged, Experiment)).replace("\n", "").isprintable()


def test_the_machine_has_more_memory_than_is_free():
    assert memory() > 1e9
    assert memory() >= available_memory()


def test_filters_that_would_be_whitened_for_minutes_are_refused():
    with pytest.raises(UserError, match="levels 5 and filters 256: whitening patches of 8,192 numbers"):
        RandomEncoder(levels=5, filters=256)
