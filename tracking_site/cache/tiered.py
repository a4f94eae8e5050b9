"""The memory of a process in front of Redis: nearer while it may be trusted, alone while it must.

A copy is trusted for two seconds, then Redis is asked whether it still holds. While Redis cannot
be used, memory goes on with what it has and what it fetches; when Redis is back, copies count
again only if nothing was forgotten meanwhile.
"""

from collections.abc import Callable
from dataclasses import replace

from ..redis.client import RedisDown
from .config import RedisConfig
from .redis_store import RedisStore
from .stores import NEVER, Begun, Entry, Failure, Key, Lead, MemoryStore


class TieredStore:
    """`monotonic` gives the seconds by which copies are trusted."""

    def __init__(
        self,
        near: MemoryStore,
        far: RedisStore,
        config: RedisConfig,
        monotonic: Callable[[], float],
    ) -> None:
        self._near = near
        self._far = far
        self._near_seconds = config.near_seconds
        self._monotonic = monotonic

    def get(self, key: Key) -> Entry | None:
        near = self._near.get(key)
        if near is not None and self._monotonic() - near.seen < self._near_seconds:
            return near
        try:
            found = self._far.get(key, known=near)
        except RedisDown:
            return near
        kept = found.entry
        if near is not None and found.vouches_for(near):
            if kept is None:
                return self._seen(key, near, is_kept=True)
            if near.seen == NEVER and near.snapshot.as_of > kept.snapshot.as_of:
                # What Redis did not take, being away or full, is asked about each time.
                return near
        if kept is not None:
            return self._seen(key, kept, is_kept=kept is near)
        # Without a word about answers that are on their way, which `forget` would have.
        self._near.entries.drop(key)
        return None

    def has_failed(self, key: Key) -> bool:
        return self._near.has_failed(key)

    def begin(self, key: Key) -> Begun:
        near = self._near.begin(key)
        if not isinstance(near, Lead):
            return near
        try:
            far = self._far.begin(key)
        except RedisDown:
            return near
        if isinstance(far, Entry):
            return self._seen(key, far)
        if isinstance(far, Failure):
            self._near.fail(key, near, far)
        if isinstance(far, Lead):
            return replace(far, local=near.local)
        return far

    def renew(self, key: Key, lead: Lead) -> None:
        self._try_far(self._far.renew, key, lead)

    def keep(self, key: Key, lead: Lead, entry: Entry, body: bytes) -> None:
        if lead.token:
            try:
                if not self._far.keep(key, lead, entry, body):
                    return
                entry.seen = self._monotonic()
            except RedisDown:
                # Without a sign from Redis the copy is asked about before it is trusted.
                pass
        self._near.keep(key, lead, entry, body)

    def fail(self, key: Key, lead: Lead, failure: Failure) -> None:
        self._near.fail(key, lead, failure)
        self._try_far(self._far.fail, key, lead, failure)

    def leave(self, key: Key, lead: Lead) -> None:
        self._try_far(self._far.leave, key, lead)

    def forget(self, key: Key) -> bool:
        self._near.forget(key)
        return self._reached(self._far.forget, key)

    def forget_all(self) -> bool:
        self._near.forget_all()
        return self._reached(self._far.forget_all)

    def _seen(self, key: Key, entry: Entry, is_kept: bool = False) -> Entry:
        entry.seen = self._monotonic()
        if not is_kept:
            self._near.put(key, entry)
        return entry

    def _try_far(self, act: Callable[..., None], key: Key, lead: Lead, *rest: object) -> None:
        if lead.token:
            # Where it is not reached the lead lapses by itself within a second.
            self._reached(act, key, lead, *rest)

    def _reached(self, act: Callable[..., None], *arguments: object) -> bool:
        try:
            act(*arguments)
        except RedisDown:
            return False
        return True
