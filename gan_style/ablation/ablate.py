"""`gan-style ablate`: run what is missing of a table of variants and seeds."""

import json
import time
from collections.abc import Callable, Sequence
from functools import partial

from gan_style.ablation import halving
from gan_style.ablation.cells import Cell
from gan_style.ablation.commands import Commands
from gan_style.ablation.plan import Plan, print_table, seconds_left
from gan_style.ablation.timing_job import time_on_cluster, was_tried
from gan_style.cluster.children import POLL_SECONDS, Child, stop
from gan_style.cluster.kinds import Local, Slurm
from gan_style.cluster.progress import TableProgress, duration
from gan_style.cluster.queue import Queue, Task
from gan_style.cluster.slurm import script
from gan_style.cluster.slurm_queue import SlurmQueue
from gan_style.evaluation.budget import Budget
from gan_style.experiment.find import find
from gan_style.experiment.recipe import learned_hash
from gan_style.experiment.runs import claimed
from gan_style.experiment.variants import sweeps_of, variants
from gan_style.system.errors import UserError
from gan_style.system.hardware import cores
from gan_style.system.progress import say, warn
from gan_style.system.signals import Stopper

MakeCommands = Callable[[str, str, str | None], Commands]


def ablate(
    plan: Plan,
    *,
    dry_run: bool = False,
    wait: bool = False,
    time_only: bool = False,
    make_commands: MakeCommands = Commands,
) -> int:
    """Returns the exit code: 1 where a cell failed, 128 and the signal's number where one asked to stop.

    `wait`: for the jobs of a cluster, which go on by themselves otherwise. `time_only`: settle the budget.
    """
    if isinstance(plan.cluster, Local) and plan.cluster.jobs > cores():
        reason = f"this machine has {cores()} cores, and a training needs at least one"
        raise UserError(f"--jobs {plan.cluster.jobs}: {reason}")
    chosen = variants(plan.experiment, plan.only)
    commands = make_commands(plan.experiment, str(plan.runs), plan.backbone)
    if dry_run:
        show(plan, chosen)
        return 0
    with Stopper() as stopper:
        if isinstance(plan.cluster, Slurm) and not time_only and plan.untimed(chosen):
            timing = time_on_cluster(plan, chosen, commands, stopper, wait=wait)
            if timing.is_over or (plan.untimed(chosen) and not was_tried(plan)):
                timing.say_what_next()
                return 128 + stopper.signal if stopper.signal else int(wait)
        here = time_only or isinstance(plan.cluster, Local)  # where jobs are submitted nothing is timed
        timer = partial(time_variant, commands, plan, stopper=stopper) if here else None
        budget = plan.budget(chosen, timer)
        if time_only:
            return 0
        table = plan.cells(chosen, budget)
        make_room(table, plan.fresh)
        missing = len(chosen) * plan.seeds - len(table)
        queue = run_table(plan, table, budget, commands, stopper, wait=wait)
        if stopper.signal:
            say("stopped; the same command goes on")
            return 128 + stopper.signal
    for cell, why in queue.failures.items():
        warn(f"{cell}: {why}")
    if isinstance(queue, SlurmQueue):
        queue.say_what_next()
    wanted = [cell for cell in table if str(cell) not in queue.dropped]
    finished = sum(cell.is_finished() for cell in wanted)
    say(f"{finished} of {len(wanted) + missing} cells are finished; results in {plan.results}")
    return int(bool(queue.failures or missing))


def show(plan: Plan, chosen: Sequence[str]) -> None:
    """What would be done; on a cluster also the script that it would be given."""
    budget = plan.budget(chosen, None)
    table = plan.cells(chosen, budget)
    print_table(table, plan.untimed(chosen), plan, budget)
    if isinstance(plan.cluster, Slurm):
        missing = sum(not cell.is_finished() for cell in table)
        say(script(missing, plan.cluster, find(plan.experiment)[0]))


def make_room(table: Sequence[Cell], fresh: bool) -> None:
    """Runs of another recipe in the places of these cells are moved aside, or stop the table."""
    others = [cell for cell in table if not cell.is_finished() and cell.other_recipe()]
    if others and not fresh:
        told = f"{others[0].run.folder}: this run was started with another configuration"
        count = f"{len(others)} of {len(table)} cells have such a run in their place"
        lines = [told, *others[0].other_recipe(), f"{count}; --fresh moves these aside"]
        raise UserError("\n".join(lines))
    for cell in others:
        with claimed(cell.run, fresh=True):
            pass


