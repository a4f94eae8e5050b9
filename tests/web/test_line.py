"""The line before the core, over HTTP: a full core, the real application, no time that passes."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import count
from pathlib import Path
from threading import Semaphore
from typing import Any, ClassVar

import pytest
import requests
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from drills.attack.work import solve
from sandbox import Participant, Sandbox
from tests.claims_api.fakes import eventually
from tests.partners import partner, partners_file
from tests.web.test_tally import counted
from tracking_site.app import create_app
from tracking_site.claims_api.config import ClientConfig
from tracking_site.claims_api.gate import LAPSE_SECONDS, Intervals, MemoryGate, Place
from tracking_site.domain.identifiers import parse_canonical
from tracking_site.guard.guard import Guard
from tracking_site.guard.line import (
    AROUND_SECONDS,
    CUSTOMER_SHARE,
    MAX_POLL_SECONDS,
    MAX_SHARE,
    MIN_PLACES_AROUND,
    USUAL_POLL_SECONDS,
    InLine,
    Line,
)
from tracking_site.guard.networks import parse_network
from tracking_site.records import QUEUE
from tracking_site.settings import Settings

BEGIN = datetime(2026, 5, 4, 3, 0, tzinfo=UTC)
NODE = b"filled00"
USUAL = Intervals(0.5, 1, 60)
MAX_GUESSES = 16
"""Answers that one address gets a day that guesses and does all work (docs/security.md)."""

HTMX = {"HX-Request": "true"}


class Clock:
    now = BEGIN

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Site:
    """The site before a core that can be filled, so that all who come wait."""

    def __init__(self, core: Sandbox, **settings: str) -> None:
        self.clock = Clock()
        environ = {"CLAIMS_API_URL": core.url, "SECRET_KEYS": "k" * 40, **settings}
        self.core = core
        self.app: Flask = create_app(Settings.from_env(environ), clock=self.clock)
        assert Brief.built, "the client is built elsewhere, and each test holds for 3 s"
        self.gate: MemoryGate = self.app.extensions["gate"]
        self._filled: list[bytes] = []

    def client(self) -> FlaskClient:
        return self.app.test_client()

    def fill(self) -> None:
        while self.gate.enter(b"other", Place(name := b"%016d" % len(self._filled)), None) == "go":
            self._filled.append(name)

    def empty(self) -> None:
        for name in self._filled:
            self.gate.leave(NODE, name, None)
        self._filled.clear()

    def lengthen(self, people: int) -> None:
        """Let strangers of other networks wait."""
        for number in range(people):
            self.clock.pass_(0.0001)
            assert self.gate.wait(Place(b"x%07d" % number + b"%08d" % number), 5, USUAL)


@dataclass(frozen=True)
class Brief(ClientConfig):
    built: ClassVar[list[ClientConfig]] = []
    hold_seconds: float = 0.01

    def __post_init__(self) -> None:
        self.built.append(self)


@pytest.fixture(autouse=True)
def holds_briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    Brief.built.clear()
    monkeypatch.setattr("tracking_site.cache.config.ClientConfig", Brief)


@pytest.fixture
def site(core: Sandbox) -> Iterator[Site]:
    made = Site(core)
    made.fill()
    yield made
    made.empty()


def fault(core: Sandbox, mode: str) -> None:
    requests.post(f"{core.url}/sandbox/faults", json={"mode": mode}, timeout=5).raise_for_status()


def place_in(response: TestResponse) -> str:
    found = re.search(r'data-place="([^"]+)"', response.text)
    assert found
    return found[1]


def seconds_in(response: TestResponse) -> int:
    found = re.search(r'data-seconds="(\d+)"', response.text)
    assert found
    return int(found[1])


def test_who_finds_no_room_gets_a_place_by_htmx(site: Site, someone: Participant) -> None:
    client = site.client()
    told = client.post("/lacak", data={"nomor": someone.nik}, headers=HTMX)
    assert told.status_code == 202
    place = place_in(told)
    assert told.headers["HX-Push-Url"] == f"/antre/{place}"
    assert int(told.headers["Retry-After"]) >= 1
    assert 'data-outcome="waiting"' in told.text
    assert re.search(r'data-seconds="\d+"', told.text)
    assert "Refresh" not in told.headers
    assert someone.nik not in told.text
    assert f'hx-get="/antre/{place}?tadi=' in told.text
    site.clock.pass_(5)
    still = client.get(f"/antre/{place}", headers=HTMX)
    assert (still.status_code, place_in(still)) == (202, place)
    site.empty()
    site.clock.pass_(5)
    found = client.get(f"/antre/{place}", headers=HTMX)
    assert found.status_code == 200
    assert 'data-outcome="found"' in found.text
    # The address of the place is not left behind: Back would only lead here again.
    assert "HX-Push-Url" not in found.headers
    assert found.headers["HX-Replace-Url"].startswith("/klaim/")
    assert client.get(found.headers["HX-Replace-Url"]).status_code == 200


@pytest.mark.parametrize("asks", [{}, HTMX], ids=["page", "fragment"])
@pytest.mark.parametrize("cleared", [1, 2], ids=["first_answer", "second_answer"])
def test_who_clears_the_screen_of_an_answer_ends_the_place_that_led_to_it(
    site: Site, someone: Participant, asks: dict[str, str], cleared: int
) -> None:
    client = site.client()
    place = client.post("/lacak", data={"nomor": someone.nik}).headers["Location"]
    site.empty()
    site.clock.pass_(20)
    tickets = [client.get(place).headers["Location"].rpartition("/")[2] for _ in range(2)]
    assert client.get(f"/klaim/{tickets[0]}").status_code == 200
    client.post("/bersihkan", data={"tiket": tickets[cleared - 1]})
    for address in (place, *(f"/klaim/{each}" for each in tickets)):
        answer = client.get(address, headers=asks)
        assert answer.status_code == (410 if asks else 303)
        assert answer.headers.get("Location", "/") == "/"
        assert "data-stage" not in answer.text
    # Another visit of the same person has a place of its own.
    again = client.post("/lacak", data={"nomor": someone.nik})
    assert client.get(again.headers["Location"]).status_code == 200


@pytest.mark.parametrize("prefix", ["", "/en", "/sematan"])
@pytest.mark.parametrize("asks", [{}, HTMX], ids=["page", "fragment"])
def test_who_gives_the_place_up_leaves_no_answer_to_the_next_person(
    core: Sandbox, someone: Participant, prefix: str, asks: dict[str, str]
) -> None:
    site = Site(core, EMBED_ORIGINS="https://berita.example")
    site.fill()
    client = site.client()
    place = client.post(f"{prefix}/lacak", data={"nomor": someone.nik}).headers["Location"]
    form = BeautifulSoup(client.get(place, headers=asks).text, "html.parser").find("form")
    assert form is not None
    assert form.get_text(strip=True) in ("Batal", "Cancel")
    fields = {each["name"]: each["value"] for each in form.find_all("input")}
    home = client.post(str(form["action"]), data=fields).headers["Location"]
    assert home == (prefix if prefix == "/sematan" else f"{prefix}/")
    assert client.get(place).headers["Location"] == home
    site.empty()
    site.clock.pass_(20)
    left = client.get(place, headers=asks)
    assert left.status_code == (410 if asks else 303)
    assert left.headers.get("Location", home) == home
    assert "data-stage" not in left.text
    # To give up what is none, or is over, is none the less to clear the screen.
    for text in ("", "x", place):
        assert client.post(f"{prefix}/bersihkan", data={"antre": text}).headers["Location"] == home


@pytest.mark.parametrize("asks", [{}, HTMX], ids=["page", "fragment"])
def test_who_gives_the_place_of_a_result_up_leaves_no_result_either(
    site: Site, someone: Participant, asks: dict[str, str]
) -> None:
    site.empty()
    result = site.client().post("/lacak", data={"nomor": someone.nik}).headers["Location"]
    # It has no copy, so that whoever asks waits.
    restarted = Site(site.core)
    restarted.fill()
    client = restarted.client()
    place = client.get(result).headers["Location"]
    assert place.startswith("/antre/")
    form = BeautifulSoup(client.get(place, headers=asks).text, "html.parser").find("form")
    assert form is not None
    fields = {each["name"]: each["value"] for each in form.find_all("input")}
    client.post(str(form["action"]), data=fields)
    restarted.empty()
    restarted.clock.pass_(20)
    for address in (place, result):
        assert client.get(address).headers["Location"] == "/"


def test_without_javascript_the_page_reloads_and_leads_to_the_result(
    site: Site, someone: Participant
) -> None:
    client = site.client()
    sent = client.post("/lacak", data={"nomor": someone.nik})
    assert sent.status_code == 303
    assert sent.headers["Location"].startswith("/antre/")
    page = client.get(sent.headers["Location"])
    assert page.status_code == 202
    assert int(page.headers["Refresh"]) >= 20
    assert page.headers["Retry-After"] == page.headers["Refresh"]
    assert "<title>Anda sedang dalam antrean ·" in page.text
    assert "hx-trigger" not in page.text
    site.empty()
    site.clock.pass_(20)
    done = client.get(sent.headers["Location"])
    assert done.status_code == 303
    assert done.headers["Location"].startswith("/klaim/")
    assert client.get(done.headers["Location"]).status_code == 200


@pytest.mark.parametrize("prefix", ["/en", "/sematan", "/en/sematan"])
def test_in_english_and_in_frames_the_same(
    core: Sandbox, someone: Participant, prefix: str
) -> None:
    site = Site(core, EMBED_ORIGINS="https://berita.example")
    site.fill()
    client = site.client()
    told = client.post(f"{prefix}/lacak", data={"nomor": someone.nik}, headers=HTMX)
    assert told.status_code == 202
    assert told.headers["HX-Push-Url"].startswith(f"{prefix}/antre/")
    whole = client.get(told.headers["HX-Push-Url"])
    assert whole.status_code == 202
    assert ("You are in the queue" in whole.text) == prefix.startswith("/en")
    site.empty()
    site.clock.pass_(20)
    done = client.get(told.headers["HX-Push-Url"])
    assert done.headers["Location"].startswith(f"{prefix}/klaim/")


def test_a_partners_lookup_that_waits_counts_once_when_it_is_answered(
    core: Sandbox, samples: dict[str, Participant], tmp_path: Path
) -> None:
    site = Site(core, PARTNERS_FILE=str(partners_file(tmp_path, partner("koran"))))
    site.fill()
    client, places = site.client(), []
    for each in ("assessment_day_3", "nothing_to_show"):
        typed = {"nomor": samples[each].nik}
        told = client.post("/sematan/lacak?mitra=koran", data=typed, headers=HTMX)
        places.append(told.headers["HX-Push-Url"])
        assert client.get(places[-1], headers=HTMX).status_code == 202
    assert counted(client) == {}
    site.empty()
    site.clock.pass_(20)
    answered = [client.get(place, headers=HTMX) for place in places]
    assert [each.status_code for each in answered] == [200, 404]
    assert counted(client) == {("koran", "lookup"): 2, ("koran", "miss"): 1}
    # Whoever reads the result again, and waits for that, asked before.
    result = answered[0].headers["HX-Replace-Url"]
    restarted = Site(core, PARTNERS_FILE=str(partners_file(tmp_path, partner("koran"))))
    restarted.fill()
    client = restarted.client()
    place = client.get(result).headers["Location"]
    restarted.empty()
    restarted.clock.pass_(20)
    assert client.get(place).headers["Location"] == result
    assert counted(client) == {}


def test_asked_not_to_reload_it_does_not_and_keeps_the_place(
    site: Site, someone: Participant
) -> None:
    client = site.client()
    address = client.post("/lacak", data={"nomor": someone.nik}).headers["Location"]
    quiet = client.get(f"{address}?diam=1")
    assert quiet.status_code == 202
    assert "Refresh" not in quiet.headers
    # Nor does it in the other language.
    assert f'href="/en{address}?diam=1"' in quiet.text
    assert f'href="/en{address}"' in client.get(address).text
    # Its turn comes no later for that.
    assert seconds_in(quiet) <= seconds_in(client.get(address)) < 60
    assert "sekitar 5 detik lagi" in quiet.text
    client.get(f"{address}?diam=1")
    site.clock.pass_(590)
    site.empty()
    assert client.get(address).status_code == 303


def test_the_time_is_spoken_when_it_is_far_from_the_one_that_was_told_last(
    site: Site, someone: Participant
) -> None:
    client = site.client()
    told = client.post("/lacak", data={"nomor": someone.nik}, headers=HTMX)
    place, seconds = place_in(told), seconds_in(told)
    # The heading, which has the focus, tells the first.
    assert "data-say=" not in told.text
    assert f"?tadi={seconds}" in told.text
    for before, is_said in ((seconds + 1, False), (3 * seconds, True), (500, True)):
        site.clock.pass_(1)
        later = client.get(f"/antre/{place}?tadi={before}", headers=HTMX)
        assert ("data-say=" in later.text) is is_said
        # What was not said is measured against what was, so that small steps add up.
        assert f"?tadi={seconds_in(later) if is_said else before}" in later.text


def test_pages_that_are_open_take_no_places_from_who_comes(
    site: Site, samples: dict[str, Participant]
) -> None:
    """They come back to none: to each question a new one was given, until no more could be."""
    client, following = site.client(), site.app.extensions["following"]
    shown = HTMX | {"If-None-Match": "1.2.3"}
    number = samples["assessment_day_3"].nik
    open_pages = (
        f"/klaim/{following.tickets.seal(number)}",
        f"/sematan/klaim/{following.tickets.seal(number)}",
        f"/pantau/{following.keys.seal(number)}",
    )
    for path in open_pages * 3:
        polled = client.get(path, headers=shown)
        assert (polled.status_code, int(polled.headers["Retry-After"]) > 0) == (503, True)
    asked = client.post("/lacak", data={"nomor": samples["paid_today"].nik}, headers=HTMX)
    assert asked.status_code == 202
    # Who opens one waits for it.
    assert client.get(open_pages[0]).headers["Location"].startswith("/antre/")


def test_a_place_is_that_of_the_moment_at_which_its_request_came(
    site: Site, someone: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.lengthen(300)
    site.clock.pass_(1)
    monkeypatch.setattr(QUEUE, "seconds", 2.0)
    told = site.client().post("/lacak", data={"nomor": someone.nik}, headers=HTMX)
    assert told.status_code == 202
    assert site.gate.look().oldest == pytest.approx(2)


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_whose_turn_is_not_near_is_answered_before_flask_and_the_same(
    site: Site, someone: Participant, monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    client = site.client()
    site.lengthen(300)
    address = client.post(f"{prefix}/lacak", data={"nomor": someone.nik}).headers["Location"]
    site.clock.pass_(1)
    by_flask = client.get(f"{address}?tadi=19&lain=1", headers=HTMX)
    assert 'data-outcome="waiting"' in by_flask.text
    monkeypatch.setattr(Flask, "dispatch_request", lambda *_: pytest.fail("Flask was asked"))
    quick = client.get(f"{address}?tadi=19", headers=HTMX)
    assert (quick.status, quick.text) == (by_flask.status, by_flask.text)
    kept = [
        {(name, value) for name, value in each.headers if name != "X-Request-ID"}
        for each in (quick, by_flask)
    ]
    assert kept[0] == kept[1]
    monkeypatch.undo()
    asked = f'{{outcome="waiting",route="{prefix}/antre/<place>",status="202"}} 2.0'
    assert asked in client.get("/-/metrics").text


@pytest.mark.parametrize("why", ["near", "framed", "whole", "gone", "no place", "too often"])
def test_what_else_is_asked_of_a_place_is_answered_as_always(
    site: Site, someone: Participant, why: str
) -> None:
    client = site.client()
    site.lengthen(0 if why == "near" else 300)
    address = client.post("/lacak", data={"nomor": someone.nik}).headers["Location"]
    prefix = "/sematan" if why == "framed" else ""
    if why == "gone":
        site.clock.pass_(30 * 60 + 1)
    if why == "no place":
        address = "/antre/abc"
    if why == "too often":
        asked = [client.get(f"{address}?tadi=9", headers=HTMX).status_code for _ in range(61)]
        assert asked == [202] * 60 + [429]
        return
    headers = {} if why == "whole" else HTMX
    expected = {"gone": 410, "no place": 404}.get(why, 202)
    told = client.get(f"{prefix}{address}?tadi=9", headers=headers)
    assert told.status_code == expected
    assert ("<html" in told.text) == (why == "whole")


def test_a_place_that_is_asked_for_too_often_costs_the_line_nothing_more(
    site: Site, someone: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = site.client()
    site.lengthen(300)
    address = client.post("/lacak", data={"nomor": someone.nik}).headers["Location"]
    site.clock.pass_(1)
    gate = site.gate
    waits: list[object] = []
    wait = gate.wait

    def counted(*asked: object) -> object:
        waits.append(asked)
        return wait(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(gate, "wait", counted)
    for _ in range(80):
        client.get(f"{address}?tadi=9", headers=HTMX)
    assert len(waits) == 60
    refused = client.get(address)
    assert refused.status_code == 429
    assert f'<a class="button" href="{address}">' in refused.text
    assert 'id="nomor"' not in refused.text
    led = client.get(f"{address}?tiket=abc")
    assert of_the_line(led) == {f"{tree}{address}?tiket=abc" for tree in ("", "/en")}


def test_what_a_question_of_a_place_costs_is_seen_and_makes_questions_rarer(
    site: Site, someone: Participant
) -> None:
    line = site.app.extensions["line"]
    client = site.client()
    site.lengthen(3000)
    place = place_in(client.post("/lacak", data={"nomor": someone.nik}, headers=HTMX))
    usual = line.pauses()
    for _ in range(20):
        client.get(f"/antre/{place}?tadi=9", headers=HTMX)
    assert line.poll_seconds != USUAL_POLL_SECONDS
    for _ in range(500):
        line.polled(10.0)
    assert line.poll_seconds == pytest.approx(MAX_POLL_SECONDS, rel=0.01)
    assert line.pauses() > usual
    assert line.pauses(least=600) == Intervals(MAX_SHARE, 600, 600)


def test_a_number_with_a_copy_is_never_in_the_line(site: Site, someone: Participant) -> None:
    client = site.client()
    site.empty()
    assert client.post("/lacak", data={"nomor": someone.nik}, headers=HTMX).status_code == 200
    site.fill()
    assert client.post("/lacak", data={"nomor": someone.nik}, headers=HTMX).status_code == 200
    site.clock.pass_(3600)
    assert client.post("/lacak", data={"nomor": someone.nik}, headers=HTMX).status_code == 200


def test_a_result_without_any_copy_waits_uncharged_and_returns_where_it_came_from(
    site: Site, someone: Participant
) -> None:
    client = site.client()
    site.empty()
    address = client.post("/lacak", data={"nomor": someone.nik}).headers["Location"]
    key = client.post(f"{address}/pantau").headers["Location"]
    restarted = Site(site.core)
    restarted.fill()
    client = restarted.client()
    for path in (address, key):
        sent = client.get(path)
        assert sent.status_code == 303
        assert sent.headers["Location"].startswith("/antre/")
        assert client.get(sent.headers["Location"]).status_code == 202
        restarted.empty()
        restarted.clock.pass_(20)
        assert client.get(sent.headers["Location"]).headers["Location"] == path
        restarted = Site(site.core)
        restarted.fill()
        client = restarted.client()
    for form in ("atom", "ics", "json"):
        later = client.get(f"{key}.{form}")
        assert later.status_code == 503
        assert int(later.headers["Retry-After"]) >= 20


def test_programs_stand_in_no_line_and_take_nobodys_place(
    core: Sandbox, someone: Participant, samples: dict[str, Participant]
) -> None:
    site = Site(core)
    client = site.client()
    address = client.post("/lacak", data={"nomor": someone.nik}).headers["Location"]
    key = client.post(f"{address}/pantau").headers["Location"]
    restarted = Site(core)
    restarted.fill()
    client = restarted.client()
    for form in 3 * ("atom", "ics", "json"):
        later = client.get(f"{key}.{form}")
        assert later.status_code == 503
        assert later.headers["Retry-After"] == "20"
        # Who was held for a moment is gone two seconds after it.
        restarted.clock.pass_(3)
    assert restarted.gate.look().length == 0
    number = samples["paid_today"].nik
    assert client.post("/lacak", data={"nomor": number}, headers=HTMX).status_code == 202
    restarted.lengthen(3200)
    # As long as whoever came now would wait.
    assert int(client.get(f"{key}.json").headers["Retry-After"]) > 20


def of_the_line(response: TestResponse) -> set[str]:
    """Return the addresses of a place that a page leads to, in every language."""
    page = BeautifulSoup(response.text, "html.parser")
    named = (each.get(name, "") for each in page.find_all(True) for name in ("href", "hx-get"))
    return {address for address in named if "/antre/" in str(address)}


@pytest.mark.parametrize("prefix", ["", "/en", "/sematan", "/en/sematan"])
def test_whatever_is_pressed_in_the_line_leads_back_to_the_address_that_led_there(
    core: Sandbox, someone: Participant, prefix: str
) -> None:
    site = Site(core, EMBED_ORIGINS="https://berita.example")
    client = site.client()
    paths = [client.post(f"{prefix}/lacak", data={"nomor": someone.nik}).headers["Location"]]
    if "sematan" not in prefix:
        key = client.post(f"{paths[0]}/pantau").headers["Location"]
        seen = re.search(r"sejak=([\w-]+)", client.get(key).text)
        assert seen
        paths += [key, f"{key}?sejak={seen[1]}"]
    for path in paths:
        restarted = Site(core, EMBED_ORIGINS="https://berita.example")
        restarted.fill()
        client = restarted.client()
        place = client.get(path).headers["Location"]
        quiet = f"{place}&diam=1"
        answers = [client.get(place), client.get(quiet), client.get(place, headers=HTMX)]
        assert [each.status_code for each in answers] == [202] * 3
        ways = set().union(*map(of_the_line, answers))
        restarted.empty()
        restarted.clock.pass_(60)
        # Who asked for no reloading is answered once there is a copy.
        ways_in_turn = sorted(ways, key=lambda address: "diam" in address)
        told = [client.get(each).headers["Location"] for each in ways_in_turn]
        led = {each.removeprefix("/en") for each in told}
        assert led == {path.removeprefix("/en")}
        # Of a place that was cut off from its address nobody makes a new result.
        place = place.partition("?")[0]
        for asked in (place, f"{place}?tiket=", f"{place}?tadi=9", f"{place}?pantau="):
            for headers in ({}, HTMX):
                assert client.get(asked, headers=headers).status_code == 404


def test_a_private_address_that_was_ended_comes_out_of_no_line(
    site: Site, someone: Participant
) -> None:
    client = site.client()
    site.empty()
    result = client.post("/lacak", data={"nomor": someone.nik}).headers["Location"]
    key = client.post(f"{result}/pantau").headers["Location"]
    restarted = Site(site.core)
    restarted.fill()
    client = restarted.client()
    place = client.get(key).headers["Location"]
    client.post(f"{key}/lupakan")
    for waits in (True, False):
        assert client.get(place.partition("?")[0]).status_code == 404
        still = client.get(place)
        assert still.status_code == (202 if waits else 303)
        restarted.empty()
        restarted.clock.pass_(20)
    assert client.get(still.headers["Location"]).status_code == 410


def test_processes_that_share_no_copies_do_not_send_a_result_back_and_forth(
    site: Site, someone: Participant, samples: dict[str, Participant]
) -> None:
    """As while Redis is away. Who has no JavaScript was led on until the browser gave up."""
    site.empty()
    told = site.client().post("/lacak", data={"nomor": someone.nik})
    address = told.headers["Location"]
    site.fill()
    other = Site(site.core)
    other.fill()
    led_to = other.client().get(address).headers["Location"]
    assert led_to.startswith("/antre/")
    here = site.client().get(led_to)
    assert here.status_code == 200
    assert here.text.count(address) == site.client().get(address).text.count(address) > 0
    # Of another number it says nothing, and leads back.
    site.empty()
    another = site.client().post("/lacak", data={"nomor": samples["paid_today"].nik})
    crossed = led_to.replace(address.rpartition("/")[2], another.headers["Location"][7:])
    assert site.client().get(crossed).headers["Location"] == another.headers["Location"]
    # What was cleared meanwhile is not shown.
    ticket = address.rpartition("/")[2]
    site.client().post("/bersihkan", data={"tiket": ticket})
    assert site.client().get(led_to).status_code == site.client().get(address).status_code != 200


def test_a_network_has_five_places_and_then_a_time_of_day(
    core: Sandbox, samples: dict[str, Participant]
) -> None:
    site = Site(core, GUARD_OFF="1", SITE_NOTICE="Data contoh")
    site.fill()
    client = site.client()
    *five, sixth = [each.nik for each in samples.values()][:6]
    given = [client.post("/lacak", data={"nomor": each}, headers=HTMX) for each in five]
    assert {each.status_code for each in given} == {202}
    refused = client.post("/lacak", data={"nomor": sixth}, headers=HTMX)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 60
    assert re.search(r"Coba lagi pukul \d\d\.\d\d", refused.text)
    assert client.get(f"/antre/{place_in(given[4])}", headers=HTMX).status_code == 202


def test_a_place_that_is_given_up_is_before_nobody_and_leaves_room_for_another(
    core: Sandbox, samples: dict[str, Participant]
) -> None:
    """As by who finds that the number was mistyped, and types it again."""
    site = Site(core, GUARD_OFF="1", SITE_NOTICE="Data contoh")
    site.fill()
    client = site.client()
    numbers = [each.nik for each in samples.values() if each.nik][:7]

    def asked_for(number: str) -> TestResponse:
        return client.post("/lacak", data={"nomor": number}, headers=HTMX)

    def give_up(place: TestResponse) -> None:
        before = site.gate.look().length
        client.post("/bersihkan", data={"antre": place_in(place)})
        assert site.gate.look().length == before - 1

    for number in numbers[:6]:
        place = asked_for(number)
        assert place.status_code == 202
        assert site.gate.look().length == 1
        give_up(place)
    places = [asked_for(number) for number in numbers[:5]]
    assert {each.status_code for each in places} == {202}
    for number in numbers[5:7]:
        assert asked_for(number).status_code == 429
        give_up(places.pop())
        assert asked_for(number).status_code == 202


def test_a_line_of_more_than_ten_minutes_is_closed_and_charges_nobody(
    site: Site, someone: Participant
) -> None:
    client = site.client()
    site.lengthen(21_000)
    closed = client.post("/lacak", data={"nomor": someone.nik}, headers=HTMX)
    assert closed.status_code == 503
    assert 'data-outcome="unavailable"' in closed.text
    assert int(closed.headers["Retry-After"]) >= 60
    assert re.search(r"Coba lagi pukul \d\d\.\d\d", closed.text)
    metrics = client.get("/-/metrics").text
    assert 'tracking_guard_decisions_total{kind="ok"' not in metrics


def from_(network: str) -> dict[str, str]:
    return {**HTMX, "X-Forwarded-For": network}


def numbers_like(asked: Participant, never_asked: Participant) -> tuple[str, str, str]:
    """Return them, and one that the core does not know."""
    return asked.nik, never_asked.nik, never_asked.nik[:12] + "98" + never_asked.nik[-2:]


def without_number_and_time(response: TestResponse, number: str) -> str:
    return re.sub(r"\d\d\.\d\d", "TIME", response.text.replace(number, "NUMBER"))


def test_a_line_that_is_closed_does_not_say_of_which_numbers_others_left_a_copy(
    core: Sandbox, samples: dict[str, Participant]
) -> None:
    site = Site(core, TRUSTED_PROXIES="1")
    client = site.client()
    numbers = numbers_like(samples["assessment_day_3"], samples["missing_document"])
    asked = numbers[0]
    owner, stranger, family = from_("198.51.100.7"), from_("203.0.113.9"), from_("192.0.2.4")
    assert client.post("/lacak", data={"nomor": asked}, headers=owner).status_code == 200
    site.fill()
    # Now this process knows that there is a line.
    assert client.post("/lacak", data={"nomor": numbers[1]}, headers=family).status_code == 202
    site.lengthen(21_000)
    told = [client.post("/lacak", data={"nomor": each}, headers=stranger) for each in numbers]
    assert [each.status_code for each in told] == [503] * 3
    assert len(set(map(without_number_and_time, told, numbers))) == 1
    # Who was answered reads on, and a ticket always leads to its result.
    again = client.post("/lacak", data={"nomor": asked}, headers=owner)
    assert again.status_code == 200
    assert client.get(again.headers["HX-Push-Url"], headers=family).status_code == 200
    guard: Guard = site.app.extensions["guard"]
    assert guard.explain(parse_network("203.0.113.9")).seen.first.distinct == 0


def test_a_network_with_all_its_places_is_not_told_which_numbers_have_a_copy(
    core: Sandbox, samples: dict[str, Participant]
) -> None:
    site = Site(core, TRUSTED_PROXIES="1")
    client = site.client()
    numbers = numbers_like(samples["assessment_day_3"], samples["missing_document"])
    client.post("/lacak", data={"nomor": numbers[0]}, headers=from_("198.51.100.7"))
    site.fill()
    line: Line = site.app.extensions["line"]
    family = from_("192.0.2.4")
    assert client.post("/lacak", data={"nomor": numbers[1]}, headers=family).status_code == 202
    stranger = parse_network("203.0.113.9")
    for _ in range(5):
        assert site.gate.wait(line.new_place(stranger), 5, USUAL)
    told = [
        client.post("/lacak", data={"nomor": each}, headers=from_("203.0.113.9"))
        for each in numbers
    ]
    assert [each.status_code for each in told] == [429] * 3
    assert len(set(map(without_number_and_time, told, numbers))) == 1


@dataclass(frozen=True)
class Hasty(Brief):
    hold_seconds: float = 0.0


def test_a_place_that_was_answered_with_a_copy_counts_for_its_network_no_more(
    core: Sandbox, someone: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracking_site.cache.config.ClientConfig", Hasty)
    site = Site(core, TRUSTED_PROXIES="1")
    site.fill()
    client, family, other = site.client(), from_("203.0.113.9"), from_("198.51.100.7")
    asked = {"nomor": someone.nik}
    place = place_in(client.post("/lacak", data=asked, headers=family))
    site.empty()
    # Somebody else asks the same number, and finds room first.
    assert client.post("/lacak", data=asked, headers=other).status_code == 200
    assert client.get(f"/antre/{place}", headers=family).status_code == 200
    line: Line = site.app.extensions["line"]
    assert site.gate.look(line.new_place(parse_network("203.0.113.9")).name[:8])[-2:] == (0, 0)


def test_a_place_of_a_process_that_was_replaced_still_counts(
    site: Site, someone: Participant
) -> None:
    address = site.client().post("/lacak", data={"nomor": someone.nik}).headers["Location"]
    heir = Site(site.core)
    heir.clock.now = site.clock.now + timedelta(seconds=30)
    heir.fill()
    assert "baru saja" in site.client().get(address).text
    page = heir.client().get(address)
    assert page.status_code == 202
    assert "sudah 30 detik" in page.text


def test_places_end_with_their_tickets_and_no_other_text_is_one(
    site: Site, someone: Participant
) -> None:
    client = site.client()
    address = client.post("/lacak", data={"nomor": someone.nik}).headers["Location"]
    ticket = site.app.extensions["following"].tickets.seal(someone.nik)
    assert client.get(f"/antre/{ticket}").status_code == 404
    assert client.get("/antre/abc").status_code == 404
    site.clock.pass_(30 * 60 + 1)
    gone = client.get(address)
    assert gone.status_code == 410
    assert 'name="nomor"' in gone.text


def test_behind_a_long_line_a_place_is_given_and_no_lookup_begun(
    site: Site, someone: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered = []
    enter = site.gate.enter
    monkeypatch.setattr(site.gate, "enter", lambda *of: entered.append(of) or enter(*of))
    client = site.client()
    assert client.post("/lacak", data={"nomor": someone.nik}, headers=HTMX).status_code == 202
    assert len(entered) == 1
    site.clock.pass_(1)
    site.lengthen(200)
    told = client.post("/lacak", data={"nomor": someone.nik}, headers=HTMX)
    assert (told.status_code, len(entered)) == (202, 1)
    site.empty()
    site.clock.pass_(180)
    found = client.get(f"/antre/{place_in(told)}", headers=HTMX)
    assert 'data-outcome="found"' in found.text


def test_that_the_core_is_gone_is_told_behind_a_long_line_too(
    site: Site, samples: dict[str, Participant], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracking_site.guard.line.LOOK_SECONDS", 0.0)
    client = site.client()
    site.empty()
    fault(site.core, "down")

    def ask(person: int, nik: str) -> TestResponse:
        there = {"REMOTE_ADDR": f"203.0.{person}.1"}
        return client.post("/lacak", data={"nomor": nik}, headers=HTMX, environ_base=there)

    *asked, late = enumerate([each.nik for each in samples.values()][:6])
    told = [ask(*each) for each in asked]
    site.fill()
    site.clock.pass_(1)
    site.lengthen(200)
    assert site.gate.look().is_long
    told.append(ask(*late))
    fault(site.core, "none")
    assert [each.status_code for each in told] == [503] * 6
    assert 'data-outcome="unavailable"' in told[-1].text


def test_while_the_core_is_gone_a_place_stays(site: Site, someone: Participant) -> None:
    client = site.client()
    address = client.post("/lacak", data={"nomor": someone.nik}).headers["Location"]
    site.empty()
    fault(site.core, "down")
    site.clock.pass_(20)
    page = client.get(address)
    assert page.status_code == 202
    assert "Sistem pusat sedang tidak menjawab." in page.text
    assert "Refresh" in page.headers
    fault(site.core, "none")


@pytest.mark.parametrize("asks", [{}, HTMX])
def test_that_the_core_is_gone_is_told_to_whose_turn_is_not_near(
    site: Site, samples: dict[str, Participant], asks: dict[str, str]
) -> None:
    client, line = site.client(), site.app.extensions["line"]
    someone, *others = [each.nik for each in samples.values()][:7]
    site.lengthen(300)
    address = client.post("/lacak", data={"nomor": someone}).headers["Location"] + "?tadi=19"
    assert "Sistem pusat" not in client.get(address, headers=asks).text
    # Those at the front find out, each with a place of their own.
    site.empty()
    fault(site.core, "down")
    for place, nik in enumerate(others):
        network = parse_network(f"203.0.{place}.1")
        front = line.new_place(network)
        first = InLine(Place(front.name, since=BEGIN.timestamp() - 60), nik, network)
        sealed = line.seal(first, first.place.since)
        assert client.get(f"/antre/{sealed}", headers=HTMX).status_code == 202
    told = client.get(address, headers=asks)
    fault(site.core, "none")
    assert told.status_code == 202
    assert "Sistem pusat sedang tidak menjawab." in told.text


def test_two_pages_of_the_first_place_are_not_refused_while_the_core_is_gone(
    site: Site, someone: Participant
) -> None:
    """They are told to stay open; a page that was refused asks no more by itself."""
    client = site.client()
    pages = [client.post("/lacak", data={"nomor": someone.nik}, headers=HTMX)] * 2
    address = f"/antre/{place_in(pages[0])}?tadi=5"
    site.empty()
    fault(site.core, "down")
    asks_at, begun = [0.0, 0.5], site.clock.now
    for _ in range(130):
        page = asks_at.index(min(asks_at))
        site.clock.now = begun + timedelta(seconds=asks_at[page])
        told = client.get(address, headers=HTMX)
        assert told.status_code == 202
        asks_at[page] += int(told.headers["Retry-After"])
    fault(site.core, "none")


@dataclass(frozen=True)
class Patient(Brief):
    hold_seconds: float = 20.0


def test_two_pages_of_one_place_leave_each_other_the_turn(
    core: Sandbox, someone: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As two tabs, two devices, or a page that is loaded again while its request is held."""
    monkeypatch.setattr("tracking_site.cache.config.ClientConfig", Patient)
    site = Site(core)
    site.fill()
    line, network = site.app.extensions["line"], parse_network("192.0.2.9")
    standing = InLine(line.new_place(network), someone.nik, network)
    address = f"/antre/{line.seal(standing, site.clock().timestamp())}"
    asked, wait = Semaphore(0), site.gate.wait

    def told(*waits: Any) -> object:
        turn = wait(*waits)
        asked.release()
        return turn

    monkeypatch.setattr(site.gate, "wait", told)

    def ask() -> int:
        return site.client().get(f"{address}?tadi=5&lain", headers=HTMX).status_code

    with ThreadPoolExecutor(2) as pages:
        first = pages.submit(ask)
        eventually(lambda: bool(site.gate._held))
        assert asked.acquire(timeout=0)
        second = pages.submit(ask)
        assert asked.acquire(timeout=10)
        site.empty()
        assert [each.result(30) for each in (first, second)] == [200, 200]


