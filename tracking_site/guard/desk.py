"""The one door to a lookup: counted, weighed, looked up, and settled by what the core said.
Knows no Flask.

Whatever shows claims asks a `Desk`, once for each request: typed numbers, tickets, private
addresses and frames alike. So no way to the core is without the request limit.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from ..claims_api.client import ASKS_AS
from ..claims_api.contract import Durations
from ..claims_api.errors import CoreError, Trouble
from ..claims_api.source import ClaimsSource
from ..domain.claims import Snapshot
from ..domain.identifiers import (
    Identifier,
    Invalid,
    InvalidReason,
    Kpj,
    Nik,
    OneCard,
    parse_canonical,
    parse_identifier,
    with_card,
)
from ..domain.outcomes import Found, NoRoom, NotFound, Outcome, Unavailable, Waiting
from ..domain.timeline import UsualWaits
from ..domain.working_days import WorkingCalendar
from ..records import note, timed
from ..sealing import NotSealed
from .challenge import UNPAID, WAITED, Challenged, Paid
from .guard import Guard
from .limits import Refused, RequestLimit
from .line import MIN_PAUSE, QUIET, InLine, Line
from .networks import UNKNOWN, Network
from .partners import PartnerQuota


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks, and what came with the number.

    The network; what was paid (`altcha`, `tunggu`); the end of a card where it is asked
    (`kartu`); the partner's site if the page is framed, and the kinds of number taken there.
    `is_hurried` where there is no time for more than to promise a place in the line.
    """

    network: Network = UNKNOWN
    solution: str = ""
    wait_ticket: str = ""
    card: str = ""
    partner: PartnerQuota | None = None
    accepts: tuple[str, ...] = ("kpj", "nik")
    is_hurried: bool = False


Answered = Outcome | Refused
GuardedOutcome = Answered | Challenged


COME_BACK_AFTER = 30.0
"""Seconds to wait after a failure for which the core named no time."""


class LookupService:
    """Looks a number up and computes what the page tells of its claims.

    `clock` returns an aware datetime; `durations` the observed durations by service and
    stage, without waiting for anything.
    """

    def __init__(
        self,
        source: ClaimsSource,
        calendar: WorkingCalendar,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        durations: Durations = dict,
    ) -> None:
        self._source = source
        self._calendar = calendar
        self._clock = clock
        self._durations = durations
        self._usual = UsualWaits.of({})

    def look_up_identifier(self, identifier: Identifier) -> Found | NotFound | Unavailable | NoRoom:
        with timed("looked_up"):
            try:
                with timed("source"):
                    snapshot = self._source.claims_of(identifier)
            except CoreError as error:
                if error.kind in (Trouble.NO_ROOM, Trouble.CROWDED):
                    return NoRoom(is_asked=error.kind is Trouble.CROWDED)
                return Unavailable(error.retry_after or COME_BACK_AFTER)
            if isinstance(identifier, OneCard):
                return self._outcome(identifier.nik, snapshot.of_card(identifier.end))
            return self._outcome(identifier, snapshot)

    def _outcome(self, number: Nik | Kpj, snapshot: Snapshot) -> Found | NotFound:
        if not snapshot.claims:
            return NotFound(number)
        now = self._clock().replace(second=0, microsecond=0)
        return Found.of(number, snapshot, now, self._calendar, self._usual_waits())

    def _usual_waits(self) -> UsualWaits:
        by_stage, usual = self._durations(), self._usual
        if by_stage is not usual.by_stage:
            usual = self._usual = UsualWaits.of(by_stage)
        return usual


