"""Since when the site has seen something as it is: times and sequence numbers for readers.

The core says when stages were entered, not when a document or an appointment changed. A
calendar and a feed need both an order and a moment, so the first sight of each content is
written down: a digest, a moment, a count. No fact of a claim and no number is kept.
"""

import struct
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock
from typing import Protocol

from ..redis.client import BriefRedis, RedisDown

CONTENT_BYTES = 8
MOST_IN_MEMORY = 50_000
"""Addresses whose sightings one process keeps; the one asked for longest ago leaves."""

_KEPT = struct.Struct(">8sdI")
_PREFIX = "seen:1:"

# KEYS: the hash of an address. ARGV: now, least sequence, milliseconds to keep, then name and
# content in turn. Answers what is kept of each, after writing what is new.
_SEE = """
local answer = {}
for place = 4, #ARGV, 2 do
  local name, content = ARGV[place], ARGV[place + 1]
  local kept = redis.call('HGET', KEYS[1], name)
  if not kept or string.sub(kept, 1, 8) ~= content then
    local sequence = tonumber(ARGV[2])
    if kept then sequence = math.max(sequence, struct.unpack('>I4', kept, 17) + 1) end
    kept = content .. struct.pack('>dI4', tonumber(ARGV[1]), sequence)
    redis.call('HSET', KEYS[1], name, kept)
  end
  answer[#answer + 1] = kept
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return answer
"""


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
        self, digest: str, contents: Mapping[str, bytes], now: float, least: int
    ) -> dict[str, Sighting]:
        """Return since when each named thing of an address has had its content.

        `least` is where a sequence begins that nothing is known of: it must itself rise with
        time, so that sequences go on rising when what was kept is lost.
        """
        ...


class MemorySightings:
    """Of one process."""

    def __init__(self, most: int = MOST_IN_MEMORY) -> None:
        self._most = most
        self._kept: OrderedDict[str, dict[str, tuple[bytes, Sighting]]] = OrderedDict()
        self._lock = Lock()

    def see(
        self, digest: str, contents: Mapping[str, bytes], now: float, least: int
    ) -> dict[str, Sighting]:
        with self._lock:
            things = self._kept.setdefault(digest, {})
            self._kept.move_to_end(digest)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
            for name, content in contents.items():
                kept, sighting = things.get(name, (b"", None))
                if sighting is None or kept != content:
                    sequence = max(least, sighting.sequence + 1) if sighting else least
                    things[name] = (content, Sighting(now, sequence))
            return {name: things[name][1] for name in contents}


class RedisSightings:
    """Of all processes and nodes; while Redis is away everything was first seen now."""

    def __init__(self, client: BriefRedis, keep_seconds: float) -> None:
        self._keep_ms = int(keep_seconds * 1000)
        self._script: Callable[..., list[bytes]] = client.register_script(_SEE)

    def see(
        self, digest: str, contents: Mapping[str, bytes], now: float, least: int
    ) -> dict[str, Sighting]:
        pairs = [each for pair in contents.items() for each in pair]
        arguments = [repr(now), least, self._keep_ms, *pairs]
        try:
            kept = self._script([_PREFIX + digest], arguments)
        except RedisDown:
            return {name: Sighting(now, least) for name in contents}
        read = (_KEPT.unpack(each) for each in kept)
        return {
            name: Sighting(since, sequence)
            for name, (_, since, sequence) in zip(contents, read, strict=True)
        }