def run_table(
    plan: Plan, table: Sequence[Cell], budget: Budget, commands: Commands, stopper: Stopper, *, wait: bool
) -> Queue | SlurmQueue:
    """Everything that is not finished yet; the queue knows what became of it."""
    missing = [cell for cell in table if not cell.is_finished()]
    done, jobs = len(table) - len(missing), plan.cluster.jobs
    say(f"{len(table)} cells, budget {budget.label}; {done} are finished")
    if threads := plan.cluster.threads():
        each = f"{jobs} at a time with {threads} thread{'s' * (threads > 1)} each"
        say(f"{each}; weights' hashes hold for one number of threads only")

    def left() -> float | None:
        over = queue.dropped | set(queue.failures)
        known = [seconds_left(cell, table, budget) for cell in missing if str(cell) not in over]
        return sum(seconds for seconds in known if seconds) / jobs if any(known) else None

    with TableProgress(len(table), done, left) as progress:
        queue = queue_on(plan, stopper, progress, wait=wait)
        groups = halving_groups(plan, table)
        halved = {cell.variant for trials in groups.values() for cells in trials.values() for cell in cells}
        queue.run(tasks([cell for cell in table if cell.variant not in halved], commands))
        for name, trials in groups.items():
            queue.run(tasks(survivors(name, trials, plan, commands, queue), commands))
        return queue


def queue_on(plan: Plan, stopper: Stopper, progress: TableProgress, *, wait: bool) -> Queue | SlurmQueue:
    if isinstance(plan.cluster, Local):
        return Queue(plan.cluster.jobs, stopper, progress)
    return SlurmQueue(plan.cluster, plan.runs, find(plan.experiment)[0], stopper, progress, wait=wait)


def tasks(cells: Sequence[Cell], commands: Commands) -> list[Task]:
    return [
        Task(cell, [("training", commands.train(cell)), ("evaluating", commands.evaluate(cell))])
        for cell in cells
        if not cell.is_finished()
    ]


def halving_groups(plan: Plan, table: Sequence[Cell]) -> dict[str, dict[str, list[Cell]]]:
    """The cells of each sweep that halves, by trial."""
    groups = {}
    for name, sweep in sweeps_of(plan.experiment).items():
        if sweep.sweep.search == "halving":
            trials = {trial: [cell for cell in table if cell.variant == trial] for trial in sweep.trials}
            groups[name] = {trial: cells for trial, cells in trials.items() if cells}
    return {name: trials for name, trials in groups.items() if trials}


def survivors(
    name: str, trials: dict[str, list[Cell]], plan: Plan, commands: Commands, queue: Queue | SlurmQueue
) -> list[Cell]:
    """Train up to rung after rung, and let the better half go on from each."""
    recipes = {trial: learned_hash(cells[0].recipe.config) for trial, cells in trials.items()}
    record = halving.Record(plan.results / f"halving-{name}.json", plan.seeds, recipes)
    for share in sweeps_of(plan.experiment)[name].sweep.rungs:
        figures = record.rungs().get(str(share))
        if figures is None or set(figures) != set(trials):
            queue.run(rung_tasks(trials, share, commands))
            if queue.is_over:
                return []
            figures = halving.figures(trials, share)
            if len(figures) == len(trials):  # one that failed may yet come right
                record.add(share, figures)
        kept = halving.better_half(list(trials), figures)
        for trial, value in sorted(figures.items(), key=lambda item: item[1]):
            told = f"{halving.FIGURE} {value:.4f}, {'goes on' if trial in kept else 'stops here'}"
            queue.progress.tell(f"{trial} at {share:.0%} of the steps: {told}")
        queue.drop([cell for trial, cells in trials.items() if trial not in kept for cell in cells])
        trials = {trial: trials[trial] for trial in kept}
    return [cell for cells in trials.values() for cell in cells]


def rung_tasks(trials: dict[str, list[Cell]], share: float, commands: Commands) -> list[Task]:
    goals = [(cell, halving.rung_step(cell, share)) for cells in trials.values() for cell in cells]
    return [
        Task(
            cell,
            [(f"training to step {step:,}", commands.train(cell, step))],
            finishes=False,
            reached=partial(has_figure, cell, step),
        )
        for cell, step in goals
        if halving.figure(cell, step) is None
    ]


def has_figure(cell: Cell, step: int) -> bool:
    return halving.figure(cell, step) is not None


def time_variant(commands: Commands, plan: Plan, variant: str, stopper: Stopper) -> tuple[float, int] | None:
    """Milliseconds a step and the threads it had; nothing where the variant does not run."""
    say(f"timing {variant}")
    began = time.monotonic()
    log = plan.runs / find(plan.experiment)[0] / f"timing-{variant}.log"
    child = Child(commands.time(variant, plan.cluster.cpus), log)
    while (end := child.poll()) is None:
        if stopper.signal:
            stop([child])
            raise SystemExit(128 + stopper.signal)
        time.sleep(POLL_SECONDS)
    if end.code:
        took = duration(time.monotonic() - began)
        warn(f"{variant}: could not be timed ({took}); log in {child.log}\n{end.last_words}")
        return None
    answer = json.loads(child.lines()[-1])
    return float(answer["ms_per_step"]), int(answer["threads"])
