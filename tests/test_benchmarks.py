"""Benchmarks whose figures are quoted: another decoder's file is read rightly, and a share is a share."""

import numpy as np
import pytest
import tensorflow as tf

from benchmarks import adain, features, films, gatys, methods
from gan_style.data.paintbox.painters import PAINTERS
from gan_style.features.random_encoder import RandomEncoder
from gan_style.metrics.warping import warped, warping_error
from gan_style.system.images import to_bytes, to_signed
from tests.methods.test_methods import method_of


@pytest.fixture
def method(tmp_path):
    return method_of("adain", tmp_path, "method.ema_decay=0")


def test_another_decoder_is_read_layer_by_layer(method, tmp_path):
    weights = [array.numpy() for array in method.decoder.weights]
    names = [f"dec{number}_1" for number in range(len(weights) // 2, 0, -1)]
    arrays = {
        f"{names[number // 2]}/{('kernel', 'bias')[number % 2]}": array
        for number, array in enumerate(weights)
    }
    np.savez(tmp_path / "decoder.npz", **dict(sorted(arrays.items())))
    features = method.encoded(tf.random.stateless_uniform((1, 16, 16, 3), (1, 2), -1, 1))
    # Theirs paints in 0..1, ours in -1..1.
    theirs = adain.load_reference(tmp_path / "decoder.npz", method)(features)
    np.testing.assert_allclose((np.asarray(theirs) + 1) / 2, method.decoder(features), atol=1e-5)


def test_a_photograph_left_alone_is_as_far_from_the_style_as_it_was(method, rng):
    photograph, style = (to_signed(rng.integers(0, 256, (1, 32, 32, 3), np.uint8)) for _ in range(2))
    figures = adain.measure(method, lambda features: photograph, [photograph], [style], method.encoder)
    assert figures["statistics"] == pytest.approx(1)
    assert figures["ssim"] == pytest.approx(1)
    assert figures["psnr"] > 60
    assert adain.measure(method, lambda features: style, [photograph], [style], method.encoder)[
        "statistics"
    ] == pytest.approx(0, abs=1e-6)


def test_the_table_of_methods_has_both_sets_of_pictures_the_best_on_scenes_first():
    def figures(value, low=None, high=None):
        found = {name: {"score": {"value": value, "low": low, "high": high}} for name in methods.METRICS}
        return found | {"structure_kid[wavelets]": {"score": None}}

    def run(photographs, scenes):
        interval = scenes - 0.02, scenes + 0.02
        return {
            "steps": 1000,
            "photographs": {"seconds": 7.2, **figures(photographs)},
            "scenes": {"seconds": 20.0, **figures(scenes, *interval)},
        }

    lines = methods.table({"poor": run(0.5, 0.1), "good": run(0.4, 0.6)})
    good, poor = "0.40 / 0.60 ± 0.02", "0.50 / 0.10 ± 0.02"
    assert lines[2:] == [
        f"| `good` | 1,000 | 7 s | {good} | {good} | – / – | {good} |",
        f"| `poor` | 1,000 | 7 s | {poor} | {poor} | – / – | {poor} |",
    ]


def test_a_student_that_sees_the_same_ranks_pairs_alike_and_another_does_not(rng):
    banks = [RandomEncoder(levels=2, filters=4, seed=seed) for seed in (0, 0, 1)]
    coarse = [rng.uniform(-1, 1, (1, 4, 4, 3)).astype(np.float32) for _ in range(8)]
    pictures = [np.repeat(np.repeat(one, 8, axis=1), 8, axis=2) for one in coarse]
    pairs = features.drawn_pairs(len(pictures), 20)
    assert len(set(pairs)) == 20

    def correlated(student):
        rows = features.correlations({"student": student, "teacher": banks[0]}, pictures, pairs)
        return [figure for row in rows.values() for figure in row.values()]

    assert correlated(banks[1]) == [1.0] * 4
    assert min(correlated(banks[2])) < 1


def test_the_style_itself_closes_all_of_the_distance_and_the_photograph_nothing(rng):
    bank = RandomEncoder(levels=2, filters=4)
    photograph, style = (bank(rng.uniform(-1, 1, (1, 32, 32, 3)).astype(np.float32)) for _ in range(2))
    assert gatys.compared(photograph, style, style)[0] == pytest.approx(1)
    assert gatys.compared(photograph, photograph, style) == pytest.approx((0, 0), abs=1e-6)


@pytest.fixture
def panned(rng):
    pytest.importorskip("av", reason="films need PyAV and OpenCV (the extra video)")
    coarse = rng.integers(0, 256, (2, 12, 16, 3), np.uint8)
    return films.Pan(
        [to_bytes(tf.image.resize(to_signed(one), (300, 400), "bicubic")) for one in coarse], 24, 160
    )


def test_the_flow_of_a_pan_leads_to_the_frame_before_and_out_of_it_at_a_cut(panned):
    before, now = panned.frames[:2]
    flows = panned.flow(now, before), np.zeros((90, 160, 2), np.float32)
    moved, still = (np.abs(warped(before, flow) - now.astype(float))[5:-5, 5:-5].mean() for flow in flows)
    assert moved < 0.3 * still  # half a level each was rounded
    assert panned.flow(panned.frames[12], panned.frames[11]).min() > 1e4
    assert warping_error(zip(panned.frames), panned.flow)[0] < 1e-4


def test_scores_of_films_lie_between_the_film_and_its_painting(panned):
    shown = films.encoded(panned.frames)
    assert np.abs(np.array(shown, float) - panned.frames).mean() < 3
    looked_at = panned.frames[films.LOOKED_AT // 2 :: films.LOOKED_AT]
    paintings = [PAINTERS["cartoon"](frame, 3000) for frame in looked_at]
    alone, whole = films.scores("cartoon", 160, looked_at, looked_at, paintings)
    assert alone == pytest.approx([0, 0], abs=1e-6)
    assert whole[0] > 0.9
