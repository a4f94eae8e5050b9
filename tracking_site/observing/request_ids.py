"""Ids of requests: taken over when they are plain, made when not."""

import os
import re

from .redaction import holds_number

_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LETTERS = bytes(b"bcdfghjkmnpqrstvwxz"[value % 19] for value in range(256))


def request_id_of(given: str | None) -> str:
    """Return the id that a proxy gave, or a new one of letters alone.

    What could be somebody's number is no id: it would stand in logs and in the core's.
    """
    if given and _PLAIN.fullmatch(given) and not holds_number(given):
        return given
    return os.urandom(16).translate(_LETTERS).decode()
