"""Writes log lines to a file descriptor; a full disk costs a line, never a request."""

import os
from collections.abc import Callable
from threading import Lock

from .redaction import redacted_line


class Lines:
    """`on_lost` is called for each line that could not be written whole."""

    def __init__(self, descriptor: int = 1, on_lost: Callable[[], None] = lambda: None) -> None:
        self._descriptor = descriptor
        self._lock = Lock()
        self._has_lost = False
        self.on_lost = on_lost

    def write(self, line: bytes) -> None:
        """Write one line, redacted; lines of several threads never mix.

        After a lost one a new line is begun, because half of it may stand there.
        """
        rest = redacted_line(line) + b"\n"
        try:
            with self._lock:
                if self._has_lost:
                    rest = b"\n" + rest
                self._has_lost = True
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
                self._has_lost = False
        except OSError:
            self.on_lost()
