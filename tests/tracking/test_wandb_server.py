"""W&B servers that refuse, hang, lie or are none: one line says so, and the offline run is complete."""

import base64
import threading
import time
from contextlib import ExitStack, contextmanager

import pytest
import wandb
from wandb.proto.wandb_internal_pb2 import Record

from gan_style.experiment.recipe import Wandb
from gan_style.tracking import wandb_run, wandb_server
from gan_style.tracking.tracker import Tracker
from gan_style.tracking.wandb_server import ask, safe, unreadable_variables, why_not_online
from tests.tracking.test_tracking import read_back
from tests.tracking.wandb_servers import HTML, KNOWN, REFUSAL, accepting, answering, told

KEY = "k" * 40
IDENTITY = {"group": "oil", "name": "default-seed0", "tags": ["gan"], "config": {"train": {"steps": 2}}}
BLOCK = 32768  # bytes; no record's header of 7 bytes crosses a border


@pytest.fixture(autouse=True)
def key(monkeypatch, tmp_path):
    monkeypatch.setenv("WANDB_API_KEY", KEY)
    monkeypatch.setenv("NETRC", str(tmp_path / "no-netrc"))


def records(path) -> list[Record]:
    """All of a .wandb file; fails where one is cut."""
    content, position, whole, found = path.read_bytes(), 7, b"", []
    while position < len(content):
        if BLOCK - position % BLOCK < 7:
            position += BLOCK - position % BLOCK
        length, kind = int.from_bytes(content[position + 4 : position + 6], "little"), content[position + 6]
        part = content[position + 7 : position + 7 + length]
        assert len(part) == length
        whole, position = whole + part, position + 7 + length
        if kind in (1, 4):
            found, whole = [*found, Record.FromString(whole)], b""
    return found


def numbers(record: Record) -> dict[str, str]:
    return {item.key or item.nested_key[0]: item.value_json for item in record.history.item}


def logged_offline(folder, capfd) -> str:
    """Logs two steps where no server can be used; what was told, once all that was promised is checked."""
    folder.mkdir()
    with Tracker(folder, 0, Wandb(mode="online"), **IDENTITY) as tracker:
        tracker.log(1, {"loss": 0.5})
        tracker.log(2, {"loss": 0.25})
    wandb.teardown()  # by then all is written
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 1, lines
    (part,) = [path for path in (folder / "wandb").iterdir() if path.is_dir() and not path.is_symlink()]
    assert part.name.startswith("offline-run-"), "nothing is left of the attempt"
    (file,) = part.glob("*.wandb")
    found = records(file)
    (run,) = [record.run for record in found if record.HasField("run")]
    assert (run.run_id, run.display_name) == ((folder / "wandb-id").read_text(), "default-seed0")
    history = [numbers(record) for record in found if record.HasField("history")]
    assert [(line["step"], line["loss"]) for line in history] == [("1", "0.5"), ("2", "0.25")]
    assert found[-1].HasField("exit")
    kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert KEY.encode() not in kept
    assert KEY not in lines[0]
    return lines[0].removeprefix("warning: W&B: ").removesuffix("; logging offline")


def test_a_refused_key_and_w_and_bs_own_reader_reads_the_run(tmp_path, capfd, monkeypatch):
    with answering(lambda question: REFUSAL) as (address, keys):
        monkeypatch.setenv("WANDB_BASE_URL", address)
        said = logged_offline(tmp_path / "run", capfd)
        assert len(keys) == 1, "nothing else is sent, no figures about the run either"
    assert said == f"{address.removeprefix('http://')} refuses the API key (HTTP 401)"
    lines = [record["history"]["item"] for record in read_back(tmp_path) if record["type"] == "history"]
    assert [line["loss"] for line in lines] == [0.5, 0.25]


