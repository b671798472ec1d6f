"""Servers on this machine that a W&B client may meet: all of them real, none of them W&B's."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, str, bytes]
HTML = (200, "text/html", b"<html>Welcome to the hotel's network</html>")
REFUSAL = (401, "application/json", b'{"errors": ["user is not logged in"]}')


def told(data: object, status: int = 200) -> Answer:
    return status, "application/json", json.dumps({"data": data}).encode()


KNOWN = told({"viewer": {"id": "me"}})


@contextmanager
def answering(answer: Callable[[bytes], Answer]) -> Iterator[tuple[str, list[str]]]:
    """The address, and what came as Authorization with each question."""
    keys: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            keys.append(self.headers.get("Authorization", ""))
            question = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, kind, body = answer(question)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", body.decode())
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", keys
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def accepting(drip: bytes = b"") -> Iterator[str]:
    """Takes every connection and never ends an answer: silent, or with a byte now and then."""
    over, taken = threading.Event(), []

    def serve() -> None:
        while not over.is_set():
            with suppress(TimeoutError):
                taken.append(listener.accept()[0])
            for connection in taken if drip else ():
                try:
                    connection.sendall(drip)
                except OSError:
                    taken.remove(connection)
                    break
            time.sleep(0.01)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.02)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            thread.join()
            for connection in taken:
                connection.close()
