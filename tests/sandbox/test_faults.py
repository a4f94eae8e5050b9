"""Each fault as a client sees it."""

import gzip
import http.client
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.faults import BOMB, HUGE, MODES, parse_fault
from tests.sandbox.conftest import Caller, Reply

NewCaller = Callable[[], Caller]


@pytest.fixture
def with_fault(core: Sandbox, new_caller: NewCaller) -> Callable[..., Reply]:
    """Sets a fault and looks up the first sample on a fresh connection."""

    def ask(**fault: Any) -> Reply:
        control, caller = new_caller(), new_caller()
        assert control.post("/sandbox/faults", fault).status == 200
        try:
            return caller.look_up_sample(core.samples[0])
        finally:
            caller.connection.close()
            control.connection.close()

    return ask


def test_down_closes_without_an_answer(with_fault: Callable[..., Reply]) -> None:
    with pytest.raises(http.client.RemoteDisconnected):
        with_fault(mode="down")


def test_the_control_endpoints_work_while_the_core_is_down(call: Caller) -> None:
    call.post("/sandbox/faults", {"mode": "down"})
    assert call.ask("GET", "/sandbox/faults").json["mode"] == "down"
    assert call.post("/sandbox/faults", {"mode": "none"}).status == 200
    assert call.ask("GET", "/v1/health").status == 200


def test_error_is_a_problem_document_of_any_status(with_fault: Callable[..., Reply]) -> None:
    reply = with_fault(mode="error")
    assert reply.status == 503
    assert reply.headers["Retry-After"] is None
    reply = with_fault(mode="error", status=429, retry_after=17)
    assert reply.status == reply.json["status"] == 429
    assert reply.headers["Retry-After"] == "17"
    assert reply.headers["Content-Type"] == "application/problem+json"


def test_slow_answers_well_after_its_latency(with_fault: Callable[..., Reply]) -> None:
    started = time.monotonic()
    assert with_fault(mode="slow", latency_ms=400).status == 200
    assert time.monotonic() - started >= 0.4


@pytest.mark.parametrize("mode", ["error", "wrong_shape", "html", "none"])
def test_latency_holds_for_other_modes_too(with_fault: Callable[..., Reply], mode: str) -> None:
    started = time.monotonic()
    with_fault(mode=mode, latency_ms=300)
    assert time.monotonic() - started >= 0.3


def test_malformed_stops_half_way_through_the_json(with_fault: Callable[..., Reply]) -> None:
    with pytest.raises(json.JSONDecodeError):
        with_fault(mode="malformed")


def test_wrong_shape_is_json_of_another_kind(with_fault: Callable[..., Reply]) -> None:
    reply = with_fault(mode="wrong_shape")
    assert reply.status == 200
    assert not isinstance(reply.json["claims"], list)


def test_wrong_type_is_a_good_body_with_a_bad_label(with_fault: Callable[..., Reply]) -> None:
    reply = with_fault(mode="wrong_type")
    assert reply.headers["Content-Type"].startswith("text/plain")
    assert json.loads(reply.body)["claims"]


def test_html_is_an_error_page_with_200(with_fault: Callable[..., Reply]) -> None:
    reply = with_fault(mode="html")
    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith("text/html")
    assert reply.body.startswith(b"<!doctype html>")


def test_huge_is_a_right_answer_of_ten_mebibytes(with_fault: Callable[..., Reply]) -> None:
    reply = with_fault(mode="huge")
    assert len(reply.body) > HUGE
    assert len(reply.json["claims"]) == 1


def test_a_gzip_bomb_unpacks_to_far_more_than_a_client_may_read(
    core: Sandbox, call: Caller
) -> None:
    call.post("/sandbox/faults", {"mode": "gzip_bomb"})
    call.connection.request("GET", "/v1/health")
    response = call.connection.getresponse()
    packed = response.read()
    assert response.getheader("Content-Encoding") == "gzip"
    assert len(packed) < 1024 * 1024
    assert len(gzip.decompress(packed)) > BOMB


def test_drip_sends_the_head_at_once_and_then_byte_after_byte(core: Sandbox, call: Caller) -> None:
    call.post("/sandbox/faults", {"mode": "drip", "latency_ms": 100})
    started = time.monotonic()
    call.connection.request("GET", "/v1/health")
    response = call.connection.getresponse()
    assert response.status == 200
    assert response.read(5) == b'{"sta'
    assert time.monotonic() - started >= 0.5
    call.connection.close()


def test_truncated_ends_in_the_middle_of_a_chunk(with_fault: Callable[..., Reply]) -> None:
    with pytest.raises(http.client.IncompleteRead):
        with_fault(mode="truncated")


def test_close_is_http_1_0_without_a_length_cut_half_way(core: Sandbox, call: Caller) -> None:
    call.post("/sandbox/faults", {"mode": "close"})
    call.connection.request("GET", "/v1/health")
    response = call.connection.getresponse()
    assert response.version == 10
    assert response.getheader("Content-Length") is None
    with pytest.raises(json.JSONDecodeError):
        json.loads(response.read())


