"""What is kept of a network for a day, and how it moves. No clock, no store, no address.

`lua/rows.lua` says the same for Redis; a test holds both together over random operations.
"""

from __future__ import annotations

import math
from functools import partial
from typing import NamedTuple

from .policy import NEVER, Policy

POINT = 100
"""Rows keep suspicion in hundredths of a point, so that memory and Redis add alike."""

MAX_WINDOWS = 0x7FFF
"""Windows ahead that a row's end of a refusal can lie; further on it lies behind."""

MAX_STRIKES = 15

MAX_NUMBERS, MAX_COUNT = 65_535, 255
"""What a row can hold in two bytes, and in one."""


class Row(NamedTuple):
    """A network's day.

    `window` counts periods of `Policy.in_flight_seconds`; `under_way` and `before` are numbers
    reserved in it and in the one before that have no answer yet. `unproven` are numbers asked
    since it last proved to be a crowd, but for those that got no answer; `crowd` is 1 once
    it did. `until` is the window in which its refusal ends (0: none), `strikes` how often it
    was refused today.
    """

    distinct: int = 0
    suspicion: int = 0
    window: int = 0
    under_way: int = 0
    before: int = 0
    tickets: int = 0
    unproven: int = 0
    crowd: int = 0
    until: int = 0
    strikes: int = 0


FRESH = Row()

row_of = partial(tuple.__new__, Row)
"""Makes a row of a tuple of all its fields, at half of what Row(...) costs."""


class Bounds(NamedTuple):
    """From where networks of one width are refused for a while, and where they go on from.

    Points in hundredths, times in windows. `unproven` are unproven numbers, `more` those that
    each refusal's end allows on top. A crowd has bounds of its own.
    """

    refuse: int = NEVER
    released: int = NEVER
    windows: int = 0
    crowd_released: int = NEVER
    crowd_windows: int = 0
    unproven: int = NEVER
    more: int = 0


class WidthBounds(NamedTuple):
    """The bounds of an address, of the networks around it, and of those never refused so."""

    first: Bounds
    second: Bounds
    third: Bounds
    carrier: Bounds


def widths_of(policy: Policy) -> WidthBounds:
    windows = math.ceil(policy.refuse_seconds / policy.in_flight_seconds)
    crowd_windows = math.ceil(policy.crowd_refuse_seconds / policy.in_flight_seconds)

    def bounds(points: int, crowd_points: int, crowd_windows: int) -> Bounds:
        limit, released = points * POINT, (points - policy.released_points) * POINT
        return Bounds(limit, released, windows, (points - crowd_points) * POINT, crowd_windows)

    first = bounds(policy.refuse_suspicion, policy.crowd_released_points, crowd_windows)
    second = bounds(policy.second_refuse_suspicion, policy.released_points, windows)
    return WidthBounds(
        first,
        second._replace(unproven=policy.second_refuse_unproven, more=policy.second_unproven_more),
        bounds(policy.third_refuse_suspicion, policy.released_points, windows),
        carrier=Bounds(),
    )


