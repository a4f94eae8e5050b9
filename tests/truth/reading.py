"""What the site tells of a claim, as the checker reads it."""

from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache

from tests.truth.checker import Page
from tracking_site.telling.journeys import PresentedJourney
from tracking_site.telling.statements import Statement
from tracking_site.telling.steps import PresentedStep


def statements_of(presented: object) -> list[Statement]:
    """Return every sentence that carries what it claims, wherever it is in what is presented."""
    found: list[Statement] = []
    _gather(presented, found)
    return found


def _gather(presented: object, found: list[Statement]) -> None:
    # For each of a million values, of which most hold nothing.
    if isinstance(presented, Statement):
        found.append(presented)
    elif isinstance(presented, tuple):
        for each in presented:
            _gather(each, found)
    else:
        for name in _names_in(type(presented)):
            value = getattr(presented, name)
            if type(value) not in _HOLD_NOTHING:
                _gather(value, found)
        if isinstance(presented, PresentedStep):
            found += presented.texts


_HOLD_NOTHING = frozenset({type(None), str, bool, int, float, date, datetime})


@cache
def _names_in(kind: type) -> tuple[str, ...]:
    is_presented = is_dataclass(kind) and kind.__module__.startswith("tracking_site.telling")
    return tuple(each.name for each in fields(kind)) if is_presented else ()


def page_of(journey: PresentedJourney) -> Page:
    card = journey.clock_card
    of_steps = [(step.look, text) for step in journey.steps for text in step.texts]
    apart = {id(journey.headline), *(id(text) for _, text in of_steps)}
    return Page(
        headline=journey.headline,
        others=[each for each in statements_of(journey) if id(each) not in apart],
        tiles=[(tile.look, tile.day, _caption(tile.look, tile.day, journey)) for tile in card.tiles]
        if card
        else [],
        steps=of_steps,
        needed=journey.todo.is_needed,
    )


def _caption(look: str, day: object, journey: PresentedJourney) -> str:
    """Return "limit" for the tile that is called one, whatever the language."""
    clock = journey.standing.clock
    return "limit" if clock and clock.due_on and day == clock.due_on else ""
