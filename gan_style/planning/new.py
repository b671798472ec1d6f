"""`gan-style new`: from two folders and some minutes to an experiment that keeps the time."""

from dataclasses import replace
from pathlib import Path

from gan_style.data.doctor.examine import examine
from gan_style.data.doctor.findings import findings, refuse_what_is_in_vain
from gan_style.data.doctor.show import show
from gan_style.experiment.find import EXPERIMENTS, read_recipe
from gan_style.planning.pace import Pace, measured
from gan_style.planning.pictures import handful, sizes, told
from gan_style.planning.text import IDENTITY_SHARE, Plan, text
from gan_style.system import disk
from gan_style.system.errors import UserError
from gan_style.system.hardware import processor
from gan_style.system.progress import say

BATCH = 3
SHEETS = 8  # in a training
SAFE_MINUTES = 5  # between checkpoints, at most
FEWEST_STEPS = 200  # fewer show nothing


def make(name: str, source: Path, target: Path, minutes: float) -> Path:
    """Write experiments/NAME/config.yaml; nothing is written where the pictures or the time do not do."""
    if Path(name).name != name or name.startswith("."):
        raise UserError(f"{name}: expected a plain name, for a folder in {EXPERIMENTS}")
    path = EXPERIMENTS / name / "config.yaml"
    if path.parent.exists():
        raise UserError(f"{path.parent} is there already; choose another NAME")
    domains = [examine(folder, role) for folder, role in ((source, "photographs"), (target, "paintings"))]
    found = findings(domains)
    show(domains, found)
    refuse_what_is_in_vain(found)
    pictures = [told(domain) for domain in domains]
    some_left_over = not handful(domains[1])
    plan = Plan(name, str(source), str(target), pictures, sizes(*domains), BATCH, some_left_over)
    say("\ntiming a few steps")
    pace = timed(plan, path)
    plan = fitted(plan, pace, minutes)
    path.parent.mkdir(parents=True)
    disk.write(path, text(plan))
    say(f"\nwritten      {path}\nexpected     {plan.expected}\nnow type     make train EXP={name}")
    return path


def timed(plan: Plan, path: Path) -> Pace:
    """Of the recipe as it will be, from a file that does not stay."""
    path.parent.mkdir(parents=True)
    try:
        disk.write(path, text(plan))
        return measured(read_recipe(str(path)))
    finally:
        path.unlink(missing_ok=True)
        path.parent.rmdir()


def fitted(plan: Plan, pace: Pace, minutes: float) -> Plan:
    """As many steps as the minutes hold, beside sheets and checkpoints."""
    saved = max(SHEETS, round(minutes / SAFE_MINUTES))
    steps = pace.steps_in(60 * minutes, IDENTITY_SHARE, SHEETS, saved)
    if steps < FEWEST_STEPS:
        least = pace.seconds(FEWEST_STEPS, IDENTITY_SHARE, SHEETS, saved) / 60
        raise UserError(
            f"--minutes {minutes:g}: in this time {max(0, steps)} steps can be made, which shows nothing; "
            f"{least:.0f} minutes hold {FEWEST_STEPS}, and 30 are worth more"
        )
    expected = (
        f"about {minutes:g} minutes: {steps:,} steps of {pace.step:.2f} s on {processor()}, "
        f"{pace.threads} threads"
    )
    every = max(1, steps // SHEETS)
    return replace(
        plan, steps=steps, expected=expected, validate_every=every, checkpoint_every=max(1, steps // saved)
    )
