"""The sandbox's people as the core tells them at a moment: over the contract, without a socket."""

import json
from datetime import datetime
from functools import cache
from typing import Any

from sandbox import Participant
from sandbox.changes import Changes
from sandbox.core import DURATIONS, LOOKUPS, Core, Request
from sandbox.directory import Directory, Samples
from sandbox.population import Population
from sandbox.samples import SAMPLES
from tracking_site.claims_api.contract import decode_durations, decode_snapshot
from tracking_site.claims_api.source import ClaimsSource
from tracking_site.data.facts import load_calendar
from tracking_site.domain.claims import Snapshot, StageDuration
from tracking_site.domain.identifiers import Identifier

MEMBERS = 500
CALENDAR = load_calendar()


@cache
def members_of_core() -> tuple[Participant, ...]:
    """Make its members, the same for every core."""
    return tuple(Population(MEMBERS))


class CoreAt(ClaimsSource):
    """The sandbox's core whose clock stands where it was put; also a source of claims."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        days_off = frozenset(CALENDAR.days_off)
        members = members_of_core()
        self.people: tuple[Participant, ...] = (*SAMPLES, *members)
        self.members = len(members)
        # Who is made already is not made again for every question; a sample hides a member.
        known = Samples((*members, *SAMPLES))
        directory = Directory(known, Population(), lambda: self.now, days_off)
        self._core = Core(directory, Changes(directory))
        self._now, self._bodies = now, dict[tuple[str, str], bytes]()

    def body_for(self, kind: str, number: str) -> bytes:
        """Return the answer to a lookup; one for each number and moment."""
        if self._now != self.now:
            self._now, self._bodies = self.now, {}
        if (kind, number) not in self._bodies:
            self._bodies[kind, number] = self._ask(kind, number)
        return self._bodies[kind, number]

    def _ask(self, kind: str, number: str) -> bytes:
        document = {"identifier": {"type": kind, "value": number}}
        request = Request(
            "POST", LOOKUPS, {"content-type": "application/json"}, json.dumps(document).encode()
        )
        return self._core.answer(request).body

    def claims_of(self, identifier: Identifier) -> Snapshot:
        return decode_snapshot(self.body_for(identifier.kind.value, identifier.canonical))

    def raw_claims_of(self, person: Participant) -> list[dict[str, Any]]:
        """Return the claims as they are on the wire."""
        claims: list[dict[str, Any]] = json.loads(self.body_for("kpj", person.kpj))["claims"]
        return claims

    def durations(self) -> dict[tuple[str, str], StageDuration]:
        body = self._core.answer(Request("GET", DURATIONS, {})).body
        return {(each.service, each.stage): each for each in decode_durations(body)}
