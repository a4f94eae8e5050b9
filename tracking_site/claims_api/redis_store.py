"""The store of all processes and nodes: sealed values in Redis under digests of numbers.

For each digest: `v` the value or the sign that it was forgotten, `f` a failure, `l` the lead,
`p` the mark of its last purge; and one `all`, the mark of the last purge of everything. An
answer is written only while both marks are what they were when its core was asked, so a purge
also beats answers that are still on their way. Raises RedisDown throughout.
"""

from collections.abc import Callable
from dataclasses import dataclass
from os import urandom
from typing import Any

from ..redis.client import BriefRedis
from . import scripts
from .config import LifetimeConfig, RedisConfig
from .entries import BUSY, NO_MARK, Begun, Entry, Failure, Key, Lead
from .sealed import Sealer

FORGOTTEN = b"\0"
"""Stands for a value that was forgotten; no sealed form begins with it."""

SPARE_SECONDS = 60.0
"""Added to what Redis is told to keep, so that our own clock decides what is past."""


@dataclass(frozen=True, slots=True)
class Found:
    """What Redis holds for a number: an entry, or whether a copy elsewhere may still count."""

    entry: Entry | None
    mark: bytes
    is_forgotten: bool

    def vouches_for(self, copy: Entry) -> bool:
        """Redis lost the entry (emptied, restarted), but nobody asked to forget it."""
        return not self.is_forgotten and copy.mark == self.mark


class RedisStore:
    def __init__(
        self,
        client: BriefRedis,
        sealer: Sealer,
        config: RedisConfig,
        lifetimes: LifetimeConfig,
        clock: Callable[[], float],
        random_bytes: Callable[[int], bytes] = urandom,
    ) -> None:
        self._sealer = sealer
        self._lock_ms = int(config.lock_seconds * 1000)
        self._mark_ms = _milliseconds(
            lifetimes.keep_seconds + lifetimes.longest_seconds + lifetimes.final_seconds
        )
        self._clock = clock
        self._random_bytes = random_bytes
        self._execute: Callable[..., Any] = client.execute_command
        self._begin: Callable[..., Any] = client.register_script(scripts.BEGIN)
        self._write: Callable[..., Any] = client.register_script(scripts.WRITE)
        self._leave: Callable[..., Any] = client.register_script(scripts.LEAVE)
        self._renew: Callable[..., Any] = client.register_script(scripts.RENEW)
        # A purge is heeded by a full server too.
        self._forget = client.register_script_when_full(scripts.FORGET)
        self._forget_all = client.register_script_when_full(scripts.FORGET_ALL)
        prefix = config.prefix.encode()
        self._value, self._failure, self._lead, self._mark = (
            prefix + part for part in (b"v:", b"f:", b"l:", b"p:")
        )
        self._all_mark = prefix + b"all"

    def look(self, key: Key, known: Entry | None = None) -> Found:
        """Return what is kept; `known` spares opening the value that it was read from."""
        values = self._execute("MGET", self._all_mark, *self._values(key))
        return self._read(key, values[0], values[1:], known)

    def begin(self, key: Key, heeds_failure: bool = True) -> Begun:
        token = self._random_bytes(8)
        failure_name = self._failure + key[0]
        keys = [failure_name, self._lead + key[0], self._mark + key[0], self._all_mark]
        keys += self._values(key)
        now = repr(self._clock()) if heeds_failure else ""
        failed, is_led, own_mark, mark, *values = self._begin(keys, [token, self._lock_ms, now])
        mark = mark or NO_MARK
        lead = Lead(token + mark, mark, own_mark or NO_MARK)
        entry = self._read(key, mark, values, None).entry
        if entry is not None and self._clock() < entry.fresh_until:
            if is_led:
                self.leave(key, lead)
            return entry
        if is_led:
            return lead
        if not failed:
            return BUSY
        failure = self._sealer.open_failure(failure_name, failed)
        return failure or self.begin(key, heeds_failure=False)

    def keep(self, key: Key, lead: Lead, entry: Entry, body: bytes) -> bool:
        """Write an answer; False when the number was forgotten meanwhile."""
        name = self._value + key[0]
        value = self._sealer.seal_entry(name, entry, body)
        return self._written(key, lead, name, value, entry.keep_until)

    def fail(self, key: Key, lead: Lead, failure: Failure) -> None:
        name = self._failure + key[0]
        value = self._sealer.seal_failure(name, failure, lead.mark)
        self._written(key, lead, name, value, failure.until)

    def renew(self, key: Key, lead: Lead) -> None:
        self._renew([self._lead + key[0]], [lead.token, self._lock_ms])

    def leave(self, key: Key, lead: Lead) -> None:
        self._leave([self._lead + key[0]], [lead.token])

    def forget(self, key: Key) -> None:
        keys = [
            part + digest
            for digest in key
            for part in (self._mark, self._value, self._failure, self._lead)
        ]
        mark = self._random_bytes(len(NO_MARK))
        self._forget(keys, [mark, FORGOTTEN, self._mark_ms])

    def forget_all(self) -> None:
        mark = self._random_bytes(len(NO_MARK))
        self._forget_all([self._all_mark], [mark])

    def _values(self, key: Key) -> list[bytes]:
        return [self._value + digest for digest in key]

    def _read(
        self, key: Key, mark: bytes | None, values: list[bytes | None], known: Entry | None
    ) -> Found:
        mark = mark or NO_MARK
        for place, value in enumerate(values):
            if value is None or value == FORGOTTEN:
                continue
            entry = self._sealer.open_entry(self._value + key[place], value, place, known)
            if entry is not None and entry.mark == mark:
                return Found(entry, mark, False)
        return Found(None, mark, FORGOTTEN in values)

    def _written(self, key: Key, lead: Lead, name: bytes, value: bytes, until: float) -> bool:
        digest = key[0]
        keys = [
            self._lead + digest,
            self._mark + digest,
            self._all_mark,
            name,
            self._failure + digest,
        ]
        life = _milliseconds(until - self._clock())
        arguments: list[Any] = [lead.token, lead.own_mark, lead.mark, value, life, self._mark_ms]
        return bool(self._write(keys, arguments))


def _milliseconds(seconds: float) -> int:
    return int((max(seconds, 0.0) + SPARE_SECONDS) * 1000)