def window_of(now: float, in_flight_seconds: int) -> int:
    """The period to which a reservation belongs, as 16 bits."""
    return int(now // in_flight_seconds) & 0xFFFF


def windows_left(row: Row, window: int) -> int:
    """Return how many windows the row's refusal still lasts; 0 when it is not refused."""
    if not row.until:
        return 0
    left = (row.until - window) & 0xFFFF
    return left if left <= MAX_WINDOWS else 0


def rested(row: Row, window: int, bounds: Bounds) -> Row:
    """Return the row as it stands in `window`: a refusal that is over leaves it just below.

    What the network asked and missed stays; time alone forgives nothing else.
    """
    if not row.until and row.suspicion < bounds.refuse:
        return row
    if windows_left(row, window):
        return row
    released = bounds.crowd_released if row.crowd else bounds.released
    return row._replace(
        suspicion=min(row.suspicion, released),
        unproven=min(row.unproven, bounds.unproven - bounds.more),
        until=0,
    )


def carried_over(row: Row) -> Row:
    """Return the row with which a network of yesterday begins today: half its suspicion.

    Less than a point is nothing, so that most rows need not be kept overnight.
    """
    return Row(suspicion=0 if abs(row.suspicion) < 2 * POINT else int(row.suspicion / 2))


def under_way(row: Row, window: int) -> int:
    """Return how many numbers of the row are still being asked, as seen from `window`."""
    now, before, _ = _windows(row, window)
    return now + before


def reserved(row: Row, window: int, new: int, ticket: int, bounds: Bounds, policy: Policy) -> Row:
    """Return the row after a number was let through, before its answer is known.

    `new` is 0 for a number that the same network asked before and got no answer to.
    """
    now, before, window = _windows(row, window)
    distinct, suspicion, _, _, _, tickets, unproven, crowd, until, strikes = row
    # Comparisons cost half of what min() does, and this is done for every lookup.
    distinct += new if distinct < MAX_NUMBERS else 0
    now += 1 if now < MAX_COUNT else 0
    tickets += ticket if tickets < MAX_COUNT else 0
    unproven += 1 if unproven < MAX_NUMBERS else 0
    row = row_of(
        (distinct, suspicion, window, now, before, tickets, unproven, crowd, until, strikes)
    )
    if unproven >= bounds.unproven and suspicion > policy.proven * POINT:
        return _struck(row, window, bounds)
    return row


def freed(row: Row, window: int, is_answered: bool) -> Row:
    """Return the row after the number that was reserved in `window` is no longer under way.

    One that got no answer is none of the network's unproven numbers either.
    """
    now, before = row.under_way, row.before
    if window == row.window:
        now = max(0, now - 1)
    elif window == row.window - 1:
        before = max(0, before - 1)
    distinct, suspicion, of, _, _, tickets, unproven, crowd, until, strikes = row
    unproven = unproven if is_answered else max(0, unproven - 1)
    return row_of((distinct, suspicion, of, now, before, tickets, unproven, crowd, until, strikes))


def booked(
    row: Row, reserved_in: int, window: int, change: int, bounds: Bounds, policy: Policy
) -> Row:
    """Return the row after an answer in `window` for a number reserved in `reserved_in`.

    That number is under way no more. `change` is in hundredths of a point: positive for a miss,
    negative for a hit.
    """
    if row.until or row.suspicion >= bounds.refuse:
        row = rested(row, window, bounds)
    distinct, suspicion, of, now, before, tickets, unproven, crowd, until, strikes = row
    # As in freed(), without a row between: this is done for every lookup.
    if reserved_in == of:
        now -= 1 if now else 0
    elif reserved_in == of - 1:
        before -= 1 if before else 0
    suspicion = moved(suspicion, change, policy)
    if suspicion <= policy.proven * POINT:
        until = 0
        if suspicion <= policy.crowd_suspicion * POINT and distinct >= policy.crowd_numbers:
            unproven, crowd = 0, 1
    row = row_of((distinct, suspicion, of, now, before, tickets, unproven, crowd, until, strikes))
    return row if suspicion < bounds.refuse else _struck(row, window, bounds)


def moved(suspicion: int, change: int, policy: Policy) -> int:
    """Return the random walk's next place, held between its floor and its top."""
    suspicion += change
    floor, top = policy.suspicion_floor * POINT, policy.suspicion_top * POINT
    return floor if suspicion < floor else top if suspicion > top else suspicion


def _struck(row: Row, window: int, bounds: Bounds) -> Row:
    """The row refused for a while, each time twice as long, unless it is refused already."""
    if windows_left(row, window):
        return row
    first = bounds.crowd_windows if row.crowd else bounds.windows
    until = window + min(first << row.strikes, MAX_WINDOWS) & 0xFFFF
    return row._replace(until=until or 1, strikes=min(row.strikes + 1, MAX_STRIKES))


def _windows(row: Row, window: int) -> tuple[int, int, int]:
    """Numbers under way in this window and the one before, and the window to go on from.

    A clock that moved back by one window goes on in the later one; by more, it starts again.
    """
    passed = window - row.window
    if passed == 0:
        return row.under_way, row.before, window
    if passed == 1:
        return 0, row.under_way, window
    if passed == -1:
        return row.under_way, row.before, row.window
    return 0, 0, window
