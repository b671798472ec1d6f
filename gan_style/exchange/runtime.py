"""An exported ONNX file, run by onnxruntime. Neither TensorFlow nor Keras is needed, nor imported."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gan_style.exchange.described import KEY, PAINTING, Description, read_description
from gan_style.system.errors import UserError
from gan_style.system.hardware import cores

QUIET = 3  # of onnxruntime's levels: errors alone


def onnxruntime() -> Any:
    try:
        import onnxruntime
    except ImportError:
        raise UserError("exported painters need onnxruntime: pip install onnxruntime") from None
    return onnxruntime


class ExportedPainter:
    """A file that `gan-style export` wrote, as a function of its inputs."""

    def __init__(self, model: Path | bytes, threads: int | None = None) -> None:
        where = str(model) if isinstance(model, Path) else "the exported file"
        if isinstance(model, Path) and not model.is_file():
            raise UserError(f"{model}: there is no such file")
        library = onnxruntime()
        options = library.SessionOptions()
        options.log_severity_level = QUIET
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # the cores are others', too
        options.intra_op_num_threads = threads or cores()
        given = str(model) if isinstance(model, Path) else model
        try:
            self.session = library.InferenceSession(given, options, providers=["CPUExecutionProvider"])
        except Exception as problem:  # onnxruntime has a class of errors for each of its codes
            raise UserError(
                f"{where}: this is no ONNX file that onnxruntime can run: {first(problem)}"
            ) from None
        told = self.session.get_modelmeta().custom_metadata_map
        if KEY not in told:
            raise UserError(f"{where}: this ONNX file was not exported by gan-style")
        self.description: Description = read_description(told[KEY], where)

    def __call__(self, given: Mapping[str, np.ndarray]) -> np.ndarray:
        """A painting (H, W, 3) of uint8."""
        painting: np.ndarray = self.session.run([PAINTING], dict(given))[0][0]
        return painting


def first(problem: BaseException) -> str:
    return str(problem).splitlines()[0] if str(problem) else type(problem).__name__
