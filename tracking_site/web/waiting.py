"""The pages of a place in the line before the core.

By htmx a page asks again by itself; a whole page reloads, unless the person asked it not to. An
address that led here is carried along and returned to.
"""

from datetime import datetime

from flask import Response, redirect, request

from ..domain.outcomes import Waiting
from ..guard.line import QUIET
from ..telling.outcomes import Told, tell
from .rendering import answer, current_words, link, wants_fragment

_BACK = {"tiket": ("result", "ticket"), "pantau": ("follow.page", "key")}
"""Parameters of a place's address: which page to return to, and the name of its own."""


def sent_to_the_line(outcome: Waiting, blueprint: str, now: datetime, **back: str) -> Response:
    """Show a place that was just given: as a fragment, or by leading to its page."""
    if wants_fragment() and not back:
        return waiting(outcome, blueprint, now, push=True)
    address = link(f"{blueprint}.stand", place=outcome.place, **back)
    return redirect(address, 303)  # type: ignore[return-value]


def waiting(outcome: Waiting, blueprint: str, now: datetime, *, push: bool = False) -> Response:
    """Show a place that waits; its page reloads by itself unless it was asked not to."""
    told = tell(outcome, current_words(), now)
    response = answer(told, blueprint, push, says=says(told), polls=wants_fragment())
    if not wants_fragment() and outcome.pause < QUIET:
        response.headers["Refresh"] = str(told.retry_after)
    return response


def says(told: Told) -> bool:
    """Return whether the time left is to be spoken: at first, and where it changed much."""
    before = request.args.get("tadi", "")
    if not before.isdecimal() or len(before) > 5:
        return True
    return not int(before) / 2 <= told.seconds <= int(before) * 1.5


def came_from(blueprint: str) -> str | None:
    """Return the address that led to the line; None for the form."""
    for name, (endpoint, parameter) in _BACK.items():
        if name in request.args:
            tree = "" if "." in endpoint else f"{blueprint}."
            return link(f"{tree}{endpoint}", **{parameter: request.args[name]})
    return None
