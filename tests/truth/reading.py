"""What the site tells of a claim, as the checker reads it."""

from tests.truth.checker import Page
from tracking_site.web.journeys import ToldJourney


def page_of(journey: ToldJourney) -> Page:
    cards = (journey.clock_card, journey.payment, journey.promise_card, journey.documents)
    card = journey.clock_card
    return Page(
        headline=journey.headline,
        others=[
            *(each for each in (journey.todo.title, journey.todo.text) if each),
            *(each for card in cards if card for each in card.statements()),
            *journey.outlook,
        ],
        tiles=[(tile.look, tile.day, _caption(tile.look, tile.day, journey)) for tile in card.tiles]
        if card
        else [],
        steps=[(step.look, text) for step in journey.steps for text in step.texts],
        needed=journey.todo.is_needed,
    )


def _caption(look: str, day: object, journey: ToldJourney) -> str:
    """Return "limit" for the tile that is called one, whatever the language."""
    clock = journey.clock
    return "limit" if clock and clock.due_on and day == clock.due_on else ""
