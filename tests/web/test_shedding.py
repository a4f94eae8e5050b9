"""What a flooding network is answered, over the whole application, and what is never shed."""

from collections.abc import Callable

from flask import Flask

from tracking_site.guard.floods import MAX_COUNT


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


def test_who_comes_to_a_full_site_reads_nothing_of_their_network(
    make_site: Callable[..., Flask],
) -> None:
    site = make_site(REQUESTS_PER_MINUTE="120", TRUSTED_PROXIES="1")
    client = site.test_client()
    for _ in range(100):
        site.extensions["floods"].served(1e6)
    refused = client.get("/", headers={"X-Forwarded-For": "192.0.2.1"})
    assert refused.status_code == 429
    assert int(refused.headers["Content-Length"]) == len(refused.data)
    assert "lebih banyak orang datang daripada yang dapat dilayani" in refused.text
    assert "more people come than it can serve now" in refused.text
    assert "jaringan Anda" not in refused.text
    assert "your network" not in refused.text
    assert 'tracking_floods_shed_total{width="none"}' in client.get("/-/metrics").text
