"""A calendar (RFC 5545) of the days that matter: interview, documents, payment, promise.

Moments are written in UTC, so that no time zone needs to be described; days are whole days.
An event keeps its UID; what changes in it raises its SEQUENCE.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial

from ..domain.claims import Claim, zone_of
from ..domain.situation import CalendarDay
from ..domain.standing import BANK_WORKING_DAYS
from ..following.sightings import content_of
from .journeys import PresentedJourney
from .source import FeedSource, utc
from .words import Words, told

MEDIA_TYPE = "text/calendar; method=PUBLISH"
_LINE_BYTES = 75
_ESCAPED = re.compile(r"([\\;,])")
_NOT_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Event:
    name: str
    day: CalendarDay
    title: str
    text: str
    place: str


def write(source: FeedSource) -> bytes:
    """Return the calendar as UTF-8, lines folded and ended as the RFC asks."""
    events = [event for each in source.named_journeys() for event in _events(*each, source)]
    contents = {event.name: content_of(event.day, event.place) for event in events}
    seen = source.see(contents, partial(_hours, source.presented.journeys))
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//{_text(source.site_name)}//Pantau klaim 1//{source.words.language.upper()}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{_text(source.site_name)}",
        f"X-WR-CALNAME:{_text(source.site_name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]
    for event in events:
        sighting = seen[event.name]
        lines += _event_lines(event, source, _moment(utc(sighting.since)), sighting.sequence)
    lines.append("END:VCALENDAR")
    return b"".join(map(_folded, lines))


def _events(name: str, journey: PresentedJourney, source: FeedSource) -> Iterator[Event]:
    w, claim = source.words, journey.claim
    of_claim = f"{w.code('service_short', claim.service)}, {claim.reference}"
    seen: dict[str, int] = {}
    for day in (_registered(claim), *journey.days):
        thing = f"{day.kind}-{day.code}" if day.kind == "document" else day.kind
        seen[thing] = seen.get(thing, 0) + 1
        again = f"-{seen[thing]}" if seen[thing] > 1 else ""
        title, text = _told(day, claim, w)
        yield Event(
            name=f"{thing}{again}-{name}",
            day=day,
            title=f"{title} ({of_claim})",
            text=text,
            place=told(claim.branch.name) if day.code == "branch_visit" else "",
        )


def _registered(claim: Claim) -> CalendarDay:
    """Return the day from which on a claim is known: a calendar has to hold something (3.6)."""
    day = claim.submitted_at.astimezone(zone_of(claim.branch.timezone)).date()
    return CalendarDay("registered", "registered", day, day)


def _told(day: CalendarDay, claim: Claim, w: Words) -> tuple[str, str]:
    match day.kind:
        case "appointment":
            return w.code("appointment", day.code), w.code("appointment_ready", day.code)
        case "document":
            return w.code("calendar", "document", document=w.code("document", day.code)), ""
        case "registered":
            return w.code("calendar", "registered", document=""), ""
        case _:
            title = w.code("calendar", claim.service, day.code, document="")
            bank_days = w.working_days(BANK_WORKING_DAYS)
            return title, w.code("calendar_what", day.code, bank_days=bank_days)


def _event_lines(event: Event, source: FeedSource, seen_at: str, sequence: int) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{event.name}@{source.authority}"
    yield f"DTSTAMP:{seen_at}"
    yield f"LAST-MODIFIED:{seen_at}"
    yield f"SEQUENCE:{sequence}"
    yield from _when(event.day)
    yield f"SUMMARY:{_text(event.title)}"
    if event.text:
        yield f"DESCRIPTION:{_text(event.text)}"
    if event.place:
        yield f"LOCATION:{_text(event.place)}"
    # The form, never the private address: an event is easily passed on.
    yield f"URL:{source.form_url}"
    yield f"STATUS:{_status(event.day)}"
    if not isinstance(event.day.starts, datetime):
        yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _status(day: CalendarDay) -> str:
    if day.is_called_off:
        return "CANCELLED"
    return "TENTATIVE" if day.may_change else "CONFIRMED"


def _when(day: CalendarDay) -> Iterator[str]:
    if isinstance(day.starts, datetime) and isinstance(day.ends, datetime):
        yield f"DTSTART:{_moment(day.starts)}"
        # An end that is no later is none (3.8.2.2).
        if day.ends > day.starts:
            yield f"DTEND:{_moment(day.ends)}"
    else:
        yield f"DTSTART;VALUE=DATE:{_day(day.starts)}"
        yield f"DTEND;VALUE=DATE:{_day(day.ends + timedelta(days=1))}"


def _hours(journeys: Sequence[PresentedJourney], now: datetime) -> int:
    """Return whole hours since the oldest claim came in: a count that only ever rises."""
    begun = min((journey.claim.submitted_at for journey in journeys), default=now)
    return max(int((now - begun).total_seconds() // 3600), 0)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _day(day: date) -> str:
    return day.strftime("%Y%m%d")


def _text(text: str) -> str:
    plain = _NOT_TEXT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _ESCAPED.sub(r"\\\1", plain).replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """Return a line in pieces of at most 75 bytes, no character torn apart (3.1 of the RFC)."""
    pieces, piece, room = [], "", _LINE_BYTES
    for character in line:
        size = len(character.encode())
        if size > room:
            pieces.append(piece)
            piece, room = "", _LINE_BYTES - 1
        piece += character
        room -= size
    pieces.append(piece)
    return "\r\n ".join(pieces).encode() + b"\r\n"
