"""The store of all processes and nodes: sealed values in Redis under digests of numbers.

Digests are those of a day (copies.py). For each: `v` the value or the sign that it was
forgotten, `f` a failure, `l` the lead, `p` the mark of its last purge; and one `all`, the mark of
the last purge of everything. An answer is written only while both marks are what they were when
its core was asked, so a purge also beats answers that are still on their way. Raises RedisDown
throughout.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from os import urandom
from typing import Any

from ..redis.client import BriefRedis
from ..redis.day_secrets import KEEP_SECONDS, SharedSecrets
from .config import LifetimeConfig, RedisConfig
from .copies import DayNames, EntrySealer, Names
from .stores import NO_MARK, Begun, Entry, Failure, Key, Lead

FORGOTTEN = b"\0"
"""Stands for a value that was forgotten; no sealed form begins with it."""

SPARE_SECONDS = 60.0
"""Added to what Redis is told to keep, so that our own clock decides what is past."""


# What Redis runs as one step, so that no other process can come between.

# KEYS: lead. ARGV: token
LEAVE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
"""

# KEYS: failure, lead, own mark, mark of all, secret of the day, values …
# ARGV: token, milliseconds of the lead, now (empty: heed no failure), the secret that these names
# were made with, seconds that it is kept. Answers nothing where the day has another one.
# A failure or a lead from before everything was forgotten binds nobody. In the form of a
# failure (copies.py) the moment until which it holds stands at byte 3, the mark at byte 19.
BEGIN = """
local secret = redis.call('GET', KEYS[5])
if not secret then
  -- This server was emptied, or is another one: all go on with what they have.
  redis.call('SET', KEYS[5], ARGV[4], 'EX', ARGV[5])
elseif secret ~= ARGV[4] then
  return {}
end
local mark = redis.call('GET', KEYS[4]) or string.rep('\\0', 8)
local failure = redis.call('GET', KEYS[1])
if failure and (ARGV[3] == '' or string.sub(failure, 19, 26) ~= mark
    or struct.unpack('>d', failure, 3) <= tonumber(ARGV[3])) then
  failure = false
end
local led = 0
if not failure then
  local lead = redis.call('GET', KEYS[2])
  if not lead or string.sub(lead, 9) ~= mark then
    redis.call('SET', KEYS[2], ARGV[1] .. mark, 'PX', ARGV[2])
    led = 1
  end
end
return {failure, led, redis.call('GET', KEYS[3]), redis.call('GET', KEYS[4]),
  unpack(redis.call('MGET', unpack(KEYS, 6)))}
"""

# KEYS: lead, own mark, mark of all, where to write, failure, then older answers of other names
# ARGV: token, own mark, mark of all, value, its milliseconds, those of the own mark
WRITE = (
    """
local none = string.rep('\\0', 8)
local is_current = (redis.call('GET', KEYS[2]) or none) == ARGV[2]
  and (redis.call('GET', KEYS[3]) or none) == ARGV[3]
if is_current then
  if KEYS[4] ~= KEYS[5] then
    redis.call('DEL', unpack(KEYS, 5))
  end
  redis.call('SET', KEYS[4], ARGV[4], 'PX', ARGV[5])
  redis.call('PEXPIRE', KEYS[2], ARGV[6])
end
"""
    + LEAVE
    + "return is_current and 1 or 0"
)

# KEYS: lead. ARGV: token, milliseconds
RENEW = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 1
"""

# KEYS: for each name own mark, value, failure, lead. ARGV: mark, sign, milliseconds
FORGET = """
for first = 1, #KEYS, 4 do
  redis.call('SET', KEYS[first], ARGV[1], 'PX', ARGV[3])
  redis.call('SET', KEYS[first + 1], ARGV[2], 'PX', ARGV[3])
  redis.call('DEL', KEYS[first + 2], KEYS[first + 3])
