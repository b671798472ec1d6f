"""Addresses that are none, secrets in them, and servers that answer, send on or drip as they please."""

import base64
import io
import json
import re
import socketserver
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gan_style.cli.main import main
from gan_style.data.fetch import answer, download, fetch, registry, unpack
from gan_style.data.fetch.address import parse, without_login
from gan_style.system.errors import UserError

QUICK = (0.01, 0.02)


@pytest.fixture(autouse=True)
def small_registry(tmp_path, monkeypatch) -> None:
    path = tmp_path / "registry.yaml"
    entry = "address: http://127.0.0.1:1/set.zip, kind: domains, A: a, B: b, direction: AtoB"
    path.write_text(f"sets:\n  horse2zebra: {{{entry}, pictures: {{trainA: null}}}}\n")
    monkeypatch.setattr(registry, "REGISTRY", path)
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def root(tmp_path) -> Path:
    return tmp_path / "data"


def archive(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name in names or ("trainA/0.png",):
            file.writestr(name, b"a picture")
    return content.getvalue()


def said(status: str, *headers: str, body: bytes = b"") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode("latin-1") + body


def whole(body: bytes, *headers: str) -> bytes:
    return said("200 OK", f"Content-Length: {len(body)}", *headers, body=body)


class Asked(list):
    """The requests as they came, and where."""

    port: int

    def at(self, path: str = "/set.zip", login: str = "") -> str:
        return f"http://{login}127.0.0.1:{self.port}{path}"


@contextmanager
def answering(reply: Callable[[str], bytes | Iterator[bytes]]) -> Iterator[Asked]:
    """A server on this machine that sends whatever `reply` gives for a request, byte by byte."""
    asked = Asked()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            lines = iter(self.rfile.readline, b"\r\n")
            request = b"".join(lines).decode()
            asked.append(request)
            told = reply(request)
            try:
                for piece in [told] if isinstance(told, bytes) else told:
                    self.wfile.write(piece)
            except OSError:
                pass  # nobody listens any more

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads, asked.port = True, server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield asked
        finally:
            server.shutdown()
            thread.join()


def path_of(request: str) -> str:
    return request.split(" ")[1]


def bring(address: str, root: Path) -> None:
    fetch.fetch("horse2zebra", root, address, waits=QUICK)


def command(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["data", "fetch", "horse2zebra", *arguments])


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://[::1/x", "its host or port is malformed"),
        ("http://host:99999/x", "its host or port is malformed"),
        ("http://host:port/x", "its host or port is malformed"),
        ("http://a\u2100b/x", "its host or port is malformed"),
        (f"http://{'a' * 64}.example/x", "no server can have this name"),
        ("http://a..b/x", "no server can have this name"),
        ("http:///x", "expected an address that starts with http"),
        ("http:x", "expected an address that starts with http"),
        ("file:///etc/passwd", "expected an address that starts with http"),
        ("ftp://host/x.zip", "expected an address that starts with http"),
        ("data:,x", "expected an address that starts with http"),
        ("", "expected an address that starts with http"),
        ("http://host/a b", "holds no spaces"),
        ("http://host/a\0b", "no control characters"),
        ("http://host/a\r\nX: y", "no control characters"),
        ("http://host/\udcff", "no control characters"),
    ],
)
def test_what_is_no_address_is_one_sentence(address, reason, root):
    told = command("--url", address, "--output", str(root))
    assert told.exit_code == 2
    assert reason in told.stderr
    assert len(told.stderr.splitlines()) == 1
    assert told.stderr.isascii()
    assert not root.exists()


