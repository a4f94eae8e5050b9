"""A followed claim as other people's programs see it: over HTTP, on days that a test chooses."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests
from flask import Flask
from icalendar import Calendar
from werkzeug.serving import make_server


class Days:
    """A clock that stands still until the test moves it on by whole days."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(hour=3, minute=0, second=0, microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def later(self, days: int) -> datetime:
        return self.now + timedelta(days=days)

    def pass_by(self, days: int) -> None:
        self.now = self.later(days)


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve a site over HTTP in this process; yields its origin."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def private_address(origin: str, number: str) -> str:
    """Look a number up over HTTP and keep its private address."""
    result = requests.post(f"{origin}/lacak", {"nomor": number}, allow_redirects=False, timeout=20)
    kept = requests.post(
        f"{origin}{result.headers['Location']}/pantau", allow_redirects=False, timeout=20
    )
    return f"{origin}{kept.headers['Location']}"


def synchronise(address: str, folder: Path) -> None:
    """Write each event of a calendar to a file by its UID, as vdirsyncer does for khal.

    What is no longer in the calendar is removed.
    """
    # A copy past its time is told once more while the new one is fetched.
    while requests.get(f"{address}.json", timeout=20).json()["stale"]:
        time.sleep(0.05)
    answer = requests.get(f"{address}.ics", timeout=20)
    answer.raise_for_status()
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    folder.mkdir(exist_ok=True)
    kept = set()
    for event in events:
        own = Calendar()
        own.add("version", "2.0")
        own.add("prodid", "-//test//")
        own.add_component(event)
        path = folder / f"{event['UID']}.ics"
        new = path.with_suffix(".new")
        new.write_bytes(own.to_ical())
        new.replace(path)
        kept.add(path)
    for path in set(folder.glob("*.ics")) - kept:
        path.unlink()
