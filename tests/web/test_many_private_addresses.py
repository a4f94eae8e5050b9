"""A few private addresses a day for a number and a network; then a page that says so."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from harness.servers import RedisServer
from sandbox import Participant
from tests.conftest import HTMX, SiteClock
from tests.services import running_redis
from tracking_site.guard.limits import KEYS_OF_BOTH, KEYS_OF_NETWORK, KEYS_OF_NUMBER

pytestmark = pytest.mark.servers
MakeSite = Callable[..., Flask]
Samples = dict[str, Participant]


@pytest.fixture(scope="module")
def redis_server() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.fixture(params=["memory", "redis"])
def client(request: pytest.FixtureRequest, make_site: MakeSite) -> FlaskClient:
    store = {}
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        with server.client() as redis:
            redis.flushall()
        store = {"REDIS_URL": server.url}
    site = make_site(TRUSTED_PROXIES="1", GUARD_OFF="", POW_SCALE="0.001", **store)
    return site.test_client()


def made(client: FlaskClient, number: str, address: str, **more: Any) -> list[int]:
    """Look a number up, make as many addresses of it as one can, and return what each answered."""
    headers = {"X-Forwarded-For": address, **more}
    result = client.post("/lacak", data={"nomor": number}, headers=headers).headers["Location"]
    return [client.post(f"{result}/pantau", headers=headers).status_code for _ in range(8)]


def test_one_network_makes_three_of_a_number_and_all_make_six_beside_their_first(
    client: FlaskClient, samples: Samples
) -> None:
    number = samples["approval"].nik
    told = [made(client, number, f"198.51.{place}.7").count(303) for place in range(4)]
    assert told == [KEYS_OF_BOTH, KEYS_OF_BOTH, KEYS_OF_BOTH, 1]
    assert sum(told) == KEYS_OF_NUMBER + len(told)
    assert made(client, samples["paid_today"].nik, "198.51.9.7").count(303) == KEYS_OF_BOTH


def test_who_knows_a_number_keeps_nobody_else_from_following_it(
    client: FlaskClient, samples: Samples
) -> None:
    number = samples["approval"].nik
    for place in range(20):
        made(client, number, f"198.51.{place}.7")
    assert made(client, number, "203.0.113.7").count(303) == 1


def test_one_network_makes_six_and_more_where_it_asks_more(
    client: FlaskClient, samples: Samples
) -> None:
    numbers = [each.nik for each in samples.values() if each.specs][:3]
    told = [made(client, number, "203.0.113.7").count(303) for number in numbers]
    # Three numbers were asked by the third.
    assert told == [KEYS_OF_BOTH, KEYS_OF_BOTH, 1]
    assert sum(told) == KEYS_OF_NETWORK + 1


@pytest.mark.parametrize(
    ("tree", "words"), [("", "tetap berlaku"), ("/en", "still work")], ids=["id", "en"]
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_the_page_says_what_goes_on_and_when_one_can_be_made_again(
    make_site: MakeSite,
    site_clock: SiteClock,
    samples: Samples,
    tree: str,
    words: str,
    headers: dict[str, str],
) -> None:
    client = make_site(GUARD_OFF="").test_client()
    number = samples["approval"].nik
    ticket = tree + client.post("/lacak", data={"nomor": number}).headers["Location"]
    kept = [client.post(f"{ticket}/pantau").headers["Location"] for _ in range(KEYS_OF_BOTH)]
    over = client.post(f"{ticket}/pantau", headers=headers)
    assert over.status_code == 429
    assert 0 < int(over.headers["Retry-After"]) <= 86_400
    page = BeautifulSoup(over.text, "html.parser")
    told = page.get_text()
    assert words in told
    # In the east of the country midnight of Jakarta is at one or two, and no more tomorrow.
    assert re.search(r"(mulai|from) \w+, \d+\s\w+, 00[.:]0[01] WIB", told)
    assert "besok" not in told
    assert "tomorrow" not in told
    assert page.find("input", attrs={"name": "nomor"}) is None, "there is nothing to type"
    back = page.find("a", class_="button", href=ticket)
    assert back is not None
    assert client.get(back["href"]).status_code == 200
    assert {client.get(address).status_code for address in kept} == {200}
    assert client.get(ticket).status_code == 200
    site_clock.advance(seconds=int(over.headers["Retry-After"]))
    again = tree + client.post("/lacak", data={"nomor": number}).headers["Location"]
    assert client.post(f"{again}/pantau").status_code == 303