@pytest.mark.parametrize("drip", [b"", b"H"])
def test_a_server_that_never_answers(drip, tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(wandb_server, "PROBE_SECONDS", 0.3)
    with accepting(drip) as address:
        monkeypatch.setenv("WANDB_BASE_URL", address)
        started = time.monotonic()
        assert "does not answer within 0.3 s" in logged_offline(tmp_path / "run", capfd)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("address", ["http://me:secret@[::1/x", ""])
def test_an_address_that_is_none(address, tmp_path, capfd, monkeypatch):
    monkeypatch.setenv("WANDB_BASE_URL", address)
    said = logged_offline(tmp_path / "run", capfd)
    assert said.startswith("WANDB_BASE_URL: Input should be a valid URL")
    assert "secret" not in said


def test_an_offline_run_needs_no_address(tmp_path, capfd, monkeypatch):
    monkeypatch.setenv("WANDB_BASE_URL", "htp:/x")
    with Tracker(tmp_path, 0, Wandb(), **IDENTITY) as tracker:
        tracker.log(1, {"loss": 0.5})
    assert capfd.readouterr().err.count("\n") == 1
    assert list(tmp_path.rglob("offline-run-*/*.wandb"))


@pytest.mark.parametrize(("answers", "expected"), [(True, "401"), (False, "context deadline exceeded")])
def test_a_server_that_knows_the_key_and_then_refuses_the_run(
    answers, expected, tmp_path, capfd, monkeypatch
):
    over = threading.Event()

    def answer(question):
        if b"query Viewer" in question:
            return KNOWN
        return REFUSAL if answers or over.wait(60) else HTML

    monkeypatch.setattr(wandb_server, "INIT_SECONDS", 1.0)
    with answering(answer) as (address, _):
        monkeypatch.setenv("WANDB_BASE_URL", address)
        try:
            assert expected in logged_offline(tmp_path / "run", capfd)
        finally:
            over.set()


def test_a_server_that_falls_silent_in_the_middle(tmp_path, capfd, monkeypatch):
    project = {"id": "p", "name": "gan-style", "entity": {"id": "e", "name": "me"}}
    bucket = {"id": "b", "name": "r", "displayName": "n", "config": "{}", "project": project}
    over, left = [], []

    def answer(question):
        if b"UpsertBucket" in question and not over:
            over.append(1)
            return told({"upsertBucket": {"bucket": {**bucket, "historyLineCount": 0}, "inserted": True}})
        while over and not left:
            time.sleep(0.01)
        return told({"model": {**project, "bucket": None}}) if b"RunResume" in question else KNOWN

    monkeypatch.setattr(wandb_run, "FINISH_SECONDS", 1.0)
    with answering(answer) as (address, _):
        monkeypatch.setenv("WANDB_BASE_URL", address)
        with Tracker(tmp_path, 0, Wandb(mode="online"), **IDENTITY) as tracker:
            tracker.log(1, {"loss": 0.5})
        said = capfd.readouterr().err
        assert "warning: W&B: still sending after 1 s; leaving it\n" in said
        assert said.count("warning") == 1, said
        left.append(1)


@contextmanager
def asking(answer, scheme="http", user=""):
    with answering(lambda question: answer) as (address, keys):
        place = address.removeprefix("http://")
        yield ask(wandb.Settings(base_url=f"{scheme}://{user}{place}"), KEY).replace(place, "HOST"), keys


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (KNOWN, ""),
        (REFUSAL, "HOST refuses the API key (HTTP 401)"),
        ((403, "text/plain", b"no"), "HOST refuses the API key (HTTP 403)"),
        ((500, "text/plain", b"oops"), "HOST cannot be used (HTTP 500)"),
        ((404, "text/html", b"nothing here"), "HOST cannot be used (HTTP 404)"),
        (told({"viewer": None}), "HOST does not know the API key"),
        (HTML, "HOST does not answer as a W&B server does"),
        ((200, "application/json", b"[[[["), "HOST does not answer as a W&B server does"),
        ((200, "application/json", b'["viewer"]'), "HOST does not answer as a W&B server does"),
        ((200, "application/json", b"[" * 99_999), "HOST does not answer as a W&B server does"),
        ((200, "application/json", b"\xff\xfe\x00"), "HOST does not answer as a W&B server does"),
    ],
)
def test_what_a_server_answers(answer, expected):
    with asking(answer, user="me:secret@") as (said, keys):
        assert said == expected
        assert keys == ["Basic " + base64.b64encode(f"api:{KEY}".encode()).decode()]


def test_a_redirect_is_not_followed_with_the_key():
    with (
        answering(lambda question: KNOWN) as (elsewhere, keys),
        asking((302, "", elsewhere.encode())) as asked,
    ):
        assert asked[0] == "HOST cannot be used (HTTP 302)"
        assert keys == []


def test_tls_that_is_none_and_nobody_there():
    with asking(KNOWN, scheme="https") as (said, _):
        assert said.startswith("HOST cannot be reached ([SSL: ")
    assert ask(wandb.Settings(base_url="http://127.0.0.1:9"), KEY).startswith(
        "127.0.0.1:9 cannot be reached ("
    )


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("WANDB_BASE_URL", "http://[::1/x", "Input should be a valid URL, invalid IPv6 address"),
        ("WANDB_BASE_URL", "htp:/x", "URL scheme should be 'http' or 'https'"),
        ("WANDB_BASE_URL", "http://host:99999", "Input should be a valid URL, invalid port number"),
        ("WANDB_BASE_URL", "https://me:pass@wandb.ai", "Value error, https://wandb.ai is not a valid server"),
        ("WANDB_MODE", "perhaps", "Input should be 'online', "),
        ("WANDB_PROJECT", "a/b", "Invalid project name 'a/b'"),
    ],
)
def test_variables_that_w_and_b_does_not_understand(name, value, expected, monkeypatch):
    monkeypatch.setenv(name, value)
    unreadable = unreadable_variables()
    assert list(unreadable) == [name]
    assert unreadable[name].startswith(expected)


def test_where_the_key_is_looked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("WANDB_API_KEY", "short")
    assert why_not_online() == "WANDB_API_KEY invalid: API key must have 40+ characters, has 5."
    monkeypatch.delenv("WANDB_API_KEY")
    wandb.teardown()
    assert why_not_online() == "no API key (run 'wandb login' or set WANDB_API_KEY)"
    with ExitStack() as stack:
        address, keys = stack.enter_context(answering(lambda question: KNOWN))
        (tmp_path / "netrc").write_text(f"machine {address[7:]} login user password {KEY}")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        monkeypatch.setenv("WANDB_BASE_URL", address)
        wandb.teardown()
        assert why_not_online() == ""
        assert len(keys) == 1


def test_what_is_told_is_one_harmless_line():
    text = f"POST https://me:p@ss@host/graphql to http://u:{KEY}@host: {KEY}\n\x1b]0;refused\x07" + "!" * 999
    told = safe(text)
    assert told.startswith("POST https://host/graphql to http://host: (the API key)  ]0;refused !!!")
    assert len(told) == 300
