"""Calendars of every situation, read by sabre/vobject, which many calendar servers use."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests
from icalendar import Calendar

from tests.clients.following import private_address
from tests.live import LiveSite
from tests.needs import needed, needed_file

READ = """
require $argv[1];
$told = [];
foreach (glob($argv[2] . '/*.ics') as $file) {
    $calendar = Sabre\\VObject\\Reader::read(file_get_contents($file));
    foreach ($calendar->VEVENT as $event) {
        $ends = $event->DTEND ? $event->DTEND->getDateTime()->format('c') : null;
        $told[basename($file, '.ics')][(string) $event->UID] = [
            $event->DTSTART->getDateTime()->format('c'), $ends,
            (string) $event->SUMMARY, (string) $event->STATUS, (string) $event->URL,
        ];
    }
}
echo json_encode($told, JSON_FORCE_OBJECT | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
"""

Events = dict[str, list[Any]]


def read_by_sabre(folder: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """Return what it reads in the calendars of a folder; raises where it can read one not."""
    command = [
        needed("php"),
        "-d",
        "error_reporting=E_ALL & ~E_DEPRECATED",
        "-d",
        "date.timezone=UTC",
    ]
    command += ["-r", READ, "--", str(needed_file("vobject")), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    read: dict[str, dict[str, dict[str, Any]]] = json.loads(done.stdout)
    return read


def read_here(document: bytes) -> Events:
    events: Events = {}
    for event in Calendar.from_ical(document).walk("VEVENT"):
        moments = [event[name].dt if name in event else None for name in ("DTSTART", "DTEND")]
        words = [str(event[name]) for name in ("SUMMARY", "STATUS", "URL")]
        events[str(event["UID"])] = [*(each and in_full(each) for each in moments), *words]
    return events


def unescaped(value: Any) -> Any:
    return re.sub(r"\\([,;\\])", r"\1", value) if isinstance(value, str) else value


def in_full(moment: Any) -> str:
    return moment.isoformat() if hasattr(moment, "hour") else f"{moment}T00:00:00+00:00"


def test_both_read_the_same_days_in_every_situation(live_site: LiveSite, tmp_path: Path) -> None:
    expected = {}
    for someone in live_site.core.samples:
        if someone.situation.startswith("nothing_to_show"):
            continue
        address = private_address(live_site.url, someone.nik)
        answer = requests.get(f"{address}.ics", timeout=20)
        (tmp_path / f"{someone.situation}.ics").write_bytes(answer.content)
        expected[someone.situation] = read_here(answer.content)
    assert len(expected) > 50
    assert all(expected.values())
    read = read_by_sabre(tmp_path)
    assert {
        # It leaves the escapes of texts as they are.
        name: {uid: [*map(unescaped, event.values())] for uid, event in events.items()}
        for name, events in read.items()
    } == expected


def test_what_is_no_calendar_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.ics").write_text("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n")
    with pytest.raises(subprocess.CalledProcessError):
        read_by_sabre(tmp_path)
