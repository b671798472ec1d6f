"""Chromium without a window, spoken to over a pair of pipes in its DevTools protocol."""

import fcntl
import json
import os
import select
import shutil
import subprocess
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SECONDS = 30.0


def _pipe() -> tuple[int, int]:
    """Both ends above the numbers that the browser wants for its own."""
    ends = os.pipe()
    moved = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in ends]
    for end in ends:
        os.close(end)
    return moved[0], moved[1]


class Browser:
    """One page in a browser of its own."""

    def __init__(self, profile: Path) -> None:
        theirs_in, self.out = _pipe()
        self.inn, theirs_out = _pipe()
        flags = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--remote-debugging-pipe",
            f"--user-data-dir={profile}",
        ]
        wired = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out} 2>/dev/null'
        self.process = subprocess.Popen(
            ["bash", "-c", wired, "bash", CHROMIUM, *flags], pass_fds=(theirs_in, theirs_out)
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self.buffer, self.number, self.events, self.session = b"", 0, [], None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        self.number += 1
        asked = {"id": self.number, "method": method, "params": parameters} | (
            {"sessionId": self.session} if self.session else {}
        )
        os.write(self.out, json.dumps(asked).encode() + b"\0")
        while (answer := self._message()).get("id") != self.number:
            self.events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self.buffer:
            assert select.select([self.inn], [], [], SECONDS)[0], "the browser does not answer"
            came = os.read(self.inn, 1 << 20)
            assert came, "the browser has ended"
            self.buffer += came
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)

    def open(self, page: Path, width: int, height: int, *, phone: bool = False) -> None:
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=phone,
        )
        self.ask("Emulation.setTouchEmulationEnabled", enabled=phone)
        self.events.clear()
        self.ask("Page.navigate", url=page.as_uri())
        while not self.seen("Page.loadEventFired"):
            self.events.append(self._message())

    def run(self, script: str) -> Any:
        """The value of an expression in the page, awaited."""
        answer = self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def touch(self, kind: str, *points: tuple[float, float]) -> None:
        self.ask(
            "Input.dispatchTouchEvent",
            type=kind,
            touchPoints=[{"x": x, "y": y, "id": index} for index, (x, y) in enumerate(points)],
        )

    def seen(self, method: str) -> list[dict[str, Any]]:
        return [event["params"] for event in self.events if event.get("method") == method]

    def complaints(self) -> list[dict[str, Any]]:
        return [
            said
            for kind in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
            for said in self.seen(kind)
        ]

    def addresses(self) -> list[str]:
        """What the page asked for, beside itself and the data it carries."""
        asked = [request["request"]["url"] for request in self.seen("Network.requestWillBeSent")]
        return [url for url in asked[1:] if not url.startswith("data:")]

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(SECONDS)
        os.close(self.inn)
        os.close(self.out)
