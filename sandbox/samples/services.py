"""Every stage of the services beside JHT."""

from collections.abc import Iterator
from typing import Any

from sandbox.branches import BRANCHES
from sandbox.directory import Participant
from sandbox.lives import ELSEWHERE
from sandbox.samples.people import claim, person
from sandbox.spec import Slot
from sandbox.stages import stages_of


def _stages() -> Iterator[Participant]:
    place = 0
    for service, (cause, channel) in ELSEWHERE.items():
        for stage in stages_of(service, channel):
            place += 1
            given: dict[str, Any] = {"branch": BRANCHES[place % len(BRANCHES)]}
            if stage == "scheduled":
                given["appointment"] = Slot("branch_visit", "+2", 9 * 60, 20)
            spec = claim(service, stage, 2, cause=cause, channel=channel, **given)
            yield person(f"{service}_{stage}", spec)


PARTICIPANTS = (
    *_stages(),
    person(
        "jkk_occupational_disease",
        claim("jkk", "treatment", 15, cause="occupational_disease"),
    ),
    person("jkm_overdue", claim("jkm", "assessment", 6, cause="death")),
    person("complaint_from_branch", claim("complaint", "investigation", 3, channel="branch")),
)
