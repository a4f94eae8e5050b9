"""What was rendered a moment ago is given again, says the same, and counts as any other lookup."""

import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, template_rendered
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sandbox import Participant
from tests.conftest import HTMX
from tracking_site.app import create_app
from tracking_site.settings import Settings
from tracking_site.web.gathering import MAX_FORM

Samples = dict[str, Participant]
TICKET = re.compile(r"[A-Za-z0-9_-]{60,}")


@pytest.fixture
def make_still(environ: dict[str, str]) -> Callable[..., Flask]:
    """Make a site whose clock stands still: a rendering lives for a minute."""
    now = datetime.now(UTC)
    return lambda **changes: create_app(Settings.from_env(environ | changes), clock=lambda: now)


def rendered_by(app: Flask) -> list[str]:
    """Collect what is rendered from now on."""
    rendered: list[str] = []

    def note(_: Flask, template: Any, **__: Any) -> None:
        rendered.append(template.name)

    app.extensions["rendered"] = note  # Signals hold what listens weakly.
    template_rendered.connect(note, app)
    return rendered


def looked_up(client: FlaskClient, rendered: list[str], path: str, number: str) -> TestResponse:
    """Look a number up until the answer is at hand: durations come after the first one."""
    for _ in range(4):
        rendered.clear()
        response = client.post(path, data={"nomor": number}, headers=HTMX)
        if not rendered:
            return response
        for thread in threading.enumerate():
            if thread.name == "durations":
                thread.join(10)
    raise AssertionError("every lookup was rendered anew")


def without_tickets(response: TestResponse) -> tuple[int, str, dict[str, str]]:
    headers = {
        name: TICKET.sub("…", value)
        for name, value in response.headers
        if name not in ("X-Request-ID", "Date")
    }
    return response.status_code, TICKET.sub("…", response.get_data(as_text=True)), headers


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_what_is_kept_says_the_same_with_a_ticket_of_its_own(
    make_still: Callable[..., Flask], samples: Samples, prefix: str
) -> None:
    app = make_still()
    rendered, client = rendered_by(app), app.test_client()
    looked_up(client, rendered, "/lacak", samples["assessment_day_3"].nik)
    form = {"nomor": samples["paid_today"].nik}
    fresh = client.post(f"{prefix}/lacak", data=form, headers=HTMX)
    assert rendered == ["partials/_result.html"]
    kept = client.post(f"{prefix}/lacak", data=form, headers=HTMX)
    assert rendered == ["partials/_result.html"]
    assert without_tickets(kept) == without_tickets(fresh)
    tickets = [response.headers["HX-Push-Url"].rpartition("/")[2] for response in (fresh, kept)]
    assert tickets[0] != tickets[1]
    assert tickets[1] in kept.text
    assert tickets[0] not in kept.text


def test_a_result_and_a_poll_without_news_are_not_rendered_again(
    make_still: Callable[..., Flask], samples: Samples
) -> None:
    app = make_still()
    rendered, client = rendered_by(app), app.test_client()
    shown = looked_up(client, rendered, "/lacak", samples["assessment_day_3"].nik)
    address = shown.headers["HX-Push-Url"]
    version = re.search(r'"If-None-Match": "([^"]+)"', shown.text)
    assert version
    again = client.get(address, headers=HTMX)
    assert (again.status_code, again.text) == (200, shown.text)
    for path in (address, f"{address}?sejak={version[1]}"):
        poll = client.get(path, headers=HTMX | {"If-None-Match": version[1]})
        assert (poll.status_code, poll.data) == (204, b"")
        assert poll.headers["Cache-Control"] == "no-store"
    assert rendered == []
    assert client.get(address).status_code == 200
    assert rendered == ["tracking/result.html"]


def test_no_thread_waits_at_a_lock_for_a_template(make_site: Callable[..., Flask]) -> None:
    app = make_site()
    environments = [app.jinja_env, *app.extensions["templates"].values()]
    assert {type(each.cache) for each in environments} == {dict}


def test_a_lookup_counts_once_whatever_comes_of_it(
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
    ("body", "kind", "status"),
    [
        ({"nomor": "{nik}", "altcha": "not a solution", "tunggu": "not a ticket"}, None, 200),
        ("nomor={nik}&nomor=12", "application/x-www-form-urlencoded", 200),
        ("nomor=%FF%FE{nik}", "application/x-www-form-urlencoded", 200),
        (
            "&".join(f"a{n}=1" for n in range(30)) + "&nomor={nik}",
            "application/x-www-form-urlencoded",
            200,
        ),
        ("nomor={nik}" + " " * 3000, "application/x-www-form-urlencoded; charset=utf-8", 422),
        ("nomor={nik}", "text/plain", 422),
        ("", "application/x-www-form-urlencoded", 422),
        ("x" * (MAX_FORM + 1), "application/x-www-form-urlencoded", 413),
    ],
)
@pytest.mark.parametrize("htmx", [True, False], ids=["fragment", "page"])
def test_odd_forms_are_read_alike_at_hand_or_not(
    make_still: Callable[..., Flask],
    samples: Samples,
    body: Any,
    kind: str | None,
    status: int,
    htmx: bool,
) -> None:
    app = make_still()
    client, nik = app.test_client(), samples["paid_today"].nik
    if isinstance(body, dict):
        data: Any = {name: value.format(nik=nik) for name, value in body.items()}
    else:
        data = body.format(nik=nik)
    for _ in range(2):
        answer = client.post(
            "/lacak",
            data=data,
            content_type=kind,
            headers=HTMX if htmx else {},
            follow_redirects=True,
        )
        assert answer.status_code == status
        client.post("/lacak", data={"nomor": nik})


@pytest.mark.parametrize("ticket", ["", "x", "x" * 70, "…"])
def test_addresses_that_are_no_tickets_are_not_found(client: FlaskClient, ticket: str) -> None:
    assert client.get(f"/klaim/{ticket}", headers=HTMX).status_code == 404
