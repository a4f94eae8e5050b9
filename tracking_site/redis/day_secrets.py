"""Random bytes of a day, the same in all processes; what is named by them is nameless afterwards.

A digest of a number or a network under a key of years is no secret to whoever has the key: there
are few enough to try them all. So names are made of the key and of these bytes, which are kept for
two days in one place, and go.
"""

import hmac
import math
from collections.abc import Callable
from functools import partial
from secrets import token_bytes
from threading import Lock
from typing import Any, Protocol

from .client import BriefRedis, RedisDown

SECRET_BYTES = 32
_drawn = partial(token_bytes, SECRET_BYTES)
KEEP_SECONDS = 2 * 86_400
"""What is of a day is needed on it and on the next one; that covers every skewed clock."""

DAY_SECONDS = 86_400

JAKARTA_OFFSET = 7 * 3_600
"""A day ends at midnight in Jakarta (WIB has no summer time)."""

Read = Callable[[int, bytes], tuple[bytes, bytes | None]]
"""Takes a day, and what its secret is to be unless it has one. Returns the secret of that day,
and of the day before where it is known. Raises RedisDown."""

# KEYS: of the day, of the day before. ARGV: what is proposed, seconds to keep
# Of several that come at once the first one is heard. What has another length was written by
# somebody else, and is none.
_READ = """
local function secret(key)
  local found = redis.call('GET', key)
  return found and #found == #ARGV[1] and found
end
local today = secret(KEYS[1])
if not today then
  redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
  today = ARGV[1]
end
return {today, secret(KEYS[2])}
"""


def day_at(now: float) -> int:
    """Return the number of the day at `now` (epoch seconds)."""
    return math.floor((now + JAKARTA_OFFSET) / DAY_SECONDS)


def kept_nowhere(_: int, proposed: bytes) -> tuple[bytes, None]:
    """A `Read` for one process without a file: its secrets end with it."""
    return proposed, None


class SharedSecrets:
    """Where the secrets of all processes and nodes stand; raises RedisDown throughout."""

    def __init__(self, client: BriefRedis, prefix: bytes) -> None:
        self._client: Any = client
        self._prefix = prefix
        # Without the day's own names neither the guard nor a purge would find what others wrote.
        self._read: Any = client.register_script_when_full(_READ)

    def name_of(self, day: int) -> bytes:
        """Return the key under which the secret of a day stands."""
        return self._prefix + b"%d" % day

    def read(self, day: int, proposed: bytes) -> tuple[bytes, bytes | None]:
        """Return what `Read` says."""
        names = [self.name_of(day), self.name_of(day - 1)]
        today, before = self._read(names, [proposed, KEEP_SECONDS])
        return today, before

    def peek(self, day: int) -> bytes | None:
        """Return the secret of a day if it has one already."""
        secret: bytes | None = self._client.get(self.name_of(day))
        return secret if secret and len(secret) == SECRET_BYTES else None


class Handed(Protocol):
    """Where the processes of a machine leave secrets for one another."""

    def heard(self, day: int, secret: bytes) -> None:
        """Keep what the store said, in place of any other."""

    def secret(self, day: int, proposed: bytes) -> bytes:
        """Return the secret of a day; until one is there, what is proposed is it."""


class DaySecrets:
    """The secrets that this process has read, so that a day is asked for once.

    While the store is away the last one goes on: from it the next day's is derived, alike in every
    process that read it, and is proposed when the store is back. A process that has read none
    draws its own, unless others of its machine `handed` theirs on. `known` are those that were
    read, by their days; only looked at by others.
    """

    def __init__(self, read: Read = kept_nowhere, handed: Handed | None = None) -> None:
        self._read = read
        self._handed = handed
        self.known: dict[int, bytes] = {}
        self._lock = Lock()

    def of(self, day: int) -> bytes:
        """Return the secret of a day, or of the day before the latest one that was asked for."""
        return self.known.get(day) or self._learned(day)

    def forget(self, day: int, secret: bytes) -> None:
        """Read the day's secret anew when it is next asked for, since the store has another."""
        with self._lock:
            if self.known.get(day) == secret:
                self.known = {}

    def read_again(self, day: int) -> bytes:
        """Return the secret as the store has it now; raises RedisDown."""
        with self._lock:
            return self._heard(day, self.known.get(day) or _drawn())

    def _learned(self, day: int) -> bytes:
        # Whoever comes at the same moment waits for the one who asks.
        with self._lock:
            if day in self.known:
                return self.known[day]
            if day + 1 in self.known:
                # It was not there when its successor was read: what it named is never found.
                self.known[day] = _drawn()
                return self.known[day]
            try:
                return self._heard(day, _drawn())
            except RedisDown:
                last = self.known.get(max(self.known, default=day))
                own = hmac.digest(last, b"day %d" % day, "sha256") if last else _drawn()
                return self._keep(day, self._handed.secret(day, own) if self._handed else own, None)

    def _heard(self, day: int, proposed: bytes) -> bytes:
        secret, before = self._read(day, proposed)
        if self._handed:
            self._handed.heard(day, secret)
        return self._keep(day, secret, before)

    def _keep(self, day: int, secret: bytes, before: bytes | None) -> bytes:
        former = before or self.known.get(day - 1)
        self.known = {day: secret} | ({day - 1: former} if former else {})
        return secret
