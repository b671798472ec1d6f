"""`make bench-peers`: operations are counted, ratios are of the fastest, and a second call goes on."""

import json
import os
import statistics

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from benchmarks import bench, operations, peers, plot, processor
from benchmarks.grid import CONTENDER, LINES, MACHINE, OWN, TORCH, Line, modes, remaining
from benchmarks.peer_own import build
from benchmarks.results import Results, interquartile, peaks, rows, show
from gan_style.data.batches import Batch
from gan_style.methods import Request

STEP = Line("step", 64, 8, 2, 1, rounds=2)
SAMPLE = Line("sample", 64, 8, 1, 1)


def measured(line, side, mode, number, *seconds, **more):
    told = {"line": line.name(), "side": side, "mode": mode, "round": number, "seconds": list(seconds)}
    return told | {"cold": 9.0 + number, "first": 5.0, "memory": 10**9 + number, "took": 60.0} | more


def of_machine(side, mode, **rates):
    return measured(MACHINE, side, mode, 0) | {"rates": rates}


MEASURED = [
    of_machine(TORCH, "fp32", matmul=1e9, convolution=2e9),
    of_machine(OWN, "float32", matmul=1.5e9),
    of_machine(OWN, "mixed_bfloat16", matmul=8e9),
    measured(STEP, TORCH, "fp32", 0, 4.0, 4.0, 4.2),
    measured(STEP, TORCH, "bf16-channels_last", 0, 2.0, 2.0, 2.2),
    measured(STEP, TORCH, "bf16-channels_last", 1, 3.0, 3.0, 3.2),
    measured(STEP, OWN, "float32", 0, 2.0, 2.0, 2.0, auto=False),
    measured(STEP, OWN, "mixed_bfloat16", 0, 1.0, 1.0, 1.6, auto=True),
    measured(STEP, OWN, "mixed_bfloat16", 1, 2.0, 2.0, 2.0, auto=True),
]


@pytest.fixture(scope="module")
def method():
    return build(size=64, filters=4, blocks=2)


def test_operations_of_the_grid_are_those_of_our_networks(method):
    networks = method.networks
    assert operations.of_resnet(64, 4, 2) == operations.of_network(networks["source_to_target"], 64)
    assert operations.of_patchgan(64, 4) == operations.of_network(networks["source_discriminator"], 64)


def test_a_convolution_multiplies_its_kernel_once_a_place():
    import keras

    images = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(5, 3)(images)  # to 8 x 8
    x = keras.layers.Conv2DTranspose(2, 4, strides=2)(keras.layers.ReLU()(x))  # from 8 x 8
    cost = operations.of_network(keras.Model(images, x), 10)
    assert cost.first == 2 * 64 * (3 * 3 * 3 * 5)
    assert cost.forward == cost.first + 2 * 64 * (4 * 4 * 5 * 2)


def test_a_step_has_three_products_for_what_learns_and_none_for_the_gradient_at_a_photograph():
    generator, discriminator = operations.Cost(forward=10, first=2), operations.Cost(forward=3, first=1)
    # Fake and identity 3 x 10 - 2 each, cycle 3 x 10; judging 2 x 3; two to learn from, 3 x 3 - 1 each.
    assert operations.cyclegan_step(generator, discriminator, batch=2) == 2 * 2 * (28 + 28 + 30 + 6 + 8 + 8)


def test_the_peak_is_the_fastest_product_of_either_side():
    assert peaks(MEASURED) == {
        "float32": {"rate": 2e9, "by": "PyTorch fp32, convolution"},
        "bfloat16": {"rate": 8e9, "by": "gan_style mixed_bfloat16, matmul"},
    }


def test_rows_are_relative_to_the_fastest_mode_of_pytorch():
    by_mode = {one["mode"]: one for one in rows(STEP, MEASURED)}
    assert [mode for mode, one in by_mode.items() if one["marked"]] == [
        "bf16-channels_last",
        "mixed_bfloat16",
    ]
    ours = by_mode["mixed_bfloat16"]
    assert ours["rounds"] == 2
    assert (ours["median"], ours["min"]) == (statistics.median([1.0, 1.0, 1.6, 2.0, 2.0, 2.0]), 1.0)
    assert ours["speed"] == pytest.approx(2.6 / 1.8)
    assert ours["speed_by_round"] == [pytest.approx(1.5), pytest.approx(2.0)]
    assert (ours["cold"], ours["memory"]) == (9.0, 10**9 + 1)
    assert ours["of_peak"] == pytest.approx(STEP.operations() / 1.8 / 8e9)
    assert by_mode["bf16-channels_last"]["speed"] == 1
    assert by_mode["fp32"]["speed"] == pytest.approx(2.6 / 4.0)
    assert by_mode["fp32"]["of_peak"] == pytest.approx(STEP.operations() / 4.0 / 2e9)


