"""One connection: takes requests off it, and writes or waits as the present fault says."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import cast

from sandbox.capacity import Capacity, Share
from sandbox.control import PREFIX, Control
from sandbox.core import LOOKUPS, METHODS, Core
from sandbox.faults import WHOLE, Fault, Piece, no_room, spoil
from sandbox.reading import Read, Reader
from sandbox.stats import Stats
from sandbox.wire import Answer

IDLE_SECONDS = 120
LINGER_SECONDS = 1
MAX_AHEAD = 1024 * 1024
"""Bytes of later requests that are taken while one is being answered."""


@dataclass
class Desk:
    """What all connections of one sandbox share."""

    loop: asyncio.AbstractEventLoop
    core: Core
    control: Control
    stats: Stats
    capacity: Capacity
    clock: Callable[[], datetime]
    connections: set["Connection"] = field(default_factory=set)
    _alarm: asyncio.TimerHandle | None = None

    def enter(self, connection: "Connection") -> Share | None:
        """Take a request in, whose connection is told when it is served; None without room."""
        share = self.capacity.enter(self.loop.time(), connection)
        self._set_alarm()
        return share

    def leave(self, share: Share) -> None:
        self.capacity.leave(self.loop.time(), share)
        self._set_alarm()

    def follow(self, fault: Fault) -> None:
        """Let a capacity that has changed hold for what is under way too."""
        if fault.mode == "capacity":
            seconds = fault.latency_ms / 1000
            self.capacity.change(self.loop.time(), fault.slots, seconds, fault.sigma)
            self._set_alarm()

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        at = self.capacity.next_at()
        self._alarm = None if at is None else self.loop.call_at(at, self._ring)

    def _ring(self) -> None:
        for connection in self.capacity.done(self.loop.time()):
            connection.served()
        self._set_alarm()


class Connection(asyncio.Protocol):
    """Answers one request after another, until its peer or an answer ends it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._reader = Reader()
        self._timer: asyncio.TimerHandle | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._heard_at = 0.0
        self._is_choked = False
        self._is_over = False
        # Of the request at hand.
        self._read: Read | None = None
        self._answer: Answer | None = None
        self._pieces: Iterator[Piece] = iter(())
        self._share: Share | None = None
        self._closes = False
        self._begun = 0.0
        self._fault = Fault()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._desk.connections.add(self)
        self._heard_at = self._desk.loop.time()
        self._watch()

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._desk.loop.time()
        if self._is_over:
            return
        self._reader.feed(data)
        self._take()
        if len(self._reader) > MAX_AHEAD:
            self._transport.pause_reading()

    def connection_lost(self, error: Exception | None) -> None:
        self._is_over = True
        self._desk.connections.discard(self)
        for timer in (self._timer, self._idle):
            if timer is not None:
                timer.cancel()
        if self._share is not None:
            self._desk.leave(self._share)
        if self._read is not None:
            self._end(is_left=True)

    def pause_writing(self) -> None:
        self._is_choked = True

    def resume_writing(self) -> None:
        self._is_choked = False
        self._go_on()

    def served(self) -> None:
        """Send the answer that waited for its share of the capacity."""
        self._share = None
        if self._answer is not None:
            self._send(self._answer, Fault())
            self._take()

    def abort(self) -> None:
        self._transport.abort()

    def _take(self) -> None:
        """Answer what has arrived, one after another."""
        while self._read is None and not self._is_over:
            read = self._reader.next()
            if self._reader.wants_continue:
                self._reader.wants_continue = False
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            if read is None:
                self._transport.resume_reading()
                return
            self._begin(read)

    def _begin(self, read: Read) -> None:
        request, control = read.request, self._desk.control
        self._read, self._closes = read, read.closes
        self._begun = self._desk.loop.time()
        self._fault = Fault()
        if _is_lookup(read):
            self._desk.stats.begin()
        if request.path.startswith(PREFIX):
            answer = read.refusal or control.answer(request)
            self._desk.follow(control.present)
        else:
            answer = read.refusal or self._desk.core.answer(request)
            self._fault = control.fault() if request.path in METHODS else self._fault
        if self._fault.mode != "capacity":
            self._send(answer, self._fault)
            return
        self._share = self._desk.enter(self)
        if self._share is None:
            self._send(no_room(self._fault), Fault())
        else:
            self._answer = answer

    def _send(self, answer: Answer, fault: Fault) -> None:
        self._answer = answer.with_headers(
            {"Date": format_datetime(self._desk.clock().astimezone(UTC), usegmt=True)}
        )
        if self._read is not None and self._read.request.method == "HEAD":
            # A HEAD's answer has no body, whatever its length field says.
            self._pieces, closes = iter([self._answer.head()]), answer.closes
        else:
            self._pieces, closes = spoil(self._answer, fault)
        self._closes = self._closes or closes
        self._write()

    def _write(self) -> None:
        for piece in self._pieces:
            if isinstance(piece, bytes):
                self._transport.write(piece)
                if self._is_choked:
                    return
            elif piece > 0:
                self._timer = self._desk.loop.call_later(piece, self._go_on)
                return
        self._end(is_left=False)
        if self._closes and not self._is_over:
            self._say_goodbye()

    def _go_on(self) -> None:
        self._timer = None
        if self._read is not None and self._share is None and not self._is_over:
            self._write()
            self._take()

    def _end(self, *, is_left: bool) -> None:
        read, self._read = self._read, None
        answer, self._answer = self._answer, None
        if read is not None and _is_lookup(read):
            status = answer.status if answer else 0
            has_capacity = self._fault.mode == "capacity"
            self._desk.stats.end(
                self._desk.loop.time() - self._begun,
                is_answer=status == 200 and self._fault.mode in WHOLE,
                is_refusal=status == 503 and has_capacity,
                is_left=is_left,
            )

    def _say_goodbye(self) -> None:
        """Read what is still coming before the end: a reset would eat the last answer."""
        self._is_over = True
        self._transport.write_eof()
        self._timer = self._desk.loop.call_later(LINGER_SECONDS, self._transport.close)

    def _watch(self) -> None:
        left = self._heard_at + IDLE_SECONDS - self._desk.loop.time()
        if left > 0 or self._read is not None:
            self._idle = self._desk.loop.call_later(max(left, 1.0), self._watch)
        else:
            self._transport.close()


def _is_lookup(read: Read) -> bool:
    return read.request.path == LOOKUPS and read.request.method == METHODS[LOOKUPS]