class Desk:
    """Answers lookups: `look_up` for a typed number, `look_up_paid` for one that was paid for.

    Both take from the limit first. Without a guard (drills against the sandbox) every number that
    the limit lets in is looked up. With `asks_card` a NIK needs the end of a card too. `is_down`
    says whether the core is taken for down, which is told at once, whatever the line.
    """

    def __init__(
        self,
        lookup: LookupService,
        guard: Guard | None,
        limit: RequestLimit,
        line: Line,
        *,
        asks_card: bool = False,
        is_down: Callable[[], bool] = lambda: False,
    ) -> None:
        self._lookup = lookup
        self._guard = guard
        self._limit = limit
        self._line = line
        self._asks_card = asks_card
        self._is_down = is_down

    def look_up(self, text: str, visit: Visit) -> GuardedOutcome:
        """Return the outcome for a typed text; an impossible number costs nothing."""
        with timed("guarded"):
            refused = None if visit.is_hurried else self._limit.take(visit.network)
            outcome = refused or self._read(text, visit)
        note(outcome=outcome.name)
        return outcome

    def look_up_paid(
        self, paid_form: str, visit: Visit, address: str | None = None, *, stands: bool = True
    ) -> Answered:
        """Return the outcome for what `paid_form` returned before: the guard is asked no more.

        `address` is the digest of the private address that is asked for, where it is one: it has
        a limit of its own beside that of the network. A program, or a page that polls, comes back
        to no place and `stands` in no line: it is told when to ask anew.
        """
        with timed("guarded"):
            refused = self._limit.take(visit.network, address)
            outcome = refused or self._read_again(paid_form, visit, stands)
        note(outcome=outcome.name)
        return outcome

    def place_of(self, sealed: str, *, leads_back: bool = False) -> InLine:
        """Return the place that an address leads to.

        Raises NotSealed and Expired (sealing.py), also for a place that was given for the address
        of a result, where the answer is not shown there: it would outlive its end.
        """
        standing = self._line.open(sealed)
        if standing.is_paid and not leads_back:
            raise NotSealed
        return standing

    def give_up(self, standing: InLine) -> None:
        """Let a place be before nobody, and its network have another in its stead."""
        self._line.drop(standing.place)

    def look_up_placed(
        self, standing: InLine, visit: Visit, *, min_pause: float = MIN_PAUSE
    ) -> GuardedOutcome:
        """Return the outcome for a place in the line: its answer, or how long it still waits.

        No work is asked and no request counted, but where the place was no more than promised:
        then it is all as for a number that is typed. Raises NotSealed where it stands for none.
        """
        with timed("guarded"):
            refused = self._limit.take_place(standing.place.name)
            outcome = refused or self._asked_again(standing, visit, min_pause)
        note(outcome=outcome.name)
        return outcome

    def still_waits(self, sealed: str) -> Waiting | None:
        """Return how long a place waits whose turn is not near: most of what a line is asked.

        None where `look_up_placed` has more to say. Raises NotSealed and Expired (sealing.py).
        """
        standing = self._line.open(sealed)
        if standing.is_paid or standing.is_promised:
            return None
        with timed("guarded"):
            number = parse_canonical(standing.paid_form)
            if isinstance(number, Invalid) or self._line.is_at_hand(number):
                return None
            # Before the store is asked, but counted where the question is answered.
            if not self._limit.may_take_place(standing.place.name):
                return None
            waited = self._wait(standing, MIN_PAUSE, number)
            if not isinstance(waited, Waiting) or waited.is_near:
                return None
            self._limit.take_place(standing.place.name)
        note(outcome=waited.name)
        return waited

    def refusal_of_key(self, paid_form: str, visit: Visit) -> Refused | None:
        """Count a private address that is to be made for what `paid_form` returned.

        Return the refusal where the number or the network made enough of them today.
        """
        if self._guard is None:
            return None
        return self._limit.take_key(self._guard.followed(visit.network, paid_form))

    def paid_form(self, answered: Found | NotFound, visit: Visit) -> str:
        """Return what a ticket has to carry, so that `look_up_paid` gives the same again."""
        number = self._with_card(answered.identifier, visit)
        return "" if isinstance(number, Invalid) else number.canonical

    def _read(self, text: str, visit: Visit) -> GuardedOutcome:
        read = parse_identifier(text)
        if isinstance(read, Invalid):
            return read
        # Where no NIK is taken no field asks for the end of a card, which could say it is wrong.
        if read.kind not in visit.accepts:
            return Invalid(InvalidReason.KIND_NOT_HERE, len(read.number))
        number = self._with_card(read, visit)
        if isinstance(number, Invalid):
            return number
        standing = self._new_place(number.canonical, visit, is_paid=False)
        paid = self._paid(number, visit)
        if visit.is_hurried and not paid.level:
            # Copies too: to answer those would tell anybody, uncharged, which numbers have none.
            return self._line.promise(standing)
        # Who paid goes on: a place that comes again brings no payment, and would be asked for it.
        refused = self._limit.take(visit.network) if visit.is_hurried else None
        return refused or self._weighed(number, standing, visit, paid)

    def _paid(self, number: Identifier, visit: Visit) -> Paid:
        guard = self._guard
        return guard.paid(number, visit.solution, visit.wait_ticket) if guard else UNPAID

    def _with_card(self, read: Nik | Kpj, visit: Visit) -> Identifier | Invalid:
        return with_card(read, visit.card) if self._asks_card else read

    def _read_again(self, paid_form: str, visit: Visit, stands: bool) -> Answered:
        number = parse_canonical(paid_form)
        if isinstance(number, Invalid):
            return number
        if not stands:
            outcome = self._lookup.look_up_identifier(number)
            return self._line.no_room() if isinstance(outcome, NoRoom) else outcome
        return self._answer(number, self._new_place(paid_form, visit, is_paid=True), MIN_PAUSE)

    def _new_place(self, paid_form: str, visit: Visit, *, is_paid: bool) -> InLine:
        return InLine(self._line.new_place(visit.network), paid_form, visit.network, is_paid)

    def _weighed(
        self,
        number: Identifier,
        standing: InLine,
        visit: Visit,
        paid: Paid,
        min_pause: float = MIN_PAUSE,
    ) -> GuardedOutcome:
        guard, network = self._guard, standing.network
        if guard is None:
            return self._answer(number, standing, min_pause)
        distinct = partial(guard.distinct_of, network)
        was_answered = partial(guard.was_answered, network, number)
        newcomer = self._line.newcomer(standing, number, distinct, was_answered)
        if newcomer.refusal is not None:
            return newcomer.refusal
        decision, reservation = guard.reserve(network, number, paid, visit.partner)
        if decision.kind == "refuse":
            return Refused(float(decision.retry_after))
        if decision.kind == "challenge":
            level, shown = decision.level, visit.wait_ticket
            return Challenged.of(number, level, guard.challenges, guard.tickets, shown)
        # To begin a lookup that finds no room costs three more questions to Redis.
        in_turn = newcomer.waits and not self._is_down()
        answer = partial(self._in_turn, self._answer) if in_turn else self._answer
        return guard.booking(reservation, partial(answer, number, standing, min_pause))

    def _asked_again(self, standing: InLine, visit: Visit, min_pause: float) -> GuardedOutcome:
        number = parse_canonical(standing.paid_form)
        if isinstance(number, Invalid):
            raise NotSealed
        if standing.is_promised:
            if self._line.is_led_to(standing, min_pause):
                return self._line.promise(standing, min_pause)
            standing = replace(standing, is_promised=False, sealed="")
            refused, paid = self._limit.take(standing.network), self._paid(number, visit)
            outcome = refused or self._weighed(number, standing, visit, paid, min_pause)
        else:
            outcome = self._in_turn(self._weighed_again, number, standing, min_pause)
        is_down = isinstance(outcome, Unavailable)
        return self._wait(standing, min_pause, is_down=True) if is_down else outcome

    def _weighed_again(self, number: Identifier, standing: InLine, min_pause: float) -> Answered:
        # It was charged when the place was given. What its network has come to since counts:
        # or whoever gathers places is answered at all of them, after every refusal.
        guard = self._guard
        if guard is None or standing.is_paid:
            return self._answer(number, standing, min_pause)
        decision, reservation = guard.reserve(standing.network, number, WAITED)
        if decision.kind == "refuse":
            return Refused(float(decision.retry_after))
        if decision.kind == "challenge":
            return self._wait(standing, min_pause)
        return guard.booking(reservation, partial(self._answer, number, standing, min_pause))

    def _in_turn(
        self, answer: Callable[..., Answered], number: Identifier, standing: InLine, pause: float
    ) -> Answered:
        if not self._line.is_at_hand(number):
            waited = self._wait(standing, pause, number)
            if not isinstance(waited, Waiting) or not waited.is_near or pause >= QUIET:
                return waited
        return answer(number, standing, pause)

    def _answer(self, number: Identifier, standing: InLine, min_pause: float) -> Answered:
        token = ASKS_AS.set(standing.place)
        try:
            outcome = self._lookup.look_up_identifier(number)
        finally:
            ASKS_AS.reset(token)
        if standing.place.since and isinstance(outcome, Found | NotFound):
            # With a copy, or by another's flight: it would count for its network until it lapses.
            self._line.drop(standing.place)
        if isinstance(outcome, NoRoom) and outcome.is_asked:
            return self._line.come_back(standing, min_pause)
        return self._wait(standing, min_pause) if isinstance(outcome, NoRoom) else outcome

    def _wait(
        self, standing: InLine, min_pause: float, asked: Identifier | None = None, *,
        is_down: bool = False,
    ) -> Waiting | Refused:  # fmt: skip
        if asked is not None and self._line.is_crowded(asked):
            return self._line.come_back(standing, min_pause)
        guard = self._guard
        distinct = partial(guard.distinct_of, standing.network) if guard else int
        return self._line.wait(standing, distinct, min_pause, is_down=is_down or self._is_down())
