"""What is counted, for whom, and that no label can grow with what people send."""

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client import Counter

from tests.conftest import working_hours
from tests.nobody_waits import Standstill
from tests.observing.conftest import Samples
from tracking_site.observing.figures import RARE
from tracking_site.observing.metrics import Metrics

TOKEN = "a-token-for-the-scraper"


def figures(client: FlaskClient, **headers: str) -> dict[str, float]:
    text = client.get("/-/metrics", headers=headers).get_data(as_text=True)
    rows = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in rows}


def test_a_lookup_is_counted_by_route_outcome_and_what_the_guard_and_cache_did(
    make_site: Callable[..., Flask], samples: Samples
) -> None:
    client = make_site(GUARD_OFF="0").test_client()
    for _ in range(3):
        client.post("/lacak", data={"nomor": samples["assessment_day_3"].nik})
    told = figures(client)
    assert told['tracking_requests_total{outcome="found",route="/lacak",status="303"}'] == 3
    assert told['tracking_claims_events_total{detail="",event="miss"}'] == 1
    assert told['tracking_claims_events_total{detail="claims",event="hit"}'] == 2
    assert told['tracking_guard_decisions_total{kind="ok",level="0",rule="free"}'] == 1
    assert told['tracking_guard_decisions_total{kind="repeat",level="0",rule="repeat"}'] == 2
    assert told['tracking_core_seconds_count{result="answered"}'] == 1
    assert told['tracking_request_seconds_count{route="/lacak"}'] == 3
    assert told["tracking_requests_in_flight"] == 1


def test_failures_of_the_core_are_counted_by_kind(
    make_site: Callable[..., Flask], samples: Samples, fault: Callable[..., None]
) -> None:
    client = make_site().test_client()
    fault("error")
    client.post("/lacak", data={"nomor": samples["paid_today"].nik})
    fault("none")
    told = figures(client)
    assert told['tracking_core_seconds_count{result="server_error"}'] == 1
    assert told['tracking_claims_events_total{detail="server_error",event="core_failed"}'] == 1


def test_codes_without_words_are_counted_by_family(
    make_site: Callable[..., Flask], samples: Samples
) -> None:
    client = make_site().test_client()
    client.post("/lacak", data={"nomor": samples["unknown_stage"].nik}, follow_redirects=True)
    assert figures(client)['tracking_unknown_codes_total{family="stage"}'] >= 1


def test_only_this_machine_reads_figures_and_never_through_a_proxy(client: FlaskClient) -> None:
    outside = {"REMOTE_ADDR": "203.0.113.5"}
    assert client.get("/-/metrics").status_code == 200
    assert client.get("/-/metrics", environ_base=outside).status_code == 404
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert client.get("/-/metrics", headers={name: "127.0.0.1"}).status_code == 404


def test_a_token_opens_the_figures_from_everywhere_and_a_wrong_one_nowhere(
    make_site: Callable[..., Flask],
) -> None:
    client = make_site(METRICS_TOKEN=TOKEN).test_client()
    outside = {"REMOTE_ADDR": "203.0.113.5"}
    good, bad = ({"Authorization": f"Bearer {token}"} for token in (TOKEN, TOKEN + "x"))
    assert client.get("/-/metrics", headers=good, environ_base=outside).status_code == 200
    assert client.get("/-/metrics", headers=bad, environ_base=outside).status_code == 404
    assert client.get("/-/metrics", headers=bad).status_code == 404


def test_no_label_holds_what_somebody_sent(
    make_site: Callable[..., Flask], samples: Samples
) -> None:
    client = make_site().test_client()
    before = len(figures(client))
    for sample in list(samples.values())[:40]:
        client.get(f"/{sample.nik}")
        client.get(f"/klaim/{sample.nik}?x={sample.kpj}")
        client.open(f"/{sample.kpj}", method="BREW", headers={"X-Request-ID": sample.nik})
    text = client.get("/-/metrics").get_data(as_text=True)
    assert not [each for each in samples.values() if each.nik in text or each.kpj in text]
    assert len(figures(client)) - before < 60