@pytest.mark.parametrize("option", ["--output", "--from-file"])
@pytest.mark.parametrize("path", ["", "  ", "a\0b"])
def test_paths_that_are_none_are_told(option, path, root, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    told = command(option, path)
    assert told.exit_code == 2
    assert option in told.stderr
    assert "Traceback" not in told.output
    assert {path.name for path in tmp_path.iterdir()} == {"registry.yaml"}


def test_names_in_other_scripts_are_asked_for_as_bytes(root):
    with answering(lambda request: whole(archive())) as asked:
        bring(asked.at("/größe/%20x.zip?größe=1&b=%C3%A9#part"), root)
    assert path_of(asked[0]) == "/gr%C3%B6%C3%9Fe/%20x.zip?gr%C3%B6%C3%9Fe=1&b=%C3%A9"
    assert parse("http://bücher.example").url == "http://xn--bcher-kva.example/"
    assert parse("http://[::1]:80/x").url == "http://[::1]:80/x"


SECRETS = ("s3cret", "s3cr%65t", "us3r", base64.b64encode(b"us3r:s3cret").decode())


def assert_secret(*texts: str) -> None:
    assert not [secret for secret in SECRETS for text in texts if secret in text]


def test_a_password_is_sent_and_neither_shown_nor_kept(root, monkeypatch, capfd):
    """Not even where the download breaks off and its rest is fetched later."""
    monkeypatch.setattr(download, "WAITS", QUICK)
    content, part = archive(*(f"trainA/{index}.png" for index in range(200))), 9_000

    def reply(request: str) -> bytes:
        if "Range" in request:
            span = f"Content-Range: bytes {part}-{len(content) - 1}/{len(content)}"
            return said("206 Partial Content", span, body=content[part:])
        return whole(content, 'ETag: "one"')[: part - len(content)]

    with answering(lambda request: said("401 us3r:s3cret")) as asked:
        told = command("--url", asked.at(login="us3r:s3cr%65t@"), "--output", str(root))
    assert told.exit_code == 2
    assert_secret(told.output)
    with answering(reply) as asked:
        address = asked.at(login="us3r:s3cr%65t@")
        monkeypatch.setattr(download, "time", Stopped())
        with pytest.raises(KeyboardInterrupt):
            bring(address, root)
        kept = [path.read_bytes().decode("latin-1") for path in root.iterdir()]
        assert len(kept) == 3  # lock, part and note
        assert_secret(*kept)
        monkeypatch.undo()
        monkeypatch.setattr(registry, "REGISTRY", root.parent / "registry.yaml")
        bring(address, root)
    assert len(asked) == 2
    assert all(f"Authorization: Basic {SECRETS[-1]}" in request for request in asked)
    receipt = json.loads((root / "horse2zebra/fetched.json").read_text())
    assert receipt["origin"] == asked.at()
    assert_secret(json.dumps(receipt), "".join(capfd.readouterr()))


class Stopped:
    """A clock on which the user presses Ctrl-C while the next attempt is waited for."""

    monotonic = staticmethod(time.monotonic)

    def sleep(self, seconds: float) -> None:
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    "address",
    [
        "ftp://us3r:s3cret@host/x",
        "http://us3r:s3cret@[::1/x",
        "http://us3r:s3c/s3cret@host/x",
        "us3r:s3cret@host",
    ],
)
def test_a_password_in_what_is_no_address_is_not_shown(address, root):
    told = command("--url", address, "--output", str(root))
    assert told.exit_code == 2
    assert_secret(told.output)
    assert "***@" in told.stderr
    assert without_login(address).endswith(address.split("@")[1])


def test_a_password_goes_to_no_other_server(root):
    with answering(lambda request: whole(archive())) as other:
        where = f"Location: http://localhost:{other.port}/set.zip"

        def reply(request: str) -> bytes:
            return said("302 Found", "Location: /here" if path_of(request) == "/set.zip" else where)

        with answering(reply) as asked:
            bring(asked.at(login="us3r:s3cret@"), root)
    assert [path_of(request) for request in asked] == ["/set.zip", "/here"]
    assert all("Authorization" in request for request in asked)
    assert "Authorization" not in other[0]
    assert (root / "horse2zebra/trainA/0.png").is_file()


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_servers_may_send_on(code, root):
    def reply(request: str) -> bytes:
        return (
            whole(archive())
            if path_of(request) == "/a%20%C3%A9"
            else said(f"{code} On", "Location: a \u00c3\u00a9")
        )

    with answering(reply) as asked:
        bring(asked.at(), root)
    assert len(asked) == 2


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1:1/x.zip",
        "data:application/zip,x",
        "gopher://host/",
        "http://[::1/x",
        "http://host:99999/x",
        "http://us3r:s3cret@[::1/x",
        "javascript:alert(1)",
    ],
)
def test_servers_may_not_send_on_to_anything_else(location, root):
    with (
        answering(lambda request: said("302 Found", f"Location: {location}")) as asked,
        pytest.raises(UserError, match=r"the server sends on to .*, where nothing is fetched: ") as told,
    ):
        bring(asked.at(), root)
    assert len(asked) == 1
    assert_secret(str(told.value))


