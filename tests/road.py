"""The road of one cold lookup: which files of the site it enters, and in what order.

    python -m tests.road

What is walked is a form that htmx posts, for a number that nobody asked for before, to a site
that has answered its network for other numbers: through all layers of WSGI, over a core behind a
real socket, back to the last byte of the answer. A call of a Python function whose code lies in
the package counts (`sys.setprofile`, in every thread that serves the lookup); what the sandbox
does in this process, and what templates are compiled to, does not.

A file is entered when one of its functions is called. A room is a folder of the package, or a
module beside them. A move is a call in another room than the call before it in the same thread,
and the first call of each further thread; a return is no call, so going back counts when
something is called there.
"""

import gc
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from itertools import groupby, pairwise
from pathlib import Path
from types import FrameType
from typing import Any
from unittest.mock import patch

from flask import Flask

import tracking_site
from sandbox import Participant, Sandbox
from tests.conftest import HTMX, SECRET
from tracking_site.app import create_app
from tracking_site.claims_api import config
from tracking_site.guard import line
from tracking_site.settings import Settings

PACKAGE = str(Path(tracking_site.__file__).parent) + os.sep
ELSEWHERE = PACKAGE + "sandbox" + os.sep
BEFORE = ("approval", "paid_today")
"""Samples that the same network looks up first; meanwhile the usual waits become known."""

WALKED = "assessment_day_3"


@dataclass(frozen=True)
class Call:
    """A function that was called, in a file of the package."""

    file: str
    function: str

    @property
    def room(self) -> str:
        return self.file.partition(os.sep)[0].removesuffix(".py")


@dataclass(frozen=True)
class Road:
    """The calls of a lookup, thread by thread; the first is the one that answers."""

    threads: tuple[tuple[Call, ...], ...]

    @property
    def files(self) -> set[str]:
        return {call.file for calls in self.threads for call in calls}

    @property
    def moves(self) -> int:
        within = sum(
            one.room != other.room for calls in self.threads for one, other in pairwise(calls)
        )
        return within + len(self.threads) - 1

    def lines(self) -> Iterator[str]:
        """Yield the road in lines: a room, and what is called there before it is left."""
        for place, calls in enumerate(self.threads):
            yield f"thread {place + 1}"
            for room, stay in groupby(calls, lambda call: call.room):
                yield f"  {room}"
                for file, functions in groupby(stay, lambda call: call.file):
                    names = dict.fromkeys(call.function for call in functions)
                    yield f"    {file}: {', '.join(names)}"
        yield f"{len(self.files)} files, {self.moves} moves between rooms"


@dataclass(frozen=True)
class _Patient(config.ClientConfig):
    tick_seconds: float = 60.0


class _Walk:
    """Writes down calls, while it is on."""

    def __init__(self) -> None:
        self.is_on = False
        self._calls: dict[int, list[Call]] = {}

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        file = frame.f_code.co_filename
        if not (self.is_on and event == "call" and file.startswith(PACKAGE)):
            return
        if not file.startswith(ELSEWHERE):
            call = Call(file.removeprefix(PACKAGE), frame.f_code.co_qualname)
            self._calls.setdefault(threading.get_ident(), []).append(call)

    def road(self) -> Road:
        own = self._calls.pop(threading.get_ident())
        return Road((tuple(own), *map(tuple, self._calls.values())))


def walk() -> Road:
    """Look a number up that is cold, and return the road that was taken."""
    walked = _Walk()
    # Before the site is built: threads take it along when they are started.
    threading.setprofile(walked)
    try:
        # That the line is empty is known for a second, which a busy machine must not use up; and
        # who waits for the core gives no sign of life, however long the machine takes.
        with (
            Sandbox() as sandbox,
            patch.object(line, "monotonic", lambda: 1.0),
            patch.object(config, "ClientConfig", _Patient),
        ):
            app = _site(sandbox)
            for situation in BEFORE:
                _look_up(app, sandbox.sample(situation))
            _await_durations()
            _forget_how_long_it_took(app)
            with _garbage_left_alone():
                walked.is_on = True
                sys.setprofile(walked)
                status = _look_up(app, sandbox.sample(WALKED))
                sys.setprofile(None)
                walked.is_on = False
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
    if status != 200:
        raise RuntimeError(f"the lookup was answered with {status}")
    return walked.road()


@contextmanager
def _garbage_left_alone() -> Iterator[None]:
    """Have nothing thrown away meanwhile: what an earlier test left may close by calls of ours."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _await_durations() -> None:
    for thread in threading.enumerate():
        if thread.name == "durations":
            thread.join(10)


def _forget_how_long_it_took(app: Flask) -> None:
    """Let many short requests pass: what a busy machine makes slow is no flood to refuse."""
    for _ in range(400):
        app.extensions["floods"].served(0.0)


def _site(sandbox: Sandbox) -> Flask:
    return create_app(Settings.from_env({"CLAIMS_API_URL": sandbox.url, "SECRET_KEYS": SECRET}))


def _look_up(app: Flask, sample: Participant) -> int:
    form = {"nomor": sample.nik}
    return app.test_client().post("/lacak", data=form, headers=HTMX).status_code


if __name__ == "__main__":
    # The lines of the log are not what is asked for here.
    with redirect_stdout(StringIO()):
        road = walk()
    print("\n".join(road.lines()))
