"""Where live pictures go: a window, a film file, or a device that other programs take for a camera."""

import time
from abc import ABC, abstractmethod
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from gan_style.inference.films.newest import CAMERA
from gan_style.inference.films.reading import Frame, pyav
from gan_style.inference.films.writing import Part, encoder_for
from gan_style.system.errors import UserError

WINDOW = "window"
MILLISECOND = Fraction(1, 1000)
RATE = Fraction(25)


class Screen(ABC):
    open = True  # until somebody closes it

    @abstractmethod
    def show(self, pixels: np.ndarray) -> None: ...

    def close(self) -> None:
        return


class Window(Screen):
    """By Tk, which comes with Python."""

    def __init__(self) -> None:
        try:
            import tkinter
            from tkinter import TclError
        except ImportError:
            raise UserError("--output window: this Python has no Tk (tkinter); name a file instead") from None
        try:
            self.root = tkinter.Tk()
        except TclError as problem:
            raise UserError(f"--output window: {problem}; name a file instead") from None
        self.root.title("gan-style live")
        self.root.protocol("WM_DELETE_WINDOW", self.closed)
        self.label = tkinter.Label(self.root, borderwidth=0)
        self.label.pack()
        self.picture: Any = None

    def closed(self) -> None:
        self.open = False

    def show(self, pixels: np.ndarray) -> None:
        from PIL import ImageTk

        self.picture = ImageTk.PhotoImage(Image.fromarray(pixels))  # Tk keeps no reference of its own
        self.label.configure(image=self.picture)
        self.root.update()

    def close(self) -> None:
        self.root.destroy()


class Recorder(Screen):
    """A film file, with the moments at which frames came."""

    def __init__(self, path: Path) -> None:
        if path.exists():
            raise UserError(f"{path}: is there already; choose another --output")
        self.part = Part(path, encoder_for(path), RATE, MILLISECOND)
        self.started: float | None = None
        self.last = -1

    def show(self, pixels: np.ndarray) -> None:
        now = time.monotonic()
        self.started = now if self.started is None else self.started
        self.last = max(self.last + 1, round((now - self.started) * 1000))
        self.part.add(Frame(pixels, self.last, 0))

    def close(self) -> None:
        self.part.close()


class Device(Screen):
    """A v4l2loopback device: video calls see it as a camera."""

    def __init__(self, device: str) -> None:
        self.av = pyav()
        self.stream: Any = None
        try:
            self.container = self.av.open(device, "w", format="v4l2")
        except (self.av.error.FFmpegError, ValueError) as problem:
            reason = getattr(problem, "strerror", None) or problem
            raise UserError(f"{device}: cannot be written to ({reason}); is v4l2loopback loaded?") from None

    def show(self, pixels: np.ndarray) -> None:
        if self.stream is None:
            self.stream = self.container.add_stream("rawvideo", rate=RATE)
            self.stream.height, self.stream.width = pixels.shape[:2]
            self.stream.pix_fmt = "yuv420p"
        picture = self.av.VideoFrame.from_ndarray(pixels, format="rgb24")
        self.container.mux(self.stream.encode(picture))

    def close(self) -> None:
        self.container.close()


def screen(output: str) -> Screen:
    if output == WINDOW:
        return Window()
    return Device(output) if output.startswith(CAMERA) else Recorder(Path(output))
