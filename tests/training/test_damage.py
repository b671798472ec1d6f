"""Small files of a run folder, damaged in every way: harmless, or told in one line; never other weights."""

import json
import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from gan_style.experiment import saved
from gan_style.experiment.find import read_recipe
from gan_style.experiment.runs import Run, newest_run
from gan_style.report.curves import read_series
from gan_style.report.listing import print_runs
from gan_style.system.disk import file_sha256
from gan_style.system.errors import RunError, UserError
from gan_style.tracking.metrics_file import MetricsFile, read_metrics
from gan_style.training import checkpoints, load, loop, session
from gan_style.training.session import State, open_session
from tests.small import write_small_recipe

STEPS = (4, 6, 8)
PLAIN = {"method.style_features": "null", "method.weights.style": "0", "method.generator.filters": "2"}


class Made:
    """A run as training leaves it in the middle, but for the training; and its weights' hash at each step."""

    def __init__(self, folder: Path) -> None:
        changes = tuple(f"{key}={value}" for key, value in PLAIN.items())
        self.recipe = read_recipe(str(write_small_recipe(folder)), None, (*changes, "train.steps=20"))
        self.run = Run(folder / "runs" / "small" / "default" / "seed0")
        self.run.folder.mkdir(parents=True)
        loop.runs.settle_config(self.run, self.recipe.config.model_dump(mode="json"))
        opened = open_session(self.recipe, 0, self.run)
        self.method, self.hashes, rng = opened.method, {}, np.random.default_rng(0)
        log = MetricsFile(self.run.folder / "metrics.jsonl", 0)
        for step in STEPS:
            for variable in self.method.networks["generator"].variables:
                variable.assign(rng.normal(size=variable.shape))
            log.log(step, {"generator/total": 1.0 / step, "validation/style": 0.5})
            figures = {"style": 0.5, "style_and_content": 1 / step}
            loop.save(opened, State(step, 1.5 * step, figures), True)
            self.hashes[step] = checkpoints.weights_sha256(self.method)
        log.close()
        loop.summarise(opened, State(8, 12.0, figures), "interrupted")
        self.run.samples.mkdir()

    def copied(self, root: Path) -> Run:
        return Run(Path(shutil.copytree(self.run.folder, root / "runs" / "small" / "default" / "seed0")))

    def resumed(self, run: Run) -> int:
        """The step at which the run goes on, with the weights of that step."""
        for variable in self.method.networks["generator"].variables:
            variable.assign(np.zeros(variable.shape))
        assert loop.train(self.recipe, 0, run, until=1) == 0  # a step that lies behind: nothing is trained
        summary = json.loads((run.folder / "summary.json").read_text())
        assert summary["weights_sha256"] == self.hashes[summary["step"]]
        assert (summary["precision"], summary["threads"], summary["status"]) == ("float32", 2, "interrupted")
        return summary["step"]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Made:
    return Made(tmp_path_factory.mktemp("made"))


@pytest.fixture(autouse=True)
def built_once(made, monkeypatch) -> None:
    for module in (session, load):
        monkeypatch.setattr(module, "build_method", lambda *some, **how: made.method)
    monkeypatch.setattr(session, "configure", lambda *some: None)
    monkeypatch.setattr(session, "git_commit", lambda: None)
    monkeypatch.setattr(session, "refuse_what_does_not_fit", lambda *some: None, raising=False)
    monkeypatch.setattr(loop, "steps", lambda *some: ())


def flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0x80]) + content[middle + 1 :]


