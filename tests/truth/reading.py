"""What the site tells of a claim, as the checker reads it."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache

from tests.truth.checker import Page
from tracking_site.telling.journeys import PresentedJourney
from tracking_site.telling.statements import Statement
from tracking_site.telling.steps import PresentedStep


def statements_of(presented: object) -> Iterator[Statement]:
    """Yield every sentence that carries what it claims, wherever it stands in what is presented."""
    if isinstance(presented, Statement):
        yield presented
    elif isinstance(presented, tuple):
        for each in presented:
            yield from statements_of(each)
    else:
        for name in _names_in(type(presented)):
            yield from statements_of(getattr(presented, name))
        if isinstance(presented, PresentedStep):
            yield from presented.texts


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