def test_the_spread_is_between_quartiles():
    assert interquartile([1, 2, 3, 4, 5]) == 2
    assert interquartile([7.0]) == 0


def test_the_grid_alternates_and_drops_slow_modes_after_the_first_round():
    first = list(remaining([STEP], [], True, True, None))
    assert [one.side for one in first[:4]] == [TORCH, OWN, TORCH, OWN]
    everything = modes(STEP, True, True)
    assert {one.mode for one in first if one.round == 0} == {*everything[TORCH], *everything[OWN]}
    times = {
        one: 1.0 if one.mode in ("bf16", "float32") else CONTENDER * 1.1 for one in first if one.round == 0
    }
    done = [measured(STEP, one.side, one.mode, 0, seconds) for one, seconds in times.items()]
    again = [(one.mode, one.round) for one in remaining([STEP], done, True, True, None)]
    assert again == [("bf16", 1), ("float32", 1)]


def test_without_bfloat16_or_compiler_their_modes_are_left_out():
    assert modes(STEP, bfloat16=False, compiler=False) == {
        TORCH: ["fp32", "fp32-channels_last", "fp32-channels_last-joint"],
        OWN: ["float32"],
    }


def test_float32_is_measured_where_it_can_win_and_in_the_lines_of_several_rounds():
    once, often = LINES[-1], LINES[0]
    assert (once.rounds, often.rounds) == (1, 3)
    assert not [mode for mode in modes(once, True, True)[TORCH] if mode.startswith("fp32")]
    assert [mode for mode in modes(often, True, True)[TORCH] if mode.startswith("fp32")]
    assert modes(once, False, True)[TORCH] == ["fp32", "fp32-channels_last", "fp32-channels_last-compile"]
    assert modes(once, True, True)[OWN] == ["float32", "mixed_bfloat16"]


def test_the_grid_is_that_of_the_yardstick():
    names = [line.name() for line in LINES]
    assert len(set(names)) == len(names) == 8
    assert all(line.operations() > 1e9 for line in LINES)


@pytest.fixture
def machine():
    return {"kind": "some", "processor": "one", "flags": [], "threads": 2, "bfloat16": False}


@pytest.fixture
def fake_bench(tmp_path, machine, monkeypatch):
    """Both sides are a script that notes what it was asked; one mode fails as long as a file says so."""
    answer = json.dumps({"cold": 1.0, "first": 0.5, "seconds": [0.123456789, 0.2, 0.2], "memory": 10**8})
    rates = json.dumps({"rates": {"matrix product": 1e9}})
    script = tmp_path / "environment" / "bin" / "python"
    script.parent.mkdir(parents=True)
    script.write_text(
        f'#!/bin/sh\necho "$3" >> {tmp_path}/asked\n'
        f'case "$3" in *channels_last*) test -e {tmp_path}/broken && echo too bad >&2 && exit 3;; esac\n'
        f"case \"$3\" in *rates*) echo '{rates}';; *) echo chatter; echo '{answer}';; esac\n"
    )
    script.chmod(0o755)
    monkeypatch.setattr(bench.sys, "executable", str(script))
    monkeypatch.setenv("CXX", "no-such-compiler")

    def make():
        return bench.Bench(str(script), machine, Results(tmp_path / "results" / "peers.json"), quick=False)

    return make


def asked(tmp_path):
    lines = (tmp_path / "asked").read_text().splitlines()
    (tmp_path / "asked").unlink()
    return [(one["work"], one["mode"]) for one in map(json.loads, lines)]


def test_a_second_call_measures_what_is_missing(fake_bench, tmp_path, capsys):
    (tmp_path / "broken").touch()
    assert fake_bench().run([MACHINE, SAMPLE], rounds=1) == 1
    assert asked(tmp_path) == [
        *(("rates", "fp32"), ("rates", "float32"), ("rates", "float32-eigen")),
        *(("sample", "fp32"), ("sample", "float32"), ("sample", "fp32-channels_last")),
    ]
    told = capsys.readouterr()
    assert "PyTorch fp32-channels_last failed: too bad" in told.err
    assert "no g++" in told.err
    assert f"{SAMPLE.name()}: gan_style float32, round 1 (2 to go, about" in told.out

    (tmp_path / "broken").unlink()
    assert fake_bench().run([MACHINE, SAMPLE], rounds=1) == 0
    assert asked(tmp_path) == [("sample", "fp32-channels_last")]
    kept = json.loads((tmp_path / "results" / "peers.json").read_text())
    assert len(kept["measured"]) == 6
    assert kept["measured"][-1]["seconds"] == [0.12346, 0.2, 0.2]

    results = Results(tmp_path / "results" / "peers.json")
    results.forget([SAMPLE])
    assert [one["line"] for one in results.measured] == ["rates"] * 3


