"""Frames painted after each other: strokes stay on what they were painted on."""

from dataclasses import replace

import numpy as np
import pytest
from keras import ops

from gan_style.inference.films.motion import motion
from gan_style.inference.films.steady import BLOCK, Steady, carried, fitting, reseeded
from gan_style.inference.painting import paint
from gan_style.methods import Request
from gan_style.methods.base.dabs import Dabs, dabbed
from gan_style.methods.base.tiling import WholePicture
from gan_style.metrics.warping import visible, warped, warping_error
from gan_style.system.images import Picture
from gan_style.system.places import Places
from tests.inference.films.conftest import STEP, pan, scenery
from tests.methods.test_methods import method_of

WHERE = np.zeros((1, 1, 1, 4), np.int32)


def exact(now, before):
    """Frames of `pan` move by whole steps: forwards or backwards, whichever fits."""
    flow = np.full((*now.shape[:2], 2), [STEP[1], STEP[0]], np.float32)
    ahead, back = (np.abs(warped(before.astype(np.float32), sign * flow) - now).mean() for sign in (1, -1))
    return flow if ahead < back else -flow


def noisy(frame, moved, wholes):
    """A painter that adds noise of places."""
    places = Places(WHERE, moved=ops.convert_to_tensor(moved[None]))
    noise = np.asarray(places.normal((1, *frame.shape[:2], 1)))[0]
    return np.clip(frame * 0.6 + 50 + 20 * noise, 0, 255).astype(np.uint8)


def error_of(painter, frames):
    painted = [painter(frame) for frame in frames]
    return warping_error(zip(frames, painted, strict=True), exact)[1]


def test_noise_moves_with_the_picture():
    frames = pan(8)
    still = error_of(lambda frame: noisy(frame, np.zeros((*frame.shape[:2], 2), np.float32), []), frames)
    assert error_of(Steady(noisy, kept=0), frames) < 0.2 * still
    assert error_of(Steady(noisy, kept=0.5), frames) < 0.1 * still


def test_strokes_are_not_averaged_away():
    numbers = iter(range(99))

    def restless(frame, moved, wholes):
        strokes = np.random.default_rng(next(numbers)).normal(0, 20, frame.shape)
        return np.clip(128 + strokes, 0, 255).astype(np.uint8)

    steady = Steady(restless)
    painted = [steady(frame) for frame in [pan(1)[0]] * 9]
    assert painted[-1].std() > 0.95 * painted[0].std()
    change = np.abs(painted[-1].astype(float) - painted[-2]).mean()
    assert change < 0.2 * np.abs(painted[-1].astype(float) - painted[0]).mean()


def test_strokes_stay_where_the_film_shows_what_they_were_painted_on():
    now, other = (scenery(120, 160, seed).astype(np.float32) for seed in (0, 1))
    slipped = warped(now, np.full((120, 160, 2), 0.3, np.float32))
    assert fitting(now, now).min() == 1
    assert fitting(now, slipped).mean() > 0.99
    assert fitting(now, other).mean() < 0.2


def test_what_enters_slowly_is_not_the_border_drawn_out():
    wide = scenery(64, 160, 3).astype(np.float32)
    steps = [warped(wide, np.full((64, 160, 2), [0.6 * n, 0], np.float32))[:, :96] for n in range(50)]
    steady = Steady(lambda frame, moved, wholes: frame)
    for frame in np.round(steps).astype(np.uint8):
        painted = steady(frame)
    wrong = np.abs(painted.astype(float) - frame)
    assert wrong[:, 64:].mean() < 1.5 * wrong[:, 16:64].mean()


def test_broad_colours_follow_a_fade():
    def faithful(frame, moved, wholes):
        return frame

    steady = Steady(faithful)
    for light in np.linspace(1, 0.4, 13):
        frame = (light * pan(1)[0]).astype(np.uint8)
        painted = steady(frame)
    assert np.abs(painted.astype(float) - frame).mean() < 10  # the last frame alone took away 6


def test_what_was_hidden_gets_new_noise():
    frames = pan(5)
    moved = carried(np.zeros((72, 96, 2), np.float32), motion(frames[0], frames[4]))
    assert np.abs(moved[10:-10, 10:-14] - 4 * np.array(STEP)).max() < 0.5
    _, columns = np.mgrid[:72, :96]
    new = np.round(columns + moved[..., 1])[:, -5:]
    assert (new > 95).all()  # places that the frame before did not have, of whole neighbours
    assert (np.diff(new, axis=1) == 1).mean() > 0.9


