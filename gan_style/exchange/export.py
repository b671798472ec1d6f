"""`gan-style export`: a trained run as a file for other libraries, compared with it before it is kept."""

from collections.abc import Callable
from pathlib import Path

from gan_style.exchange.browser import runtime_package, write_page
from gan_style.exchange.formats import Format, Numbers
from gan_style.exchange.loaded import Loaded, loaded
from gan_style.exchange.parity import Difference, check_same, differences
from gan_style.exchange.runtime import ExportedPainter
from gan_style.exchange.traced import Fixed
from gan_style.experiment.runs import Run
from gan_style.experiment.saved import Which
from gan_style.system import disk, included
from gan_style.system.errors import UserError
from gan_style.system.progress import say

SUFFIXES: dict[Format, str] = {"onnx": ".onnx", "litert": ".tflite", "keras": ".keras"}  # others are folders
EXTRA = "export needs the extra `export`: pip install 'gan-style[export]'"


def export(
    run: Run,
    to: Format,
    output: Path | None,
    fixed: Fixed,
    which: Which = "last",
    numbers: Numbers = "float32",
    overwrite: bool = False,
    onnxruntime_web: Path | None = None,
) -> Path:
    """Write the file, or folder, and return its path. `onnxruntime_web`: the npm package, for a page."""
    check_options(to, fixed, numbers)
    package = runtime_package(onnxruntime_web) if to == "page" else None
    output = output or default_output(run, to, fixed, numbers)
    if output.exists() and not overwrite:
        raise UserError(f"{output} is there already (--overwrite replaces it)")
    method = loaded(run, fixed, which)
    found = to_page(method, output, package) if package else WRITERS[to](method, output, numbers)
    say(f"exported     {output} ({disk.size(size_of(output))})")
    for one in found:
        say(f"compared     {one}")
    return output


def check_options(to: Format, fixed: Fixed, numbers: Numbers) -> None:
    if (fixed.size is not None) != (to == "litert"):
        takes = (
            "litert needs one, such as --size 256x256"
            if to == "litert"
            else f"{to} takes pictures of any size"
        )
        raise UserError(f"--size: {takes}")
    if numbers != "float32" and to != "litert":
        raise UserError(f"--numbers {numbers}: only litert files have other numbers than float32")


def default_output(run: Run, to: Format, fixed: Fixed, numbers: Numbers) -> Path:
    name = run.folder.name if included.is_included(run.folder) else "painter"
    size = f"-{fixed.size[0]}x{fixed.size[1]}" if fixed.size else ""
    kind = f"-{numbers}" if numbers != "float32" else ""
    return run.products / "exported" / f"{name}{size}{kind}{SUFFIXES.get(to, f'-{to}')}"


def size_of(path: Path) -> int:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)


def to_onnx(method: Loaded, output: Path, numbers: Numbers) -> list[Difference]:
    content, found = checked_onnx(method)
    disk.write(output, content)
    return found


def to_page(method: Loaded, output: Path, package: Path) -> list[Difference]:
    content, found = checked_onnx(method)
    write_page(output, content, method.description(), package)
    return found


def checked_onnx(method: Loaded) -> tuple[bytes, list[Difference]]:
    try:
        from gan_style.exchange.onnx_file.write import onnx_bytes
    except ImportError:
        raise UserError(EXTRA) from None
    description = method.description()
    content = onnx_bytes(method.method, method.fixed, description)
    found = differences(method, description.inputs, ExportedPainter(content))
    check_same(found)
    return content, found


def to_litert(method: Loaded, output: Path, numbers: Numbers) -> list[Difference]:
    try:
        from gan_style.exchange.litert import LiteRtPainter, litert_bytes
    except ImportError:
        raise UserError(EXTRA) from None
    description = method.description()
    content = litert_bytes(method, description, numbers)
    found = differences(method, description.inputs, LiteRtPainter(content))
    check_same(found, whole_numbers=numbers == "int8")
    disk.write(output, content)
    return found


def to_saved_model(method: Loaded, output: Path, numbers: Numbers) -> list[Difference]:
    from gan_style.exchange.saved_model import SavedPainter, write_saved_model

    if output.exists() and not (output / "saved_model.pb").is_file():
        raise UserError(f"{output}: is there already, and is no SavedModel; choose another folder")
    description = method.description()
    with disk.replacing_folder(output, 0) as folder:
        write_saved_model(method, description, folder)
        found = differences(method, description.inputs, SavedPainter(folder))
        check_same(found)
    return found


def to_keras(method: Loaded, output: Path, numbers: Numbers) -> list[Difference]:
    from gan_style.exchange.keras_file import write_keras

    write_keras(method, output)
    return []


WRITERS: dict[Format, Callable[[Loaded, Path, Numbers], list[Difference]]] = {
    "onnx": to_onnx,
    "litert": to_litert,
    "keras": to_keras,
    "saved-model": to_saved_model,
}
