"""A folder that any static server serves: a page that paints in its visitor's browser, by WebAssembly."""

import json
import os
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

from gan_style.exchange.described import Description
from gan_style.system import disk
from gan_style.system.errors import UserError

PACKAGE = "onnxruntime-web"
# Of the package's dist/: the library for module workers, and what it runs.
RUNTIME = ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm")
PAGE = ("index.html", "page.css", "page.js", "pictures.js", "words.js", "worker.js")
MODEL, DESCRIBED = "painter.onnx", "page.json"
NOTICES = "ONNXRUNTIME-WEB-LICENSE.txt"
LICENCE = re.compile(r"licen[cs]e|notice", re.IGNORECASE)
LARGEST_RUNTIME = 100_000_000  # bytes of a file
HOW = f"type `npm install {PACKAGE}` here, or give its folder with --onnxruntime-web"


def write_page(output: Path, model: bytes, description: Description, package: Path) -> None:
    """The page, the model, what `page.js` is to know of it, and the runtime with its notices."""
    if output.exists() and not (output / DESCRIBED).is_file():
        raise UserError(f"{output}: is there already, and is no exported page; choose another folder")
    runtime = {name: read_runtime(package / "dist" / name) for name in RUNTIME}
    notices = licence_of(package)
    with disk.replacing_folder(output, len(model) + sum(map(len, runtime.values()))) as folder:
        (folder / "ort").mkdir()
        for name, content in runtime.items():
            disk.write(folder / "ort" / name, content)
        disk.write(folder / "ort" / NOTICES, notices)
        for name in PAGE:
            disk.write(folder / name, files("gan_style.exchange").joinpath("page", name).read_bytes())
        disk.write(folder / MODEL, model)
        disk.write(folder / DESCRIBED, json.dumps(told(description), indent=1, ensure_ascii=False) + "\n")


def told(description: Description) -> dict[str, Any]:
    """Of the painter, for the page and its reader."""
    facts = {
        "method": description.method,
        "step": str(description.step),
        "made by": description.made_by,
        "licence": description.licence,
        "notice": description.notice,
    }
    return {
        "title": description.painter,
        "inputs": [one.name for one in description.inputs],
        "styles": description.styles,
        "learned_map": description.learned_map,
        "size": description.size,
        "facts": {name: fact for name, fact in facts.items() if fact},
    }


def runtime_package(named: Path | None) -> Path:
    """The npm package's folder: as it is named, or the nearest of node_modules from here upwards."""
    above = [Path.cwd(), *Path.cwd().parents]
    places = [named] if named else [folder / "node_modules" / PACKAGE for folder in above]
    for place in places:
        if (place / "package.json").is_file():
            return place
    if named:
        raise UserError(
            f"{named}: there is no package.json; expected the folder of the npm package {PACKAGE}"
        )
    raise UserError(f"the page needs the npm package {PACKAGE}, and there is none in node_modules: {HOW}")


def read_runtime(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_RUNTIME:
            raise UserError(f"{path}: is too large to be a part of {PACKAGE}")
        return path.read_bytes()
    except OSError as problem:
        raise UserError(
            f"{path}: {os.strerror(problem.errno or 0)}; {PACKAGE} 1.20 or newer has it"
        ) from None


def licence_of(package: Path) -> str:
    """What the package says of its licence: its own files, or else who holds which copyright."""
    own = [path for path in sorted(package.iterdir()) if path.is_file() and LICENCE.search(path.name)]
    if own:
        return "\n\n".join(path.read_text(encoding="utf-8", errors="replace") for path in own)
    version = disk.read_json(package / "package.json").get("version", "")
    header = (package / "dist" / RUNTIME[0]).read_text(encoding="utf-8", errors="replace")[:2000]
    said = header.partition("/*!")[2].partition("*/")[0]
    copyright_ = "\n".join(line.strip(" *") for line in said.strip().splitlines())
    mit = files("gan_style.exchange").joinpath("page", "MIT.txt").read_text(encoding="utf-8")
    return f"{PACKAGE} {version}\n{copyright_}\n\n{mit}"
