"""One claim as pages, feeds and calendars present it: plain values, ready to be printed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ..data.facts import load_facts
from ..domain.claims import WANTED, Claim, ClaimState, Service
from ..domain.news import News
from ..domain.outcomes import Found, Journey
from ..domain.situation import CalendarDay, Need, Situation
from ..domain.standing import Standing
from ..domain.timeline import process_of
from .cards import (
    ANEW,
    Action,
    Advice,
    Message,
    WayToBranch,
    action_of,
    advice_of,
    away,
    lead_of,
    message_of,
    notes_of,
    way_to,
)
from .clock import PresentedClock, outlook_of, present_clock
from .statements import Says, Statement
from .steps import Documents, PresentedStep, documents_of, state_of, steps_of
from .story import NO_CLAIMS, Headline, Todo, headline_of, todo_of
from .words import Words

_FOLLOWED_AT = {Service.JKP.value: "siapkerja"}

MONEY_IS_ASKED_FOR = timedelta(days=60)
"""How long after money was sent people ask where it is."""

_TONE_OF = {
    Situation.REJECTED: "bad",
    Situation.RETURNED: "bad",
    Situation.SENT: "good",
    Situation.UNKNOWN: "want",
    Situation.ACTION: "want",
    Situation.ACTION_DUE: "want",
    Situation.ACTION_LATE: "want",
    Situation.STOPPED: "want",
    Situation.ON_HOLD: "want",
    Situation.OVERDUE: "want",
    Situation.SCHEDULE_PASSED: "want",
    Situation.PROMISE_PASSED: "want",
    Situation.APPOINTMENT_PASSED: "want",
}
"""How the answer looks, where it is not calm."""

_CHANGED = ("journey", "documents", "promise", "payment", "notices", "particulars")


def news_of(
    news: News, claim: Claim, standing: Standing, state: str, words: Words
) -> Iterator[str]:
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


@dataclass(frozen=True, slots=True)
class NamedText:
    """Something of a claim by its name: what it is, or when it was and how it came."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """That a claim is followed, or goes on, at another site, and the link that leads there."""

    text: str
    link: Action | None


@dataclass(frozen=True, slots=True)
class PresentedJourney:
    """A claim as it is presented: its sentences, each with what it claims.

    `place` is its number among the claims of one answer, the oldest the first, and stays with it.
    `state` says in a word or two how it stands; `is_open` while the journey is what a person comes
    for: not once it has ended.
    `says_todo` whether what to do is said below the first sentence, which may have said it;
    `spoken` is what a voice says after that sentence. `closed` says of the branch that nobody is
    there today, where there is something to ask or to do.
    """

    place: int
    claim: Claim
    standing: Standing
    situation: Situation
    tone: str
    name: str
    headline: Headline
    lead: tuple[Statement, ...]
    todo: Todo
    says_todo: bool
    spoken: str
    action: Action | None
    message: Message | None
    advice: Advice | None
    meeting: str
    clock_card: PresentedClock | None
    notes: tuple[Statement, ...]
    outlook: str
    documents: Documents | None
    steps: tuple[PresentedStep, ...]
    branch: WayToBranch
    closed: Statement | None
    notices: tuple[NamedText, ...]
    last_notice: str
    particulars: tuple[NamedText, ...]
    afterwards: tuple[str, ...]
    asked: NamedText | None
    state: str
    is_claim: bool
    is_open: bool
    days: tuple[CalendarDay, ...]
    has_day_ahead: bool
    elsewhere: Elsewhere | None
    news: News
    news_lines: tuple[str, ...]


def question_of(claim: Claim, now: datetime, *, is_late: bool) -> str:
    """Return the question that a claim raises most, empty where there is none."""
    return next(_near_questions(claim, now, is_late), "")


def _near_questions(claim: Claim, now: datetime, is_late: bool) -> Iterator[str]:
    asked_at = load_facts().asked_at
    if claim.outcome and claim.outcome.cause:
        yield from asked_at.cause.get(claim.outcome.cause, ())
        if not claim.is_final:
            yield from asked_at.cause_while_open.get(claim.outcome.cause, ())
    wanted = [each.type for each in claim.documents if each.state in WANTED]
    if wanted and not claim.is_final:
        for each in wanted:
            yield from asked_at.document.get(each, ())
    yield from asked_at.state.get(claim.state, ())
    if is_late:
        yield from asked_at.situation["late"]
    if claim.state == ClaimState.COMPLETED and _is_asked_for(claim, now):
        yield from asked_at.situation["paid"]
    if claim.state == ClaimState.IN_PROGRESS and claim.milestones:
        stages = asked_at.stage.get(claim.service, {})
        yield from stages.get(claim.milestones[-1].stage, ())


def _is_asked_for(claim: Claim, now: datetime) -> bool:
    payment = claim.payment
    sent_at = payment.sent_at if payment and not payment.returned_at else None
    if sent_at is None and process_of(claim.service).pays and claim.milestones:
        # The core names no day of the money: it is asked for from the end of the claim on.
        sent_at = claim.milestones[-1].entered_at
    return sent_at is not None and now - sent_at < MONEY_IS_ASKED_FOR


def present_claim(
    journey: Journey, place: int, outcome: Found, words: Words, news: News
) -> PresentedJourney:
    standing, claim = journey.standing, journey.claim
    situation, todo = journey.situation, todo_of(journey, words)
    headline = headline_of(journey, todo, words)
    message = message_of(standing, todo, words)
    action = action_of(standing, todo, message, words)
    advice = advice_of(standing, situation, todo, action, words)
    afterwards = _afterwards(claim, words)
    elsewhere = _elsewhere(claim, afterwards, action, words)
    asked = question_of(claim, outcome.checked_at, is_late=todo.is_late)
    state = state_of(journey, words)
    tone = _TONE_OF.get(situation, "want" if todo.asks else "calm")
    return PresentedJourney(
        place=place,
        claim=claim,
        standing=standing,
        situation=situation,
        tone=tone,
        name=words.code("kind", claim.kind) or words.code("service_short", claim.service),
        headline=headline,
        lead=tuple(lead_of(standing, situation, words)),
        todo=todo,
        says_todo=_says_todo(headline, todo, journey, action, advice),
        spoken=_spoken(headline, todo),
        action=action,
        message=message,
        advice=advice,
        meeting=_meeting(standing, situation, words),
        clock_card=present_clock(standing, headline, todo, words),
        notes=tuple(notes_of(standing, situation, headline, journey.outlook, words)),
        outlook=outlook_of(journey.outlook, words),
        documents=documents_of(standing, headline.day, words),
        # Where the core tells no step, even the first one would seem to come.
        steps=tuple(steps_of(journey, words)) if journey.timeline.current else (),
        branch=way_to(claim.branch, words),
        closed=_closed(standing, todo, words),
        notices=tuple(_notices(claim, standing, words)),
        last_notice=_last_notice(claim, standing, words),
        particulars=tuple(_particulars(claim, words)),
        afterwards=() if elsewhere else afterwards,
        asked=NamedText(words.code("help_asked", asked), load_facts().questions[asked].anchor)
        if asked
        else None,
        state=state,
        is_claim=claim.service not in NO_CLAIMS,
        is_open=not standing.is_final and tone != "good",
        days=journey.days,
        has_day_ahead=any(
            not day.is_called_off and _date_of(day.ends, standing.zone) >= standing.today
            for day in journey.days
        ),
        elsewhere=elsewhere,
        news=news,
        news_lines=tuple(news_of(news, claim, standing, state, words)),
    )


def _closed(standing: Standing, todo: Todo, words: Words) -> Statement | None:
    said = words.code("todo_where", "today_off", branch="")
    is_said = todo.text is not None and said in todo.text.text
    if todo.is_calm or is_said or not standing.is_day_off:
        return None
    return Statement(said, Says.WHERE, standing.today)


def _meeting(standing: Standing, situation: Situation, words: Words) -> str:
    """Return what is to be attended and when, where the first sentence tells of something else."""
    it = standing.appointment
    if it is None or situation is Situation.APPOINTMENT:
        return ""
    when = words.when(it.starts_at, it.ends_at, standing.zone, standing.today)
    return words.code("news", "appointment", what=words.code("appointment", it.kind), when=when)


def _says_todo(
    headline: Headline,
    todo: Todo,
    journey: Journey,
    action: Action | None,
    advice: Advice | None,
) -> bool:
    """Return whether what to do has still to be said: not where it stands above, or in steps.

    Nor where the button below says the very same, or where to submit again.
    """
    if journey.situation is Situation.REJECTED and todo.need is Need.ASK_WHY:
        return False
    is_in_steps = advice is not None and todo.title in advice.steps
    said = todo.title.text.rstrip(".")
    leads_there = journey.standing.step in ANEW and action is not None and action.is_away
    is_on_the_button = leads_there or (action is not None and action.text == said)
    return not (is_in_steps or is_on_the_button or said in headline.text)


def _spoken(headline: Headline, todo: Todo) -> str:
    """Return what to do, or where to do it if the first sentence has said what."""
    if todo.title.text.rstrip(".") not in headline.text:
        return todo.title.text
    return todo.text.text if todo.text else ""


def _afterwards(claim: Claim, words: Words) -> tuple[str, ...]:
    """Return what follows the end of a claim that went well."""
    if claim.state != ClaimState.COMPLETED:
        return ()
    codes = (claim.kind, claim.service)
    return tuple(words.code("after", code) for code in codes if code and words.has("after", code))


def _elsewhere(
    claim: Claim, afterwards: tuple[str, ...], action: Action | None, words: Words
) -> Elsewhere | None:
    """Return where else a claim is followed; no link where the one big button leads there."""
    way = _FOLLOWED_AT.get(claim.service)
    if way is None:
        return None
    link = away(way, words)
    is_above = action is not None and action.address == link.address
    text = " ".join(afterwards) or words.code("elsewhere", claim.service)
    return Elsewhere(text, None if is_above else link)


def _particulars(claim: Claim, words: Words) -> Iterator[NamedText]:
    kind = words.code("kind", claim.kind) or words.code("service", claim.service)
    cause = words.code("claim_cause", claim.cause)
    yield NamedText(words.code("particular", "kind"), f"{kind}, {cause}" if cause else kind)
    if claim.channel:
        yield NamedText(words.code("particular", "channel"), words.code("channel", claim.channel))
    if claim.kpj_suffix:
        ends = words.code("number", "ends", end=claim.kpj_suffix)
        yield NamedText(words.code("particular", "card"), f"KPJ {ends}")


def _date_of(moment: date | datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date() if isinstance(moment, datetime) else moment


def _notices(claim: Claim, standing: Standing, words: Words) -> Iterator[NamedText]:
    for each in sorted(claim.notices, key=lambda each: each.sent_at, reverse=True):
        when = words.moment_near(min(each.sent_at, standing.now), standing.zone, standing.today)
        name = words.code("notice", claim.service, each.about)
        yield NamedText(name, f"{words.code('means', each.means)}, {when}")


def _last_notice(claim: Claim, standing: Standing, words: Words) -> str:
    if not claim.notices:
        return ""
    last = min(max(each.sent_at for each in claim.notices), standing.now)
    day = words.day_short(last.astimezone(standing.zone).date(), standing.today)
    return words.code("summary", "notices", n=words.number(len(claim.notices)), day=day)
