"""Sentinels that hang, while the master that they named is well."""

import pytest
from redis.sentinel import MasterNotFoundError

from tests.clock import Clock
from tracking_site.redis import connections
from tracking_site.redis.connections import (
    SENTINEL_SECONDS,
    SENTINEL_SHARE,
    IdleConnections,
    connections_to,
)

MINUTE = 60.0


@pytest.mark.parametrize(
    ("takes", "is_found"), [(0.001, True), (0.001, False), (0.75, False), (0.2, True)]
)
def test_sentinels_that_hang_are_asked_more_seldom(
    monkeypatch: pytest.MonkeyPatch, takes: float, is_found: bool
) -> None:
    """Somebody waited for them in every second."""
    pool = connections_to("redis+sentinel://127.0.0.1:1/main/0", connect=0.25, answer=0.25)
    clock, asked = Clock(), 0

    def ask() -> None:
        nonlocal asked
        asked += 1
        clock.advance(takes)
        if not is_found:
            raise MasterNotFoundError

    monkeypatch.setattr(connections, "monotonic", clock)
    monkeypatch.setattr(IdleConnections, "get_connection", lambda *_: None)
    monkeypatch.setattr(pool, "get_master_address", ask)
    end = clock.now + MINUTE
    while clock.now < end:
        pool.get_connection()
        clock.advance(0.01)
    most = MINUTE / max(SENTINEL_SECONDS, takes / SENTINEL_SHARE)
    assert 0.9 * most - 1 <= asked <= most + 1