def test_a_crowd_on_one_number_comes_back_for_the_answer_and_is_no_line_before_others(
    core: Sandbox, someone: Participant
) -> None:
    site = Site(core, WEB_THREADS="4")
    requests.post(
        f"{core.url}/sandbox/faults", json={"mode": "slow", "latency_ms": 3000}, timeout=5
    ).raise_for_status()

    def ask(number: int) -> TestResponse:
        network = {"REMOTE_ADDR": f"198.51.{number}.1"}
        return site.client().post(
            "/lacak", data={"nomor": someone.nik}, headers=HTMX, environ_base=network
        )

    with ThreadPoolExecutor(2) as crowd:
        first = [crowd.submit(ask, number) for number in range(2)]
        crowded = site.app.extensions["line"].is_crowded
        eventually(lambda: crowded(parse_canonical(someone.nik)))
        told = [ask(number) for number in range(2, 9)]
        places = [f"/antre/{place_in(each)}?tadi=2" for each in told]
        again = [site.client().get(each, headers=HTMX) for each in places]
        without = site.client().get(places[0])
        assert [each.done() for each in first] == [False, False]
        assert [each.result(30).status_code for each in first] == [200, 200]
    fault(core, "none")
    for each in (*told, *again):
        assert (each.status_code, each.headers["Retry-After"], seconds_in(each)) == (202, "2", 2)
    assert without.status_code == 202
    assert site.gate.look().length == 0
    site.clock.pass_(2)
    found = [site.client().get(each, headers=HTMX) for each in places]
    assert {each.status_code for each in found} == {200}