DAMAGES = {
    "empty": lambda content: b"",
    "cut in half": lambda content: content[: len(content) // 2],
    "a bad byte": flipped,
    "zeros": lambda content: bytes(len(content)),
    "a list": lambda content: b"[]\n",
    "null": lambda content: b"null\n",
    "a text": lambda content: b'"text"\n',
    "no keys": lambda content: b"{}\n",
    "keys of other kinds": lambda content: (
        b'{"step": "4", "figures": [1], "threads": {}, "sha256": 3, "seed": -1}'
    ),
    "deep": lambda content: b"[" * 100_000,
    "a huge number": lambda content: b'{"step": ' + b"9" * 5000 + b"}\n",
    "half a character": lambda content: b'{"experiment": "\\ud800", "step": 1}\n',
    "a folder": None,
}
LAST = "checkpoints/step-00000008"
READ = ("config.yaml", "summary.json", "metrics.jsonl", f"{LAST}/manifest.json")
HASHED = (f"{LAST}/networks.npz", f"{LAST}/training.npz", "checkpoints/best/manifest.json")
OTHERS = ("samples", "../.seed0.lock")
CASES = [(name, damage) for name in READ for damage in DAMAGES]
CASES += [(name, damage) for name in HASHED + OTHERS for damage in ("empty", "a bad byte", "a folder")]


@pytest.mark.parametrize(("name", "damage"), CASES)
def test_a_damaged_file_is_harmless_or_told_in_one_line(made, name, damage, tmp_path, capsys):
    run = made.copied(tmp_path)
    path, hurt = run.folder / name, DAMAGES[damage]
    content = path.read_bytes() if path.is_file() else b"x"
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    path.mkdir() if hurt is None else path.write_bytes(hurt(content))

    print_runs(tmp_path / "runs")
    read_series(run.folder / "metrics.jsonl")
    assert saved.newest(run.checkpoints).step == (6 if LAST in name else 8)
    assert newest_run(tmp_path / "runs", "small", "default", 0).folder == run.folder
    saved.best(run.checkpoints)
    with suppress(UserError):
        load.load_method(run)
    capsys.readouterr()
    in_the_way = hurt is None and name in ("config.yaml", "summary.json", "metrics.jsonl", "../.seed0.lock")
    if in_the_way or (name == "samples" and hurt):
        with pytest.raises((UserError, RunError)) as caught:
            made.resumed(run)
        assert str(path.resolve()) in str(caught.value)
        assert "\n" not in str(caught.value)
        return
    assert made.resumed(run) == (6 if LAST in name else 8)
    told = capsys.readouterr().err
    if name in ("summary.json", "config.yaml"):
        assert told.count(": damaged") <= 1
        assert (f"{path}: damaged" in told) or damage == "no keys"
    assert saved.read_facts(run.folder / "summary.json")["experiment"] == "small", "and now it is mended"
    assert loop.runs.written(run)["train"]["steps"] == 20


def rewritten(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize(
    "change",
    [{"step": 3}, {"seconds": 1.0}, {"figures": {}}, {"method": {}}, {"identity": {"threads": 1}}],
)
def test_whatever_decides_a_resume_is_under_the_manifests_hash(made, change, tmp_path, capsys):
    run = made.copied(tmp_path)
    rewritten(run.checkpoints / "step-00000008" / "manifest.json", **change)
    assert saved.newest(run.checkpoints).step == 6
    assert "manifest.json is damaged (its hash differs)" in capsys.readouterr().err


def test_a_checkpoint_of_another_step_is_not_believed_by_its_folder(made, tmp_path):
    run = made.copied(tmp_path)
    (run.checkpoints / "step-00000008").rename(run.checkpoints / "step-00000009")
    assert saved.newest(run.checkpoints).step == 6


def test_checkpoints_of_before_manifests_were_hashed_are_read_if_their_folder_agrees(made, tmp_path):
    run = made.copied(tmp_path)
    manifest = run.checkpoints / "step-00000008" / "manifest.json"
    told = json.loads(manifest.read_text())
    old = {key: told[key] for key in ("step", "seconds", "figures", "method", "sha256")}
    manifest.write_text(json.dumps(old))
    assert saved.newest(run.checkpoints).step == 8
    manifest.write_text(json.dumps(old | {"step": 7}))
    assert saved.newest(run.checkpoints).step == 6


def test_the_checkpoints_word_on_a_run_is_before_the_summarys(made, tmp_path):
    run = made.copied(tmp_path)
    wrong = {"precision": "mixed_bfloat16", "threads": 1, "data": "others", "status": "finished", "step": 20}
    rewritten(run.folder / "summary.json", **wrong)
    assert made.resumed(run) == 8


WRITERS = {
    "text": lambda path, arrays: path.write_text("hello"),
    "one array": lambda path, arrays: np.save(path.open("wb"), np.zeros(3)),
    "compressed": lambda path, arrays: np.savez_compressed(path, **arrays),
    "objects": lambda path, arrays: np.savez(path, **arrays | {name: np.array([path]) for name in arrays}),
    "texts": lambda path, arrays: np.savez(
        path, **{name: np.full(arrays[name].shape, "a") for name in arrays}
    ),
}


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_arrays_that_somebody_else_made_are_refused_in_one_line(made, write, tmp_path):
    """Their hashes agree: whoever gives a run folder away may write both."""
    run = made.copied(tmp_path)
    folder = run.checkpoints / "step-00000008"
    path, manifest = folder / "networks.npz", json.loads((folder / "manifest.json").read_text())
    write(path, checkpoints.network_arrays(made.method))
    manifest["sha256"]["networks.npz"] = file_sha256(path)
    del manifest[saved.SEAL]
    (folder / "manifest.json").write_text(json.dumps(manifest | {saved.SEAL: saved.seal(manifest)}))
    for use in (lambda: made.resumed(run), lambda: load.load_method(run)):
        with pytest.raises(UserError, match=f"^{path}: these are no arrays of a checkpoint: .+") as caught:
            use()
        assert "\n" not in str(caught.value)


def test_a_config_that_was_changed_behind_the_runs_back_is_refused(made, tmp_path, capsys):
    """Also where config.yaml was changed in the same way: the checkpoints know what they learned."""
    run = made.copied(tmp_path)
    config = made.recipe.config.model_dump(mode="json")
    config["method"]["weights"]["colour"] = 3.0
    loop.runs.disk.write(run.config, json.dumps(config))
    with pytest.raises(UserError, match=r"of a recipe that config\.yaml does not hold"):
        loop.runs.settle_config(run, config)
    load.load_method(run)
    assert "is not what" in capsys.readouterr().err
    assert made.resumed(run) == 8
    assert f"{run.config}: damaged; it is written anew" in capsys.readouterr().err


def test_damaged_checkpoints_of_later_steps_do_not_displace_those_that_follow(made, tmp_path):
    run = made.copied(tmp_path)
    for step in (6, 8):
        (run.checkpoints / f"step-{step:08d}" / "manifest.json").write_text("")
    told = {"seconds": 0.0, "figures": {}, "config": {}, "identity": {}}
    written = checkpoints.save(made.method, run.checkpoints, 5, **told)
    checkpoints.keep_last(written, 1)
    assert [path.name[-1] for path in saved.in_order(run.checkpoints)] == ["5", "6", "8"]
    assert saved.newest(run.checkpoints).step == 5


@pytest.mark.parametrize("before", ["step-00000004", None])
def test_a_kill_between_a_checkpoint_and_its_mark_costs_no_best_checkpoint(made, before, tmp_path):
    run = made.copied(tmp_path)
    shutil.rmtree(run.checkpoints / "best")
    if before:
        shutil.copytree(run.checkpoints / before, run.checkpoints / "best")
    made.resumed(run)
    assert saved.best(run.checkpoints).step == 8


def test_bad_lines_of_the_log_stay_and_hide_no_others(tmp_path):
    path = tmp_path / "metrics.jsonl"
    bad = [b"\xff\xfe{", b"[1]", b'{"step": "2"}', b'{"loss": 1}', b"[" * 100_000, b"", b'{"step": NaN}']
    bad += [b'{"step": ' + b"9" * 5000 + b"}", b'{"step": 1, "loss": "\\ud800"}', b'"' + b"x" * 3_000_000]
    good = [json.dumps({"step": step, "loss": 1.0}).encode() for step in (1, 2, 3)]
    kept = b"\n".join([good[0], *bad, good[1]]) + b"\n"
    path.write_bytes(kept + good[2] + b"\n" + bad[0] + b'\n{"step": 4, "lo')
    assert [line["step"] for line in read_metrics(path)] == [1, 2, 3]
    assert [line["step"] for line in read_metrics(path, last=60)] == [3]
    reopened = MetricsFile(path, 2)
    reopened.log(3, {"loss": 9.0})
    reopened.close()
    assert path.read_bytes() == kept + b'{"step": 3, "loss": 9.0}\n'


def test_only_numbers_come_out_of_a_log(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 1, "a": "x", "b": null, "c": [1], "d": true, "e": 2, "f": NaN, "g": 1e999}')
    (line,) = read_metrics(path)
    assert list(line) == ["step", "e", "f", "g"]
