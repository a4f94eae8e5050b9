"""What comes on a connection, until it is one whole request."""

import re
from enum import Enum

MAX_HEAD = 32_768
"""Bytes: twice the cookies that are let in (gunicorn.conf.py)."""

MAX_FORM = 12_288
"""Bytes of a form: as much as the field takes of any script (nine for each of 1,001 characters),
and a proof of work. In chunks no more is taken: Werkzeug would cut them off there."""

MAX_BODY = 16_384
"""Bytes: more than a form may have, as nginx lets through. A body that says it is longer
goes to the site, which refuses it unread; what says nothing and does not end is refused here.

4,096 connections that wait for the rest of a request hold 200 MB so; with 64 kB of each it was
more than the unit gives to a process."""

MAX_LINE = 4_096
MAX_CHUNK_LINE = 120
MAX_TRAILERS = 1_000

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,4000})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)
_OF_OLD = re.compile(rb"[^\r\n]* HTTP/1\.0\r\n")
_CHUNK = re.compile(rb"([0-9a-fA-F]++)[^\r\n]*+\r\n")


class Coming(Enum):
    """What has come of a request: not all, all, a body that is too long, what may never end."""

    MORE = "more"
    WHOLE = "whole"
    TOO_LONG = "too long"
    ENDLESS = "endless"


class Gathered:
    """What has come of one request (RFC 9112, 6 and 7.1); each byte is looked at once.

    What cannot be understood counts as whole: gunicorn refuses it without reading on.
    """

    def __init__(self) -> None:
        self.came = bytearray()
        self.what = Coming.MORE
        self._body = 0
        self._ends: int | None = None
        """Where the body ends; None where chunks say so."""
        self._at = 0
        """Where the next chunk begins."""
        self._size = 0
        """Bytes in the chunks so far."""
        self._expects = False

    def add(self, part: bytes) -> Coming:
        # Empty lines before a request are none of it (RFC 9112, 2.2).
        part = part if self.came else part.lstrip(b"\r\n")
        looked = max(len(self.came) - 3, 0)
        self.came += part
        if self._body == 0:
            end = self.came.find(b"\r\n\r\n", looked)
            if (len(self.came) if end < 0 else end) > MAX_HEAD:
                self.what = Coming.ENDLESS
            if end < 0 or self.what is Coming.ENDLESS:
                return self.what
            self._begin_body(end + 4)
        self.what = self._chunks() if self._ends is None else self._measured(self._ends)
        return self.what

    def wants_word(self) -> bool:
        """Return, once, whether the client sends no body before it hears that it may.

        That is RFC 9110, 10.1.1: who waits so waited until its request had no time left.
        """
        wants = self._expects and len(self.came) == self._body
        self._expects = self._expects and not wants
        return wants

    @property
    def refusal(self) -> int:
        """The status of what is endless: its body, its first line, or what stands between."""
        if self._body:
            return 413
        return 431 if self.came.find(b"\r\n", 0, MAX_LINE) >= 0 else 414

    def _begin_body(self, at: int) -> None:
        self._body = self._at = at
        expects = _EXPECTS.search(self.came, 0, at - 2)
        self._expects = expects is not None and _OF_OLD.match(self.came) is None
        if _CHUNKED.search(self.came, 0, at - 2) is None:
            length = _LENGTH.search(self.came, 0, at - 2)
            self._ends = at + (int(length[1]) if length else 0)

    def _measured(self, ends: int) -> Coming:
        if ends - self._body > MAX_BODY:
            return Coming.TOO_LONG
        return Coming.WHOLE if len(self.came) >= ends else Coming.MORE

    def _chunks(self) -> Coming:
        while self.came.find(b"\r\n", self._at, self._at + MAX_CHUNK_LINE) >= 0:
            chunk = _CHUNK.match(self.came, self._at)
            if chunk is None:
                return Coming.WHOLE
            size = int(chunk[1], 16)
            if size == 0:
                is_over = self.came.find(b"\r\n\r\n", chunk.end() - 2) >= 0
                is_endless = len(self.came) - self._at > MAX_TRAILERS
                return Coming.WHOLE if is_over else Coming.ENDLESS if is_endless else Coming.MORE
            self._at, self._size = chunk.end() + size + 2, self._size + size
            if self._at - self._body > MAX_BODY or self._size > MAX_FORM:
                return Coming.ENDLESS
        is_endless = len(self.came) - self._at >= MAX_CHUNK_LINE
        return Coming.ENDLESS if is_endless else Coming.MORE
