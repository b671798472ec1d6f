"""`gan-style serve`: bind, tell the address, answer until somebody stops it."""

import asyncio
import errno
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from urllib.parse import quote

import uvicorn

from gan_style.system.errors import UserError
from gan_style.system.progress import say
from gan_style.system.signals import heard_by
from gan_style.web.app import Page, application
from gan_style.web.connections import PunctualProtocol
from gan_style.web.doors import is_loopback

CONNECTIONS = 200  # at once; more are answered 503
PATIENCE = 3  # seconds for requests that are being answered at the end


class Server(uvicorn.Server):
    """Signals are heard as in every command here; whoever follows a painting is let go at once."""

    def __init__(self, config: uvicorn.Config, page: Page) -> None:
        super().__init__(config)
        self.page = page

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        def stop(number: int, frame: FrameType | None) -> None:
            self.should_exit = self.page.worker.closing = True

        if threading.current_thread() is not threading.main_thread():  # where nothing can be heard
            yield
            return
        with heard_by(stop, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            yield


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens, or one sentence."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=128)
    except UnicodeError:
        raise UserError(f"{host}: this is not the name of a machine") from None
    except OSError as problem:
        where = f"{host}:{port}"
        if problem.errno == errno.EADDRINUSE:
            advice = "another --port, or --port 0 for a free one"
            raise UserError(f"{where} is in use by another program; choose {advice}") from None
        raise UserError(f"{where}: cannot be listened on: {problem.strerror or problem}") from None


def address(host: str, listening: socket.socket) -> str:
    name = "localhost" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    return f"http://{name}:{listening.getsockname()[1]}/"


def server(page: Page) -> Server:
    config = uvicorn.Config(
        application(page),
        http=PunctualProtocol,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=PATIENCE,
    )
    return Server(config, page)


def serve(page: Page, listening: socket.socket, host: str, show: bool | None) -> int:
    """Until Ctrl-C. `show`: open a browser; where nobody says, if this machine has a screen."""
    place = address(host, listening)
    whole = f"{place}?token={quote(page.doors.token, safe='')}" if page.doors.token else place
    try:
        say(f"the page       {whole}")
        if not is_loopback(host):
            say(f"from elsewhere http://{socket.gethostname()}:{listening.getsockname()[1]}/")
            say("whoever has the token may paint and see the runs; the connection is not encrypted")
        say("Ctrl-C stops it; what was uploaded goes with it")
        if show or (show is None and has_screen()):
            webbrowser.open(whole)
        asyncio.run(server(page).serve(sockets=[listening]))
    finally:
        page.close()
        listening.close()
    say("stopped")
    return 0


def has_screen() -> bool:
    if not sys.stdout.isatty():
        return False
    named = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return bool(named) or sys.platform == "darwin"