@pytest.mark.parametrize(
    ("waiting", "next_one", "elsewhere"),
    [("2001:db8:7:{:x}::1", "2001:db8:7:ffff::1", "2001:db8:8::1"),
     ("203.0.113.{}", "203.0.113.250", "198.51.100.1")],
    ids=["/48", "/24"],
)  # fmt: skip
def test_all_networks_of_one_owner_make_nobody_wait_for_longer_than_a_minute(
    core: Sandbox, samples: dict[str, Participant], waiting: str, next_one: str, elsewhere: str
) -> None:
    site = Site(core, TRUSTED_PROXIES="1")
    client = site.client()
    site.fill()
    line: Line = site.app.extensions["line"]
    # Now this process knows that there is a line.
    first = client.post("/lacak", data={"nomor": samples["approval"].nik}, headers=from_(elsewhere))
    assert first.status_code == 202
    pace = site.gate.look().pace
    most = max(MIN_PLACES_AROUND, int(AROUND_SECONDS * pace) + 1)
    for number in range(most):
        network = parse_network(waiting.format(number % 240 + 1))
        assert site.gate.wait(line.new_place(network), most, USUAL)
    someone, other = (samples[each].nik for each in ("assessment_day_3", "missing_document"))
    refused = client.post("/lacak", data={"nomor": someone}, headers=from_(next_one))
    assert refused.status_code == 429
    assert client.post("/lacak", data={"nomor": other}, headers=from_(elsewhere)).status_code == 202


