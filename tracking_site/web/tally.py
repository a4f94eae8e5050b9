"""What is counted of frames: a few events by the slug of a listed partner, of no person."""

from collections.abc import Callable, Mapping

from ..records import current

Count = Callable[[str, str], None]
"""Counts an event of a partner, both by name."""

_EVENTS: Mapping[str, tuple[str, ...]] = {
    "found": ("lookup",),
    "not_found": ("lookup", "miss"),
    "unavailable": ("lookup",),
    "challenge": ("challenge",),
    "refused": ("refusal",),
}
"""By outcome. A number that cannot be one was never looked up."""


def events_of(view: str, shown: str) -> tuple[str, ...]:
    """Return what the request being served counts as.

    `view` is the frame's: form, look_up, result, …; `shown` is "card" or "nothing" where that
    came instead. Reading a result again and polls are no lookups; a refusal there is one.
    """
    if shown:
        return ("card",) if shown == "card" else ()
    if view == "form":
        return ("frame",)
    record = current()
    events = _EVENTS.get(record.outcome, ()) if record else ()
    return events if view == "look_up" or events == ("refusal",) else ()
