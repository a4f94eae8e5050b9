"""HTTP/1.1 off a socket: bytes in, one request after another out.

Bodies need a Content-Length of at most 4 kB; everything else is refused with a problem document.
"""

import re
from dataclasses import dataclass, replace

from sandbox.control import PREFIX
from sandbox.core import Request
from sandbox.wire import Answer, problem

MAX_BODY = 4 * 1024
MAX_CONTROL_BODY = 64 * 1024
# An oversized body is read and thrown away up to here, so that its sender gets to see the refusal.
MAX_DRAIN = 16 * 1024 * 1024
MAX_LINE = 64 * 1024
MAX_HEAD = 4 * MAX_LINE
MAX_FIELDS = 100

END = b"\r\n\r\n"
_REQUEST_LINE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([!-~\x80-\xff]+) HTTP/([0-9])\.([0-9])")
_FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00\r\n]*?)[ \t]*")
_LENGTH = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True)
class Read:
    """One request, or why it was refused; `closes` when no other can follow it."""

    request: Request
    refusal: Answer | None = None
    closes: bool = False


class Reader:
    """Takes what arrives and gives whole requests in their order.

    `wants_continue` is set while a body is expected whose sender waits to be told to go on.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._head: Read | None = None
        self._length = 0
        self._unread = 0
        self.wants_continue = False

    def __len__(self) -> int:
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def next(self) -> Read | None:
        """Return the next request when all of it is there."""
        if self._head is None:
            self._head = self._read_head()
        if self._head is None:
            return None
        if self._unread:
            taken = min(self._unread, len(self._buffer))
            del self._buffer[:taken]
            self._unread -= taken
        if self._unread or len(self._buffer) < self._length:
            return None
        head, self._head = self._head, None
        body = bytes(self._buffer[: self._length])
        del self._buffer[: self._length]
        self._length = 0
        return replace(head, request=replace(head.request, body=body)) if body else head

    def _read_head(self) -> Read | None:
        end = self._buffer.find(END)
        if end < 0:
            return self._too_long()
        lines = self._buffer[:end].decode("latin-1").split("\r\n")
        del self._buffer[: end + len(END)]
        if len(lines[0]) > MAX_LINE:
            return _not_understood(414)
        if len(lines) > MAX_FIELDS + 1 or any(len(line) > MAX_LINE for line in lines):
            return _not_understood(431)
        asked = _REQUEST_LINE.fullmatch(lines[0])
        if asked is None:
            return _not_understood(400)
        method, target, major, minor = asked.groups()
        if major != "1":
            return _not_understood(505)
        fields = [_FIELD.fullmatch(line) for line in lines[1:]]
        pairs = [(field[1].lower(), field[2]) for field in fields if field]
        if len(pairs) < len(fields):
            return _not_understood(400)
        headers = dict(pairs)
        closes = minor == "0" or "close" in headers.get("connection", "").lower()
        request = Request(method, target.partition("?")[0], headers)
        lengths = {value for name, value in pairs if name == "content-length"}
        refusal = self._expect_body(request, lengths)
        self.wants_continue = (
            refusal is None and headers.get("expect", "").lower() == "100-continue"
        )
        return Read(request, refusal, closes or refusal is not None)

    def _too_long(self) -> Read | None:
        if len(self._buffer) > MAX_LINE and self._buffer.find(b"\r\n") < 0:
            return _not_understood(414)
        return _not_understood(431) if len(self._buffer) > MAX_HEAD else None

    def _expect_body(self, request: Request, lengths: set[str]) -> Answer | None:
        """Note how long the body is, or say why it is refused.

        Control requests may come without one: curl -X POST.
        """
        is_control = request.path.startswith(PREFIX)
        longest = MAX_CONTROL_BODY if is_control else MAX_BODY
        if "transfer-encoding" in request.headers:
            return problem(411, "Send a Content-Length, not a chunked body.", closes=True)
        if not lengths:
            if request.method in ("POST", "PUT", "PATCH") and not is_control:
                return problem(411, "A Content-Length is needed.", closes=True)
            return None
        length = lengths.pop()
        if lengths or not _LENGTH.fullmatch(length):
            return problem(400, "The Content-Length is not a number.", closes=True)
        if int(length) > longest:
            self._unread = min(int(length), MAX_DRAIN)
            return problem(413, f"A body may have {longest} bytes.", closes=True)
        self._length = int(length)
        return None


def _not_understood(status: int) -> Read:
    refusal = problem(status, "The request cannot be understood.", closes=True)
    return Read(Request("", "", {}), refusal, closes=True)
