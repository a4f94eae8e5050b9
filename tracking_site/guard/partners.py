"""A partner's traffic beyond three of its own usual hours costs its visitors one level more.

Never a refusal: a reader of a news site is not to blame for what others do there.
`lua/partners.lua` says the same for Redis.
"""

import math
from typing import NamedTuple

from .policy import Policy
from .rules import Weighed

HOUR_SECONDS = 3_600


class PartnerQuota(NamedTuple):
    """A site that embeds, as the guard knows it. `daily_lookups` 0 means no daily quota."""

    slug: str
    daily_lookups: int = 0


class PartnerHour(NamedTuple):
    """New numbers of a partner's visitors in this hour and day, and in its usual hour."""

    hour: int = -1
    numbers: int = 0
    usual: float = 0.0
    day: int = -1
    today: int = 0


def hour_of(now: float) -> int:
    """The hour of `now`, counted from the epoch."""
    return math.floor(now / HOUR_SECONDS)


def advanced(traffic: PartnerHour, hour: int, day: int, policy: Policy) -> PartnerHour:
    """The traffic as seen from `hour` of `day`, with the hours that ended learned as usual.

    What an hour teaches is held at three usual hours, so that a burst does not become usual.
    A clock that moved back by up to a day goes on in the latest hour.
    """
    today = traffic.today if day == traffic.day else 0
    if traffic.hour < 0 or hour < traffic.hour - 24:
        return PartnerHour(hour, 0, max(traffic.usual, float(policy.partner_least)), day, 0)
    if hour <= traffic.hour:
        return PartnerHour(traffic.hour, traffic.numbers, traffic.usual, day, today)
    taught = min(float(traffic.numbers), policy.partner_factor * traffic.usual)
    usual = traffic.usual
    for _ in range(min(hour - traffic.hour, policy.partner_memory_hours)):
        usual = max(
            usual + (taught - usual) / policy.partner_memory_hours, float(policy.partner_least)
        )
        taught = 0.0
    return PartnerHour(hour, 0, usual, day, today)


def counted(traffic: PartnerHour) -> PartnerHour:
    return traffic._replace(numbers=traffic.numbers + 1, today=traffic.today + 1)


def counts(at: Weighed, policy: Policy) -> bool:
    """Return whether a number is one of the partner's traffic: new, and no stranger's."""
    row = at.first
    return not at.again and (row.crowd == 1 or row.distinct < policy.partner_numbers_each)


def level(traffic: PartnerHour, daily_lookups: int, policy: Policy) -> int:
    """How many levels more the partner's visitors pay: 0 or 1."""
    over_hour = traffic.numbers >= policy.partner_factor * traffic.usual
    over_day = 0 < daily_lookups <= traffic.today
    return int(over_hour or over_day)