def test_noise_that_is_stretched_begins_anew_in_whole_blocks():
    rows = np.arange(2 * BLOCK, dtype=np.float32)
    moved = np.zeros((2 * BLOCK, BLOCK, 2), np.float32)
    moved[BLOCK:, :, 0] = -0.8 * (rows[BLOCK:, None] - BLOCK)  # five pixels of one place's noise
    found = reseeded(moved, 3)
    assert (found[:BLOCK] == moved[:BLOCK]).all()
    assert np.ptp(found[BLOCK:], axis=(0, 1)).max() == 0
    assert (found[BLOCK:] % BLOCK == 0).all()


def test_a_cut_begins_a_new_scene():
    steady, moved = Steady(noisy), []
    for frame in [*pan(3), *pan(3, seed=7)]:
        steady(frame)
        moved.append(bool(np.abs(steady.moved).max() > 0.5))
    assert moved == [False, True, True] * 2


def test_dabs_that_did_not_move_are_those_of_a_still_and_moved_ones_move():
    how = Dabs(widths=(8,), strays=2)
    first, second = (ops.convert_to_tensor(frame[None] / np.float32(127.5) - 1) for frame in pan(2, 128, 128))
    still = dabbed(first, how, Places(WHERE))
    same = ops.abs(still - dabbed(first, how, Places(WHERE, moved=ops.zeros((1, 128, 128, 2)))))
    assert ops.mean(same[0, 32:-32, 32:-32] < 1e-3) > 0.99  # means at the border are weighted otherwise
    moved = ops.ones((1, 128, 128, 2)) * np.array(STEP, np.float32)
    inside, shifted = slice(24, -24), (slice(24 + STEP[0], -24 + STEP[0]), slice(24 + STEP[1], -24 + STEP[1]))
    expected = still[0][shifted]
    together, fixed = (
        ops.mean(ops.square(dabbed(second, how, places)[0, inside, inside] - expected))
        for places in (Places(WHERE, moved=moved), Places(WHERE))
    )
    assert together < 0.1 * fixed


def test_statistics_follow_frames_slowly_and_the_first_frame_is_a_still(tmp_path):
    method = method_of("gan", tmp_path, "method.generator.noise_channels=0")
    frames, film, request = [scenery(64, 64, seed) for seed in (0, 5)], WholePicture(), Request(seed=0)
    painted = [paint(method, Picture(frame), 64, request, film=film).pixels for frame in frames]
    alone = [paint(method, Picture(frame), 64, request).pixels for frame in frames]
    assert np.array_equal(painted[0], alone[0])
    assert not np.array_equal(painted[1], alone[1])
    again = WholePicture()
    for _ in range(40):
        settled = paint(method, Picture(frames[1]), 64, request, film=again).pixels
    assert np.abs(settled.astype(int) - alone[1]).max() <= 1


def test_it_goes_on_from_its_state_in_another_process(tmp_path):
    method = method_of("gan", tmp_path, "method.generator_input={dabs: {widths: [4, 2]}, input_blur: 1}")

    def painter(frame, moved, wholes):
        asked = replace(Request(seed=0), moved=moved)
        return paint(method, Picture(frame), 96, asked, film=wholes[0]).pixels

    frames, straight, first, second = pan(6), Steady(painter), Steady(painter), Steady(painter)
    expected = [straight(frame) for frame in frames]
    begun = [first(frame) for frame in frames[:3]]
    second.restore(first.state())
    assert all(map(np.array_equal, expected, [*begun, *(second(frame) for frame in frames[3:])]))


def test_the_warping_error_sees_what_flickers_and_not_what_moves():
    frames = pan(4)
    flickering = [
        np.clip(frame.astype(int) + 20 * (-1) ** number, 0, 255) for number, frame in enumerate(frames)
    ]
    films = zip(frames, flickering, strict=True)
    steady, restless = warping_error(films, exact)
    assert steady < 1e-3
    assert restless == pytest.approx(3 * (40 / 255) ** 2, rel=0.3)
    assert warping_error(zip(frames))[0] < 3e-3  # by an estimated flow


def test_the_warping_error_leaves_out_cuts():
    scenes = [pan(3, 256, 256), pan(3, 256, 256, seed=7)]
    apart = [warping_error(zip(frames))[0] for frames in scenes]
    assert warping_error(zip([*scenes[0], *scenes[1]]))[0] == pytest.approx(np.mean(apart))


def test_what_leaves_the_picture_is_not_visible():
    flow = np.full((40, 60, 2), [10.0, 0.0], np.float32)
    seen = visible(flow, -flow)
    assert seen[:, :40].all()
    assert not seen[:, 50:].any()
