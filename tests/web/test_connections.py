"""Connections that only wait are closed; nobody needs a token to open them."""

import asyncio
import time

import pytest
import uvicorn
from uvicorn.server import ServerState

from gan_style.web import limits
from gan_style.web.app import Page, application
from gan_style.web.asking import Asking
from gan_style.web.connections import PunctualProtocol
from gan_style.web.doors import Doors

HEAD = b"Host: 127.0.0.1\r\nContent-Length: 900\r\n\r\n"
SECONDS = 0.3


async def answered(page: Page, begin: bytes, piece: bytes) -> tuple[bytes, float]:
    """What comes back until the connection is closed, and when that was, while a piece comes now and then."""
    config = uvicorn.Config(application(page), log_config=None)
    config.load()
    state, loop = ServerState(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: PunctualProtocol(config, state, {}), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(begin)
    told, began = asyncio.create_task(reader.read()), time.monotonic()
    while not told.done() and time.monotonic() - began < 10 * SECONDS:
        writer.write(piece)
        await asyncio.wait([told], timeout=SECONDS / 10)
    taken = time.monotonic() - began
    writer.close()
    server.close()
    return await told if told.done() else b"it was not closed", taken


@pytest.mark.parametrize(
    ("begin", "piece", "status"),
    [
        (b"", b"", b""),
        (b"GET / HTTP/1.1\r\n", b"a: b\r\n", b""),
        (b"POST /api/paintings HTTP/1.1\r\n" + HEAD, b"x", b"HTTP/1.1 401"),
        (b"POST /sign-in HTTP/1.1\r\n" + HEAD, b"x", b"HTTP/1.1 408"),
    ],
)
def test_a_request_that_does_not_come_in_time_does_not_hold_its_connection(
    tmp_path, monkeypatch, begin, piece, status
):
    monkeypatch.setattr(limits, "REQUEST_SECONDS", SECONDS)
    asking = Asking(tmp_path, tmp_path / "answers.jsonl", {}, None)
    page = Page(Doors.of("127.0.0.1", "a token that is long enough"), tmp_path, asking)
    told, taken = asyncio.run(answered(page, begin, piece))
    page.uploads.close()
    assert told[: len(status) or None].startswith(status)
    assert bool(told) == bool(status)
    assert SECONDS / 2 < taken < 8 * SECONDS
