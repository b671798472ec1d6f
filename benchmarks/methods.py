"""Methods of every kind on the same photographs, in the same style: table and sheet of docs/methods.md.

    python -m benchmarks.methods gan=runs/oil/default/seed0 adain=runs/adain/default/seed0 ...

Each run paints the paintbox's test photographs in oil by `gan-style sample`, in a process of its own. Methods
with several styles are asked for oil. Those that are shown their style see one training painting, in the
photograph's colours, which the paintbox's painter keeps too. A label may come again for another seed: scores
are then means, and each cost is the least of its runs, which shared their cores.
"""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click

METRICS = {  # by label, with the heading of its column
    "gram[wavelets]": "Gram",
    "kid[wavelets]": "KID",
    "structure_kid[wavelets]": "structure × KID",
    "kept_detail": "kept detail",
}
SHOWN_STYLE = "train"  # the split whose first painting is the style


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

    import_tensorflow()
    from gan_style.data.kinds.paintbox import embedded
    from gan_style.data.manifest import PictureStore
    from gan_style.data.paintbox.prepare import PaintboxSettings, prepare
    from gan_style.report import sheet

    settings, store = PaintboxSettings("oil"), PictureStore()
    folder, held_out = prepare(settings, store.cache), embedded("oil", settings, "test", store)
    style = min((folder / SHOWN_STYLE / "target").glob("*.png"))
    figures: dict[str, list[dict[str, Any]]] = {}
    places: dict[str, Path] = {}
    for number, (label, _, run) in enumerate(text.partition("=") for text in runs):
        place = Path(pictures) / f"{number:02d}-{label}"
        seconds = paint(Path(run), folder / "test" / "source", style, place)
        figures.setdefault(label, []).append(
            {**cost(Path(run)), "seconds": seconds, **scores(held_out, place)}
        )
        places.setdefault(label, place)
    sheet.write(Path(output) / "sheet.jpg", photographs(folder / "test", held_out.source.names, places))
    (Path(output) / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    print("\n".join(table(figures)))


def paint(run: Path, photographs: Path, style: Path, output: Path) -> float:
    """Seconds from typing the command to the last picture."""
    from gan_style.config.load import load
    from gan_style.experiment.recipe import Experiment

    config = load(run / "config.yaml", Experiment).config
    asked = ["--style", "oil"] if config.data.kind == "gallery" else []
    asked = ["--style-image", str(style), "--keep-colour"] if config.method.kind == "adain" else asked
    started = time.monotonic()
    command = [
        sys.executable,
        "-m",
        "gan_style",
        "sample",
        str(run),
        "--input",
        str(photographs),
        "--output",
        str(output),
        *asked,
    ]
    subprocess.run(command, check=True)
    return round(time.monotonic() - started, 1)


def cost(run: Path) -> dict[str, Any]:
    """Steps, and minutes of training times threads."""
    summary = json.loads((run / "summary.json").read_text())
    return {"steps": summary["step"], "core_minutes": round(summary["seconds"] * summary["threads"] / 60, 1)}


def scores(held_out: Any, place: Path) -> dict[str, Any]:
    """Between the identity baseline, 0, and real vs real, another painting of the photograph, 1."""
    from gan_style.evaluation.measure import measure
    from gan_style.evaluation.rows import Rows
    from gan_style.features.backbones import Wavelets
    from gan_style.system import images

    fakes = [images.read(place / f"{name}.png").pixels for name in held_out.source.names]
    measured = measure(Rows.of(held_out, fakes, Wavelets()))
    without = {"method": {"units"}, "score": {"units"}}
    return {name: measured[name].figure().model_dump(mode="json", exclude=without) for name in METRICS}


def photographs(folder: Path, names: Any, places: dict[str, Path]) -> list[Any]:
    from gan_style.report.pictures import Photo

    return [
        Photo(
            name,
            folder / "source" / f"{name}.png",
            tuple((label, place / f"{name}.png") for label, place in places.items()),
            folder / "target" / f"{name}.png",
        )
        for name in names
    ]


def table(figures: dict[str, list[dict[str, Any]]]) -> list[str]:
    """In Markdown, the best Gram first."""

    def mean(some: list[dict[str, Any]], metric: str) -> float:
        return statistics.mean(
            one[metric]["score"]["value"] if one[metric]["score"] else float("nan") for one in some
        )

    heads = ["", "runs", "steps", "core minutes", "12 photographs", *METRICS.values()]
    lines = [heads, ["---"] * len(heads)]
    for label, some in sorted(figures.items(), key=lambda row: -mean(row[1], "gram[wavelets]")):
        costs = [min(one[key] for one in some) for key in ("steps", "core_minutes", "seconds")]
        spent = [f"{costs[0]:,.0f}", f"{costs[1]:.0f}", f"{costs[2]:.0f} s"]
        lines.append(
            [
                f"`{label}`",
                str(len(some)),
                *spent,
                *(f"{mean(some, metric):.2f}".replace("nan", "") for metric in METRICS),
            ]
        )
    return [f"| {' | '.join(line)} |" for line in lines]


if __name__ == "__main__":
    main()
