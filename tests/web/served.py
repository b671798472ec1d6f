"""The command `serve` as it is typed, in a process of its own; and a browser to look at it with."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.report.browser import CHROMIUM as CHROMIUM

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PACKAGE = Path(__file__).parents[2]
TRIES = 400  # of a request that is answered 429


@dataclass
class Served:
    process: subprocess.Popen
    address: str  # as it was printed
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.address.partition("?")[0], timeout=120)

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)

    def send(self, content: bytes, name: str) -> httpx.Response:
        return patient(lambda: self.client.post("/api/photographs", params={"name": name}, content=content))

    def paint(self, photograph: str, painter: str, **wishes: object) -> dict:
        """The painting's last word: done, failed or cancelled."""
        asked = {"photograph": photograph, "painter": painter, **wishes}
        answer = patient(lambda: self.client.post("/api/paintings", json=asked))
        assert answer.status_code == 202, answer.text
        told = self.client.get(f"/api/paintings/{answer.json()['id']}/events")  # until it has ended
        assert told.headers["content-type"].startswith("text/event-stream")
        return self.client.get(f"/api/paintings/{answer.json()['id']}").json()

    def file(self, painting: dict) -> bytes:
        answer = self.client.get(f"/api/paintings/{painting['id']}/file")
        assert answer.status_code == 200, answer.text
        return answer.content


def patient(ask) -> httpx.Response:
    """As a client should: whoever is told to wait tries again."""
    import time

    for _ in range(TRIES):
        answer = ask()
        if answer.status_code != 429:
            return answer
        assert int(answer.headers["retry-after"]) >= 1
        time.sleep(0.2)
    raise AssertionError("there was never room")


@contextmanager
def served(runs: Path, *options: str, **environment: str) -> Iterator[Served]:
    command = [sys.executable, "-m", "gan_style", "serve", "--port", "0", "--runs", str(runs), *options]
    told = {**os.environ, "PYTHONPATH": str(PACKAGE), "PYTHONUNBUFFERED": "1", **environment}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=told, text=True) as process:
        try:
            line = process.stdout.readline()
            found = re.search(r"http://\S+", line)
            assert found, line
            one = Served(process, found[0])
            yield one
            one.client.close()
            if process.poll() is None:
                assert one.stop() == 0, "Ctrl-C is how it ends"
        finally:
            process.kill()


@contextmanager
def browsing() -> Iterator[object]:
    """Chromium without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def quiet(page) -> list[str]:
    """What the page will complain of: errors, warnings, refused or failing requests."""
    said: list[str] = []
    page.on(
        "console", lambda message: said.append(message.text) if message.type in ("error", "warning") else 0
    )
    page.on("pageerror", lambda problem: said.append(str(problem)))
    page.on(
        "response",
        lambda answer: said.append(f"{answer.url}: {answer.status}") if answer.status >= 400 else 0,
    )
    return said
