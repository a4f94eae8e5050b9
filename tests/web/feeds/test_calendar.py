"""The calendar of a followed claim, read back by a parser that is not ours."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from urllib.robotparser import RobotFileParser

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar, Event

from sandbox import Participant, Sandbox
from tests.conftest import SiteClock
from tests.domain.claims import at, claim
from tests.test_lookup import NIK, GivenClaims
from tests.truth.moments import WIT
from tests.web.following import change, follow, ticket_address
from tracking_site.app import create_app
from tracking_site.domain.claims import Appointment, Branch, Snapshot
from tracking_site.settings import Settings

MakeSite = Callable[..., Flask]
Samples = dict[str, Participant]


def read(client: FlaskClient, address: str) -> dict[str, Event]:
    """Return the events of a calendar by the first part of their UID."""
    response = client.get(f"{address}.ics")
    assert response.content_type == "text/calendar; method=PUBLISH; charset=utf-8"
    calendar = Calendar.from_ical(response.data)
    assert calendar.errors == []
    assert (calendar["METHOD"], calendar["VERSION"]) == ("PUBLISH", "2.0")
    events = calendar.walk("VEVENT")
    assert all(event.errors == [] for event in events)
    return {str(event["UID"]).partition("-")[0]: event for event in events}


@pytest.mark.proofs
@pytest.mark.parametrize("tree", ["", "/en"])
def test_the_calendar_of_every_sample_can_be_read(
    client: FlaskClient, sandbox: Sandbox, tree: str
) -> None:
    seen = 0
    for someone in sandbox.samples:
        if someone.situation.startswith("nothing_to_show"):
            continue
        document = client.get(f"{follow(client, someone, tree)}.ics").data
        lines = document.split(b"\r\n")
        assert lines[-1] == b""
        assert max(map(len, lines)) <= 75, someone.situation
        assert b"\n" not in document.replace(b"\r\n", b"")
        events = Calendar.from_ical(document).walk("VEVENT")
        assert events, f"{someone.situation}: a calendar without a component is none (3.6)"
        for event in events:
            # An event without an end takes no time; one that ends when it begins is none.
            assert "DTEND" not in event or event["DTEND"].dt > event["DTSTART"].dt
        uids = [str(event["UID"]) for event in events]
        assert len(uids) == len(set(uids)), someone.situation
        assert all({"DTSTAMP", "DTSTART", "SUMMARY", "SEQUENCE"} <= set(each) for each in events)
        assert someone.nik.encode() not in document
        seen += len(events)
    assert seen > 50


@pytest.mark.parametrize(
    "situation", ["interview_tomorrow", "interview_tomorrow_wita", "interview_tomorrow_wit"]
)
def test_an_interview_stands_at_its_moment(
    client: FlaskClient, samples: Samples, situation: str
) -> None:
    address = follow(client, samples[situation])
    told = client.get(f"{address}.json").json["claims"][0]["appointment"]
    event = read(client, address)["appointment"]
    assert event.start == datetime.fromisoformat(told["starts_at"])
    assert event.end == datetime.fromisoformat(told["ends_at"])
    assert event.start.utcoffset() == timedelta(0)
    assert told["kind"]["text"] in event["SUMMARY"]


def test_days_are_whole_days(client: FlaskClient, samples: Samples) -> None:
    for situation, kind, path in (
        ("missing_document", "document", ["documents", 4, "due_on"]),
        ("payment_scheduled", "payment", ["payment", "scheduled_on"]),
        ("promised_date", "promise", ["promised_on"]),
        ("assessment_day_3", "promise", ["clock", "due_on"]),
    ):
        address = follow(client, samples[situation])
        told = client.get(f"{address}.json").json["claims"][0]
        for step in path:
            told = told[step]
        event = read(client, address)[kind]
        assert event.start == date.fromisoformat(told), situation
        assert event.end == event.start + timedelta(days=1)


def test_an_event_never_carries_the_private_address(client: FlaskClient, samples: Samples) -> None:
    address = follow(client, samples["interview_tomorrow"])
    assert address.rpartition("/")[2] not in client.get(f"{address}.ics").text


def test_names_with_commas_and_line_ends_are_escaped(client: FlaskClient, samples: Samples) -> None:
    address = follow(client, samples["branch_visit_tomorrow"])
    event = read(client, address)["appointment"]
    name = client.get(f"{address}.json").json["claims"][0]["branch"]["name"]
    assert event["LOCATION"] == name


def test_a_moved_interview_keeps_its_uid_and_raises_its_sequence(
    make_site: MakeSite, core: Sandbox, site_clock: SiteClock
) -> None:
    client = make_site(CLAIMS_API_URL=core.url, CACHE_FRESH_SECONDS="1").test_client()
    someone = core.sample("interview_next_week")
    address = follow(client, someone)
    before = read(client, address)
    assert read(client, address) == before
    starts = datetime(2027, 3, 1, 2, tzinfo=UTC)
    appointment = {
        "kind": "video_interview",
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(minutes=30)).isoformat(),
    }
    change(core, someone, appointment=appointment)
    site_clock.advance(minutes=11)
    moved = read(client, address)
    was, now = before["appointment"], moved["appointment"]
    assert now["UID"] == was["UID"]
    assert now["SEQUENCE"] > was["SEQUENCE"]
    assert now.start == starts
    assert now["LAST-MODIFIED"].dt >= was["LAST-MODIFIED"].dt
    assert {kind: event for kind, event in moved.items() if kind != "appointment"} == {
        kind: event for kind, event in before.items() if kind != "appointment"
    }


def test_an_interview_that_ends_when_it_begins_has_no_end(
    make_site: MakeSite, core: Sandbox
) -> None:
    client = make_site(CLAIMS_API_URL=core.url).test_client()
    someone = core.sample("interview_next_week")
    moment = datetime(2027, 3, 1, 2, tzinfo=UTC).isoformat()
    appointment = {"kind": "video_interview", "starts_at": moment, "ends_at": moment}
    change(core, someone, appointment=appointment)
    event = read(client, follow(client, someone))["appointment"]
    assert "DTEND" not in event
    assert event["DTSTART"].dt.isoformat() == moment


@pytest.mark.parametrize("day", [date.min, date.max], ids=["first", "last"])
def test_a_day_that_stands_for_none_in_some_cores_is_in_no_calendar(
    make_site: MakeSite, core: Sandbox, day: date
) -> None:
    client = make_site(CLAIMS_API_URL=core.url).test_client()
    someone = core.sample("payment_scheduled")
    change(core, someone, payment={"scheduled_on": day.isoformat(), "sent_at": None})
    assert "payment" not in read(client, follow(client, someone))


def test_a_calendar_can_be_subscribed_to_and_says_what_a_download_is(
    client: FlaskClient, samples: Samples
) -> None:
    address = follow(client, samples["approval"])
    page = client.get(address).text
    assert f'href="webcal://localhost{address}.ics"' in page
    assert f'href="{address}.ics"' in page
    assert "Unduhan hanya salinan hari ini." in page


def test_the_button_downloads_and_the_file_does_not_tell_the_private_address(
    client: FlaskClient, samples: Samples
) -> None:
    address = follow(client, samples["approval"])
    (button,) = BeautifulSoup(client.get(address).text, "html.parser").select(".trio a")
    assert button["href"] == f"{address}.ics"
    told = client.get(f"{address}.ics").headers["Content-Disposition"]
    assert told == 'inline; filename="lacak-klaim.ics"'


@pytest.mark.parametrize("hours", [0, 9], ids=["UTC", "WIT"])
def test_the_button_stands_on_the_morning_of_the_day_in_whatever_zone_the_core_writes(
    environ: dict[str, str], hours: int
) -> None:
    morning = datetime(2026, 11, 11, 7, 0, tzinfo=WIT)
    starts = (morning + timedelta(hours=1)).astimezone(timezone(timedelta(hours=hours)))
    visit = Appointment("branch_visit", starts, starts + timedelta(minutes=30))
    branch = Branch("Contoh", "Kota Contoh", timezone="Asia/Jayapura")
    told = claim("registered", branch=branch, appointment=visit)
    source = GivenClaims(Snapshot((told,), morning))
    client = create_app(Settings.from_env(environ), source, clock=lambda: morning).test_client()
    page = client.post("/lacak", data={"nomor": NIK}, follow_redirects=True).text
    assert "Kalender" in page


def test_the_button_stands_for_a_day_of_any_of_several_claims(environ: dict[str, str]) -> None:
    late = claim("registered", "assessment", documents_complete_at=at(-14), pauses=())
    visit = Appointment("branch_visit", at(4), at(4, 3))
    booked = claim("registered", service="queue_booking", reference="AN-1", appointment=visit)
    source = GivenClaims(Snapshot((late, booked), at(2)))
    client = create_app(Settings.from_env(environ), source, clock=lambda: at(2)).test_client()
    address = ticket_address(client, NIK)
    kept = client.post(f"{address}/pantau").headers["Location"]
    assert "JHT" in BeautifulSoup(client.get(kept).text, "html.parser").h1.get_text()  # type: ignore[union-attr]
    assert all("Kalender</" in client.get(each).text for each in (address, kept))
    source.answer = Snapshot((late,), at(2))
    assert not any("Kalender</" in client.get(each).text for each in (address, kept))


def test_calendars_that_obey_robots_may_fetch_it(client: FlaskClient, samples: Samples) -> None:
    rules = RobotFileParser()
    rules.parse(client.get("/robots.txt").text.splitlines())
    address = follow(client, samples["approval"])
    for path in (f"{address}.ics", f"{address}.atom", f"/en{address}.ics", "/sematan.js"):
        assert rules.can_fetch("Google-Calendar-Importer", f"http://localhost{path}"), path
        assert "noindex" in client.get(path).headers["X-Robots-Tag"]
    assert not rules.can_fetch("Googlebot", "http://localhost/klaim/x")


def test_what_a_refused_claim_had_planned_is_cancelled(make_site: MakeSite, core: Sandbox) -> None:
    client = make_site(CLAIMS_API_URL=core.url).test_client()
    someone = core.sample("interview_tomorrow")
    change(core, someone, state="cancelled")
    event = read(client, follow(client, someone))["appointment"]
    assert event["STATUS"] == "CANCELLED"


@pytest.mark.parametrize(
    ("situation", "title"),
    [("clock_day_2", "Batas waktu menurut aturan"), ("jkm_assessment", "Batas waktu yang lazim")],
)
def test_the_calendar_calls_a_limit_what_the_page_calls_it(
    client: FlaskClient, samples: Samples, situation: str, title: str
) -> None:
    event = read(client, follow(client, samples[situation]))["promise"]
    assert str(event["SUMMARY"]).startswith(f"{title} (")
