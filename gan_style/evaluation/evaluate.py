"""A trained run in, figures out: paint what it never saw, let a judge look, put every figure between its anchors."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from gan_style import images
from gan_style.checkpoints import Checkpoint, Which
from gan_style.config import digest
from gan_style.data.dataset import cache_folder
from gan_style.errors import UserError
from gan_style.evaluation.collapse import flicker, steganography, with_jpeg, with_noise
from gan_style.evaluation.exam import Exam, Split, given_back, open_exams
from gan_style.evaluation.lpips import LPIPS
from gan_style.evaluation.measure import PERFECT_COPY, Measured, Values, measure
from gan_style.evaluation.result import PROTOCOL, Result, place
from gan_style.evaluation.rows import Rows
from gan_style.experiment import Experiment, Sample, learned_hash
from gan_style.hardware import processor
from gan_style.judges import Judge, Wavelets, refuse_training_features
from gan_style.objectives import Objective, Request
from gan_style.progress import say, track
from gan_style.runs import Run
from gan_style.sampling import find_pictures, paint
from gan_style.session import load_painter

NOISE, JPEG = 4.0, 75  # what a hidden code does not survive and a painting does: levels of 255, quality
PAINT_SEED = 0


@dataclass(frozen=True)
class Extras:
    """What is measured only when it is asked for."""

    lpips: Callable[[], LPIPS] | None = None
    force_fid: bool = False
    frames: Path | None = None  # a folder, in the order of the names


def evaluate(run: Run, appoint: Callable[[], Judge] | None, *, part: Split, which: Which, budget: str, extras: Extras) -> Result:
    """Judge one checkpoint of a run, by its recipe's judge if none is named; the painted pictures stay in the run's folder."""
    objective, config, checkpoint = load_painter(run, which)
    # Only now, when the run's number of threads is settled: networks compute while they are loaded.
    judge = (appoint or config.evaluation.judge or Wavelets)()
    lpips = extras.lpips() if extras.lpips else None
    refuse_teachers(judge, objective)
    exams = open_exams(config.data, part, cache_folder(), config.evaluation.originals)
    exams = [given_back(exam) for exam in exams] if objective.gives_back else exams
    if lpips and not all(exam.paired for exam in exams):
        raise UserError("--lpips is likeness to a photograph's true counterpart, and the targets of this run are none")
    folder = run.folder / "evaluation" / place(which, part)
    shutil.rmtree(folder, ignore_errors=True)
    measured = []
    for exam in exams:
        fakes = painted(objective, exam, config.sample)
        keep(folder, exam, fakes, several=len(exams) > 1)
        say(f"judging {len(fakes)} pictures{f' in {exam.style}' if len(exams) > 1 else ''} by {judge.name}")
        rows = Rows.of(exam, fakes, judge)
        one = measure(rows, lpips, extras.force_fid)
        if "direction" in objective.understands:
            one["steganography"] = hidden_code(objective, rows, config.sample.margin)
        measured.append(one)
    whole = combined(exams, measured)
    if extras.frames:
        whole["flicker"] = flickering(objective, extras.frames, config.sample)
    return Result(
        **described(run, config, checkpoint),
        protocol=PROTOCOL,
        budget=budget,
        checkpoint=which,
        split=part,
        judge=judge.described(),
        data=counted(exams),
        figures={name: one.figure() for name, one in whole.items()},
    )


def refuse_teachers(judge: Judge, objective: Objective) -> None:
    """What trained the run must not judge it; a judge that nobody trained needs no comparison."""
    if judge.designed:
        return
    try:
        teachers = objective.trained_with()
    except UserError as problem:
        told = f"so nobody can tell whether the judge {judge.name} is what this run was trained with; '--judge wavelets' never is"
        raise UserError(f"{problem}; {told}") from None
    refuse_training_features(judge, teachers)


def painted(objective: Objective, exam: Exam, how: Sample) -> list[np.ndarray]:
    seed = PAINT_SEED if "seed" in objective.understands else None
    request = Request(seed=seed, styles={exam.style: 1.0} if exam.style in objective.styles else None)
    requests = (with_style_image(request, objective, exam, number) for number in range(len(exam.source)))
    pairs = zip(map(images.Picture, exam.source.pixels), requests, strict=True)
    done = track(pairs, len(exam.source), f"painting {exam.style}".strip())
    return [paint(objective, picture, how.size, one, how.margin).pixels for picture, one in done]


def with_style_image(request: Request, objective: Objective, exam: Exam, number: int) -> Request:
    """A method that paints in the style of a picture is shown a real target, and not that of the photograph itself."""
    if not objective.needs_style_images:
        return request
    style = exam.target.pixels[(number + 1) % len(exam.target)]
    return replace(request, style_images=((images.to_signed(style), 1.0),))


def keep(folder: Path, exam: Exam, fakes: Sequence[np.ndarray], several: bool) -> None:
    """source/, painted/ and, where there is a true counterpart, target/: the same name in each is the same picture."""
    roles = {"source": exam.source.pixels, "painted": fakes} | ({"target": exam.target.pixels} if exam.paired else {})
    for role, pictures in roles.items():
        for name, pixels in zip(exam.source.names, pictures, strict=True):
            images.write(folder / role / f"{f'{exam.style}-' if several else ''}{name}.png", images.Picture(pixels))


def hidden_code(objective: Objective, rows: Rows, margin: int) -> Measured:
    """How much worse the way back from a fake gets when noise or JPEG has wiped out what nobody sees (Chu et al. 2017)."""

    def back(picture: np.ndarray) -> np.ndarray:
        whole = images.Picture(picture)
        return paint(objective, whole, max(picture.shape[:2]), Request(direction=objective.directions[1]), margin).pixels

    def worst(source: np.ndarray, fake: np.ndarray) -> float:
        cycled, wiped = back(fake), (with_noise(fake, NOISE), with_jpeg(fake, JPEG))
        return max(steganography(source, cycled, back(other), fake=fake, perturbed=other) for other in wiped)

    values, draws = rows.source.against(rows.fake, worst), rows.fake.draws
    return Measured("lower", [draws.means(values), None, None], "above 1 a code is hidden", draws.units(values))


def flickering(objective: Objective, folder: Path, how: Sample) -> Measured:
    """How much painted frames change from one to the next where the filmed ones do not."""
    if not folder.is_dir():
        raise UserError(f"--frames {folder}: there is no such folder")
    frames = [images.read(file) for file in find_pictures([folder])]
    if len(frames) < 2 or len({frame.pixels.shape for frame in frames}) > 1:
        raise UserError(f"--frames {folder}: expected two or more pictures of one size, the frames of a film in the order of their names")
    request = Request(seed=PAINT_SEED) if "seed" in objective.understands else Request()
    done = track(frames, len(frames), "painting frames")
    fakes = np.stack([paint(objective, frame, how.size, request, how.margin).pixels for frame in done])
    value = np.array([flicker(fakes, np.stack([frame.pixels for frame in frames]))])
    return Measured("lower", [value, np.zeros(1), None], PERFECT_COPY)


def combined(exams: Sequence[Exam], measured: Sequence[dict[str, Measured]]) -> dict[str, Measured]:
    """The mean over styles, draw by draw, and what tells styles apart for each of them alone."""
    if len(exams) == 1:
        return measured[0]
    shared = [name for name in measured[0] if all(name in one for one in measured)]
    whole = {name: mean_of([one[name] for one in measured]) for name in shared}
    telling = [name for name in ("gram", "kid") if name in whole]
    return whole | {f"{name}, {exam.style}": one[name] for name in telling for exam, one in zip(exams, measured, strict=True)}


def mean_of(parts: Sequence[Measured]) -> Measured:
    def mean(role: Sequence[Values]) -> Values:
        known = [values for values in role if values is not None]
        return np.mean(known, axis=0) if len(known) == len(role) else None

    names = dict.fromkeys(name for part in parts for name in part.units)
    units = {name: float(np.mean([part.units[name] for part in parts if name in part.units])) for name in names}
    why_not = next(filter(None, (part.why_not for part in parts)), "")
    roles = [mean(role) for role in zip(*(part.roles for part in parts), strict=True)]
    return replace(parts[0], roles=roles, why_not=why_not, units=units)


def described(run: Run, config: Experiment, checkpoint: Checkpoint) -> dict[str, Any]:
    """Whose figures these are."""
    summary = run.summary()
    kept = ("precision", "threads", "versions", "git_commit")
    seconds = checkpoint.seconds
    return {
        "experiment": summary.get("experiment", run.folder.parent.parent.name),
        "variant": summary.get("variant", run.folder.parent.name),
        "seed": summary.get("seed", 0),
        "step": checkpoint.step,
        "steps": config.train.steps,
        "hardware": processor(),
        "overrides": tuple(summary.get("overrides", ())),
        "training": {
            "kind": config.objective.kind,
            "seconds": round(seconds, 1),
            "ms_per_step": round(1000 * seconds / max(1, checkpoint.step), 1),
            **{name: summary.get(name) for name in kept},
            "networks_sha256": checkpoint.networks_sha256(),
            "config_sha256": learned_hash(config),
        },
    }


def counted(exams: Sequence[Exam]) -> dict[str, Any]:
    """Of how many pictures, and of which ones."""
    return {
        "photographs": len(set(exams[0].source.originals)),
        "pictures": sum(len(exam.source) for exam in exams),
        "targets": sum(len(exam.target) for exam in exams),
        "paintings": sum(len(set(exam.target.originals)) for exam in exams),
        "paired": all(exam.paired for exam in exams),
        "source_sha256": digest([exam.source.sha256() for exam in exams]),
        "target_sha256": digest([exam.target.sha256() for exam in exams]),
        "real_sha256": digest([(exam.second or exam.others).sha256() for exam in exams]),
    }
