"""Imports run one way, and files and functions stay readable."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "gan_style"
FILES = sorted(PACKAGE.rglob("*.py"))

# Each room may import from the rooms named, and from itself.
ALLOWED = {
    "errors": set(),
    "located": {"errors"},
    "config": {"errors", "located"},
    "sweeps": {"config", "errors", "located"},
    "cli_shared": {"errors", "runs"},
    "progress": set(),
    "locks": set(),
    "hardware": set(),
    "stopping": set(),
    "pickled": set(),
    "pth": {"errors", "pickled"},
    "progress_bar": {"progress"},
    "images": {"errors"},
    "paintbox": {"config", "images", "locks", "progress"},
    "data": {"config", "errors", "images", "locks", "paintbox", "progress"},
    "layers": set(),
    "import_weights": {"errors", "layers"},
    "networks": {"config", "layers"},
    "features": {"config", "errors"},
    "backbones": {"config", "errors", "features", "located"},
    "losses": set(),
    "engine": {"errors"},
    "lbfgs": {"engine"},
    "methods": {
        "config",
        "errors",
        "hardware",
        "images",
        "progress",
        "networks",
        "features",
        "losses",
        "engine",
        "lbfgs",
        "layers",
    },
    "runs": {"errors", "located", "locks", "progress"},
    "experiment": {"config", "data", "errors", "backbones", "located", "methods", "runs", "sweeps"},
    "checkpoints": {"errors", "methods", "progress"},
    "tracking": {"experiment", "progress"},
    "validation": {"data", "features", "images", "losses", "methods"},
}
CLI = {room for path in FILES if (room := path.stem).startswith("cli") and room != "cli_shared"}
TENSORFLOW = {"layers", "data", "engine", "session", "cli_shared"}


def room(path: Path) -> str:
    inside = path.relative_to(PACKAGE)
    return inside.parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_imports_run_one_way():
    for path in FILES:
        allowed = ALLOWED.get(room(path))
        if allowed is None:
            continue
        used = {name.split(".")[1] for name in imports(path) if name.startswith("gan_style.")}
        assert used <= allowed | {room(path)}, (
            f"{path.relative_to(PACKAGE)} imports {sorted(used - allowed - {room(path)})}"
        )


def test_every_room_below_training_is_listed():
    above = {"__init__", "__main__", "training", "session", "sampling", "asking"} | CLI
    above |= {
        "imported_run",
        "dry_run",
        "report",
        "wandb_sweep",
        "wandb_sync",
        "evaluation",
        "ablation",
        "styles",
        "units",
    }
    assert {room(path) for path in FILES} - above == set(ALLOWED)


@pytest.mark.parametrize(
    ("library", "rooms"),
    [("tensorflow", TENSORFLOW), ("wandb", {"tracking"}), ("click", CLI | {"cli_shared"})],
)
def test_only_some_rooms_know_a_library(library, rooms):
    knowing = {room(path) for path in FILES if any(name.split(".")[0] == library for name in imports(path))}
    assert knowing <= rooms


def test_losses_import_keras_only():
    for path in (PACKAGE / "losses").glob("*.py"):
        assert all(
            name.split(".")[0] in ("keras", "collections", "dataclasses", "typing") for name in imports(path)
        ), path


def test_files_and_functions_stay_readable():
    for path in FILES:
        text = path.read_text()
        assert text.count("\n") <= 250, f"{path.name} has {text.count(chr(10))} lines"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                lines = node.end_lineno - node.lineno + 1
                assert lines <= 50, f"{path.name}:{node.lineno} {node.name} has {lines} lines"
    assert not {"utils.py", "helpers.py"} & {path.name for path in FILES}
