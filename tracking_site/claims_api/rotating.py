"""Values that stand in files, and are read again when the files change.

Certificates and secrets are renewed while the site runs: by a tool beside it, or by an
orchestrator that exchanges a link.
"""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")

log = logging.getLogger(__name__)


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
        except (ValueError, OSError):
            log.error("%s became wrong; the last good one stays", self._what)
        else:
            log.info("%s was read again", self._what)
        self._stamps = stamps

    def _stamps_now(self) -> tuple[object, ...]:
        return tuple(_stamp(path) for path in self._paths)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        seen = path.stat()
    except OSError:
        return None
    return seen.st_mtime_ns, seen.st_size, seen.st_ino


def secret_in(path: Path) -> str:
    """Return the one line of a file that holds a secret.

    Raises ValueError saying what the file must be, and never what stands in it.
    """
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ValueError("name a text file that can be read") from None
    if not text or any(not " " <= each <= "~" for each in text):
        raise ValueError("name a file with one line of plain characters, the secret alone")
    return text
