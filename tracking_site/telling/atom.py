"""An Atom feed (RFC 4287): one entry for each milestone, under tag: names (RFC 4151).

The entry of the milestone where a claim stands says what the page says now; the others say what
was done, with days that read the same ever after. Each is updated when what it says changes.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from ..domain.claims import Claim, ClaimState
from ..following.sightings import content_of
from .source import FeedSource, utc

MEDIA_TYPE = "application/atom+xml"
_NAMESPACE = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAMED_SINCE = "2026"


@dataclass(frozen=True, slots=True)
class AtomEntry:
    name: str
    title: str
    text: str
    stage: str
    stage_in_words: str
    published: datetime
    updated: datetime
    address: str


def write(source: FeedSource) -> bytes:
    """Return the feed as UTF-8, newest entry first."""
    w, presented = source.words, source.presented
    # Of several steps of one moment the last one is the newest.
    in_order = reversed([*_entries(source)])
    entries = sorted(in_order, key=lambda entry: entry.published, reverse=True)
    updated = _updates(source, entries)
    references = w.join([journey.claim.reference for journey in presented.journeys])
    feed = Element("feed", {"xmlns": _NAMESPACE, "xml:lang": w.language})
    _add(feed, "id", f"{_tag(source)}:pantau/{source.key}/{w.language}")
    _add(feed, "title", f"{references} · {source.site_name}")
    _add(feed, "updated", _stamp(max(updated.values(), default=source.now)))
    _add(SubElement(feed, "author"), "name", source.site_name)
    SubElement(feed, "link", {"rel": "self", "type": MEDIA_TYPE, "href": source.self_url})
    _lead_to(feed, source.page_url)
    for entry in entries:
        element = SubElement(feed, "entry")
        _add(element, "id", f"{_tag(source)}:{entry.name}")
        _add(element, "title", entry.title)
        # The core's clock may be ahead of ours.
        _add(element, "published", _stamp(min(entry.published, updated[entry.name])))
        _add(element, "updated", _stamp(updated[entry.name]))
        _lead_to(element, entry.address)
        category = {"term": entry.stage, "label": entry.stage_in_words}
        SubElement(element, "category", {name: _clean(text) for name, text in category.items()})
        content = SubElement(element, "content", {"type": "text"})
        content.text = _clean(entry.text)
    document: bytes = tostring(feed, "utf-8", xml_declaration=True)
    return document


def _entries(source: FeedSource) -> Iterator[AtomEntry]:
    w, several = source.words, len(source.presented.journeys) > 1
    for name, journey in source.named_journeys():
        claim = journey.claim
        # As the page names it (_claim.html): by its own number, whatever stands first.
        address = f"{source.page_url}#klaim-{journey.place}" if several else source.page_url
        times: Counter[str] = Counter()
        entered = [step for step in journey.steps if step.place is not None]
        for step, milestone in zip(entered, claim.milestones, strict=True):
            times[milestone.stage] += 1
            is_last = step is entered[-1]
            title = f"{w.code('service_short', claim.service)}: {step.title}"
            texts: list[object] = [*step.texts, step.note]
            if is_last:
                texts = [journey.headline, journey.todo.title, journey.todo.text]
                if claim.state != ClaimState.IN_PROGRESS:
                    title = f"{title} ({journey.state})"
            yield AtomEntry(
                name=f"{name}/{milestone.stage}/{times[milestone.stage]}",
                title=title,
                text="\n".join(str(each) for each in texts if each),
                stage=milestone.stage,
                stage_in_words=step.title,
                published=milestone.entered_at,
                updated=_last_moment(claim) if is_last else milestone.entered_at,
                address=address,
            )


def _updates(source: FeedSource, entries: list[AtomEntry]) -> dict[str, datetime]:
    """Return when each entry last changed: since it says what it says."""
    # Each language is seen on its own: the same facts read differently in the other.
    contents = {
        f"{source.words.language}:{entry.name}": content_of(entry.title, entry.text)
        for entry in entries
    }
    seen = source.see(contents, lambda _: 0)
    updated = {entry.name: min(entry.updated, source.now) for entry in entries}
    for name, sighting in seen.items():
        if sighting.sequence:
            name = name.partition(":")[2]
            updated[name] = max(updated[name], utc(sighting.since))
    return updated


def _last_moment(claim: Claim) -> datetime:
    """Return the latest moment that a claim tells of itself."""
    moments = [claim.milestones[-1].entered_at, *(notice.sent_at for notice in claim.notices)]
    if claim.payment:
        moments += filter(None, (claim.payment.sent_at, claim.payment.returned_at))
    return max(moments)


def _tag(source: FeedSource) -> str:
    return f"tag:{source.authority},{_NAMED_SINCE}"


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _lead_to(parent: Element, address: str) -> None:
    """Name the page that a reader opens; many open nothing where `rel` is only implied."""
    link = {"rel": "alternate", "type": "text/html", "href": address}
    SubElement(parent, "link", link)


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _clean(text)


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)
