"""The package: its folders, imports that run one way, and files and functions that stay readable."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "gan_style"
FILES = sorted(PACKAGE.rglob("*.py"))

# Every room, and the rooms that it may import from; beside those, from itself.
ALLOWED = {
    "system": set(),
    "config": {"system"},
    "losses": {"system"},
    "networks": {"config", "system"},
    "optim": {"config", "system"},
    "features": {"config", "system"},
    "metrics": {"features", "system"},
    "data": {"config", "system"},
    "tracking": {"config", "system"},
    "cluster": {"config", "system"},
    "methods": {"config", "data", "features", "losses", "networks", "optim", "system"},
    "experiment": {"config", "data", "features", "methods", "system", "tracking"},
    "training": {
        *("cluster", "config", "data", "experiment", "features", "losses", "methods", "metrics", "optim"),
        *("system", "tracking"),
    },
    "inference": {"cluster", "data", "experiment", "methods", "metrics", "system", "training"},
    "exchange": {"experiment", "inference", "methods", "networks", "system", "training"},
    "evaluation": {
        *(
            "config",
            "data",
            "experiment",
            "features",
            "inference",
            "methods",
            "metrics",
            "system",
            "tracking",
            "training",
        ),
    },
    "ablation": {"cluster", "evaluation", "experiment", "features", "system", "tracking", "training"},
    "planning": {"data", "experiment", "optim", "system", "training"},
    "report": {"config", "data", "evaluation", "experiment", "system", "tracking"},
    "web": {
        *("config", "evaluation", "experiment", "inference", "methods", "system", "tracking", "training"),
    },
    "analysis": {
        *("data", "evaluation", "experiment", "features", "inference", "methods", "metrics", "system"),
        "training",
    },
    "cli": {
        *(
            "ablation",
            "analysis",
            "cluster",
            "data",
            "evaluation",
            "experiment",
            "features",
            "inference",
        ),
        *("methods", "metrics", "planning", "exchange", "report", "system", "tracking", "training"),
        "web",
    },
}
MOST_ROOMS, MOST_FLOORS = 22, 10
# A library, and the only rooms that know it.
KNOWN_TO = {
    "tensorflow": {"data", "exchange", "networks", "optim", "system", "training"},
    "ai_edge_litert": {"exchange"},
    "onnx": {"exchange"},
    "onnxruntime": {"exchange"},
    "tf2onnx": {"exchange"},
    "wandb": {"tracking"},
    "click": {"cli"},
    "submitit": {"cluster"},
    "av": {"inference"},
    "cv2": {"metrics"},
    "fastapi": {"web"},
    "starlette": {"web"},
    "uvicorn": {"web"},
    "pydantic": {
        "cluster",
        "config",
        "data",
        "evaluation",
        "experiment",
        "features",
        "methods",
        "networks",
        "optim",
        "web",
    },
}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0]


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def floor(name: str, above: tuple[str, ...] = ()) -> int:
    assert name not in above, f"a circle: {' → '.join((*above, name))}"
    return 1 + max((floor(below, (*above, name)) for below in ALLOWED[name]), default=0)


def test_there_is_nothing_at_the_root_but_rooms():
    assert {path.name for path in PACKAGE.glob("*.py")} == {"__init__.py", "__main__.py"}
    assert {room(path) for path in FILES} - {"__init__.py", "__main__.py"} == set(ALLOWED)
    assert len(ALLOWED) <= MOST_ROOMS
    assert max(map(floor, ALLOWED)) <= MOST_FLOORS


def test_imports_run_one_way():
    for path in FILES:
        if room(path) in ALLOWED:
            used = {name.split(".")[1] for name in imports(path) if name.startswith("gan_style.")}
            strange = used - ALLOWED[room(path)] - {room(path)}
            assert not strange, f"{path.relative_to(PACKAGE)} imports {sorted(strange)}"


@pytest.mark.parametrize("library", KNOWN_TO)
def test_only_some_rooms_know_a_library(library):
    knowing = {room(path) for path in FILES if any(name.split(".")[0] == library for name in imports(path))}
    assert knowing <= KNOWN_TO[library]


def test_gradient_tapes_are_in_two_files():
    taping = [path for path in FILES if "GradientTape(" in path.read_text()]
    assert taping == [PACKAGE / "networks" / "recompute.py", PACKAGE / "optim" / "player.py"]


def test_losses_import_keras_only():
    for path in (PACKAGE / "losses").glob("*.py"):
        known = ("keras", "gan_style", "collections", "dataclasses", "typing")
        assert all(name.split(".")[0] in known for name in imports(path)), path


def test_every_method_is_one_file_with_a_test_beside_it_and_descends_from_method_alone():
    methods = [path for path in (PACKAGE / "methods").glob("*.py") if path.name != "__init__.py"]
    for path in methods:
        assert (PACKAGE.parent / "tests" / "methods" / f"test_{path.name}").is_file(), path.name
        bases = [
            base.id
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.ClassDef)
            for base in node.bases
            if isinstance(base, ast.Name) and not base.id.endswith(("Config", "Weights"))
        ]
        assert bases == ["Method"], path.name


def test_files_and_functions_stay_readable():
    for path in FILES:
        text = path.read_text()
        assert text.count("\n") <= 250, f"{path.name} has {text.count(chr(10))} lines"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                # Without the signature: of networks it holds their keys in the YAML, with descriptions.
                lines = node.end_lineno - node.body[0].lineno + 1
                assert lines <= 42, f"{path.name}:{node.lineno} {node.name} has {lines} lines"
    assert not {"utils.py", "helpers.py"} & {path.name for path in FILES}
