"""What a flooding network is answered, over the whole application, and what is never shed."""

import base64
import hmac
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import SiteClock
from tracking_site.guard.floods import BURST_OVER_SECONDS, BURST_SECONDS, MAX_COUNT
from tracking_site.records import QUEUE


def test_who_floods_is_told_so_and_others_are_served(make_site: Callable[..., Flask]) -> None:
    site = make_site(REQUESTS_PER_MINUTE="120", TRUSTED_PROXIES="1")
    client = site.test_client()
    flood = {"X-Forwarded-For": "192.0.2.1"}
    statuses = [client.get("/", headers=flood).status_code for _ in range(int(MAX_COUNT) + 300)]
    assert set(statuses[: int(MAX_COUNT)]) == {200}
    refused = client.get("/", headers=flood)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.headers["Cache-Control"] == "no-store"
    assert "Terlalu banyak permintaan dari jaringan Anda" in refused.text
    assert "your network sends too many requests" in refused.text
    assert client.get("/", headers={"X-Forwarded-For": "192.0.2.2"}).status_code == 200
    assert client.get("/-/healthz", headers=flood).status_code == 200
    assert client.head("/", headers=flood).data == b""
    told = client.get("/-/metrics").text
    assert 'tracking_floods_shed_total{width="network"}' in told


TOKENS = {"METRICS_TOKEN": "the-operator's-token", "PURGE_TOKEN": "the-core's-token"}
PURGE = b'{"all": true}'


@pytest.fixture
def flooded(make_site: Callable[..., Flask]) -> tuple[FlaskClient, dict[str, str]]:
    """A site of which one network asked far too much, and what its requests carry."""
    site = make_site(REQUESTS_PER_MINUTE="120", TRUSTED_PROXIES="1", **TOKENS)
    client = site.test_client()
    flood = {"X-Forwarded-For": "192.0.2.1"}
    # Half as much again: what falls in the seconds that a busy machine stands still matters not.
    statuses = [client.get("/", headers=flood).status_code for _ in range(int(1.5 * MAX_COUNT))]
    assert statuses[-1] == 429
    return client, flood


