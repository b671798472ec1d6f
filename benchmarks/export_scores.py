"""What LiteRT's smaller numbers cost: scores of included painters by the run and by each file.

    python -m benchmarks.export_scores [NAME ...]

On the bundled test photographs, as `gan-style evaluate` measures them; `any` has no set to be compared with.
"""

import sys
from collections.abc import Callable
from functools import partial
from typing import Literal

import numpy as np

from gan_style.system.quiet import import_tensorflow

PAINTERS = ("cartoon", "oil", "sketch", "watercolor")
SHOWN = ("gram[wavelets]", "kid[wavelets]")
NUMBERS: tuple[Literal["float32", "float16", "int8"], ...] = ("float32", "float16", "int8")


def scores(name: str) -> None:
    from gan_style.data.manifest import PictureStore
    from gan_style.evaluation.measure import measure
    from gan_style.evaluation.painted import PAINT_SEED, painted
    from gan_style.evaluation.rows import Rows
    from gan_style.exchange.litert import LiteRtPainter, litert_bytes
    from gan_style.exchange.loaded import loaded
    from gan_style.exchange.traced import Fixed
    from gan_style.experiment.runs import Run
    from gan_style.features.backbones.wavelets import Wavelets
    from gan_style.system import included

    run, backbone = Run(included.FOLDER / name), Wavelets()
    whole = loaded(run, Fixed())
    (held_out,) = whole.config.data.held_out("test", PictureStore())
    sizes = {pixels.shape[:2] for pixels in held_out.source.pixels}
    assert len(sizes) == 1, sizes

    def by_file(content: bytes) -> list[np.ndarray]:
        painter, seed = LiteRtPainter(content, 2), np.array([PAINT_SEED], np.int32)
        return [painter({"picture": pixels[None], "seed": seed}) for pixels in held_out.source.pixels]

    ways: dict[str, Callable[[], list[np.ndarray]]] = {
        "run": partial(painted, whole.method, held_out, whole.config.sample)
    }
    fixed = loaded(run, Fixed(size=sizes.pop()))
    bytes_of = {numbers: litert_bytes(fixed, fixed.description(), numbers) for numbers in NUMBERS}
    ways |= {f"litert {numbers}": partial(by_file, content) for numbers, content in bytes_of.items()}
    for way, paint in ways.items():
        found = measure(Rows.of(held_out, paint(), backbone))
        estimates = [found[one].figure().score for one in SHOWN]
        told = " | ".join("not separable" if one is None else f"{one.value:.3f}" for one in estimates)
        print(f"| {name} | {way} | {told} | {len(held_out.source)} |", flush=True)


if __name__ == "__main__":
    import_tensorflow()
    for name in sys.argv[1:] or PAINTERS:
        scores(name)
