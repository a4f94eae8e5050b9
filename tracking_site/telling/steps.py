"""The journey of a claim in words: what was done, what happens now, and what comes; documents."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, partial
from math import ceil, floor

from ..domain.claims import Claim, ClaimState, Document, DocumentState, Stage, StageDuration
from ..domain.outcomes import Journey
from ..domain.situation import Situation
from ..domain.standing import MoneyState, Standing
from ..domain.timeline import Step, StepState
from .statements import Says, Statement
from .story import NO_CLAIMS
from .words import Words

MAX_CELLS = 8
"""Days that are drawn; of more only the words are left."""

_WAITING = (ClaimState.ACTION_NEEDED, ClaimState.ON_HOLD)


@dataclass(frozen=True, slots=True)
class Usual:
    """How long claims usually stay in a stage, and this one so far; `cells` are days, few or none.

    Each cell is a number with its look: usual, here, both, or plain.
    """

    text: str
    basis: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PresentedStep:
    """One step: `look` for the eye, `state` in words, `says` makes what is said of it.

    `place` counts the milestones, None for what was never entered. `when` is the day of a step
    that is done, or how long one that comes usually takes. `usual` is given where it helps to
    compare: the step where a moving claim stands. `is_shown` where a page draws it: that the
    end is still to come goes without saying.
    """

    step: Step
    look: str
    title: str
    state: str
    is_here: bool
    place: int | None
    says: Callable[[], Iterator[Statement]] = field(repr=False, compare=False)
    note: str
    when: str = ""
    usual: Usual | None = None
    is_shown: bool = True

    def __post_init__(self) -> None:
        if self.is_here:
            _ = self.texts

    @cached_property
    def texts(self) -> tuple[Statement, ...]:
        """Return what is said of it; made when it is read, for a page says it of one step alone."""
        return tuple(self.says())


def state_of(journey: Journey, words: Words) -> str:
    is_sent = journey.situation is Situation.SENT and not journey.standing.is_final
    return words.code("state", "money_sent" if is_sent else journey.claim.state)


def steps_of(journey: Journey, words: Words) -> Iterator[PresentedStep]:
    claim, standing = journey.claim, journey.standing
    entered, current = 0, journey.timeline.current
    for step in journey.timeline.steps:
        is_here = step == current and claim.state != ClaimState.COMPLETED
        compares = is_here and standing.is_moving and standing.money.state is MoneyState.NONE
        place = entered if step.entered_at else None
        entered += place is not None
        is_waiting = is_here and claim.state in _WAITING
        yield PresentedStep(
            step=step,
            look="waiting" if is_waiting else step.state,
            title=words.code("stage", claim.service, step.stage),
            state=_state(step, journey, words, is_here=is_here),
            is_here=is_here,
            place=place,
            says=partial(_texts, step, journey, words, is_here=is_here),
            note=words.code("note", step.note),
            when=_when(step, journey, words),
            usual=_usual(journey.usual.get(step.stage), standing, words) if compares else None,
            is_shown=step.stage != Stage.COMPLETED or step.state is not StepState.UPCOMING,
        )


def _when(step: Step, journey: Journey, words: Words) -> str:
    day = _day(step.entered_at, journey.standing)
    if day:
        return f"{words.weekday_short(day)} {words.day_short(day, journey.standing.today)}"
    usual = journey.usual.get(step.stage)
    if step.state is not StepState.UPCOMING or usual is None:
        return ""
    coming = next(
        each
        for each in journey.timeline.steps
        if each.state is StepState.UPCOMING and each.stage in journey.usual
    )
    # Said once, and of what days: the lines below the first one read on.
    code, days_of = "coming_next", words.days_between
    if step is coming:
        code, days_of = "coming", words.working_days_between
    days = days_of(usual.p25, usual.p75)
    return words.code("usual", code, days=days, n="", claims="", so_far="")


def _usual(usual: StageDuration | None, standing: Standing, words: Words) -> Usual | None:
    if usual is None:
        return None
    here = standing.days_here
    values = {
        "days": words.working_days_between(usual.p25, usual.p75),
        "n": words.number(here or 0),
        "so_far": words.working_days(here or 0),
        "claims": words.number(usual.claims),
    }
    codes = ["range"]
    if here is not None:
        now = "here" if standing.is_working_day else "so_far"
        codes.append(now if here else "entered")
        # Against the days as they are said: nobody is late on day 1 of "usually 1".
        codes += ["longer"] if here > _last_usual(usual) else []
    return Usual(
        text=" ".join(words.code("usual", code, **values) for code in codes),
        basis=words.code(
            "usual", "requests" if standing.claim.service in NO_CLAIMS else "claims", **values
        ),
        cells=_cells(usual, here, words),
    )


def _last_usual(usual: StageDuration) -> int:
    return max(1, ceil(usual.p75))


def _cells(usual: StageDuration, here: int | None, words: Words) -> tuple[tuple[str, str], ...]:
    first, last = max(1, floor(usual.p25)), _last_usual(usual)
    longest = max(last + 2, here or 0)
    if longest > MAX_CELLS:
        return ()
    looks = {True: "usual", False: ""}
    return tuple(
        (words.number(day), "here" if day == here else looks[first <= day <= last])
        for day in range(1, longest + 1)
    )


def _state(step: Step, journey: Journey, words: Words, *, is_here: bool) -> str:
    standing = journey.standing
    if is_here and standing.claim.state != ClaimState.IN_PROGRESS:
        return words.code("state", standing.claim.state)
    if is_here and journey.situation is Situation.SENT:
        return words.code("state", "money_sent")
    return words.code("step_state", step.state)


def _texts(step: Step, journey: Journey, words: Words, *, is_here: bool) -> Iterator[Statement]:
    claim, standing = journey.claim, journey.standing
    day = _day(step.entered_at, standing)
    if is_here:
        now = _now(step, journey, words)
        yield now
        if day:
            yield _entered(step, day, standing, words, goes_on=now.says is Says.STEP_NOW)
        yield from _official(step, claim.service, words)
    elif step.entered_at:
        yield _done(step, day, standing, words)


def _entered(
    step: Step, day: date, standing: Standing, words: Words, *, goes_on: bool
) -> Statement:
    """Say since when a stage lasts, or when the one began in which nothing moves any more."""
    on = words.on(day, standing.today)
    if not goes_on:
        text = words.code("stage_since", "began", day=on, on="", name="")
        return Statement(text, Says.BEGAN, day, code=step.stage)
    service, near = standing.claim.service, words.near(day, standing.today)
    text = words.code("stage_since", service, step.stage, "here", day=near, on=on, name="")
    return Statement(text, Says.SINCE, day)


def _done(step: Step, day: date | None, standing: Standing, words: Words) -> Statement:
    """Say that a stage was left for a later one, or for an earlier one, and when it began.

    Readers of the feed keep it: a day is written so that it stays true.
    """
    service = standing.claim.service
    on = words.on(day)
    is_end = step.stage == Stage.COMPLETED and step.state is StepState.DONE
    if (step.went_on or is_end) and words.has("stage_done", service, step.stage):
        text = words.code("stage_done", service, step.stage, on=on)
        return Statement(text, Says.STEP_DONE, day, code=step.stage)
    key = "left" if step.went_on is False else "began"
    text = words.code("stage_since", key, day=on, on="", name="")
    return Statement(text, Says.STEP_LEFT if key == "left" else Says.BEGAN, day, code=step.stage)


def _now(step: Step, journey: Journey, words: Words) -> Statement:
    claim, standing = journey.claim, journey.standing
    stopped = ""
    if claim.state != ClaimState.IN_PROGRESS:
        stopped = claim.state if standing.knows_state else "unknown"
    elif standing.is_stopped:
        stopped = ClaimState.ACTION_NEEDED
    elif journey.situation is Situation.SENT:
        stopped = "money_sent"
    if stopped:
        return Statement(words.code("stage_stopped", stopped), Says.STEP_STOPPED, code=step.stage)
    it = standing.appointment or standing.past_appointment
    text = words.code("stage_what", claim.service, it.kind if it else None, step.stage)
    return Statement(text, Says.STEP_NOW, code=step.stage)


def _official(step: Step, service: str, words: Words) -> Iterator[Statement]:
    """Name what JMO calls a stage, where it is another name than ours."""
    is_named = words.has("stage_official", service, step.stage)
    name = words.code("stage_official", service, step.stage) if is_named else ""
    if name.lower() not in ("", words.code("stage", service, step.stage).lower()):
        text = words.code("stage_since", "official", name=name, day="", on="")
        yield Statement(text, Says.EXPLAINED)


def _day(moment: datetime | None, standing: Standing) -> date | None:
    """Return the branch's date of what has happened; a core's clock may run ahead of ours."""
    return min(moment.astimezone(standing.zone).date(), standing.today) if moment else None


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One document; `look` is accepted, wanted, bad or empty."""

    document: Document
    name: str
    state: Statement
    look: str
    cause: str
    due: Statement | None


