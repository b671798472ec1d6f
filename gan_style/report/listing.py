"""Tables of runs and of data sets. Needs no TensorFlow."""

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gan_style.data.fetch.registry import RECEIPT, known_sets
from gan_style.experiment.card import Card, cards
from gan_style.experiment.runs import Run, all_runs
from gan_style.system.progress import printable, say
from gan_style.tracking.metrics_file import is_loss, read_metrics, short_name

SHOWN_TERMS = 4
LAST = 100_000  # bytes of a log: hundreds of lines, of which one has losses


def print_runs(root: Path) -> None:
    found = all_runs(root)
    if not found:
        say(f"{root} holds no runs yet; start one: make train EXP=oil")
        return
    table = Table(box=None, header_style="bold")
    for heading in ("run", "status", "step", "last losses", "validation", "age"):
        table.add_column(heading, overflow="fold", justify="right" if heading in ("step", "age") else "left")
    for run in found:
        summary = run.summary()
        cells = (
            run.folder.relative_to(root).as_posix(),
            run.status(),
            f"{summary.get('step', 0):,}/{summary.get('steps', 0):,}",
            last_losses(run),
            "  ".join(f"{name} {value:.3f}" for name, value in summary.get("figures", {}).items()),
            age(run.age()),
        )
        # Runs may be somebody else's: what they say is no markup, and no command to the terminal.
        table.add_row(*(Text(printable(cell)) for cell in cells))
    _show(table)


def print_cards() -> None:
    """What is included; the scores are those of Gram and KID, with the ends of their intervals."""
    table = Table(box=None, header_style="bold")
    headings = ("name", "styles", "what", "MB", "scores", "made by", "seed", "steps", "minutes")
    for heading in headings:
        right = heading in ("MB", "seed", "steps", "minutes")
        table.add_column(heading, overflow="fold", justify="right" if right else "left")
    for name, card in cards().items():
        made_by = card.experiment + ("" if card.variant == "default" else f", {card.variant}")
        numbers = (str(card.seed), f"{card.steps:,}", f"{card.minutes:.0f}")
        size = f"{card.bytes / 1e6:.2f}"
        row = (f"included/{name}", ", ".join(card.styles), card.about, size, scores(card), made_by, *numbers)
        table.add_row(*map(Text, row))
    _show(table)


def scores(card: Card) -> str:
    lines = []
    for group, figures in card.scores.items():
        shown = {name: ends for name, ends in figures.items() if name.startswith(("gram", "kid["))}
        told = [
            f"{name} {score}" + (f" [{low}, {high}]" if low else "")
            for name, (score, low, high) in shown.items()
        ]
        lines += [f"{group}: {', '.join(told)}"] if told else []
    return "\n".join(lines)


def print_sets(root: Path) -> None:
    """The classic sets; pictures as published, train and test together."""
    table = Table(box=None, header_style="bold")
    for heading in ("set", "kind", "A", "B", "pictures", "MB", "fetched", "from"):
        right = heading in ("pictures", "MB")
        table.add_column(heading, overflow="fold", justify="right" if right else "left")
    for name, known in known_sets().items():
        pictures = f"{sum(count or 0 for count in known.pictures.values()):,}"
        size = f"{known.size / 1e6:,.0f}" if known.size else "?"
        fetched = str(root / name) if (root / name / RECEIPT).exists() else "no"
        server = known.address.split("/")[2]
        table.add_row(name, known.kind, known.A, known.B, pictures, size, fetched, server)
    _show(table)


def _show(table: Table) -> None:
    console = Console()
    # Away from a terminal nothing should be cut to 80 columns.
    (console if console.is_terminal else Console(width=200)).print(table)


def last_losses(run: Run) -> str:
    for values in reversed(list(read_metrics(run.folder / "metrics.jsonl", last=LAST))):
        terms = [name for name in values if is_loss(name)]
        chosen = [name for name in terms if not name.endswith(("total", "gradient_norm"))][:SHOWN_TERMS]
        if terms:
            return "  ".join(f"{short_name(name)} {values[name]:.3f}" for name in chosen)
    return ""


def age(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