@pytest.mark.parametrize(
    ("waiting", "same", "neighbour", "expected"),
    [("2001:db8:7:1{:02x}::1", "2001:db8:7:1ff::1", "2001:db8:7:2ff::1", 429),
     ("203.0.113.{}", "203.0.113.250", "203.0.113.251", 202)],
    ids=["/56", "/24"],
)  # fmt: skip
def test_one_customer_leaves_the_line_to_the_others_of_its_48(
    core: Sandbox,
    samples: dict[str, Participant],
    waiting: str,
    same: str,
    neighbour: str,
    expected: int,
) -> None:
    site = Site(core, TRUSTED_PROXIES="1")
    client = site.client()
    site.fill()
    line: Line = site.app.extensions["line"]
    numbers = iter(samples[each].nik for each in ("approval", "assessment_day_3", "overdue"))
    # Now this process knows that there is a line.
    first = client.post("/lacak", data={"nomor": next(numbers)}, headers=from_("198.51.100.1"))
    assert first.status_code == 202
    pace = site.gate.look().pace
    for number in range(int(CUSTOMER_SHARE * max(MIN_PLACES_AROUND, AROUND_SECONDS * pace)) + 1):
        network = parse_network(waiting.format(number % 240 + 1))
        assert site.gate.wait(line.new_place(network), 500, USUAL)
    for address, status in ((same, expected), (neighbour, 202)):
        told = client.post("/lacak", data={"nomor": next(numbers)}, headers=from_(address))
        assert told.status_code == status


