"""Conditional requests: readers that have the newest version are told so, and only they."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.http import http_date, parse_date

from sandbox import Participant
from tests.web.following import follow

FORMS = ["atom", "ics", "json"]
MakeSite = Callable[..., Flask]


@pytest.fixture
def address(client: FlaskClient, samples: dict[str, Participant]) -> str:
    return follow(client, samples["approval"])


@pytest.mark.parametrize("form", FORMS)
def test_a_reader_with_this_version_gets_304_and_no_body(
    client: FlaskClient, address: str, form: str
) -> None:
    first = client.get(f"{address}.{form}")
    etag, changed = first.headers["ETag"], first.headers["Last-Modified"]
    assert etag.startswith('W/"')
    for headers in (
        {"If-None-Match": etag},
        {"If-None-Match": etag.removeprefix("W/")},
        {"If-None-Match": f'"other", {etag}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": changed},
        {"If-None-Match": etag, "If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
    ):
        again = client.get(f"{address}.{form}", headers=headers)
        assert (again.status_code, again.data) == (304, b""), headers
        assert again.headers["ETag"] == etag
        assert again.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("form", FORMS)
def test_a_reader_with_another_version_gets_the_whole(
    client: FlaskClient, address: str, form: str
) -> None:
    first = client.get(f"{address}.{form}")
    changed = parse_date(first.headers["Last-Modified"])
    assert changed is not None
    for headers in (
        {"If-None-Match": '"other"'},
        {"If-None-Match": 'W/"AQAAAA"', "If-Modified-Since": first.headers["Last-Modified"]},
        {"If-Modified-Since": http_date(changed - timedelta(seconds=1))},
        {"If-Modified-Since": "nonsense"},
    ):
        again = client.get(f"{address}.{form}", headers=headers)
        assert again.status_code == 200, headers
        assert again.headers["ETag"] == first.headers["ETag"]


@pytest.mark.parametrize("form", FORMS)
def test_the_time_of_the_last_change_stays_while_nothing_changes(
    client: FlaskClient, address: str, form: str
) -> None:
    seen = {client.get(f"{address}.{form}").headers["Last-Modified"] for _ in range(3)}
    assert len(seen) == 1


def test_nothing_is_rendered_for_a_reader_that_has_it(
    client: FlaskClient, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    etag = client.get(f"{address}.json").headers["ETag"]

    def render(*_: object) -> None:
        raise AssertionError("rendered")

    monkeypatch.setattr("tracking_site.web.follow.present", render)
    for form in FORMS:
        again = client.get(f"{address}.{form}", headers={"If-None-Match": etag})
        assert again.status_code == 304
    assert client.get(f"{address}.json").status_code == 500