def test_http10_is_whole_and_closed(with_fault: Callable[..., Reply]) -> None:
    reply = with_fault(mode="http10")
    assert reply.headers["Content-Length"] is None
    assert reply.json["claims"]


def test_a_redirect_leads_to_an_answer_that_nobody_should_read(
    with_fault: Callable[..., Reply], call: Caller
) -> None:
    reply = with_fault(mode="redirect")
    assert reply.status == 307
    assert call.ask("POST", reply.headers["Location"], b"{}").json["claims"] == []
    assert with_fault(mode="redirect", status=302).status == 302


def test_flaky_fails_for_its_share_and_always_the_same_way(core: Sandbox) -> None:
    def outcomes() -> list[int]:
        with Sandbox(seed=3) as fresh:
            caller = Caller(fresh.url)
            caller.post("/sandbox/faults", {"mode": "flaky", "rate": 0.3})
            found = [caller.ask("GET", "/v1/health").status for _ in range(200)]
            caller.connection.close()
            return found

    first = outcomes()
    assert set(first) == {200, 503}
    assert 30 < first.count(503) < 90
    assert outcomes() == first


def test_a_rate_holds_for_other_modes_too(core: Sandbox, call: Caller) -> None:
    call.post("/sandbox/faults", {"mode": "html", "rate": 0.5})
    types = {call.ask("GET", "/v1/health").headers["Content-Type"] for _ in range(60)}
    assert types == {"text/html; charset=utf-8", "application/json"}


def test_every_operation_of_the_contract_fails(call: Caller) -> None:
    call.post("/sandbox/faults", {"mode": "error"})
    assert call.ask("GET", "/v1/health").status == 503
    assert call.ask("GET", "/v1/stage-durations").status == 503
    assert call.look_up("nik", "3174054501900005").status == 503


def test_none_heals_everything(with_fault: Callable[..., Reply]) -> None:
    with_fault(mode="error")
    assert with_fault(mode="none").status == 200


def test_a_caller_who_gives_up_is_no_longer_in_flight(
    core: Sandbox, call: Caller, new_caller: NewCaller
) -> None:
    call.post("/sandbox/faults", {"mode": "slow", "latency_ms": 30_000})
    impatient = new_caller()
    impatient.connection.connect()
    impatient.connection.sock.settimeout(0.2)
    with pytest.raises(TimeoutError):
        impatient.look_up("nik", "3174054501900005")
    assert call.ask("GET", "/sandbox/stats").json["in_flight"] == 1
    impatient.connection.close()
    until = time.monotonic() + 10
    while call.ask("GET", "/sandbox/stats").json["in_flight"] and time.monotonic() < until:
        time.sleep(0.02)
    assert call.ask("GET", "/sandbox/stats").json["in_flight"] == 0


@pytest.mark.parametrize(
    "fault",
    [
        [],
        {"mode": "weird"},
        {"mode": 7},
        {"mode": "slow", "latency_ms": -1},
        {"mode": "slow", "latency_ms": "long"},
        {"mode": "slow", "latency_ms": True},
        {"mode": "flaky", "rate": 1.5},
        {"mode": "flaky", "rate": "often"},
        {"mode": "error", "status": 200},
        {"mode": "error", "status": 600},
        {"mode": "error", "retry_after": -5},
        {"mode": "none", "colour": "red"},
        {"mode": "capacity", "slots": 0},
        {"mode": "capacity", "slots": "many"},
        {"mode": "capacity", "latency_ms": 0},
        {"mode": "capacity", "sigma": -0.1},
        {"mode": "capacity", "sigma": True},
    ],
)
def test_a_fault_of_another_form_is_refused_and_changes_nothing(call: Caller, fault: Any) -> None:
    reply = call.post("/sandbox/faults", fault)
    assert reply.status == 400
    assert call.ask("GET", "/sandbox/faults").json["mode"] == "none"


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_is_understood_by_its_name_alone(mode: str) -> None:
    assert parse_fault({"mode": mode}).mode == mode


def test_lookups_are_counted_whatever_goes_wrong(
    with_fault: Callable[..., Reply], call: Caller
) -> None:
    for mode in ("error", "none", "html"):
        with_fault(mode=mode)
    with pytest.raises(http.client.RemoteDisconnected):
        with_fault(mode="down")
    call.post("/sandbox/faults", {"mode": "none"})
    call.ask("GET", "/v1/health")
    stats = call.ask("GET", "/sandbox/stats").json
    assert stats.pop("answered_seconds") > 0
    assert stats == {
        "lookups": 4,
        "in_flight": 0,
        "max_in_flight": 1,
        "answered": 1,
        "refused": 0,
        "left": 0,
    }
    assert set(call.ask("POST", "/sandbox/stats/reset", b"").json.values()) == {0}
