"""Short ways to write a sample down."""

from typing import Any

from sandbox.directory import Participant
from sandbox.numbers import sample_kpj, sample_nik
from sandbox.spec import Ending, Spec, Transfer, journey, notices, papers, waits
from sandbox.stages import PAYING, reached

SHORTHANDS = {"documents": papers, "notices": notices, "pauses": waits}


def person(
    situation: str,
    *specs: Spec,
    nik: str | None = None,
    kpj: str | None = None,
    max_age: int | None = None,
) -> Participant:
    """A sample; numbers that are not given are decided by the name of the situation."""
    return Participant(
        situation=situation,
        key=f"sample/{situation}",
        nik=nik or sample_nik(situation),
        kpj=kpj or sample_kpj(situation),
        specs=specs,
        max_age=max_age,
    )


def claim(service: str, stage: str, days: int, **given: Any) -> Spec:
    """A claim that entered `stage` `days` working days ago, with what follows from it.

    `path` is a journey in its compact form, in place of the usual one; `documents`, `notices`
    and `pauses` are compact too; everything else is a field of `Spec`.
    """
    for name, parse in SHORTHANDS.items():
        if name in given:
            given[name] = parse(given[name])
    path = given.pop("path", None)
    channel = given.setdefault("channel", "branch")
    steps = journey(path) if path else reached(service, channel, stage, days)
    last = steps[-1]
    pays = service in PAYING
    if last.stage == "payment" and "payment" not in given:
        given["payment"] = Transfer("+1")
    if last.stage == "completed":
        given.setdefault("state", "completed")
        given.setdefault("outcome", Ending("paid" if pays else "done"))
        if pays:
            given.setdefault("payment", Transfer(last.day, last.day))
    return Spec(steps, service=service, **given)


def jht(stage: str, days: int, **given: Any) -> Spec:
    """A JHT claim; in full, after a resignation, by Lapak Asik, unless something else is given."""
    usual = {"kind": "full", "cause": "resignation", "channel": "lapak_asik_online"}
    return claim("jht", stage, days, **(usual | given))