end
return 1
"""

# KEYS: mark of all. ARGV: mark
FORGET_ALL = "return redis.call('SET', KEYS[1], ARGV[1])"


@dataclass(frozen=True, slots=True)
class Held:
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
        sealer: EntrySealer,
        config: RedisConfig,
        lifetimes: LifetimeConfig,
        clock: Callable[[], float],
    ) -> None:
        self._sealer = sealer
        self._lock_ms = int(config.lock_seconds * 1000)
        self._mark_ms = _milliseconds(
            lifetimes.keep_seconds + lifetimes.longest_seconds + lifetimes.final_seconds
        )
        self._clock = clock
        self._execute: Callable[..., Any] = client.execute_command
        self._begin: Callable[..., Any] = client.register_script(BEGIN)
        self._write: Callable[..., Any] = client.register_script(WRITE)
        self._leave: Callable[..., Any] = client.register_script(LEAVE + "return 1")
        self._renew: Callable[..., Any] = client.register_script(RENEW)
        # A purge is heeded by a full server too.
        self._forget = client.register_script_when_full(FORGET)
        self._forget_all = client.register_script_when_full(FORGET_ALL)
        prefix = config.prefix.encode()
        self._value, self._failure, self._lead, self._mark = (
            prefix + part for part in (b"v:", b"f:", b"l:", b"p:")
        )
        self._all_mark = prefix + b"all"
        shared = SharedSecrets(client, prefix + b"day:")
        self._names = DayNames(shared, clock)

    def get(self, key: Key, known: Entry | None = None) -> Held:
        """Return what is kept; `known` spares opening the value that it was read from."""
        names = self._names.of(key)
        mark, secret, *values = self._looked(names)
        if secret not in (None, names.secret):
            self._names.forget(names)
            names = self._names.of(key)
            mark, _, *values = self._looked(names)
        return self._read(names, mark, values, known)

    def begin(self, key: Key, heeds_failure: bool = True) -> Begun:
        token = urandom(8)
        now = repr(self._clock()) if heeds_failure else ""
        names = self._names.of(key)
        begun = self._begun(names, token, now)
        if not begun:
            self._names.forget(names)
            names = self._names.of(key)
            begun = self._begun(names, token, now)
        if not begun:
            return None
        failed, is_led, own_mark, mark, *values = begun
        mark = mark or NO_MARK
        lead = Lead(token + mark, mark, own_mark or NO_MARK, name=names.written)
        entry = self._read(names, mark, values, None).entry
        if entry is not None and entry.is_fresh(self._clock()):
            if is_led:
                self.leave(key, lead)
            return entry
        if is_led:
            return lead
        if not failed:
            return None
        failure = self._sealer.open_failure(self._failure + names.written, failed)
        if failure is None or not failure.holds(self._clock()):
            return self.begin(key, heeds_failure=False)
        return failure

    def keep(self, key: Key, lead: Lead, entry: Entry, body: bytes) -> bool:
        """Write an answer; False when the number was forgotten meanwhile."""
        name = self._value + lead.name
        value = self._sealer.seal_entry(name, entry, body)
        # What yesterday's name holds must not come back once this one is past.
        older = [each for each in self._values(self._names.of(key)) if each != name]
        return self._written(lead, name, value, entry.keep_until, older)

    def fail(self, key: Key, lead: Lead, failure: Failure) -> None:
        name = self._failure + lead.name
        value = self._sealer.seal_failure(name, failure, lead.mark)
        self._written(lead, name, value, failure.until)

    def renew(self, key: Key, lead: Lead) -> None:
        self._renew([self._lead + lead.name], [lead.token, self._lock_ms])

    def leave(self, key: Key, lead: Lead) -> None:
        self._leave([self._lead + lead.name], [lead.token])

    def forget(self, key: Key) -> None:
        parts = (self._mark, self._value, self._failure, self._lead)
        keys = [part + name for name in self._names.of_all(key).every for part in parts]
        self._forget(keys, [urandom(len(NO_MARK)), FORGOTTEN, self._mark_ms])

    def forget_all(self) -> None:
        self._forget_all([self._all_mark], [urandom(len(NO_MARK))])

    def _looked(self, names: Names) -> list[bytes | None]:
        secret = self._names.secret_name(names)
        looked: list[bytes | None] = self._execute(
            "MGET", self._all_mark, secret, *self._values(names)
        )
        return looked

    def _begun(self, names: Names, token: bytes, now: str) -> Any:
        kinds = (self._failure, self._lead, self._mark)
        keys = [kind + names.written for kind in kinds]
        keys += [self._all_mark, self._names.secret_name(names), *self._values(names)]
        return self._begin(keys, [token, self._lock_ms, now, names.secret, KEEP_SECONDS])

    def _values(self, names: Names) -> list[bytes]:
        return [self._value + name for name in names.every]

    def _read(
        self, names: Names, mark: bytes | None, values: list[bytes | None], known: Entry | None
    ) -> Held:
        mark = mark or NO_MARK
        for name, place, value in zip(names.every, names.places, values, strict=True):
            if value is None or value == FORGOTTEN:
                continue
            entry = self._sealer.open_entry(self._value + name, value, place, known)
            if entry is not None and entry.mark == mark:
                return Held(entry, mark, False)
        return Held(None, mark, FORGOTTEN in values)

    def _written(
        self, lead: Lead, name: bytes, value: bytes, until: float, older: Sequence[bytes] = ()
    ) -> bool:
        keys = [
            self._lead + lead.name,
            self._mark + lead.name,
            self._all_mark,
            name,
            self._failure + lead.name,
            *older,
        ]
        life = _milliseconds(until - self._clock())
        arguments: list[Any] = [lead.token, lead.own_mark, lead.mark, value, life, self._mark_ms]
        return bool(self._write(keys, arguments))


def _milliseconds(seconds: float) -> int:
    return int((max(seconds, 0.0) + SPARE_SECONDS) * 1000)