def test_servers_may_not_send_on_from_https_to_http():
    with pytest.raises(ValueError, match="from https to http"):
        parse("https://host/x").to("http://host/x")
    assert parse("http://host/x").to("https://host/x").url == "https://host/x"
    assert parse("https://host/x").to("y?z").url == "https://host/y?z"


def test_servers_that_send_round_in_circles_are_left(root):
    with (
        answering(lambda request: said("302 Found", "Location: /set.zip")) as asked,
        pytest.raises(UserError, match=r"the server sends on and on, more than 10 times"),
    ):
        bring(asked.at(), root)
    assert len(asked) == 10
    with (
        answering(lambda request: said("302 Found")) as asked,
        pytest.raises(UserError, match="answers 302 Found"),
    ):
        bring(asked.at(), root)


@pytest.mark.parametrize("kind", [(), ("Content-Type:",), ("Content-Type: zip",), ("Content-Type: ;;",)])
def test_an_answer_without_content_type_is_taken(kind, root):
    with answering(lambda request: whole(archive(), *kind)) as asked:
        bring(asked.at(), root)
    assert (root / "horse2zebra/trainA/0.png").is_file()


@pytest.mark.parametrize("length", ["-5", "9" * 5_000, "x", "", "1e3", "\u00b2"])
def test_lengths_that_are_none_are_not_believed(length, root):
    with answering(lambda request: said("200 OK", f"Content-Length: {length}", body=archive())) as asked:
        bring(asked.at(), root)
    assert (root / "horse2zebra/trainA/0.png").is_file()


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (said("200 OK", "Content-Length: 0"), "no whole zip, tar or tar.gz archive"),
        (said("204 No Content"), "no whole zip, tar or tar.gz archive"),
        (said("206 Partial Content", body=archive()), "a part of the file without saying which"),
        (said("206 P", "Content-Range: bytes 500-599/600", body=b"x" * 100), "goes on with something else"),
        (said("206 P", f"Content-Range: bytes {'9' * 5000}-1/2", body=b"x"), "without saying which"),
        (said("206 P", "Content-Range: bytes 0-9/600", body=b"x" * 10), "broke off after"),
        (
            said("200 OK", "Transfer-Encoding: chunked", body=b"-5\r\nhello\r\n0\r\n\r\n"),
            "broke off|no whole zip",
        ),
        (said("200 OK", "Transfer-Encoding: chunked", body=b"zz\r\nhello"), "the connection broke off"),
        (b"nonsense\r\n\r\n", "the connection broke off"),
        (b"", "the connection broke off|cannot be reached"),
        (said("200 OK", *(f"X{index}: y" for index in range(200))), "the connection broke off"),
        (said("999 What"), "the server answers 999"),
        (said("404 \x1b[31mred"), "the server answers 404 Not Found;"),
        (whole(b'{"error": "no"}', "Content-Type: application/json"), "no whole zip, tar or tar.gz"),
    ],
)
def test_odd_answers_are_one_message_and_leave_no_set(reply, reason, root):
    with answering(lambda request: reply) as asked, pytest.raises(UserError, match=reason) as told:
        bring(asked.at(), root)
    assert "\x1b" not in str(told.value)
    assert not (root / "horse2zebra").exists()


def test_a_server_that_drips_is_left_in_the_end_and_what_came_is_kept(root, monkeypatch):
    monkeypatch.setattr(download, "PATIENCE", 0.2)

    def drip(request: str) -> Iterator[bytes]:
        yield said("200 OK", "Content-Length: 100000")
        for _ in range(200):
            time.sleep(0.02)
            yield b"x"

    started = time.monotonic()
    with (
        answering(drip) as asked,
        pytest.raises(UserError, match=r"only \d+ bytes came in 0.2 s, after 3 attempts; \d+ bytes are kept"),
    ):
        bring(asked.at(), root)
    assert time.monotonic() - started < 5
    assert (root / ".horse2zebra.partial").stat().st_size > 0


