"""What a flooding network is answered, over the whole application, and what is never shed."""

from collections.abc import Callable
from typing import Any

from flask import Flask

from tracking_site.guard.floods import BURST_OVER_SECONDS, BURST_SECONDS, MAX_COUNT


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


def test_who_does_not_flood_is_not_told_so_when_the_site_is_full(
    make_site: Callable[..., Flask], monkeypatch: Any
) -> None:
    site = make_site(TRUSTED_PROXIES="1")
    floods: Any = site.extensions["floods"]
    floods._long_since = floods._clock() - BURST_SECONDS - BURST_OVER_SECONDS
    monkeypatch.setattr(type(floods), "wait", 5.0)
    refused = site.test_client().get("/", headers={"X-Forwarded-For": "192.0.2.3"})
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert "jaringan Anda" not in refused.text
    assert "your network" not in refused.text
    assert "Ini bukan karena Anda" in refused.text
    assert (
        'tracking_floods_shed_total{width="none"} 1.0' in site.test_client().get("/-/metrics").text
    )
