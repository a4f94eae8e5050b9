"""One line and a few counts for each request, with nothing of a person in them."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from tests.conftest import HTMX
from tests.observing.conftest import Samples
from tracking_site.guard.networks import parse_network
from tracking_site.web import tracking

Line = dict[str, Any]


@pytest.fixture
def said() -> Iterator[list[Line]]:
    with capture_logs() as lines:
        yield lines


def request_lines(said: list[Line]) -> list[Line]:
    return [line for line in said if line["event"] == "request"]


def test_a_lookup_tells_outcome_cache_and_where_the_time_went(
    make_site: Callable[..., Flask], samples: Samples, said: list[Line]
) -> None:
    client = make_site().test_client()
    nik = samples["assessment_day_3"].nik
    for _ in range(2):
        client.post("/lacak", data={"nomor": nik}, headers=HTMX)
    cold, warm = request_lines(said)
    assert (cold["outcome"], cold["cache"], cold["status"]) == ("found", "miss", 200)
    assert (warm["outcome"], warm["cache"], warm["route"]) == ("found", "hit", "/lacak")
    assert cold["core_ms"] > 0
    assert "core_ms" not in warm
    parts = sum(cold[name] for name in ("guard_ms", "cache_ms", "core_ms", "render_ms"))
    assert 0 < parts <= cold["ms"] + 0.05


def test_the_route_is_a_pattern_and_the_network_is_short(
    client: FlaskClient, samples: Samples, said: list[Line]
) -> None:
    nik = samples["assessment_day_3"].nik
    address = client.post("/en/lacak", data={"nomor": nik}).headers["Location"]
    client.get(address + "?nomor=" + nik, environ_base={"REMOTE_ADDR": "203.0.113.77"})
    client.get("/tidak-ada/" + nik)
    lines = request_lines(said)
    assert [line["route"] for line in lines] == ["/en/lacak", "/en/klaim/<ticket>", "none"]
    assert [line["outcome"] for line in lines] == ["found", "found", "no_such_page"]
    assert lines[1]["network"] == "203.0.113.0/24"
    told = json.dumps(said, default=str)
    assert nik not in told
    assert address.rpartition("/")[2] not in told
    assert "203.0.113.77" not in told


def test_a_challenge_says_its_rule_and_level_and_explain_says_the_same(
    make_site: Callable[..., Flask], said: list[Line]
) -> None:
    site = make_site(GUARD_OFF="0", TRUSTED_PROXIES="1")
    client = site.test_client()
    asker = {"X-Forwarded-For": "203.0.113.7"}
    for place in range(5):
        client.post("/lacak", data={"nomor": f"317405010190{place + 1:04}"}, headers=asker)
    lines = [line for line in request_lines(said) if line["outcome"] == "challenge"]
    assert lines
    assert lines[-1]["rule"] == "work_distinct"
    assert lines[-1]["level"] >= 1
    explained = site.extensions["guard"].explain(parse_network("203.0.113.7")).reason
    assert f"[{lines[-1]['rule']};" in explained
    assert f"level {lines[-1]['level']}:" in explained
    assert "rule" not in request_lines(said)[0]


def test_the_plain_limit_has_a_name_too(make_site: Callable[..., Flask], said: list[Line]) -> None:
    client = make_site(REQUESTS_PER_MINUTE="1").test_client()
    for _ in range(3):
        client.post("/lacak", data={"nomor": "12"})
    assert [line.get("rule") for line in request_lines(said)][-1] == "requests"


def test_every_outcome_of_a_lookup_has_its_name(
    make_site: Callable[..., Flask], samples: Samples, fault: Callable[..., None], said: list[Line]
) -> None:
    client = make_site().test_client()
    client.post("/lacak", data={"nomor": samples["nothing_to_show"].nik})
    client.post("/lacak", data={"nomor": "12"})
    fault("error")
    client.post("/lacak", data={"nomor": samples["paid_today"].nik})
    outcomes = [(line["status"], line["outcome"]) for line in request_lines(said)]
    assert outcomes == [(303, "not_found"), (422, "invalid"), (503, "unavailable")]


@pytest.mark.parametrize(
    ("status", "told"), [(500, ("error", "error")), (503, ("not_found", "warning"))]
)
def test_an_accident_is_an_error_whatever_was_found_and_nothing_else_is(
    make_site: Callable[..., Flask],
    samples: Samples,
    said: list[Line],
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    told: tuple[str, str],
) -> None:
    client = make_site().test_client()
    result = client.post("/lacak", data={"nomor": samples["nothing_to_show"].nik}).headers
    monkeypatch.setattr(tracking, "present", lambda *given, **more: abort(status))
    assert client.get(result["Location"]).status_code == status
    line = request_lines(said)[-1]
    assert (line["outcome"], line["log_level"]) == told


def test_a_probe_that_finds_the_site_not_ready_is_no_visitor_told_to_come_back(
    make_site: Callable[..., Flask], fault: Callable[..., None], said: list[Line]
) -> None:
    site = make_site()
    fault("error")
    client = site.test_client()
    assert client.get("/-/readyz").status_code == 503
    assert [line["outcome"] for line in request_lines(said)] == ["not_ready"]
    figures = client.get("/-/metrics").text
    assert 'route="/-/readyz",outcome="unavailable"' not in figures
    assert 'outcome="not_ready",route="/-/readyz",status="503"' in figures


def test_the_id_is_taken_over_given_back_and_passed_to_the_core(
    make_site: Callable[..., Flask], samples: Samples, fault: Callable[..., None], said: list[Line]
) -> None:
    client = make_site().test_client()
    response = client.get("/", headers={"X-Request-ID": "web1-42-7"})
    assert response.headers["X-Request-ID"] == "web1-42-7"
    refused = client.get("/", headers={"X-Request-ID": samples["paid_today"].nik})
    assert refused.headers["X-Request-ID"].isalpha()
    assert [line["request_id"] for line in request_lines(said)] == [
        "web1-42-7",
        refused.headers["X-Request-ID"],
    ]


def test_a_spoofed_hop_names_nobody_unless_a_proxy_is_trusted(
    make_site: Callable[..., Flask], said: list[Line]
) -> None:
    for hops in ("0", "1"):
        make_site(TRUSTED_PROXIES=hops).test_client().get(
            "/", headers={"X-Forwarded-For": "198.51.100.9, 203.0.113.5"}
        )
    networks = [line["network"] for line in request_lines(said)]
    assert networks == ["127.0.0.0/24", "203.0.113.0/24"]


def test_what_machines_ask_is_said_at_debug_only(client: FlaskClient, said: list[Line]) -> None:
    client.get("/-/healthz")
    client.get("/static/nothing.css")
    client.get("/")
    assert [(line["route"], line["log_level"]) for line in request_lines(said)] == [
        ("/-/healthz", "debug"),
        ("/static/<path>", "debug"),
        ("/", "info"),
    ]


def test_an_odd_method_is_not_repeated(client: FlaskClient, said: list[Line]) -> None:
    client.open("/", method="BREW")
    (line,) = request_lines(said)
    assert line["method"] == "other"