def test_counters_that_cannot_be_kept_stop_nothing() -> None:
    metrics = Metrics()
    metrics.ended("/", "page", "200", float("nan"))
    metrics._figures.requests.labels = None  # type: ignore[method-assign,assignment]
    metrics.ended("/x", "page", "200", 0.1)
    assert b"tracking_request_seconds" in metrics.exposition()


def test_how_long_a_request_waited_is_counted_when_a_trusted_proxy_says_so(
    make_site: Callable[..., Flask],
) -> None:
    direct, behind = make_site().test_client(), make_site(TRUSTED_PROXIES="1").test_client()
    just_now = f"t={working_hours().timestamp() - 3:.3f}"
    for client in (direct, behind):
        for said in (just_now, "t=0000000001.000", "yesterday", "t=" + "9" * 400):
            client.get("/", headers={"X-Request-Start": said})
    assert figures(direct)["tracking_queue_seconds_count"] == 0
    told = figures(behind)
    assert told["tracking_queue_seconds_count"] == 1
    assert 3 <= told["tracking_queue_seconds_sum"] < 30


def test_lookups_at_the_core_are_counted_in_and_out(
    make_site: Callable[..., Flask], samples: Samples, fault: Callable[..., None]
) -> None:
    client = make_site().test_client()
    # What the site needs is looked at now, and not while the core is slow.
    figures(client)
    fault("slow", latency_ms=1500)
    form = {"nomor": samples["paid_today"].nik}
    visitor = threading.Thread(target=make_and_ask, args=(client, form))
    visitor.start()
    while figures(client)["tracking_core_in_flight"] != 1:
        visitor.join(0.02)
        assert visitor.is_alive()
    visitor.join()
    assert figures(client)["tracking_core_in_flight"] == 0


def make_and_ask(client: FlaskClient, form: dict[str, str]) -> None:
    client.application.test_client().post("/lacak", data=form)


def test_the_breaker_is_said_before_it_ever_turned_and_the_calendar_has_an_end(
    client: FlaskClient,
) -> None:
    told = figures(client)
    assert told["tracking_core_breaker"] in (0, 1, 2)
    for event, detail in RARE:
        assert f'tracking_claims_events_total{{detail="{detail}",event="{event}"}}' in told
    for failure in ("LedgerUnreachableError", "LedgerFullError", "LedgerForeignError"):
        assert f'tracking_guard_store_failures_total{{error="{failure}"}}' in told
    assert told["tracking_calendar_ends_timestamp_seconds"] > 1_700_000_000


def test_no_thread_waits_while_another_writes_what_was_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    metrics = Metrics()
    stands = Standstill(Counter.inc)
    in_the_library: list[str] = []

    def counted(counter: Counter) -> None:
        in_the_library.append("")
        stands(counter)

    def count_others() -> None:
        for _ in range(3):
            metrics.claims_event("other")
        assert len(in_the_library) == 1, "its one lock is waited for by whoever enters it"

    monkeypatch.setattr(Counter, "inc", lambda counter, _amount: counted(counter))
    stands.passed_by(lambda: metrics.claims_event("one"), count_others)
    told = metrics.exposition().decode()
    assert 'tracking_claims_events_total{detail="",event="one"} 1.0' in told
    assert 'tracking_claims_events_total{detail="",event="other"} 3.0' in told


def test_no_thread_waits_while_another_counts_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    metrics = Metrics()
    stands = Standstill(metrics.minutes.add)
    monkeypatch.setattr(metrics.minutes, "add", stands)
    stands.passed_by(
        lambda: metrics.core_answered("answered", 1.0),
        lambda: metrics.core_answered("answered", 2.0),
    )
    hour = metrics.minutes.last_hour()
    assert sum(minute.counts["core_ms"] for minute in hour) == 3000


def test_nothing_that_many_threads_count_is_lost() -> None:
    metrics = Metrics()
    threads = [
        threading.Thread(target=lambda: [metrics.claims_event("many") for _ in range(500)])
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = metrics.exposition().decode()
    assert 'tracking_claims_events_total{detail="",event="many"} 8000.0' in told