def test_caches_are_empty_in_the_first_round_only(fake_bench):
    first, again = (one for one in remaining([STEP], [], False, False, 2) if one.mode == "fp32")
    ours = fake_bench()
    cache = ours.caches / f"{STEP.name()}-fp32"
    cache.mkdir(parents=True)
    assert ours.environment(again)["TORCHINDUCTOR_CACHE_DIR"] == str(cache)
    assert cache.is_dir()
    ours.environment(first)
    assert not cache.exists()


def test_a_lesser_processor_is_one_for_both_sides(fake_bench, monkeypatch):
    plain = {key: value for key, value in os.environ.items() if key not in processor.LESSER["AVX2"]}
    monkeypatch.setattr(os, "environ", plain)
    full = peers.described(None)
    lesser = peers.described("AVX2")
    assert lesser["kind"] == f"{full['kind']}-as-avx2"
    assert not lesser["bfloat16"]
    assert not [flag for flag in lesser["flags"] if flag.startswith(("avx512", "amx"))]
    wanted = next(remaining([STEP], [], lesser["bfloat16"], True, 1))
    environment = fake_bench().environment(wanted)
    assert environment["ONEDNN_MAX_CPU_ISA"] == "AVX2"
    assert environment["ATEN_CPU_CAPABILITY"] == "avx2"
    assert environment["XLA_FLAGS"] == "--xla_cpu_max_isa=AVX2"


@pytest.mark.parametrize(
    ("name", "flags", "kind"),
    [
        ("AMD EPYC 9B14, 2 cores", {"avx2", "avx512f", "avx512_bf16"}, "amd-epyc-avx512-bf16"),
        ("Intel(R) Xeon(R) Processor @ 2.60GHz, 4 cores", {"avx512f", "amx_bf16"}, "intel-xeon-amx-bf16"),
        ("11th Gen Intel(R) Core(TM) i7-1165G7 @ 2.80GHz, 8 cores", {"avx2"}, "intel-core-avx2"),
    ],
)
def test_a_file_is_named_by_the_kind_of_processor(name, flags, kind):
    assert processor.kind(name, flags) == kind
    assert processor.kind(name, flags, "AVX2") == f"{kind}-as-avx2"


def test_a_table_and_a_plot_are_made_of_what_there_is(tmp_path, capsys):
    results = Results(tmp_path / "peers.json")
    results.measured = MEASURED
    show(results, [STEP, SAMPLE])
    told = capsys.readouterr().out
    assert "peak in float32: 2 GFLOP/s (PyTorch fp32, convolution)" in told
    assert "1.44 × (1.50–2.00)" in told
    plot.write(tmp_path / "peers.png", "one", results, [STEP, SAMPLE])
    with Image.open(tmp_path / "peers.png") as image:
        assert image.size == (plot.WIDTH, plot.TOP + plot.ROW + plot.BOTTOM)


@pytest.mark.parametrize("mode", ["fp32", "fp32-joint"])
def test_the_yardstick_computes_what_we_do(method, mode):
    """Where PyTorch is: with .venv-peers' site-packages on the PYTHONPATH."""
    torch = pytest.importorskip("torch")
    from benchmarks.peer_torch import CycleGan, Side

    torch.manual_seed(0)
    theirs = CycleGan(Side(mode), filters=4, blocks=2)
    pairs = {
        "source_to_target": theirs.a_to_b,
        "target_to_source": theirs.b_to_a,
        "source_discriminator": theirs.judge_a,
        "target_discriminator": theirs.judge_b,
    }
    for name, network in pairs.items():
        for variable, parameter in zip(method.networks[name].variables, network.parameters(), strict=True):
            # (out, in, H, W), or (in, out, H, W) of a transposed one, to (H, W, in, out) and (H, W, out, in)
            array = parameter.detach().numpy()
            variable.assign(array.transpose(2, 3, 1, 0) if array.ndim == 4 else array)
    a, b = np.random.default_rng(0).uniform(-1, 1, (2, 1, 64, 64, 3)).astype(np.float32)
    tensors = [torch.tensor(one.transpose(0, 3, 1, 2)) for one in (a, b)]
    painted = method.translate(tf.constant(a), Request()).numpy()
    with torch.no_grad():
        np.testing.assert_allclose(
            painted, theirs.a_to_b(tensors[0]).numpy().transpose(0, 2, 3, 1), atol=1e-4
        )
    for tolerance in (1e-4, 1e-2, 1e-2):  # the first update divides by gradients that are nearly zero
        ours = float(method.step(Batch(tf.constant(a), tf.constant(b)))["generators"]["total"])
        assert ours == pytest.approx(theirs.step(*tensors), rel=tolerance)
