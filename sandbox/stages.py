"""The stages of every service, in order, and how long a claim usually stays in each."""

from sandbox.spec import Step

ORDER = {
    "jht": "registered document_check interview assessment approval payment completed",
    "jkk": "registered treatment final_report assessment payment completed",
    "jkm": "registered document_check assessment payment completed",
    "jp": "registered document_check assessment approval payment completed",
    "jkp": "registered validation payment completed",
    "profile_update": "registered data_check completed",
    "balance_merge": "registered data_check merging completed",
    "queue_booking": "registered scheduled completed",
    "complaint": "registered investigation answered completed",
}

# Working days. Never zero, so that each step has a day of its own.
USUAL_DAYS = {
    "registered": 1,
    "document_check": 2,
    "interview": 1,
    "assessment": 2,
    "approval": 1,
    "payment": 1,
    "treatment": 20,
    "final_report": 4,
    "validation": 2,
    "data_check": 2,
    "merging": 4,
    "scheduled": 3,
    "investigation": 4,
    "answered": 1,
}

INTERVIEWED = frozenset({"lapak_asik_online", "lapak_asik_onsite", "branch"})
PAYING = frozenset({"jht", "jkk", "jkm", "jp", "jkp"})


def stages_of(service: str, channel: str) -> tuple[str, ...]:
    """What a claim of this service goes through when it came by this channel."""
    stages = ORDER[service].split()
    if channel not in INTERVIEWED:
        stages = [stage for stage in stages if stage != "interview"]
    if channel == "jmo":
        stages = [stage for stage in stages if stage != "document_check"]
    return tuple(stages)


def reached(service: str, channel: str, stage: str, days: int) -> tuple[Step, ...]:
    """The steps of a claim that entered `stage` `days` working days ago, at the usual pace."""
    stages = stages_of(service, channel)
    steps: list[Step] = []
    ago = days
    for name in reversed(stages[: stages.index(stage) + 1]):
        if steps:
            ago += USUAL_DAYS[name]
        steps.append(Step(name, f"-{ago}"))
    return tuple(reversed(steps))
