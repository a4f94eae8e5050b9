"""The operator's page: who may see it, what it says, and that it names nobody."""

import base64
import re
from collections.abc import Callable
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from sandbox import Participant
from tests.observing.conftest import fault
from tests.pages import NUMBER
from tracking_site.guard.networks import parse_network

__all__ = ["fault"]
HERE = {"REMOTE_ADDR": "127.0.0.1"}
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.7"}
TOKEN = "token-of-the-tests"


def shown(client: FlaskClient, **options: Any) -> BeautifulSoup:
    answer = client.get("/-/operator", environ_base=HERE, **options)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "lxml")


def basic(password: str, name: str = "anybody") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def figures(page: BeautifulSoup) -> dict[str, int]:
    """Return the sums of the last hour by what they are called."""
    return {
        each.dt.get_text(): int(each.dd.get_text().replace(",", ""))
        for each in page.select(".figures > div")
        if each.dt and each.dd
    }


def test_this_machine_sees_it_and_nobody_behind_a_proxy(client: FlaskClient) -> None:
    shown(client)
    through = {"X-Forwarded-For": "203.0.113.7"}
    for base, headers in ((ELSEWHERE, {}), (HERE, through)):
        assert client.get("/-/operator", environ_base=base, headers=headers).status_code == 404


@pytest.mark.parametrize("path", ["/-/operator", "/-/metrics"])
@pytest.mark.parametrize(
    ("host", "status"),
    [
        *((host, 200) for host in ("localhost:8000", "127.0.0.1", "127.0.0.1:8000", "[::1]:8000")),
        *((host, 404) for host in ("lacak.example", "127.0.0.1.evil.example:8000", "web_1:8000")),
    ],
)
def test_nobody_counts_as_this_machine_who_asked_by_another_name(
    client: FlaskClient, path: str, host: str, status: int
) -> None:
    """As through a proxy beside the site that names no address, or a name that was turned here."""
    assert client.get(path, environ_base=HERE, headers={"Host": host}).status_code == status


def test_the_metrics_token_opens_it_in_a_browser_and_for_programs(
    make_site: Callable[..., Flask],
) -> None:
    client = make_site(METRICS_TOKEN=TOKEN).test_client()
    for headers in (basic(TOKEN), {"Authorization": f"Bearer {TOKEN}"}):
        answer = client.get("/-/operator", environ_base=ELSEWHERE, headers=headers)
        assert answer.status_code == 200
        assert client.get("/-/metrics", environ_base=ELSEWHERE, headers=headers).status_code == 200
    for headers in ({}, basic("wrong"), basic(""), {"Authorization": "Basic %%%"}):
        answer = client.get("/-/operator", environ_base=ELSEWHERE, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")
        assert answer.headers["Cache-Control"] == "no-store"


def test_it_counts_what_visitors_got_in_the_last_hour(
    make_site: Callable[..., Flask], samples: dict[str, Participant], fault: Callable[..., None]
) -> None:
    client = make_site().test_client()
    client.post("/lacak", data={"nomor": samples["assessment_day_3"].nik})
    client.post("/lacak", data={"nomor": samples["nothing_to_show"].nik})
    fault("error")
    client.post("/lacak", data={"nomor": samples["paid_today"].nik})
    page = shown(client)
    counted = figures(page)
    assert (counted["answered"], counted["told to come back"]) == (2, 1)
    assert "server_error" in page.text
    assert "The core answered 2 questions in the last hour" in page.text
    # One bar for this minute, or two where a minute ended meanwhile.
    assert 1 <= len(page.select("svg .marked")) <= 2


def test_it_says_in_words_what_is_wrong(
    make_site: Callable[..., Flask], fault: Callable[..., None]
) -> None:
    fault("error", status=401)
    problems = [each.text for each in shown(make_site().test_client()).select(".problems li")]
    assert any("The core refuses our credentials." in problem for problem in problems)
    fault("none")
    told = shown(make_site(SECRET_KEYS=token_urlsafe(32)).test_client())
    assert not told.select(".problems")
    assert "All that the site needs is in order." in told.text


def test_it_names_the_rules_that_the_log_and_explain_name(
    make_site: Callable[..., Flask],
) -> None:
    site = make_site(GUARD_OFF="0", TRUSTED_PROXIES="1")
    client = site.test_client()
    for place in range(5):
        client.post(
            "/lacak",
            data={"nomor": f"317405010190{place + 1:04}"},
            headers={"X-Forwarded-For": "203.0.113.7"},
        )
    page = shown(client)
    rows = [[cell.text for cell in row.select("th, td")] for row in page.select("tbody tr")]
    explained = site.extensions["guard"].explain(parse_network("203.0.113.7"))
    named = [row for row in rows if row[0] == explained.decision.rule]
    assert named
    assert named[0][1] == str(explained.decision.level)
    assert named[0][3] in explained.reason
    assert "There is no alarm." in page.text
    assert figures(page)["asked for work"] >= 1


def test_nothing_on_it_names_a_person_a_network_or_a_ticket(
    make_site: Callable[..., Flask], samples: dict[str, Participant], tmp_path: Path
) -> None:
    client = make_site(TRUSTED_PROXIES="1", GUARD_OFF="0").test_client()
    asker = {"X-Forwarded-For": "203.0.113.7"}
    for sample in list(samples.values())[:6]:
        where = client.post("/lacak", data={"nomor": sample.nik}, headers=asker).headers
        client.get(where.get("Location", "/"), headers=asker)
    told = client.get("/-/operator", environ_base=HERE).text
    assert not NUMBER.search(told)
    assert "203.0.113" not in told
    assert "/klaim/" not in told
    assert not re.search(r"\bstyle=|<style|onclick|javascript:", told)


def test_figures_of_this_moment_have_three_decimals_at_most(
    make_site: Callable[..., Flask],
) -> None:
    site = make_site()
    site.extensions["floods"].served(123.456789012345)
    shown_now = [each.text for each in shown(site.test_client()).select(".gauges dd")]
    assert any("." in figure for figure in shown_now)
    assert all(re.fullmatch(r"-?[0-9,]+(\.[0-9]{1,3})?", figure) for figure in shown_now)


def test_a_site_without_visitors_has_a_page_too(make_site: Callable[..., Flask]) -> None:
    page = shown(make_site().test_client())
    assert page.select_one("h1") is not None
    assert set(figures(page).values()) == {0}
    assert "Days off are known until" in page.text


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_changes_nothing(client: FlaskClient, method: str) -> None:
    assert getattr(client, method)("/-/operator", environ_base=HERE).status_code == 405