def test_probes_are_never_refused_and_cost_no_more_than_a_refusal(
    flooded: tuple[FlaskClient, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, flood = flooded
    # The site behind is not asked: neither Flask nor a template makes what a stranger gets.
    monkeypatch.setattr(Flask, "full_dispatch_request", lambda self: pytest.fail("asked"))
    for path in ("/-/healthz", "/-/readyz"):
        shown = client.get(path, headers=flood)
        assert (shown.status_code, shown.get_json()) == (200, {"status": "ok"})
        assert shown.headers["Cache-Control"] == "no-store"
        assert "default-src" in shown.headers["Content-Security-Policy"]
        assert client.head(path, headers=flood).data == b""


def test_what_is_no_probe_is_shed_where_no_token_opens_it(
    flooded: tuple[FlaskClient, dict[str, str]],
) -> None:
    client, flood = flooded
    for path in ("/-/metrics", "/-/operator", "/-/nothing"):
        assert client.get(path, headers=flood).status_code == 429
        wrong = flood | {"Authorization": "Bearer the-core's-token"}
        assert client.get(path, headers=wrong).status_code == 429
    assert client.post("/-/healthz", headers=flood).status_code == 429
    wrong = flood | {"Authorization": "Bearer the-operator"}
    assert client.post("/-/purge", data=PURGE, headers=wrong).status_code == 429


def test_operators_and_the_core_are_never_shed(
    flooded: tuple[FlaskClient, dict[str, str]],
) -> None:
    client, flood = flooded
    operator = flood | {"Authorization": f"Bearer {TOKENS['METRICS_TOKEN']}"}
    for path in ("/-/metrics", "/-/operator"):
        assert client.get(path, headers=operator).status_code == 200
    assert client.get("/-/readyz", headers=operator).get_json()["core"] == "ok"
    core = flood | {"Authorization": f"Bearer {TOKENS['PURGE_TOKEN']}"}
    assert client.post("/-/purge", data=PURGE, headers=core).status_code == 204


def test_a_purge_that_is_signed_is_never_shed_and_one_that_is_not_is(
    flooded: tuple[FlaskClient, dict[str, str]], site_clock: SiteClock
) -> None:
    client, flood = flooded
    sent_at = str(int(site_clock().timestamp()))
    mac = hmac.digest(
        TOKENS["PURGE_TOKEN"].encode(), f"msg_1.{sent_at}.".encode() + PURGE, "sha256"
    )
    signed = flood | {
        "webhook-id": "msg_1",
        "webhook-timestamp": sent_at,
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }
    assert client.post("/-/purge", data=PURGE, headers=signed).status_code == 204
    assert client.post("/-/purge", data=PURGE + b" ", headers=signed).status_code == 429
    assert client.post("/-/purge", data=b" " * 100_000, headers=signed).status_code == 429


def test_who_does_not_flood_is_not_told_so_when_the_site_is_full(
    make_site: Callable[..., Flask], monkeypatch: Any
) -> None:
    site = make_site(TRUSTED_PROXIES="1")
    floods: Any = site.extensions["floods"]
    floods._long_since = floods._clock() - BURST_SECONDS - BURST_OVER_SECONDS
    monkeypatch.setattr(type(floods), "wait", 5.0)
    here = {"X-Forwarded-For": "192.0.2.3"}
    for path in ("/", "/en", "/en/", "/bantuan", "/sematan"):
        assert site.test_client().get(path, headers=here).status_code in (200, 308)
    refused = site.test_client().get("/mitra", headers=here)
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert "jaringan Anda" not in refused.text
    assert "your network" not in refused.text
    assert "Ini bukan karena Anda" in refused.text
    # Nor is anybody in a partner's page led to one that no frame may show.
    assert set(re.findall(r"<a [^>]*>[^<]*", refused.text)) == {
        '<a href="">Muat ulang',
        '<a href="">Reload',
    }
    assert (
        'tracking_floods_shed_total{width="none"} 1.0' in site.test_client().get("/-/metrics").text
    )


def test_files_that_lie_ready_are_no_part_of_a_flood(
    make_site: Callable[..., Flask], monkeypatch: Any
) -> None:
    """A first visit has five; nobody is refused the answer for having asked for those."""
    site = make_site(TRUSTED_PROXIES="1")
    floods: Any = site.extensions["floods"]
    client, here = site.test_client(), {"X-Forwarded-For": "192.0.2.3"}
    for is_passed in (True, False):
        monkeypatch.setattr(QUEUE, "is_passed", is_passed)
        # The script of an article stands there for its readers, of whom few look something up.
        for path in (max(site.extensions["ready_paths"]), "/sematan.js", "/situs.webmanifest"):
            assert client.get(path, headers=here).status_code == 200
            assert len(floods._lately._ones) == 0
    # What is no file of ours is a request as any other.
    assert client.get("/static/none.css", headers=here).status_code == 404
    assert len(floods._lately._ones) == 3


def test_who_asks_for_far_more_files_than_people_do_is_shed(
    make_site: Callable[..., Flask], monkeypatch: Any
) -> None:
    """One file is 12 kB: a network that pulls them without end would cost more than any page."""
    client = make_site(REQUESTS_PER_MINUTE="120", TRUSTED_PROXIES="1").test_client()
    (path,) = {each for each in client.application.extensions["ready_paths"] if "htmx" in each}
    monkeypatch.setattr(QUEUE, "is_passed", True)

    def given(address: str) -> int:
        return client.get(path, headers={"X-Forwarded-For": address}).status_code

    many = Counter(given("192.0.2.3") for _ in range(3 * int(MAX_COUNT)))
    assert many[429] > MAX_COUNT / 2
    assert many[200] >= MAX_COUNT
    assert given("198.51.100.3") == 200
