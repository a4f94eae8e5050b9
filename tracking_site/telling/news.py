"""What is new in a claim since somebody saw it last, line by line."""

from collections.abc import Iterator

from ..domain.claims import Claim
from ..domain.standing import Standing
from ..following.versions import News
from .words import Words

_CHANGED = ("journey", "documents", "promise", "payment", "notices")


def news_of(
    news: News, claim: Claim, standing: Standing, state: str, words: Words
) -> Iterator[str]:
    """Yield a line for each thing that is new."""
    zone, today = standing.zone, standing.today

    def line(code: str, what: str = "", when: str = "") -> str:
        return words.code("news", code, what=what, when=when)

    if news.is_new_claim:
        yield line("new_claim")
    for place in sorted(news.milestones):
        milestone = claim.milestones[place]
        stage = words.code("stage", claim.service, milestone.stage)
        yield line("stage", stage, words.near_of(milestone.entered_at, zone, today))
    if "standing" in news.parts:
        yield line("state", state)
    yield from (line(part) for part in _CHANGED[:2] if part in news.parts)
    if "appointment" in news.parts:
        it = claim.appointment
        if it:
            when = words.when(it.starts_at, it.ends_at, zone, today)
            yield line("appointment", words.code("appointment", it.kind), when)
        else:
            yield line("appointment_gone")
    yield from (line(part) for part in _CHANGED[2:] if part in news.parts)
