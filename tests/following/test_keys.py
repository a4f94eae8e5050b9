"""Private addresses: they open until somebody takes them back, and then for nobody."""

import time

import pytest

from tests.clock import Clock
from tests.losing import LOSSES, Losing, Loss
from tracking_site.following.forgotten import (
    LATE_AT_ONCE,
    MAX_LATE,
    Forgotten,
    LateForgotten,
    MemoryForgotten,
    RedisForgotten,
)
from tracking_site.following.keys import Addresses, CannotTell, Revoked, digest_of
from tracking_site.redis.client import BriefRedis, RedisDown
from tracking_site.sealing import Expired, NotSealed, Purpose, Sealer

SECRET = b"a secret of these tests, long enough to be one"
NUMBER = "00001234567"
DAY = 86_400


class StoreAway:
    """A store that does not answer."""

    def add(self, digest: str, until: int) -> None:
        raise RedisDown

    def holds(self, *digests: str) -> bool:
        raise RedisDown


def addresses(
    forgotten: Forgotten,
    clock: Clock,
    purpose: Purpose = Purpose.WATCH,
    revoked: frozenset[str] = frozenset(),
    is_strict: bool = True,
) -> Addresses:
    is_ticket = purpose is Purpose.TICKET
    lifetime = 1800 if is_ticket else 90 * DAY
    sealer = Sealer([SECRET], purpose, lifetime, clock)
    return Addresses(sealer, forgotten, revoked, is_strict=is_strict, ends_families=is_ticket)


def test_an_address_opens_for_ninety_days(forgotten: Forgotten, clock: Clock) -> None:
    keys = addresses(forgotten, clock)
    key = keys.seal(NUMBER)
    clock.now += 90 * DAY - 1
    assert keys.open(key).number == NUMBER
    clock.now += 1
    with pytest.raises(Expired):
        keys.open(key)


def test_an_address_taken_back_opens_nowhere_from_then_on(
    forgotten: Forgotten, clock: Clock
) -> None:
    here, elsewhere = addresses(forgotten, clock), addresses(forgotten, clock)
    key, other = here.seal(NUMBER), here.seal(NUMBER)
    here.forget(key)
    for keys in (here, elsewhere):
        with pytest.raises(Revoked):
            keys.open(key)
        assert keys.open(other).number == NUMBER
    with pytest.raises(Revoked):
        here.forget(key)


@pytest.mark.parametrize(
    ("purpose", "other"),
    [(Purpose.WATCH, Purpose.TICKET), (Purpose.TICKET, Purpose.WATCH)],
)
def test_a_ticket_is_no_key_and_a_key_no_ticket(
    clock: Clock, purpose: Purpose, other: Purpose
) -> None:
    memory = MemoryForgotten(clock)
    sealed = addresses(memory, clock, purpose).seal(NUMBER)
    with pytest.raises(NotSealed):
        addresses(memory, clock, other).open(sealed)
    with pytest.raises(NotSealed):
        addresses(memory, clock, other).forget(sealed)


def test_an_operator_revokes_by_digest(clock: Clock) -> None:
    memory = MemoryForgotten(clock)
    key = addresses(memory, clock).seal(NUMBER)
    revoked = addresses(memory, clock, revoked=frozenset({digest_of(key)}))
    with pytest.raises(Revoked):
        revoked.open(key)
    assert revoked.open(revoked.seal(NUMBER)).number == NUMBER


def test_while_the_store_is_away_no_private_address_opens_and_tickets_do(clock: Clock) -> None:
    keys = addresses(StoreAway(), clock)
    tickets = addresses(StoreAway(), clock, Purpose.TICKET, is_strict=False)
    with pytest.raises(CannotTell):
        keys.open(keys.seal(NUMBER))
    ticket = tickets.seal(NUMBER)
    assert tickets.open(ticket).number == NUMBER
    with pytest.raises(CannotTell):
        tickets.forget(ticket)


