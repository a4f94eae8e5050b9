"""What a template reads of an outcome: its fields and the few sentences made from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ..domain.claims import ClaimState
from ..domain.identifiers import Invalid, Kpj, Nik, parse_identifier
from ..domain.news import NO_NEWS, gone_since, news_since
from ..domain.outcomes import (
    YOUNG,
    Found,
    LineClosed,
    NotFound,
    Unavailable,
    Version,
    Waiting,
)
from ..domain.situation import Need, Situation
from ..guard.challenge import Challenged, WaitTicket
from ..guard.desk import GuardedOutcome
from ..guard.limits import Refused
from ..guard.line import MIN_RELOAD, QUIET
from .journeys import PresentedJourney, present_claim
from .story import Headline
from .words import Words

JAKARTA = ZoneInfo("Asia/Jakarta")

MAX_CARD = 50
"""Characters of the second field that are given back."""

_SAID_BY_THE_COUNT = frozenset({Situation.ACTION, Situation.STOPPED, Situation.UNKNOWN})
"""Situations whose first sentence begins with what the count of several claims says."""

OLD_SECONDS = YOUNG.total_seconds()
"""Seconds from which on a copy past its time tells of a core that does not answer."""

STATUS: Mapping[str, int] = {
    Found.name: 200,
    NotFound.name: 404,
    Invalid.name: 422,
    Challenged.name: 403,
    Refused.name: 429,
    Unavailable.name: 503,
    Waiting.name: 202,
}


@dataclass(frozen=True, slots=True)
class Presented:
    """An outcome as templates read it; what an outcome does not have stays empty."""

    name: str
    typed: str = ""
    card: str = ""
    ticket: str = ""
    masked: str = ""
    ends: str = ""
    kind: str = ""
    reason: str = ""
    length: int = 0
    as_of: datetime | None = None
    checked_at: datetime | None = None
    age_seconds: float = 0.0
    is_stale: bool = False
    is_live: bool = False
    journeys: tuple[PresentedJourney, ...] = ()
    place: str = ""
    seconds: int = 0
    waited: int = 0
    is_down: bool = False
    is_closed: bool = False
    retry_after: int = 0
    come_back_at: datetime | None = None
    challenge: str = ""
    wait: WaitTicket | None = None
    is_early: bool = False
    version: str = ""
    since: str = ""
    has_news: bool = False
    has_same_facts: bool = False
    gone: int = 0
    is_nit: bool = False
    has_letter_o: bool = False
    headline: Headline | None = None
    done: tuple[PresentedJourney, ...] = ()
    fresh: str = ""
    printed: str = ""
    may_be_followed: bool = True
    first: PresentedJourney | None = field(init=False, repr=False, compare=False)
    count: int = field(init=False)
    has_day_ahead: bool = field(init=False)
    is_old_copy: bool = field(init=False)
    status: int = field(init=False)

    def __post_init__(self) -> None:
        """Compute what a template would ask for again and again.

        `first` is the claim that the answer begins with; `has_day_ahead` says whether a calendar
        of all holds a day to come, `is_old_copy` whether to say above all that this is a copy: a
        younger one has a time stamp.
        """
        is_old_copy = self.is_stale and self.age_seconds >= OLD_SECONDS
        object.__setattr__(self, "first", self.journeys[0] if self.journeys else None)
        object.__setattr__(self, "count", len(self.journeys))
        has_day_ahead = any(each.has_day_ahead for each in self.journeys)
        object.__setattr__(self, "has_day_ahead", has_day_ahead)
        object.__setattr__(self, "is_old_copy", is_old_copy)
        object.__setattr__(self, "status", STATUS[self.name])

    @property
    def open_journeys(self) -> tuple[PresentedJourney, ...]:
        """Return those that stand one by one; of several that ended only one line is left."""
        return tuple(each for each in self.journeys if each not in self.done)

    @property
    def is_of_cards(self) -> bool:
        """Return whether the claims are of several cards, so that each row names its own."""
        return len({each.claim.kpj_suffix for each in self.journeys}) > 1

    @property
    def turn(self) -> tuple[str, int]:
        """Return in what the time left is said, and how many: no finer than it is known."""
        if self.seconds < 60:
            return "seconds", -(-self.seconds // 5) * 5
        return "minutes", -(-self.seconds // 60)

    @property
    def dots_behind(self) -> int:
        """Return where in a drawn line of ten the person stands: so many are behind, 0 to 9."""
        return min(9, 10 * self.waited // max(self.waited + self.seconds, 1))

    @property
    def is_for_another_day(self) -> bool:
        """Return whether midnight lies between now and the moment to come back."""
        then = self.come_back_at
        return then is not None and then.hour * 3600 + then.minute * 60 < self.retry_after


def present(
    outcome: GuardedOutcome,
    words: Words,
    now: datetime,
    typed: str = "",
    ticket: str = "",
    card: str = "",
    since: str = "",
    shown: str = "",
) -> Presented:
    """Return what the templates show of an outcome; what was typed is kept to go on with.

    `since` is the version that a person saw before coming, from which news are marked;
    `shown` the one on the page that polls, from which news are announced.
    """
    card = card[:MAX_CARD]
    match outcome:
        case Found():
            return _found(outcome, words, ticket, since, shown)
        case NotFound(identifier):
            return Presented(
                outcome.name,
                ticket=ticket,
                **_number(identifier, words),
                is_nit=isinstance(identifier, Nik) and identifier.is_nit,
                has_letter_o="O" in identifier.canonical,
            )
        case Invalid(reason, length):
            return Presented(outcome.name, typed=typed, card=card, reason=reason, length=length)
        case Challenged(challenge, wait, is_early):
            return Presented(
                outcome.name,
                challenge=challenge,
                wait=wait,
                is_early=is_early,
                **_given_back(typed, card, words),
            )
        case Waiting():
            pause = max(round(outcome.pause), 1)
            # No turn is told for sooner than the page learns of it, where it does so by itself.
            least = pause if MIN_RELOAD <= pause < QUIET else 1
            return Presented(
                outcome.name,
                place=outcome.place,
                seconds=max(round(outcome.seconds), least),
                waited=round(outcome.waited),
                is_down=outcome.is_down,
                retry_after=pause,
            )
        case Refused(retry_after) | Unavailable(retry_after) | LineClosed(retry_after):
            is_closed = isinstance(outcome, LineClosed)
            return Presented(
                Unavailable.name if is_closed else outcome.name,
                ticket=ticket,
                is_closed=is_closed,
                retry_after=max(int(retry_after), 1),
                come_back_at=_full_minute(now + timedelta(seconds=retry_after)),
                **_given_back(typed, card, words),
            )


def _given_back(typed: str, card: str, words: Words) -> dict[str, Any]:
    """Return what was typed, and the number that was read in it where it holds more than that."""
    given, read = {"typed": typed, "card": card}, parse_identifier(typed)
    if isinstance(read, Invalid) or read.canonical == typed.strip().upper():
        return given
    return given | _number(read, words)


def _number(identifier: Nik | Kpj, words: Words) -> dict[str, Any]:
    """Return what a page says of a number: masked, and by its last digits."""
    masked = identifier.masked
    ends = words.code("number", "ends", end=masked[-2:])
    return {"masked": masked, "ends": ends, "kind": identifier.kind}


def _full_minute(moment: datetime) -> datetime:
    """Return the next full minute: pages show no seconds, and whoever comes early is refused."""
    later = moment.astimezone(JAKARTA) + timedelta(seconds=59, microseconds=999_999)
    return later.replace(second=0, microsecond=0)


def _found(outcome: Found, words: Words, ticket: str, since: str, shown: str) -> Presented:
    now = Version.of(outcome)
    version = str(now)
    since = since if Version.parse(since) else shown or version
    # Nothing is new to who sees it for the first time, as most do.
    is_first = since == version
    news = (NO_NEWS,) * len(outcome.claims) if is_first else news_since(since, outcome.claims)
    seen = since if shown in ("", since) else shown
    newer = news if seen == since else news_since(seen, outcome.claims)
    gone = 0 if is_first else gone_since(since, outcome.claims)
    newly_gone = gone if seen == since else gone_since(seen, outcome.claims)
    count = len(outcome.journeys)
    presented = [
        present_claim(journey, count - place, outcome, words, new)
        for place, (journey, new) in enumerate(zip(outcome.journeys, news, strict=True))
    ]
    if count > 1:
        presented = [in_a_row(each, words) for each in presented]
    presented.sort(key=_urgency)
    first = presented[0]
    zone, today = first.standing.zone, first.standing.today
    return Presented(
        outcome.name,
        ticket=ticket,
        **_number(outcome.identifier, words),
        as_of=outcome.as_of,
        checked_at=outcome.checked_at,
        age_seconds=outcome.age_seconds,
        is_stale=outcome.is_stale,
        is_live=outcome.is_live,
        journeys=tuple(presented),
        version=version,
        since=since,
        has_news=set(newer) != {NO_NEWS} or newly_gone > 0,
        has_same_facts=is_first or now.has_facts_of(since),
        gone=gone,
        headline=first.headline if count == 1 else several_headline(presented, words),
        done=tuple(each for each in presented if _is_done(each)) if count > 1 else (),
        fresh=words.stamp(outcome.as_of, zone, today),
        printed=words.moment(outcome.as_of, zone),
    )


def _is_done(journey: PresentedJourney) -> bool:
    is_over = journey.claim.state == ClaimState.COMPLETED and journey.todo.need is Need.DONE
    return is_over and not journey.news_lines


def _urgency(journey: PresentedJourney) -> tuple[int, date, date]:
    """Order claims: what waits for the person, what nobody here knows, what moves, what ended."""
    needed, claim = journey.todo.is_needed, journey.claim
    if journey.standing.is_final:
        is_new = journey.tone == "good" and journey.todo.need is Need.CHECK
        rank = 3 if is_new else 5 if _is_done(journey) else 4
        newest_first = date.max - (claim.submitted_at.date() - date.min)
        return rank, newest_first, date.max
    rank = 0 if needed else 1 if needed is None else 2
    day = journey.headline.day or date.max
    # Of what only moves, a day that comes says more than since when it stands where it is.
    says_since = rank == 2 and journey.tone != "good" and day < journey.standing.today
    return rank, date.max if says_since else day, day


def in_a_row(presented: PresentedJourney, words: Words) -> PresentedJourney:
    """Return a claim with a first sentence for one row of several, where its name stands above.

    The label says no more than the large half needs to be understood.
    """
    standing, headline = presented.standing, presented.headline
    label, key = headline.label, headline.code or presented.situation
    # The label of such a row has a place for the day.
    is_undated = presented.situation is Situation.RETURNED and headline.day is None
    if presented.situation in (Situation.ACTION, Situation.STOPPED):
        label = ""
    elif words.has("row", key) and not is_undated:
        day = words.day_short(headline.day, standing.today) if headline.day else ""
        stage = words.code("stage", standing.claim.service, standing.stage)
        label = words.code("row", key, day=day, stage=stage)
    text = f"{label} {headline.large}".strip()
    return replace(presented, headline=replace(headline, label=label, text=text))


def several_headline(journeys: Sequence[PresentedJourney], words: Words) -> Headline:
    """Return the first sentence of several claims: how many wait, and the first one's own.

    Of the first one's own what the count has said already is left out.
    """
    first, count = journeys[0].headline, len(journeys)
    own = "" if journeys[0].situation in _SAID_BY_THE_COUNT else first.label
    which = _which(journeys, words)
    waiting = sum(each.todo.is_needed is True for each in journeys)
    unknown = sum(each.todo.is_needed is None for each in journeys)
    kinds = {each.is_claim for each in journeys}
    what = "mixed" if len(kinds) > 1 else "claims" if True in kinds else "services"
    key = "several_waiting" if waiting else "several_unknown" if unknown else "several"
    marked = words.headline(
        key,
        n=words.number(waiting or unknown),
        all=words.code("several", what, n=words.number(count)),
        first=" ".join(filter(None, (which, own, first.large))),
    )
    whole = Headline.of(marked, first.says, first.day, first.count, first.code)
    return replace(whole, large=first.large, which=which, own=own)


def _which(journeys: Sequence[PresentedJourney], words: Words) -> str:
    """Return what tells the first of several claims from the others; nothing where nothing does."""
    first, names = journeys[0], {each.name for each in journeys}
    told = [first.name] if len(names) > 1 else []
    suffix = first.claim.kpj_suffix
    suffixes = {each.claim.kpj_suffix for each in journeys if each.name == first.name}
    if suffix and len(suffixes) > 1:
        told.append(f"KPJ {words.code('number', 'ends', end=suffix)}")
    return f"{', '.join(told)}:" if told else ""
