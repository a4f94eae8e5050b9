"""What the core said of a claim, worked out again from its JSON: shares no code with the site."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import Any

from tests.contract.document import known, schemas
from tests.truth.moments import WIB, ZONES

A_DAY = timedelta(days=1)
LEGAL_DAYS = {"jht": 5, "jkk": 7, "jkm": 3}
PAYING = {"jht", "jkk", "jkm", "jp", "jkp"}
FINAL = {"completed", "rejected", "cancelled"}
WANTED = {"missing", "rejected"}
OWN_TURN_IS_NOT = {"none", "wait", "wait_until_period_ends"}
WAITED = {"documents_returned", "resubmitted", "interview_missed", "data_corrected",
          "payment_retried"}  # fmt: skip
CHECKING = {"jht": "document_check", "jkm": "document_check", "jp": "document_check",
            "jkk": "final_report", "jkp": "validation", "profile_update": "data_check",
            "balance_merge": "data_check"}  # fmt: skip


@dataclass(frozen=True)
class Holidays:
    """Days off and until when they are known; `moving` may still be moved."""

    days_off: frozenset[date]
    until: date
    moving: frozenset[date]

    def works(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self.days_off

    def settles(self, first: date, last: date) -> bool:
        return last <= self.until and not any(first <= day <= last for day in self.moving)

    def passes(self, first: date, last: date) -> bool:
        """Whether nobody works on the day before and the day after each one that may be moved."""
        moving = [day for day in self.moving if first <= day <= last]
        return last <= self.until and not any(
            self.works(day - A_DAY) or self.works(day + A_DAY) for day in moving
        )


class Facts:
    """One claim at a moment."""

    def __init__(self, raw: dict[str, Any], now: datetime, holidays: Holidays) -> None:
        self.raw, self.now, self.holidays = raw, now, holidays
        self.zone = ZONES.get(raw["branch"]["timezone"], WIB)
        self.today = now.astimezone(self.zone).date()
        self.state, self.service = raw["state"], raw["service"]
        self.outcome = raw["outcome"] or {}
        self.is_final = self.state in FINAL
        self.stages = [each["stage"] for each in raw["milestones"]]
        self.stage = self.stages[-1] if self.stages else ""

    def day(self, moment: str | None) -> date | None:
        return datetime.fromisoformat(moment).astimezone(self.zone).date() if moment else None

    @cached_property
    def payment(self) -> dict[str, date | None]:
        it = self.raw["payment"]
        if not it:
            return {"scheduled": None, "sent": None, "returned": None}
        return {
            "scheduled": date.fromisoformat(it["scheduled_on"]),
            "sent": self.day(it["sent_at"]),
            "returned": self.day(it["returned_at"]),
        }

    @property
    def knows_state(self) -> bool:
        return self.state in known("StateCode")

    @property
    def is_understood(self) -> bool:
        """Whether every code is known on which it hangs whether anything is to be done."""
        step, cause = self.outcome.get("next_step"), self.outcome.get("cause")
        if not self.knows_state or (step and step not in known("NextStepCode")):
            return False
        if cause and cause not in known("OutcomeCauseCode") and step in OWN_TURN_IS_NOT:
            return False
        if self.is_final:
            return True
        documents = {each["state"] for each in self.raw["documents"]}
        return (
            self.service in known("ServiceCode")
            and (not self.stage or self.stage in known("StageCode"))
            and documents <= set(known("DocumentStateCode"))
        )

    @property
    def is_stopped(self) -> bool:
        stops = {"action_needed", "on_hold", "payment_returned"}
        return not self.is_final and (self.state in stops or self.open_pause is not None)

    @property
    def stands_still(self) -> bool:
        """Whether the legal clock does: not once money left, nor in a hold of the branch's own."""
        is_own_hold = self.state == "on_hold" and self.tells_pauses and self.open_pause is None
        return self.is_stopped and not self.is_paid and not is_own_hold

    @cached_property
    def wanted_until(self) -> list[date | None]:
        if self.is_final or not self.knows_state:
            return []
        wanted = [each for each in self.raw["documents"] if each["state"] in WANTED]
        return [date.fromisoformat(each["due_on"]) if each["due_on"] else None for each in wanted]

    @property
    def is_paid(self) -> bool:
        payment = self.payment
        return bool(payment["sent"] and not payment["returned"]) and (
            self.state != "payment_returned"
        )

    @property
    def appointment(self) -> tuple[datetime, datetime] | None:
        it = self.raw["appointment"]
        if not it:
            return None
        starts, ends = (datetime.fromisoformat(it[name]) for name in ("starts_at", "ends_at"))
        return starts.astimezone(self.zone), ends

    @property
    def has_appointment_ahead(self) -> bool:
        it = self.appointment
        return it is not None and it[1] > self.now and not self.is_final

    @property
    def promised(self) -> date | None:
        return date.fromisoformat(self.raw["due_on"]) if self.raw["due_on"] else None

    @property
    def since(self) -> date | None:
        last = self.raw["milestones"][-1]["entered_at"] if self.stages else None
        return self.day(last or self.raw["submitted_at"])

    def entered(self, stage: str) -> set[date | None]:
        return {
            self.day(each["entered_at"])
            for each in self.raw["milestones"]
            if each["stage"] == stage
        }

    @property
    def decided(self) -> set[date | None]:
        about = [each for each in self.raw["notices"] if each["about"] == "decision"]
        ended = self.entered("completed") if self.state == "completed" else set()
        return {self.day(each["sent_at"]) for each in about} | ended | {None}

    @property
    def is_check_past(self) -> bool:
        mark = CHECKING.get(self.service)
        if self.is_final:
            return True
        order = schemas()["StageCode"]["x-stages"].get(self.service, {}).get("order", [])
        if mark is None or self.stage not in order:
            return False
        return bool(order.index(self.stage) > order.index(mark))

    # The legal clock

    @property
    def tells_pauses(self) -> bool:
        return self.raw.get("pauses") is not None

    @property
    def open_pause(self) -> date | None:
        since = [self.day(each["from"]) for each in self.raw.get("pauses") or []
                 if self._lasts(each)]  # fmt: skip
        return min((day for day in since if day), default=None)

    @property
    def may_have_waited(self) -> bool:
        """Whether the journey shows a wait of which the core does not tell the length."""
        if self.tells_pauses or not self.raw["documents_complete_at"]:
            return False
        start = datetime.fromisoformat(self.raw["documents_complete_at"])
        later = [
            each
            for each in self.raw["milestones"]
            if datetime.fromisoformat(each["entered_at"]) > start
        ]
        # The stop that lasts is no wait that is over.
        over = later[:-1] if self.is_stopped else later
        return any(each["note"] in WAITED for each in over)

    def waited(self, day: date) -> bool:
        """Whether the claim waited for the participant on a day, as far as the core tells."""
        return any(first <= day <= last for first, last in self.waits)

    @cached_property
    def waits(self) -> list[tuple[date, date]]:
        told = self.raw.get("pauses") or []
        waits = [
            (self.day(each["from"]), date.max if self._lasts(each) else self.day(each["until"]))
            for each in told
        ]
        sent, returned = self.payment["sent"], self.payment["returned"]
        if sent and returned:
            waits.append((sent, returned))
        return [(first, last) for first, last in waits if first and last]

    def _lasts(self, pause: dict[str, Any]) -> bool:
        begins, until = datetime.fromisoformat(pause["from"]), pause["until"]
        return until is None or begins <= self.now < datetime.fromisoformat(until)

    @property
    def complete(self) -> date | None:
        return self.day(self.raw["documents_complete_at"])

    @property
    def legal_days(self) -> int | None:
        return LEGAL_DAYS.get(self.service)

    def counted(self, start: date) -> Iterator[date]:
        """Yield working days after a date that did not wait; none once a wait goes on for ever."""
        day = start
        for _ in range(1200):
            day += A_DAY
            if any(first <= day and last == date.max for first, last in self.waits):
                return
            if self.holidays.works(day) and not self.waited(day):
                yield day

    @cached_property
    def days(self) -> list[date]:
        if self.complete is None or self.legal_days is None:
            return []
        return list(islice(self.counted(self.complete), self.legal_days))

    @cached_property
    def limit(self) -> date | None:
        return self.days[-1] if len(self.days) == (self.legal_days or -1) else None

    def late_by(self, end: date) -> int:
        if self.limit is None:
            return 0
        late = (self.limit + n * A_DAY for n in range(1, (end - self.limit).days + 1))
        return sum(self.holidays.works(day) and not self.waited(day) for day in late)

    def used(self, end: date) -> int:
        return sum(day < end for day in self.days)

    @property
    def bank_by(self) -> date | None:
        if not self.payment["sent"]:
            return None
        days, day = 0, self.payment["sent"]
        while days < 2:
            day += A_DAY
            days += self.holidays.works(day)
        return day
