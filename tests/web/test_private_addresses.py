"""Private addresses: wrong ones all look alike, and good ones can be ended."""

import time
from collections.abc import Callable, Iterator

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from harness.servers import RedisServer
from sandbox import Participant
from tests.conftest import HTMX, Visit
from tests.services import running_redis
from tests.web.following import (
    FORMS,
    follow,
    key_in,
    ticket_address,
    version_of,
    wrong_keys,
)
from tracking_site.following.keys import digest_of
from tracking_site.redis.client import RedisDown
from tracking_site.sealing import NotSealed

MakeSite = Callable[..., Flask]


def test_a_ticket_is_no_key_and_a_key_is_no_ticket(
    client: FlaskClient, someone: Participant
) -> None:
    ticket = key_in(ticket_address(client, someone.nik))
    key = key_in(follow(client, someone))
    assert client.get(f"/pantau/{ticket}").status_code == 404
    assert client.get(f"/klaim/{key}").status_code == 404
    assert client.post(f"/klaim/{key}/pantau").status_code == 404
    assert client.post(f"/pantau/{ticket}/lupakan").status_code == 404
    assert client.get(f"/klaim/{ticket}").status_code == 200


def test_the_address_of_a_form_that_was_sent_leads_back_when_it_is_opened(
    client: FlaskClient, someone: Participant
) -> None:
    """As a browser does that opens its tabs again."""
    result = ticket_address(client, someone.nik)
    private = follow(client, someone)
    for sent, page in ((f"{result}/pantau", result), (f"{private}/lupakan", private)):
        answer = client.get(sent)
        assert (answer.status_code, answer.location) == (303, page)
        assert client.get(page).status_code == 200
    for wrong in ("/klaim/x/pantau", "/pantau/x/lupakan"):
        assert client.get(wrong, follow_redirects=True).status_code == 404


@pytest.mark.proofs
def test_a_thousand_wrong_keys_get_one_and_the_same_page(
    client: FlaskClient, someone: Participant
) -> None:
    key = key_in(follow(client, someone))
    wrong = wrong_keys(key, 1000)
    answers = {shape_of(client.get(path)) for path in paths(wrong)}
    assert len(answers) == 1
    [(status, page, _)] = answers
    assert status == 404
    assert b"data-outcome" not in page
    odd = ["x", key + "A", key[:-1], "%00", "." * 40, "é" * 40, key.swapcase(), key + "="]
    assert {client.get(path).data for path in paths(odd)} == {page}


def shape_of(response: TestResponse) -> tuple[int, bytes, str]:
    del response.headers["X-Request-ID"]
    return response.status_code, response.data, str(response.headers)


def test_ten_thousand_wrong_keys_fail_in_one_way(app: Flask) -> None:
    keys = app.extensions["following"].keys
    for wrong in wrong_keys(keys.seal("00001234567"), 10_000):
        with pytest.raises(NotSealed):
            keys.open(wrong)


def paths(keys: list[str]) -> Iterator[str]:
    return (f"/pantau/{key}" for key in keys)


def test_many_private_addresses_asked_by_one_network_end_at_its_limit(
    make_site: MakeSite, samples: dict[str, Participant]
) -> None:
    app = make_site(REQUESTS_PER_MINUTE="4")
    client, seal = app.test_client(), app.extensions["following"].keys.seal
    keys = [seal(samples["approval"].nik) for _ in range(6)]
    answers = [client.get(path + form) for path in paths(keys) for form in FORMS]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * (len(answers) - 4)
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers[4:])
    neighbour = {"REMOTE_ADDR": "192.0.2.7"}
    assert client.get(f"/pantau/{keys[0]}", environ_overrides=neighbour).status_code == 200


def test_a_forgotten_link_works_no_more_in_any_form(
    client: FlaskClient, visit: Visit, someone: Participant
) -> None:
    address, other = follow(client, someone), follow(client, someone)
    response = client.post(f"{address}/lupakan")
    assert (response.status_code, response.headers["Location"]) == (303, address)
    for form in FORMS:
        assert client.get(address + form).status_code == 410
    assert client.post(f"{address}/lupakan").status_code == 410
    assert client.get(f"/en{address}").status_code == 410
    _, page = visit(address)
    assert page.find("input", attrs={"name": "nomor"})
    assert client.get(other).status_code == 200


@pytest.mark.redis
def test_a_link_forgotten_at_one_process_is_forgotten_at_all(
    make_site: MakeSite, someone: Participant
) -> None:
    with running_redis() as server:
        one, other = (make_site(REDIS_URL=server.url).test_client() for _ in range(2))
        address = follow(one, someone)
        assert patiently(lambda: other.get(address)) == 200
        assert patiently(lambda: one.post(f"{address}/lupakan")) in (303, 410)
        assert patiently(lambda: other.get(address)) == 410
        fail_closed(server, one, follow(one, someone))


def patiently(ask: Callable[[], TestResponse]) -> int:
    """Return the status once Redis had the time to answer, which a busy machine may deny it."""
    give_up_at = time.monotonic() + 20
    status = ask().status_code
    while status == 503 and time.monotonic() < give_up_at:
        time.sleep(0.5)
        status = ask().status_code
    return status


def fail_closed(server: RedisServer, client: FlaskClient, address: str) -> None:
    server.kill()
    response = client.get(address)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert client.post(f"{address}/lupakan").status_code == 503


class Away:
    """A store of what was taken back that does not answer."""

    def holds(self, *digests: str) -> bool:
        raise RedisDown


@pytest.mark.parametrize("tree", ["", "/en"])
def test_a_private_address_that_cannot_be_read_now_is_tried_again_with_a_press(
    make_site: MakeSite, someone: Participant, monkeypatch: pytest.MonkeyPatch, tree: str
) -> None:
    site = make_site()
    client = site.test_client()
    address = follow(client, someone, tree)
    seen = f"{address}?sejak={version_of(client, address)}"
    with monkeypatch.context() as away:
        away.setattr(site.extensions["following"].keys, "_forgotten", Away())
        for asked, led in ((address, address), (seen, seen), (f"{address}.atom", address)):
            for headers in ({}, HTMX):
                answer = client.get(asked, headers=headers)
                assert answer.status_code == 503
                page = BeautifulSoup(answer.text, "html.parser")
                assert page.find("a", class_="button")["href"] == led
                assert page.find(id="nomor") is None
                other = led.removeprefix("/en") if tree else f"/en{led}"
                tongues = [each["href"] for each in page.find_all("a", class_="tongue")]
                assert tongues == ([] if headers else [other])
    assert client.get(address).status_code == 200


def test_a_revoked_key_is_gone_from_the_next_start(
    make_site: MakeSite, someone: Participant
) -> None:
    site = make_site().test_client()
    address, other = follow(site, someone), follow(site, someone)
    again = make_site(REVOKED_KEYS=digest_of(key_in(address))).test_client()
    assert again.get(address).status_code == 410
    assert again.get(other).status_code == 200


def test_rotating_keys_keeps_addresses_and_dropping_one_ends_them(
    make_site: MakeSite, environ: dict[str, str], someone: Participant
) -> None:
    address = follow(make_site().test_client(), someone)
    new = "another-key-of-the-tests-that-is-also-long-enough"
    rotated = make_site(SECRET_KEYS=f"{new},{environ['SECRET_KEYS']}").test_client()
    assert rotated.get(address).status_code == 200
    assert make_site(SECRET_KEYS=new).test_client().get(address).status_code == 404
