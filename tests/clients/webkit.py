"""WebKitGTK, driven by its own WebDriver over plain HTTP: what Safari's engine does with us."""

import os
import subprocess
import time
from pathlib import Path
from typing import Any, Self

import requests

from harness.servers import free_port
from tests.needs import needed

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""How WebDriver names an element in its answers (W3C WebDriver, 12)."""

BROWSERS = ("webkit2gtk-4.1", "webkit2gtk-4.0", "webkitgtk-6.0")


class WebKit:
    """One window of MiniBrowser, without a screen."""

    def __init__(self) -> None:
        self._running: list[subprocess.Popen[Any]] = []
        self._session = ""

    def __enter__(self) -> Self:
        driver, screen = needed("webkit"), needed("xvfb")
        reading, writing = os.pipe()
        size = ["-screen", "0", "800x1000x24"]
        self._start([screen, "-displayfd", str(writing), *size], pass_fds=[writing])
        os.close(writing)
        with os.fdopen(reading) as told:
            display = told.readline().strip()
        port = free_port()
        quiet = {"DISPLAY": f":{display}", "GTK_USE_PORTAL": "0", "NO_AT_BRIDGE": "1"}
        quiet |= {"WEBKIT_DISABLE_COMPOSITING_MODE": "1", "LIBGL_ALWAYS_SOFTWARE": "1"}
        self._start([driver, f"--port={port}"], env=os.environ | quiet)
        self._address = f"http://127.0.0.1:{port}/session"
        options = {"binary": str(_browser()), "args": ["--automation"]}
        wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        for _ in range(100):
            try:
                answer = requests.post(self._address, json=wanted, timeout=60)
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        assert answer.ok, answer.text
        self._session = answer.json()["value"]["sessionId"]
        return self

    def _start(self, command: list[str], **more: Any) -> None:
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._running.append(subprocess.Popen(command, **quiet, **more))

    def _ask(self, path: str, document: dict[str, Any] | None = None) -> Any:
        address = f"{self._address}/{self._session}/{path}"
        if document is None:
            answer = requests.get(address, timeout=60)
        else:
            answer = requests.post(address, json=document, timeout=60)
        assert answer.ok, answer.text
        return answer.json()["value"]

    def open(self, address: str) -> None:
        self._ask("url", {"url": address})

    def address(self) -> str:
        return str(self._ask("url"))

    def run(self, script: str, *values: Any) -> Any:
        """Run a function's body in the page or frame that is looked at."""
        return self._ask("execute/sync", {"script": script, "args": list(values)})

    def wait_for(self, script: str, *values: Any, seconds: float = 15) -> Any:
        """Run it again and again until it returns what counts as true, and return that."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := self.run(script, *values):
                return found
            time.sleep(0.1)
        raise AssertionError(f"never true in WebKit: {script}")

    def find(self, selector: str) -> str:
        found = self._ask("element", {"using": "css selector", "value": selector})
        return str(found[_ELEMENT])

    def write(self, selector: str, text: str) -> None:
        self._ask(f"element/{self.find(selector)}/value", {"text": text})

    def press(self, selector: str) -> None:
        self._ask(f"element/{self.find(selector)}/click", {})

    def enter_frame(self, selector: str) -> None:
        self._ask("frame", {"id": {_ELEMENT: self.find(selector)}})

    def leave_frame(self) -> None:
        self._ask("frame", {"id": None})

    def __exit__(self, *_: object) -> None:
        if self._session:
            requests.delete(f"{self._address}/{self._session}", timeout=20)
        for process in reversed(self._running):
            process.terminate()
            process.wait(20)


def _browser() -> Path:
    found = [path for name in BROWSERS for path in Path("/usr/lib").glob(f"*/{name}/MiniBrowser")]
    assert found, "webkit2gtk-driver brings no MiniBrowser"
    return found[0]
