"""Files that settings name: read whole, and again when they change."""

import os
import stat
import threading
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

import structlog

T = TypeVar("T")

_log = structlog.get_logger()

MAX_FILE_BYTES = 16_000_000
"""Of a file that a setting names: the largest, the guard's own, has 5.4 million."""


def content_of(named: Path) -> bytes:
    """Read a file; raises OSError also for what is no file, never ends, or waits for others.

    Such as devices, pipes, and what the kernel shows as files: who reads these later would hang, or
    fail in ways of which no sentence could warn.
    """
    with os.fdopen(os.open(named, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        known = os.fstat(file.fileno())
        if not stat.S_ISREG(known.st_mode):
            raise OSError("no file")
        content = file.read(MAX_FILE_BYTES + 1)
    if content is None or len(content) > MAX_FILE_BYTES:
        raise OSError("it waits for more, or is too large")
    if content and not known.st_size:
        # What the kernel makes up as it is read may wait the next time.
        raise OSError("no file")
    return content


def toml_in(named: Path, called: str) -> dict[str, Any]:
    """Return what a TOML file holds; raises ValueError that says why it, so `called`, is none."""
    try:
        return tomllib.loads(content_of(named).decode())
    except OSError as error:
        raise ValueError(f"{called} cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{called} is not TOML: {error}") from None


class Rotating(Generic[T]):
    """What `read` makes of some files, as they are now.

    Files that became wrong, or are only half exchanged, keep the last good value and are logged
    once. `read` raises ValueError or OSError; at the start both go to the caller. `what` names
    the value in the log.
    """

    def __init__(self, what: str, paths: tuple[Path, ...], read: Callable[[], T]) -> None:
        self._what = what
        self._paths = paths
        self._read = read
        self._lock = threading.Lock()
        self._stamps = self._stamps_now()
        self._value = read()

    def now(self) -> T:
        """Return the value; costs one look at each file's time."""
        stamps = self._stamps_now()
        if stamps != self._stamps:
            with self._lock:
                if stamps != self._stamps:
                    self._read_again(stamps)
        return self._value

    def _read_again(self, stamps: tuple[object, ...]) -> None:
        try:
            self._value = self._read()
        except (ValueError, OSError) as error:
            _log.error(f"{self._what} became wrong; the last good one stays", error=str(error))
        else:
            _log.info(f"{self._what} was read again")
        self._stamps = stamps

    def _stamps_now(self) -> tuple[object, ...]:
        return tuple(_stamp(path) for path in self._paths)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        seen = path.stat()
    except OSError:
        return None
    return seen.st_mtime_ns, seen.st_size, seen.st_ino