@dataclass(frozen=True, slots=True)
class Documents:
    """`wanted` are to be sent, by `due` where all have one day that was not said yet."""

    count: Statement
    look: str
    due: Statement | None
    wanted: tuple[DocumentRow, ...]
    others: tuple[DocumentRow, ...]

    @property
    def rows(self) -> tuple[DocumentRow, ...]:
        return (*self.wanted, *self.others)


def documents_of(standing: Standing, said: date | None, words: Words) -> Documents | None:
    """Return the documents, those that the participant has to send first, what is late after them.

    `said` is the day that the first sentence names: it is not said again.
    """
    claim = standing.claim
    if not claim.documents:
        return None
    besides = (each for each in standing.wanted if each not in standing.asked)
    late_last = sorted(besides, key=lambda each: (each.due_on or date.max) < standing.today)
    wanted = (*standing.asked, *late_last)
    dues = {each.due_on for each in wanted}
    shared = next(iter(dues)) if len(wanted) > 1 and len(dues) == 1 else None
    accepted = [each for each in claim.documents if each.state == DocumentState.ACCEPTED]
    others = [each for each in claim.documents if each not in wanted and each not in accepted]
    rows = tuple(
        _row(each, standing, words, said=shared or said) for each in (*wanted, *others, *accepted)
    )
    return Documents(
        count=_count(claim, standing, words),
        look="wanted" if wanted else ("" if others else "accepted"),
        due=_due(shared, standing, words) if shared and shared != said else None,
        wanted=rows[: len(wanted)],
        others=rows[len(wanted) :],
    )


