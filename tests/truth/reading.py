"""What the site tells of a claim, as the checker reads it."""

from tests.truth.checker import Page
from tracking_site.telling.journeys import PresentedJourney


def page_of(journey: PresentedJourney) -> Page:
    card = journey.clock_card
    of_steps = [(step.look, text) for step in journey.steps for text in step.texts]
    apart = {id(journey.headline), *(id(text) for _, text in of_steps)}
    return Page(
        headline=journey.headline,
        others=[each for each in journey.statements() if id(each) not in apart],
        tiles=[(tile.look, tile.day, _caption(tile.look, tile.day, journey)) for tile in card.tiles]
        if card
        else [],
        steps=of_steps,
        needed=journey.todo.is_needed,
    )


def _caption(look: str, day: object, journey: PresentedJourney) -> str:
    """Return "limit" for the tile that is called one, whatever the language."""
    clock = journey.clock
    return "limit" if clock and clock.due_on and day == clock.due_on else ""
