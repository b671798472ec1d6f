"""Methods of every kind on the same pictures, in the same style: table and sheet of docs/methods.md.

    python -m benchmarks.methods gan=runs/oil/default/seed0 adain=runs/adain/default/seed0 ...

Each run paints the paintbox's test photographs and its drawn test scenes in oil by `gan-style sample`, in a
process of its own. Methods with several styles are asked for oil. Those that are shown their style see one
training painting, in the photograph's colours, which the paintbox's painter keeps too.
"""

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

METRICS = {  # by label, with the heading of its column
    "gram[wavelets]": "Gram",
    "kid[wavelets]": "KID",
    "structure_kid[wavelets]": "structure × KID",
    "kept_detail": "kept detail",
}
SETS = ("photographs", "scenes")


@click.command()
@click.argument("runs", nargs=-1, required=True, metavar="LABEL=RUN...")
@click.option(
    "--output",
    default="docs/methods",
    show_default=True,
    type=click.Path(file_okay=False),
    help="For figures and the sheet.",
)
@click.option(
    "--pictures",
    default="runs/methods",
    show_default=True,
    type=click.Path(file_okay=False),
    help="For what they paint.",
)
def main(runs: tuple[str, ...], output: str, pictures: str) -> None:
    from gan_style.system.quiet import import_tensorflow

    if len({label for label, _, _ in map(parts, runs)}) < len(runs):
        raise click.UsageError("each LABEL names one run")
    import_tensorflow()
    from gan_style.data.kinds.paintbox import embedded, scenes
    from gan_style.data.manifest import PictureStore
    from gan_style.data.paintbox.prepare import PaintboxSettings
    from gan_style.report import sheet

    settings, store = PaintboxSettings("oil"), PictureStore()
    folders = {
        "photographs": store.prepare(settings) / "test",
        "scenes": store.prepare_scenes(settings.painter, "test"),
    }
    held_out = {
        "photographs": embedded("oil", settings, "test", store),
        "scenes": scenes("oil", settings, "test", store),
    }
    style = min((store.prepare(settings) / "train" / "target").glob("*.png"))
    places = {label: Path(pictures) / label for label, _, _ in map(parts, runs)}
    figures: dict[str, dict[str, Any]] = {}
    for label, _, run in map(parts, runs):
        told = figures[label] = {"steps": json.loads((Path(run) / "summary.json").read_text())["step"]}
        for name in SETS:
            place = places[label] / name
            seconds = paint(Path(run), folders[name] / "source", style, place)
            told |= {name: {"seconds": seconds, **scores(held_out[name], place)}}
    names = held_out["photographs"].source.names
    sheet.write(Path(output) / "sheet.jpg", photographs(folders["photographs"], names, places))
    (Path(output) / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    print("\n".join(table(figures)))


def parts(text: str) -> tuple[str, str, str]:
    return text.partition("=")


def paint(run: Path, photographs: Path, style: Path, output: Path) -> float:
    """Processor seconds of the whole command, start included."""
    from gan_style.config.load import load
    from gan_style.experiment.recipe import Experiment

    config = load(run / "config.yaml", Experiment).config
    asked = ["--style", "oil"] if config.data.kind == "gallery" else []
    asked = ["--style-image", str(style), "--keep-colour"] if config.method.kind == "adain" else asked
    command = [sys.executable, "-m", "gan_style", "sample", str(run), "--overwrite"]
    before = spent_by_children()
    subprocess.run([*command, "--input", str(photographs), "--output", str(output), *asked], check=True)
    return round(spent_by_children() - before, 1)


def spent_by_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def scores(held_out: Any, place: Path) -> dict[str, Any]:
    """Between the identity baseline, 0, and real vs real, another painting of the photograph, 1."""
    from gan_style.evaluation.measure import measure
    from gan_style.evaluation.rows import Rows
    from gan_style.features.backbones import Wavelets
    from gan_style.system import images

    fakes = [images.read(place / f"{name}.png").pixels for name in held_out.source.names]
    measured = measure(Rows.of(held_out, fakes, Wavelets()))
    without = {role: {"units"} for role in ("method", "identity", "real", "score")}
    return {name: measured[name].figure().model_dump(mode="json", exclude=without) for name in METRICS}


def photographs(folder: Path, names: Any, places: dict[str, Path]) -> list[Any]:
    from gan_style.report.pictures import Photo

    def photo(name: str) -> Photo:
        painted = tuple((label, place / "photographs" / f"{name}.png") for label, place in places.items())
        return Photo(name, folder / "source" / f"{name}.png", painted, folder / "target" / f"{name}.png")

    return [photo(name) for name in names]


def table(figures: dict[str, dict[str, Any]]) -> list[str]:
    """In Markdown, the best Gram of scenes first; in each cell photographs / scenes."""
    lines = [["", "steps", "12 photographs", *METRICS.values()]]
    lines.append(["---"] * len(lines[0]))
    ranked = sorted(figures.items(), key=lambda row: -row[1]["scenes"]["gram[wavelets]"]["score"]["value"])
    for label, told in ranked:
        cells = [" / ".join(score(told[name][metric]) for name in SETS) for metric in METRICS]
        seconds = f"{told['photographs']['seconds']:.0f} s"
        lines.append([f"`{label}`", f"{told['steps']:,}", seconds, *cells])
    return [f"| {' | '.join(line)} |" for line in lines]


def score(figure: dict[str, Any]) -> str:
    """With half of its 95 % interval, where it has one."""
    found = figure["score"]
    if not found:
        return "–"
    half = "" if found["high"] is None else f" ± {(found['high'] - found['low']) / 2:.2f}"
    return f"{found['value']:.2f}{half}"


if __name__ == "__main__":
    main()
