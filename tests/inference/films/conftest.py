"""Films of a known motion: a window that moves over a picture."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

av = pytest.importorskip("av", reason="films need PyAV (the extra video)")
cv2 = pytest.importorskip("cv2", reason="films need OpenCV (the extra video)")

STEP = (1, 2)  # pixels a frame, down and to the right


def scenery(height: int, width: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    broad = cv2.resize(rng.integers(0, 256, (9, 9, 3), np.uint8), (width, height)).astype(np.float32)
    fine = cv2.resize(rng.integers(0, 256, (60, 60), np.uint8), (width, height)).astype(np.float32)
    return (0.7 * broad + 0.3 * fine[..., None]).astype(np.uint8)


def pan(count: int, height: int = 72, width: int = 96, seed: int = 0) -> list[np.ndarray]:
    whole = scenery(height + STEP[0] * count, width + STEP[1] * count, seed)
    starts = [(STEP[0] * number, STEP[1] * number) for number in range(count)]
    return [np.ascontiguousarray(whole[top : top + height, left : left + width]) for top, left in starts]


def write_film(path: Path, frames, times=None, sound=False, codec="aac", pixel=Fraction(1)) -> Path:
    """`times`: of each frame, in 1/50 s."""
    times = times or [2 * number for number in range(len(frames))]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "12", "bf": "0"})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt, stream.time_base = "yuv420p", Fraction(1, 50)
        stream.codec_context.time_base = Fraction(1, 50)
        stream.codec_context.sample_aspect_ratio = pixel
        voice = container.add_stream(codec, rate=44100, layout="mono") if sound else None
        for time, frame in zip(times, frames, strict=True):
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
            picture.pts, picture.time_base = time, Fraction(1, 50)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
        if voice:
            container.mux(voice.encode(beep(times[-1] / 50, voice.codec_context.format.name)))
            container.mux(voice.encode(None))
    return path


def beep(seconds: float, form: str):
    samples = np.sin(np.arange(int(44100 * seconds)) / 30)[None] / 4
    samples = samples.astype(np.float32) if form == "fltp" else (samples * 2**15).astype(np.int16)
    sound = av.AudioFrame.from_ndarray(samples, format=form, layout="mono")
    sound.sample_rate, sound.pts = 44100, 0
    return sound