@pytest.mark.redis
@pytest.mark.parametrize("loss", LOSSES)
def test_what_was_cleared_while_redis_was_away_is_ended_everywhere_when_it_is_back(
    redis: BriefRedis, clock: Clock, loss: Loss
) -> None:
    """As in the second in which it is left alone after one command took too long."""
    losing = Losing(redis)
    elsewhere, here = (
        addresses(LateForgotten(store, clock), clock, Purpose.TICKET, is_strict=False)
        for store in (RedisForgotten(redis, clock), RedisForgotten(redis, clock))
    )
    tickets = [here.seal(NUMBER) for _ in range(LATE_AT_ONCE + 1)]
    losing.lose(loss, *range(1, 1_000))
    for ticket in tickets:
        with pytest.raises(CannotTell):
            here.forget(ticket)
        with pytest.raises(Revoked):
            here.open(ticket)
    redis._breaker.succeeded(redis._breaker._turn)
    losing.lose(loss)
    for _ in range(2):
        assert here.open(here.seal(NUMBER)).number == NUMBER
    for ticket in tickets:
        with pytest.raises(Revoked):
            elsewhere.open(ticket)
    losing.lose(loss)
    here.open(here.seal(NUMBER))
    assert len(losing.asked) == 1


def test_what_could_not_be_written_down_is_kept_no_longer_than_it_opens_nor_without_end(
    clock: Clock,
) -> None:
    memory = MemoryForgotten(clock)
    late = LateForgotten(StoreAway(), clock)
    for number in range(MAX_LATE + 5):
        with pytest.raises(RedisDown):
            late.add(f"digest {number}", int(clock.now) + 100)
    assert len(late._late) == MAX_LATE
    clock.now += 100
    late._store = memory
    for _ in range(MAX_LATE // LATE_AT_ONCE + 1):
        late.holds("another")
    assert not late._late
    assert len(memory._until) == 0


@pytest.mark.parametrize("by_place", [False, True])
def test_no_open_page_outlives_by_an_outage_what_is_kept_of_its_clearing(
    clock: Clock, by_place: bool
) -> None:
    tickets = addresses(MemoryForgotten(clock), clock, Purpose.TICKET, is_strict=False)
    away = addresses(StoreAway(), clock, Purpose.TICKET, is_strict=False)
    shown = tickets.seal(NUMBER)
    family = tickets.family_of(shown)
    tickets.forget(shown)
    if by_place:
        # A place that was given by then leads to an answer in its last second.
        clock.now += 1_799
        shown = away.seal_of(NUMBER, family)
    with pytest.raises(Expired):
        for _ in range(DAY):
            clock.now += 300
            # Only what is added lets go of what is past.
            tickets.forget(tickets.seal(NUMBER))
            with pytest.raises((Revoked, Expired)):
                tickets.open(shown)
            shown = away.renew(shown, away.open(shown))


def test_a_digest_leaves_memory_with_the_address_that_it_stands_for(clock: Clock) -> None:
    memory = MemoryForgotten(clock)
    keys = addresses(memory, clock)
    keys.forget(keys.seal(NUMBER))
    clock.now += 90 * DAY
    keys.forget(keys.seal(NUMBER))
    assert len(memory._until) == 1


def test_memory_is_bounded_and_keeps_what_lives_longest(clock: Clock) -> None:
    memory = MemoryForgotten(clock, most=10)
    for n in range(20):
        memory.add(f"digest {n}", int(clock.now) + 100 + n)
    assert len(memory._until) == 10
    assert memory.holds("digest 19")
    assert not memory.holds("digest 0")


@pytest.mark.redis
def test_redis_keeps_a_digest_for_the_rest_of_its_time_and_nothing_of_the_address(
    redis: BriefRedis, clock: Clock
) -> None:
    keys = addresses(RedisForgotten(redis, clock), clock)
    key = keys.seal(NUMBER)
    keys.forget(key)
    [name] = redis.keys("*")
    assert key not in name.decode()
    assert NUMBER not in name.decode()
    assert redis.get(name) == b""
    assert 89 * DAY < redis.ttl(name) <= 90 * DAY + 1


@pytest.mark.redis
@pytest.mark.parametrize("ahead", [-200 * DAY, 200 * DAY])
def test_a_redis_with_another_clock_keeps_what_was_taken_back_as_long(
    redis: BriefRedis, clock: Clock, ahead: int
) -> None:
    clock.now = time.time() - ahead
    keys = addresses(RedisForgotten(redis, clock), clock)
    key = keys.seal(NUMBER)
    keys.forget(key)
    with pytest.raises(Revoked):
        keys.open(key)
    [name] = redis.keys("*")
    assert 89 * DAY < redis.ttl(name) <= 90 * DAY + 1


STORED = {
    Purpose.TICKET: (
        "Ao8sApb8NQsctBiIQeAY6kYLmH_znnDf9N0r5fR4v40LxfGr5KqWO6WJ_We6wUl-9Gz2V6wr9yozkhG_2HGSp9k"
    ),
    Purpose.WATCH: (
        "AmIgcFcJDnCuUIwNbETSUU2U0Y5cGg22CFOJZxjgzO6jHmxqk4-gVSy0XuRsTeeUrrmG0bt8qha5TjTDOJXU8n8"
    ),
}
"""Sealed when the clock of these tests begins, under `SECRET`: such lie with people."""


@pytest.mark.parametrize("purpose", STORED)
def test_what_was_given_out_opens_until_it_ends_and_can_be_taken_back(
    forgotten: Forgotten, clock: Clock, purpose: Purpose
) -> None:
    keys = addresses(forgotten, clock, purpose)
    address = keys.open(STORED[purpose])
    assert address.number == NUMBER
    assert keys.is_young(address)
    clock.now = address.expires_at - 1
    assert keys.open(STORED[purpose]).number == NUMBER
    keys.forget(STORED[purpose])
    with pytest.raises(Revoked):
        keys.open(STORED[purpose])
    clock.now += 1
    with pytest.raises(Expired):
        keys.open(STORED[purpose])


def test_a_cleared_ticket_ends_with_all_of_its_family_and_no_other(
    forgotten: Forgotten, clock: Clock
) -> None:
    tickets = addresses(forgotten, clock, Purpose.TICKET)
    first, other = tickets.seal(NUMBER), tickets.seal(NUMBER)
    clock.now += 1000
    second = tickets.renew(first, tickets.open(first))
    third = tickets.renew(second, tickets.open(second))
    tickets.forget(second)
    for ticket in (first, second, third):
        with pytest.raises(Revoked):
            tickets.open(ticket)
    assert tickets.open(other).number == NUMBER


@pytest.mark.parametrize("cleared_after", [0, 900, 1799, 20_000, DAY - 1])
def test_nothing_of_a_cleared_family_opens_again_and_little_is_kept_of_it(
    clock: Clock, cleared_after: int
) -> None:
    """Clearing is free: what was kept of each for a day filled a store."""
    memory = MemoryForgotten(clock)
    tickets = addresses(memory, clock, Purpose.TICKET)
    given = [tickets.seal(NUMBER)]
    begun = clock.now
    while clock.now < begun + cleared_after:
        clock.now = min(clock.now + 700, begun + cleared_after)
        given.append(tickets.renew(given[-1], tickets.open(given[-1])))
    # As a place in the line does, whose answers are of one family.
    family = tickets.open(given[-1]).opened.family
    given.append(tickets.seal_of(NUMBER, family))
    tickets.forget(given[-1])
    # One more is renewed by a process that cannot ask the store.
    clock.now += 1_000
    away = addresses(StoreAway(), clock, Purpose.TICKET, is_strict=False)
    given.append(away.renew(given[-1], away.open(given[-1])))
    for _ in range(300):
        clock.now += 290
        for each in given:
            with pytest.raises((Revoked, Expired)):
                tickets.open(each)
    tickets.forget(tickets.seal(NUMBER))
    assert len(memory._until) == 1
    clock.now += 3_601
    tickets.forget(tickets.seal(NUMBER))
    assert len(memory._until) == 1


def test_renewals_end_a_day_after_the_first_moment(clock: Clock) -> None:
    tickets = addresses(MemoryForgotten(clock), clock, Purpose.TICKET)
    begun, ticket = clock.now, tickets.seal(NUMBER)
    with pytest.raises(Expired):
        while clock.now < begun + 2 * DAY:
            clock.now += 1000
            ticket = tickets.renew(ticket, tickets.open(ticket))
    assert begun + DAY - 1800 < clock.now <= begun + DAY + 1000


@pytest.mark.parametrize("stored", [False, True])
def test_a_renewed_ticket_is_no_young_one_after_the_time_of_the_first(
    clock: Clock, stored: bool
) -> None:
    tickets = addresses(MemoryForgotten(clock), clock, Purpose.TICKET)
    ticket = STORED[Purpose.TICKET] if stored else tickets.seal(NUMBER)
    clock.now += 1200
    ticket = tickets.renew(ticket, tickets.open(ticket))
    assert tickets.is_young(tickets.open(ticket))
    clock.now += 700
    assert not tickets.is_young(tickets.open(ticket))
