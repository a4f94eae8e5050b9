"""HTTP/1.1 on a socket: reads one request after another, writes what it is told to.

Bodies need a Content-Length of at most 4 kB; everything else is refused with a problem document.
"""

import re
import select
import socket
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from tracking_site.sandbox.control import PREFIX
from tracking_site.sandbox.core import LOOKUPS, METHODS, Request
from tracking_site.sandbox.faults import Fault, Piece, spoil
from tracking_site.sandbox.wire import Answer, problem

if TYPE_CHECKING:
    from tracking_site.sandbox.server import CoreServer

LONGEST_BODY = 4 * 1024
LONGEST_CONTROL_BODY = 64 * 1024
# An oversized body is read and thrown away up to here, so that its sender gets to see the refusal.
LONGEST_DRAIN = 16 * 1024 * 1024
IDLE_SECONDS = 120
LINGER_SECONDS = 1

_LENGTH = re.compile(r"[0-9]{1,12}")


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS
    rbufsize = 8 * 1024
    server: "CoreServer"

    def handle_one_request(self) -> None:
        """Reads a request and answers it; a peer that went away or dawdles ends the connection."""
        try:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline:
                self.close_connection = True
            elif len(self.raw_requestline) > 65536:
                self.requestline, self.request_version, self.command = "", "HTTP/1.1", ""
                self.send_error(414)
            elif self.parse_request():
                self._respond()
        except OSError:
            self.close_connection = True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the base class calls when it cannot make sense of a request."""
        self._send(problem(code, "The request cannot be understood.", closes=True))

    def _respond(self) -> None:
        path = self.path.partition("?")[0]
        read = self._read_body(is_control=path.startswith(PREFIX))
        if isinstance(read, Answer):
            request = Request(self.command, path, {})
            refusal: Answer | None = read
        else:
            headers = {name.lower(): value for name, value in self.headers.items()}
            request, refusal = Request(self.command, path, headers, read), None
        if path == LOOKUPS and self.command == METHODS[LOOKUPS]:
            with self.server.stats.lookup():
                self._perform(request, refusal)
        else:
            self._perform(request, refusal)

    def _perform(self, request: Request, refusal: Answer | None) -> None:
        if request.path.startswith(PREFIX):
            self._send(refusal or self.server.control.answer(request))
            return
        answer = refusal or self.server.core.answer(request)
        self._send(answer, self.server.control.fault() if request.path in METHODS else Fault())

    def _read_body(self, *, is_control: bool) -> bytes | Answer:
        """The body, or why it was refused. Control requests may come without one: curl -X POST."""
        longest = LONGEST_CONTROL_BODY if is_control else LONGEST_BODY
        if "Transfer-Encoding" in self.headers:
            return problem(411, "Send a Content-Length, not a chunked body.", closes=True)
        given = self.headers.get_all("Content-Length") or []
        if not given:
            if self.command in ("POST", "PUT", "PATCH") and not is_control:
                return problem(411, "A Content-Length is needed.", closes=True)
            return b""
        if len(set(given)) > 1 or not _LENGTH.fullmatch(given[0]):
            return problem(400, "The Content-Length is not a number.", closes=True)
        length = int(given[0])
        if length > longest:
            self._drain(min(length, LONGEST_DRAIN))
            return problem(413, f"A body may have {longest} bytes.", closes=True)
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionAbortedError("the body ended early")
        return body

    def _drain(self, length: int) -> None:
        while length > 0:
            part = self.rfile.read(min(length, 65536))
            if not part:
                return
            length -= len(part)

    def _send(self, answer: Answer, fault: Fault | None = None) -> None:
        answer = answer.with_headers({"Date": formatdate(usegmt=True)})
        if self.command == "HEAD":
            # A HEAD's answer has no body, whatever its length field says.
            self.wfile.write(answer.head())
            self.close_connection = self.close_connection or answer.closes
            return
        pieces, closes = spoil(answer, fault or Fault())
        for piece in pieces:
            if not self._deliver(piece):
                closes = True
                break
        self.close_connection = self.close_connection or closes
        if closes:
            self.wfile.flush()

    def _deliver(self, piece: Piece) -> bool:
        """Sends bytes or waits seconds; False when nobody is there any more to send to."""
        if isinstance(piece, bytes):
            self.connection.sendall(piece)
            return True
        if piece <= 0:
            return True
        until = time.monotonic() + piece
        readable = select.poll()
        readable.register(self.connection, select.POLLIN)
        if readable.poll(piece * 1000) and not self.connection.recv(1, socket.MSG_PEEK):
            return False
        return not self.server.stopping.wait(max(0.0, until - time.monotonic()))

    def finish(self) -> None:
        """Says goodbye, then reads what is still coming: a reset would eat the last answer."""
        try:
            super().finish()
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(LINGER_SECONDS)
            left = LONGEST_DRAIN
            while left > 0 and (part := self.connection.recv(65536)):
                left -= len(part)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: requests carry numbers, and a sandbox has no need of a log."""