def test_a_server_that_never_ends_its_headers_is_left(root, monkeypatch):
    monkeypatch.setattr(answer, "SLOWEST", 0.3)

    def drip(request: str) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n"
        for _ in range(200):
            time.sleep(0.02)
            yield b"X"

    with answering(drip) as asked, pytest.raises(UserError, match=r"has begun no answer after 0.3 s"):
        bring(asked.at(), root)


def test_a_damaged_note_of_a_download_is_no_note(root, monkeypatch):
    with answering(lambda request: whole(archive())) as asked:
        root.mkdir()
        for text in (
            "",
            "[]",
            "[" * 100_000,
            json.dumps({"address": asked.at(), "version": "a\nb", "total": 9}),
        ):
            (root / ".horse2zebra.partial").write_bytes(b"half")
            (root / ".horse2zebra.partial.json").write_text(text)
            bring(asked.at(), root)
            (root / "horse2zebra").rename(root / f"fetched{len(asked)}")
    assert not any("Range" in request for request in asked)


@pytest.mark.parametrize(
    "receipt",
    [
        "",
        "[]",
        "7",
        "{}",
        '{"sha256": 1, "pictures": 3}',
        '{"sha256": 1, "pictures": {"a": "b"}}',
        "[" * 9999,
    ],
)
def test_a_damaged_receipt_is_one_sentence(receipt, root):
    (root / "horse2zebra").mkdir(parents=True)
    (root / "horse2zebra/fetched.json").write_text(receipt)
    with pytest.raises(UserError, match="this folder is in the way and was not fetched"):
        bring("http://127.0.0.1:1/x", root)


LONG = f"trainA/{'n' * 300}.png"


@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        (LONG, r"'trainA/n{93}\.\.\.' in it has a name that this disk does not take"),
        (f"trainA/{'f' * 300}/0.png", "has a name that this disk does not take"),
        (f"trainA/{'ü' * 200}.png", "has a name that this disk does not take"),
        (f"trainA/{'n/' * 300}0.png", r"in it lies more than 20 folders deep"),
        ("trainA/a\nb.png", r"'trainA/a\\nb\.png' in it has control characters in its name"),
    ],
)
def test_names_that_no_disk_takes_refuse_the_archive(name, trouble, root, tmp_path):
    copy = tmp_path / "copy.zip"
    copy.write_bytes(archive("trainA/0.png", name))
    told = command("--from-file", str(copy), "--output", str(root))
    assert told.exit_code == 2
    assert re.search(trouble, told.stderr)
    assert len(told.stderr.splitlines()) == 1
    assert {path.name for path in root.iterdir()} == {".horse2zebra.lock"}
    with (
        answering(lambda request: whole(copy.read_bytes())) as asked,
        pytest.raises(UserError, match="kept as"),
    ):
        bring(asked.at(), root)
    assert (root / "horse2zebra.refused").is_file()


def test_long_names_of_what_is_no_picture_do_not_matter(root, tmp_path):
    copy = tmp_path / "copy.zip"
    copy.write_bytes(archive("trainA/0.png", f"trainA/{'n' * 300}.txt"))
    fetch.fetch("horse2zebra", root, from_file=copy)
    assert (root / "horse2zebra/trainA/0.png").is_file()


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_archives_with_a_few_bytes_changed_are_unpacked_or_refused(method, tmp_path, rng):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as file:
        for index in range(3):
            file.writestr(f"trainA/{index}.png", rng.bytes(50) * 3)
    copy = tmp_path / "copy.zip"
    for _ in range(60):
        changed = bytearray(content.getvalue())
        for place in rng.integers(0, len(changed), 3):
            changed[place] = rng.integers(256)
        copy.write_bytes(changed)
        try:
            unpack.unpack(copy, tmp_path / "unpacked", "copy")
        except UserError:
            assert not (tmp_path / "unpacked").exists()
