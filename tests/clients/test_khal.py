"""Two weeks of a claim in khal, a calendar that is not ours."""

import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sandbox import Participant, Sandbox
from tests.clients.following import Days, private_address, served, synchronise
from tests.needs import needed
from tests.web.following import change
from tracking_site.app import create_app
from tracking_site.settings import Settings

JAKARTA = ZoneInfo("Asia/Jakarta")

CONFIG = """
[calendars]
[[klaim]]
path = {events}
type = calendar
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = Asia/Jakarta
default_timezone = Asia/Jakarta
[sqlite]
path = {database}
"""


class Khal:
    """khal with a calendar of its own, and a claim that it follows."""

    def __init__(self, folder: Path, address: str) -> None:
        self._events = folder / "events"
        self._config = folder / "config"
        self._address = address
        self._config.write_text(
            CONFIG.format(events=self._events, database=folder / "khal.db"), encoding="utf-8"
        )

    def listed(self, since: datetime) -> dict[str, list[str]]:
        """Return moment and status of the events from this day on, by the words of their titles."""
        synchronise(self._address, self._events)
        command = [needed("khal"), "-c", str(self._config), "list", "--once", "--notstarted"]
        command += ["--day-format", "", "--format", "{start-long}|{status}|{title}"]
        command += [f"{since.astimezone(JAKARTA):%Y-%m-%d}", "60d"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        assert "rror" not in done.stderr, done.stderr
        found: dict[str, list[str]] = {}
        for line in filter(None, done.stdout.splitlines()):
            moment, status, title = line.split("|")
            found[title.partition(" (")[0]] = [moment, status.strip()]
        return found


@pytest.fixture
def core() -> Iterator[Sandbox]:
    with Sandbox() as core:
        yield core


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def someone(core: Sandbox) -> Participant:
    return core.sample("interview_next_week")


@pytest.fixture
def khal(
    core: Sandbox, days: Days, someone: Participant, environ: dict[str, str], tmp_path: Path
) -> Iterator[Khal]:
    settings = Settings.from_env(environ | {"CLAIMS_API_URL": core.url, "WATCH_DAYS": "90"})
    with served(create_app(settings, clock=days)) as origin:
        yield Khal(tmp_path, private_address(origin, someone.nik))


def interview(moment: datetime) -> dict[str, Any]:
    ends = moment + timedelta(minutes=30)
    return {
        "kind": "video_interview",
        "starts_at": moment.isoformat(),
        "ends_at": ends.isoformat(),
    }


def test_two_weeks_of_changes_stand_in_the_calendar_as_they_come(
    khal: Khal, core: Sandbox, days: Days, someone: Participant
) -> None:
    begin = days.now

    def at(moment: datetime) -> str:
        return f"{moment.astimezone(JAKARTA):%Y-%m-%d %H:%M}"

    def day(moment: datetime) -> str:
        return f"{moment.astimezone(JAKARTA):%Y-%m-%d}"

    move: Callable[..., None] = lambda **what: change(core, someone, **what)  # noqa: E731
    title = "Wawancara lewat panggilan video"
    first = days.later(3)
    due = days.later(10)
    move(appointment=interview(first), due_on=day(due))
    days.pass_by(1)
    seen = khal.listed(begin)
    assert seen[title] == [at(first), "CONFIRMED"]
    assert seen["Dijanjikan selesai"] == [day(due), "CONFIRMED"]

    days.pass_by(2)
    second = days.later(4)
    move(appointment=interview(second))
    assert khal.listed(begin)[title] == [at(second), "CONFIRMED"], "moved"

    days.pass_by(5)
    move(appointment=None, stage="approval")
    seen = khal.listed(begin)
    assert title not in seen, "gone"
    assert "Dijanjikan selesai" in seen

    days.pass_by(2)
    pays = days.later(5)
    scheduled = {"scheduled_on": day(pays), "sent_at": None, "returned_at": None}
    move(stage="payment", payment=scheduled)
    assert khal.listed(begin)["Pembayaran dijadwalkan"] == [day(pays), "CONFIRMED"], "new"

    days.pass_by(3)
    move(state="cancelled")
    seen = khal.listed(begin)
    assert seen["Pembayaran dijadwalkan"] == [day(pays), "CANCELLED"]

    days.pass_by(1)
    assert khal.listed(begin) == seen
    assert days.now - begin == timedelta(days=14)
