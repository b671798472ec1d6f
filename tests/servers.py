"""A real HTTP server on this machine, which can be told to misbehave."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Manners:
    """What is served, and how badly."""

    content: bytes
    kind: str = "application/octet-stream"
    status: int = 200
    tag: str | None = '"one"'
    ranges: bool = True
    drops: int = 0  # so many answers break off
    drop_after: int = 20_000
    busy: int = 0  # so many answers are 503
    extra_length: int = 0  # what Content-Length says beyond the truth
    address: str = ""
    asked: list[str | None] = field(default_factory=list)  # the Range header of each request
    sent: list[int] = field(default_factory=list)  # the bytes of each answer


@contextmanager
def serving(manners: Manners) -> Iterator[Manners]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self, manners)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    manners.address = f"http://127.0.0.1:{server.server_port}/set.zip"
    try:
        yield manners
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answer(handler: BaseHTTPRequestHandler, manners: Manners) -> None:
    wanted = handler.headers.get("Range")
    manners.asked.append(wanted)
    if manners.busy or manners.status != 200:
        manners.busy -= 1
        handler.send_error(503 if manners.status == 200 else manners.status)
        return
    stale = handler.headers.get("If-Range") not in (None, manners.tag)
    start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]) if wanted and manners.ranges and not stale else 0
    if start and start >= len(manners.content):
        handler.send_response(416)
        handler.send_header("Content-Range", f"bytes */{len(manners.content)}")
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        return
    body = manners.content[start:]
    handler.send_response(206 if start else 200)
    if start:
        handler.send_header(
            "Content-Range", f"bytes {start}-{len(manners.content) - 1}/{len(manners.content)}"
        )
    if manners.tag:
        handler.send_header("ETag", manners.tag)
    handler.send_header("Content-Type", manners.kind)
    handler.send_header("Content-Length", str(len(body) + manners.extra_length))
    handler.end_headers()
    if manners.drops:
        manners.drops -= 1
        body = body[: manners.drop_after]
    manners.sent.append(len(body))
    handler.wfile.write(body)