def test_every_56_of_a_48_is_counted_by_itself(core: Sandbox) -> None:
    line: Line = Site(core).app.extensions["line"]
    names = {
        line.new_place(parse_network(f"2001:db8:7:{part:02x}{own:02x}::1")).name[:size]
        for part in range(256)
        for own in (1, 2)
        for size in (4, 5, 8)
    }
    assert [sum(len(name) == size for name in names) for size in (4, 5, 8)] == [1, 256, 512]


def paid_for(challenged: TestResponse) -> str:
    found = re.search(r'data-challenge="([^"]+)"', challenged.text)
    assert found
    return solve(json.loads(unescape(found[1])))


def guessed_places(client: FlaskClient, numbers: Iterator[int]) -> Iterator[str]:
    """Yield places of numbers that nobody has, all work done, until none is given."""
    while True:
        number = next(numbers)
        fields = {"nomor": f"3174{number % 50:02}010190{number:04}"}
        told = client.post("/lacak", data=fields, headers=HTMX)
        if told.status_code == 403:
            fields["altcha"] = paid_for(told)
            told = client.post("/lacak", data=fields, headers=HTMX)
        if told.status_code != 202:
            return
        yield place_in(told)


def a_guessed_site(core: Sandbox) -> Site:
    site = Site(core, POW_SCALE="0.001")
    # The library of the work also looks at the machine's clock.
    site.clock.now = BEGIN.replace(year=2096)
    return site


