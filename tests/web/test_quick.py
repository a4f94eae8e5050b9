"""What is answered in front of Flask is what Flask would answer, and counts once."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.conftest import HTMX
from tracking_site.app import create_app
from tracking_site.sandbox import Participant
from tracking_site.settings import Settings
from tracking_site.web.quick import fields_of

Samples = dict[str, Participant]
TICKET = re.compile(r"[A-Za-z0-9_-]{60,}")


@pytest.fixture
def make_still(environ: dict[str, str]) -> Callable[..., Flask]:
    """Make a site whose clock stands still: a rendering lives for a minute."""
    now = datetime.now(UTC)
    return lambda **changes: create_app(Settings.from_env(environ | changes), clock=lambda: now)


def looked_up(client: FlaskClient, asked: list[str], path: str, number: str) -> TestResponse:
    """Look a number up until the answer is at hand: durations come a moment later."""
    for _ in range(50):
        before = len(asked)
        response = client.post(path, data={"nomor": number}, headers=HTMX)
        if len(asked) == before:
            return response
        time.sleep(0.05)
    raise AssertionError("every lookup reached Flask")


def asked_of(app: Flask) -> list[str]:
    """Collect what reaches Flask from now on."""
    asked: list[str] = []

    @app.before_request
    def note() -> None:
        asked.append("asked")

    return asked


def without_tickets(response: TestResponse) -> tuple[int, str, dict[str, str]]:
    headers = {
        name: TICKET.sub("…", value)
        for name, value in response.headers
        if name not in ("X-Request-ID", "Date")
    }
    return response.status_code, TICKET.sub("…", response.get_data(as_text=True)), headers


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_lookup_at_hand_is_answered_in_front_and_says_the_same(
    make_still: Callable[..., Flask], samples: Samples, prefix: str
) -> None:
    app = make_still()
    asked, client = asked_of(app), app.test_client()
    number = samples["paid_today"].nik
    first = looked_up(client, asked, f"{prefix}/lacak", number)
    app.wsgi_app = _behind(app)  # type: ignore[method-assign]
    second = client.post(f"{prefix}/lacak", data={"nomor": number}, headers=HTMX)
    assert without_tickets(first) == without_tickets(second)
    tickets = [response.headers["HX-Push-Url"].rpartition("/")[2] for response in (first, second)]
    assert tickets[0] != tickets[1]
    assert tickets[1] in second.text
    assert tickets[0] not in second.text


def test_a_result_and_a_poll_without_news_need_no_flask(
    make_still: Callable[..., Flask], samples: Samples
) -> None:
    app = make_still()
    asked, client = asked_of(app), app.test_client()
    shown = looked_up(client, asked, "/lacak", samples["assessment_day_3"].nik)
    address = shown.headers["HX-Push-Url"]
    version = re.search(r'"If-None-Match": "([^"]+)"', shown.text)
    assert version
    asked.clear()
    again = client.get(address, headers=HTMX)
    assert (again.status_code, again.text) == (200, shown.text)
    for path in (address, f"{address}?sejak={version[1]}"):
        poll = client.get(path, headers=HTMX | {"If-None-Match": version[1]})
        assert (poll.status_code, poll.data) == (204, b"")
        assert poll.headers["Cache-Control"] == "no-store"
    assert asked == []
    assert client.get(address).status_code == 200
    assert len(asked) == 1


def test_what_is_not_at_hand_is_decided_once(
    make_site: Callable[..., Flask], samples: Samples
) -> None:
    client = make_site(REQUESTS_PER_MINUTE="3", GUARD_OFF="0").test_client()
    nik = samples["nothing_to_show"].nik
    outcomes = [
        client.post("/lacak", data={"nomor": text}, headers=HTMX).status_code
        for text in (nik, "12", nik, nik)
    ]
    assert outcomes == [404, 422, 404, 429]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"nomor": "{nik}", "altcha": "not a solution", "tunggu": "not a ticket"}, None),
        ("nomor={nik}&nomor=12", "application/x-www-form-urlencoded"),
        ("nomor=%FF%FE{nik}", "application/x-www-form-urlencoded"),
        (
            "&".join(f"a{n}=1" for n in range(30)) + "&nomor={nik}",
            "application/x-www-form-urlencoded",
        ),
        ("nomor={nik}" + " " * 3000, "application/x-www-form-urlencoded; charset=utf-8"),
        ("nomor={nik}", "text/plain"),
        ("", "application/x-www-form-urlencoded"),
        ("x" * 5000, "application/x-www-form-urlencoded"),
    ],
)
def test_odd_forms_are_read_alike_in_front_and_behind(
    make_still: Callable[..., Flask], samples: Samples, body: Any, kind: str | None
) -> None:
    app = make_still()
    asked = asked_of(app)
    nik = samples["paid_today"].nik
    if isinstance(body, dict):
        data: Any = {name: value.format(nik=nik) for name, value in body.items()}
    else:
        data = body.format(nik=nik)
    told = []
    for site in (app.wsgi_app, _behind(app)):
        app.wsgi_app = site  # type: ignore[method-assign]
        client = app.test_client()
        if not told:
            looked_up(client, asked, "/lacak", nik)
        told.append(client.post("/lacak", data=data, content_type=kind, headers=HTMX))
    assert without_tickets(told[0]) == without_tickets(told[1])


def _behind(app: Flask) -> Any:
    """Return the site without what stands in front of Flask."""
    site: Any = app.wsgi_app
    while type(site).__name__ != "QuickAnswers":
        site = site._site
    return site._site


@pytest.mark.parametrize("ticket", ["", "x", "x" * 70, "…"])
def test_addresses_that_are_no_tickets_go_on(make_site: Callable[..., Flask], ticket: str) -> None:
    app = make_site()
    asked = asked_of(app)
    response = app.test_client().get(f"/klaim/{ticket}", headers=HTMX)
    assert response.status_code == 404
    assert len(asked) == 1


@given(
    st.lists(st.sampled_from(["nomor", "a", "=", "&", "1", "+", "%31", "%", ";", "é", " "])).map(
        "".join
    )
)
def test_a_body_is_read_as_the_librarys_reader_reads_it(body: str) -> None:
    assert fields_of(body) == dict(reversed(parse_qsl(body, keep_blank_values=True)))


def test_a_body_of_too_many_fields_is_left_to_the_view() -> None:
    assert fields_of("&".join(["a=1"] * 20)) == {"a": "1"}
    assert fields_of("&".join(["a=1"] * 21)) is None
    assert fields_of("&".join(["a=+"] * 21)) is None