def _count(claim: Claim, standing: Standing, words: Words) -> Statement:
    if standing.wanted:
        n = len(standing.wanted)
        text = words.code("documents_count", "wanted", n=words.number(n), all="")
        return Statement(text, Says.TODO, count=n, code="documents")
    came = (DocumentState.ACCEPTED, DocumentState.RECEIVED)
    is_over = standing.is_check_past or not standing.knows_state
    counted = came if is_over else came[:1]
    n = sum(each.state in counted for each in claim.documents)
    any_received = any(each.state == DocumentState.RECEIVED for each in claim.documents)
    # Once the check is past, what came in waits no more, accepted by name or not. Before, what
    # waits has been received, which "diterima" also means.
    waiting = "came" if is_over else "checked"
    key = waiting if any_received else "accepted"
    values = {"n": words.number(n), "all": words.number(len(claim.documents))}
    return Statement(words.code("documents_count", key, **values), Says.DOCUMENT, count=n)


def _row(document: Document, standing: Standing, words: Words, *, said: date | None) -> DocumentRow:
    is_wanted = document in standing.wanted
    # Of a claim in a state that we do not know nobody here can say that anything waits.
    is_over = standing.is_check_past or not standing.knows_state
    is_out = document.state == DocumentState.MISSING and not standing.is_final
    when = "past" if is_over and not is_wanted and not is_out else None
    looks: dict[str, str] = {DocumentState.ACCEPTED: "accepted"}
    if is_wanted:
        looks |= {DocumentState.MISSING: "wanted", DocumentState.REJECTED: "bad"}
    due = document.due_on if is_wanted and document.due_on != said else None
    state = words.code("document_state", when, document.state)
    # "accepted", "missing", …; what waits says so, so that nothing else can pass for it.
    waits = document.state == DocumentState.RECEIVED and when is None
    return DocumentRow(
        document=document,
        name=words.code("document", document.type),
        state=Statement(state, Says.DOCUMENT, code="waiting" if waits else document.state),
        look=looks.get(document.state, ""),
        cause=words.code("document_cause", document.cause),
        due=_due(due, standing, words) if due else None,
    )


def _due(day: date, standing: Standing, words: Words) -> Statement:
    is_past = day < standing.today
    text = words.code(
        "document_due", "passed" if is_past else "ahead", due=words.near(day, standing.today)
    )
    return Statement(text, Says.ACTION_DUE_PASSED if is_past else Says.ACTION_DUE, day)