def test_who_guesses_by_places_is_answered_no_more_than_by_any_other_way(core: Sandbox) -> None:
    site = a_guessed_site(core)
    client, answered, numbers = site.client(), 0, count(1)
    for _ in range(24 * 3):
        site.fill()
        places = [*guessed_places(client, numbers)]
        site.empty()
        site.clock.pass_(5)
        told = [client.get(f"/antre/{place}", headers=HTMX) for place in places]
        assert {each.status_code for each in told} <= {404, 429}
        answered += sum('data-outcome="not_found"' in each.text for each in told)
        site.clock.pass_(20 * 60)
    assert 6 <= answered <= MAX_GUESSES


def test_places_that_are_gathered_and_left_alone_are_answered_no_more_either(core: Sandbox) -> None:
    site = a_guessed_site(core)
    client, numbers = site.client(), count(1)
    site.fill()
    places: list[str] = []
    for _ in range(5):
        places += guessed_places(client, numbers)
        # Nobody asks for them, until they count for nothing and others are given.
        for _ in range(5):
            site.clock.pass_(LAPSE_SECONDS / 4)
            site.gate.look()
    assert len(places) == 25
    site.empty()
    site.clock.pass_(5)
    told = [client.get(f"/antre/{place}", headers=HTMX) for place in places]
    missed = ['data-outcome="not_found"' in each.text for each in told]
    assert 6 <= sum(missed) <= MAX_GUESSES
    assert {each.status_code for each, miss in zip(told, missed, strict=True) if not miss} == {429}
