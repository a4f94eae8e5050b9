"""What is answered for every sample participant, in every form."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from werkzeug.test import TestResponse

from sandbox import Participant
from tests.snapshots.stage import HTMX, Stage
from tracking_site.domain.outcomes import Mark, Version

TREES = {"id": "", "en": "/en"}
FEEDS = ("atom", "ics", "json")
BY_CARD = ("assessment_day_3", "kpj_with_letter", "kpj_leading_zeros")
CLOSELY = (
    "assessment_day_3",
    "missing_document",
    "interview_tomorrow",
    "payment_scheduled",
    "several_claims",
    "complaint_answered",
)
"""Samples that are also shown as followed, as old copies, and with news."""

Answers = Iterator[tuple[str, TestResponse]]


def results(stage: Stage) -> Answers:
    """Yield every sample in both languages: part, page, frame, followed page and feeds."""
    for sample in stage.core.sandbox.samples:
        for language, tree in TREES.items():
            name = f"{sample.situation} {language}"
            for form, answer in _forms_of(stage, tree, sample.nik):
                yield f"{name} {form}", answer
            if sample.situation in BY_CARD:
                yield f"{name} by-card", stage.post(f"{tree}/lacak", htmx=True, nomor=sample.kpj)


def closely(stage: Stage) -> Answers:
    """Yield some samples as parts of frames and followed pages, with news, and from old copies."""
    for sample in _close(stage):
        for language, tree in TREES.items():
            name, address = f"{sample.situation} {language}", _private(stage, tree, sample)
            yield (
                f"{name} frame-part",
                stage.post(f"{tree}/sematan/lacak", htmx=True, nomor=sample.nik),
            )
            yield f"{name} followed-part", stage.part(address)
            shown = stage.get(f"{address}.json").get_json()["version"]
            for kind, seen in _versions(shown).items():
                yield f"{name} followed-{kind}", stage.get(f"{address}?sejak={seen}")
                headers = HTMX | {"If-None-Match": seen}
                yield f"{name} poll-{kind}", stage.client.get(address, headers=headers)
    for age, told in _AGES.items():
        stage.core.stale_by = told
        for sample in _close(stage):
            for language, tree in TREES.items():
                answer = stage.post(f"{tree}/lacak", htmx=True, nomor=sample.nik)
                yield f"{sample.situation} {language} copy-of-{age}", answer
    stage.core.stale_by = None


def before_durations_are_known(stage: Stage) -> Answers:
    stage.usual = {}
    for sample in _close(stage):
        answer = stage.post("/lacak", htmx=True, nomor=sample.nik)
        yield f"{sample.situation} id without-usual-waits", answer
    stage.usual = stage.core.durations()


_AGES = {
    "two-minutes": timedelta(minutes=2),
    "three-hours": timedelta(hours=3),
    "two-days": timedelta(days=2),
}


def _forms_of(stage: Stage, tree: str, number: str) -> Answers:
    part = stage.post(f"{tree}/lacak", htmx=True, nomor=number)
    yield "part", part
    yield "sent", stage.post(f"{tree}/lacak", nomor=number)
    address = part.headers["HX-Push-Url"]
    yield "page", stage.get(address)
    yield "frame", stage.get(f"{tree}/sematan{address.removeprefix(tree)}?mitra=koran")
    if part.status_code != 200:
        return
    followed = stage.post(f"{address}/pantau").headers["Location"]
    yield "followed", stage.get(followed)
    for form in FEEDS:
        yield form, stage.get(f"{followed}.{form}")


def _close(stage: Stage) -> list[Participant]:
    return [stage.core.sandbox.sample(situation) for situation in CLOSELY]


def _private(stage: Stage, tree: str, sample: Participant) -> str:
    address = stage.post(f"{tree}/lacak", nomor=sample.nik).headers["Location"]
    return stage.post(f"{address}/pantau").headers["Location"]


def _versions(shown: str) -> dict[str, str]:
    """Return versions that somebody may have seen: this one, none of the claims, other parts."""
    now = Version.parse(shown)
    assert now is not None
    other = replace(now, shown=bytes(8), facts=bytes(4), marks=tuple(map(_other, now.marks)))
    return {
        "unchanged": shown,
        "new": str(replace(now, shown=bytes(8), facts=bytes(4), marks=())),
        "changed": str(other),
    }


def _other(mark: Mark) -> Mark:
    """Return the mark of a claim that was otherwise in everything, one milestone earlier."""
    part = bytes(2)
    milestones = max(mark.milestones - 1, 0)
    return Mark(mark.reference, part, part, milestones, part, part, part, part, part, 0)
