"""The bulkhead over all processes and nodes: places in a sorted set of Redis.

A place is a member with the moment at which it lapses, by Redis's own clock, so that the places
of a process that was killed come free. While Redis cannot be used each process keeps to its own
bound alone.
"""

from collections.abc import Callable
from os import urandom
from time import monotonic, sleep
from typing import Any

from ..redis.client import BriefRedis, RedisDown
from . import scripts
from .config import RedisConfig
from .errors import CoreNotAsked, Trouble
from .rooms import COME_BACK_SECONDS, Leave, Rooms

FIRST_PAUSE = 0.02
LONGEST_PAUSE = 0.2
"""Seconds between two tries for a place; each is drawn between half and one and a half of it."""


class NodeRooms:
    """`inside` are the places of this process; `lapse_seconds` the longest that a request can
    take, after which its place is free whatever became of it."""

    def __init__(
        self,
        inside: Rooms,
        client: BriefRedis,
        config: RedisConfig,
        lapse_seconds: float,
        random: Callable[[], float],
        random_bytes: Callable[[int], bytes] = urandom,
    ) -> None:
        self._inside = inside
        self._client: Any = client
        self._places = config.in_flight
        self._name = config.prefix.encode() + b"rooms"
        self._lapse_ms = int(lapse_seconds * 1000)
        self._random = random
        self._random_bytes = random_bytes
        self._enter: Callable[..., Any] = client.register_script(scripts.ENTER)

    def enter(self, until: float) -> Leave:
        leave_inside = self._inside.enter(until)
        token = self._random_bytes(8)
        try:
            is_shared = self._entered(token, until)
        except BaseException:
            leave_inside()
            raise

        def leave() -> None:
            leave_inside()
            if is_shared:
                self._left(token)

        return leave

    def _entered(self, token: bytes, until: float) -> bool:
        pause = FIRST_PAUSE
        arguments = [self._places, self._lapse_ms, token]
        while True:
            try:
                if self._enter([self._name], arguments):
                    return True
            except RedisDown:
                return False
            drawn = pause * (0.5 + self._random())
            if monotonic() + drawn > until:
                raise CoreNotAsked(Trouble.NO_ROOM, COME_BACK_SECONDS)
            sleep(drawn)
            pause = min(pause * 1.5, LONGEST_PAUSE)

    def _left(self, token: bytes) -> None:
        try:
            self._client.zrem(self._name, token)
        except RedisDown:
            return
