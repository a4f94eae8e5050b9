"""Since when the site has seen something as it is: times and sequence numbers for readers.

The core says when stages were entered, not when a document or an appointment changed. A
calendar and a feed need both an order and a moment, so the first sight of each content is
written down: a digest, a moment, a count. No fact of a claim and no number is kept.
"""

import hmac
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock
from typing import Protocol

from ..cache.stores import BoundedLru
from ..redis.client import BriefRedis, RedisDown
from ..redis.day_secrets import DAY_SECONDS
from ..sealing import derive

CONTENT_BYTES = 8
MAX_IN_MEMORY = 50_000
"""Numbers whose sightings one process keeps; the one asked for longest ago leaves."""

_KEPT = struct.Struct(">8sdI")
_PREFIX = "seen:2:"
_SHORT_SECONDS = 2 * DAY_SECONDS
"""For so long a row is kept that was asked for on one day alone: most that are made never are."""

# KEYS: the row of a number, the same under older secrets. ARGV: now, least sequence, milliseconds
# to keep at first, and once it was asked for on another day, the day, then name and content in
# turn. Answers what is kept of each, after writing what is new.
_SEE = """
local own, answer = KEYS[1], {}
local begun = redis.call('HGET', own, '@')
for place = 6, #ARGV, 2 do
  local name, content = ARGV[place], ARGV[place + 1]
  local kept = redis.call('HGET', own, name)
  local is_own = kept
  for other = #KEYS, 2, -1 do
    kept = kept or redis.call('HGET', KEYS[other], name)
  end
  if not kept or string.sub(kept, 1, 8) ~= content then
    local sequence = tonumber(ARGV[2])
    if kept then sequence = math.max(sequence, struct.unpack('>I4', kept, 17) + 1) end
    kept = content .. struct.pack('>dI4', tonumber(ARGV[1]), sequence)
    is_own = false
  end
  if not is_own then redis.call('HSET', own, name, kept) end
  answer[#answer + 1] = kept
end
if #ARGV > 5 then
  if not begun then
    redis.call('HSET', own, '@', ARGV[5])
    redis.call('PEXPIRE', own, ARGV[3])
  elseif begun ~= ARGV[5] then
    redis.call('PEXPIRE', own, ARGV[4])
  end
end
return answer
"""


def rows_by(secrets: Sequence[bytes]) -> Callable[[str], Sequence[str]]:
    """Return what names the row of a number: digests of it under each secret, the newest first.

    By the keys alone, without a day: a row must outlive days. Whoever has keys and Redis can
    find the rows of numbers that he knows (docs/privacy.md).
    """
    keys = [derive(secret, "first sights") for secret in secrets]

    def row(number: str) -> Sequence[str]:
        return [hmac.digest(key, number.encode(), "sha256")[:16].hex() for key in keys]

    return row


@dataclass(frozen=True, slots=True)
class Sighting:
    """`since` is an epoch second; `sequence` rises with every change."""

    since: float
    sequence: int


def content_of(*facts: object) -> bytes:
    """Return a digest of what something says."""
    return blake2b(repr(facts).encode(), digest_size=CONTENT_BYTES).digest()


class Sightings(Protocol):
    def see(
        self, row: Sequence[str], contents: Mapping[str, bytes], now: float, least: int
    ) -> dict[str, Sighting]:
        """Return since when each named thing of a number, whose `row` this is (`rows_by`), has had
        its content.

        `least` is where a sequence begins that nothing is known of: it must itself rise with
        time, so that sequences go on rising when what was kept is lost.
        """


class MemorySightings:
    """Of one process."""

    def __init__(self, most: int = MAX_IN_MEMORY) -> None:
        self._kept: BoundedLru[str, dict[str, tuple[bytes, Sighting]]] = BoundedLru(most, most)
        self._lock = Lock()

    def see(
        self, row: Sequence[str], contents: Mapping[str, bytes], now: float, least: int
    ) -> dict[str, Sighting]:
        with self._lock:
            things = self._kept.get(row[0]) or {}
            self._kept.put(row[0], things, 1)
            for thing, content in contents.items():
                kept, sighting = things.get(thing, (b"", None))
                if sighting is None or kept != content:
                    sequence = max(least, sighting.sequence + 1) if sighting else least
                    things[thing] = (content, Sighting(now, sequence))
            return {thing: things[thing][1] for thing in contents}


class RedisSightings:
    """Of all processes and nodes; while Redis is away everything was first seen now."""

    def __init__(self, client: BriefRedis, keep_seconds: float) -> None:
        self._keep_ms = int(keep_seconds * 1000)
        self._script: Callable[..., list[bytes]] = client.register_script(_SEE)

    def see(
        self, row: Sequence[str], contents: Mapping[str, bytes], now: float, least: int
    ) -> dict[str, Sighting]:
        pairs = [each for pair in contents.items() for each in pair]
        first_ms = min(self._keep_ms, _SHORT_SECONDS * 1000)
        arguments = [repr(now), least, first_ms, self._keep_ms, int(now // DAY_SECONDS), *pairs]
        try:
            kept = self._script([_PREFIX + name for name in row], arguments)
        except RedisDown:
            return {name: Sighting(now, least) for name in contents}
        read = (_KEPT.unpack(each) for each in kept)
        return {
            name: Sighting(since, sequence)
            for name, (_, since, sequence) in zip(contents, read, strict=True)
        }
