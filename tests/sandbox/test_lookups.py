"""The contract's operations over real HTTP."""

import json
from datetime import datetime

import pytest

from sandbox import Sandbox
from tests.sandbox.conftest import WEDNESDAY, Caller

PROBLEM = "application/problem+json"


def test_both_numbers_of_a_sample_give_the_same_claims(core: Sandbox, call: Caller) -> None:
    sample = core.sample("several_cards")
    by_nik, by_kpj = call.look_up("nik", sample.nik), call.look_up("kpj", sample.kpj)
    assert by_nik.status == by_kpj.status == 200
    assert len(by_nik.json["claims"]) == 3
    assert by_nik.json["claims"] == by_kpj.json["claims"]


def test_both_numbers_of_a_member_give_the_same_claims(core: Sandbox, call: Caller) -> None:
    member = next(each for each in core.directory.population if each.specs)
    assert call.look_up("nik", member.nik).json["claims"]
    assert call.look_up("nik", member.nik).json == call.look_up("kpj", member.kpj).json


def test_an_unknown_number_and_one_without_claims_answer_alike(core: Sandbox, call: Caller) -> None:
    known = call.look_up_sample(core.sample("nothing_to_show"))
    unknown = call.look_up("nik", "3174054501909998")
    assert known.status == 200
    assert known.json["claims"] == []
    assert known.body == unknown.body
    assert known.headers.keys() == unknown.headers.keys()


def test_the_answer_carries_the_clocks_time_in_jakarta(core: Sandbox, call: Caller) -> None:
    as_of = call.look_up_sample(core.samples[0]).json["as_of"]
    assert as_of == "2026-11-18T14:05:00+07:00"
    assert datetime.fromisoformat(as_of) == WEDNESDAY


@pytest.mark.parametrize(
    ("situation", "cache_control"),
    [
        ("answer_kept_5_seconds", "max-age=5"),
        ("answer_kept_an_hour", "max-age=3600"),
        ("answer_not_kept", "max-age=0"),
        ("approval", None),
    ],
)
def test_some_answers_say_how_long_they_may_be_kept(
    core: Sandbox, call: Caller, situation: str, cache_control: str | None
) -> None:
    reply = call.look_up_sample(core.sample(situation))
    assert reply.headers["Cache-Control"] == cache_control


def test_the_request_id_comes_back(core: Sandbox, call: Caller) -> None:
    call.headers["X-Request-ID"] = "abc-123"
    assert call.look_up_sample(core.samples[0]).headers["X-Request-ID"] == "abc-123"
    assert call.look_up("nik", "12").headers["X-Request-ID"] == "abc-123"


@pytest.mark.parametrize("request_id", ["two words", "x" * 65, "semi;colon"])
def test_a_strange_request_id_is_refused_and_not_repeated(call: Caller, request_id: str) -> None:
    reply = call.ask("GET", "/v1/health", X_Request_ID=request_id)
    assert reply.status == 400
    assert reply.headers["X-Request-ID"] is None


def test_health_says_the_time(call: Caller) -> None:
    assert call.ask("GET", "/v1/health").json == {
        "status": "ok",
        "as_of": "2026-11-18T14:05:00+07:00",
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{}",
        b'{"identifier": null}',
        b'{"identifier": {"type": "nik"}}',
        b'{"identifier": {"type": "nik", "value": 3174054501900005}}',
        b'{"identifier": {"type": "nik", "value": "317405450190000"}}',
        b'{"identifier": {"type": "nik", "value": "3174054501900005 "}}',
        b'{"identifier": {"type": "NIK", "value": "3174054501900005"}}',
        b'{"identifier": {"type": ["nik"], "value": "3174054501900005"}}',
        b'{"identifier": {"type": "npp", "value": "3174054501900005"}}',
        b'{"identifier": {"type": "kpj", "value": "97j20418834"}}',
        '{"identifier": {"type": "nik", "value": "３１７４０５４５０１９００００５"}}'.encode(),
        b'{"identifier": {"type": "nik", "value": "3174054501900005"}, "also": 1}',
        b'{"identifier": {"type": "nik", "value": "3174054501900005", "also": 1}}',
        b"[" * 2000,
    ],
)
def test_a_body_of_another_form_is_a_problem_that_repeats_nothing(
    call: Caller, body: bytes
) -> None:
    reply = call.ask("POST", "/v1/claim-lookups", body, Content_Type="application/json")
    assert reply.status == 400
    assert reply.headers["Content-Type"] == PROBLEM
    assert reply.json["status"] == 400
    assert b"317405" not in reply.body
    assert b"Traceback" not in reply.body


def test_an_impossible_but_well_formed_number_has_nothing_to_show(call: Caller) -> None:
    assert call.look_up("nik", "9999999999999999").json["claims"] == []


def test_a_body_that_is_not_said_to_be_json_is_refused(call: Caller) -> None:
    reply = call.ask("POST", "/v1/claim-lookups", b"{}", Content_Type="text/plain")
    assert reply.status == 415


def test_a_charset_beside_the_type_is_understood(core: Sandbox, call: Caller) -> None:
    body = json.dumps({"identifier": {"type": "nik", "value": core.samples[0].nik}}).encode()
    reply = call.ask(
        "POST", "/v1/claim-lookups", body, Content_Type="Application/JSON; charset=utf-8"
    )
    assert reply.status == 200


def test_over_four_kilobytes_are_refused(call: Caller) -> None:
    reply = call.ask("POST", "/v1/claim-lookups", b" " * 4097, Content_Type="application/json")
    assert reply.status == 413
    assert reply.headers["Connection"] == "close"


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/claim-lookups/", "/v2/health", "/sandbox/else"])
def test_another_path_is_a_404_problem(call: Caller, path: str) -> None:
    reply = call.ask("GET", path)
    assert reply.status == 404
    assert reply.headers["Content-Type"] == PROBLEM


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/claim-lookups", "POST"),
        ("DELETE", "/v1/claim-lookups", "POST"),
        ("POST", "/v1/health", "GET"),
        ("BREW", "/v1/stage-durations", "GET"),
        ("PUT", "/sandbox/faults", "GET, POST"),
    ],
)
def test_another_method_is_a_405_that_names_the_right_one(
    call: Caller, method: str, path: str, allowed: str
) -> None:
    reply = call.ask(method, path, b"" if method in ("POST", "PUT") else None)
    assert reply.status == 405
    assert reply.headers["Allow"] == allowed
    assert reply.headers["Content-Type"] == PROBLEM


def test_head_is_refused_without_a_body_and_the_connection_goes_on(call: Caller) -> None:
    assert call.ask("HEAD", "/v1/health").status == 405
    assert call.ask("GET", "/v1/health").status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic letmein"},
        {"Authorization": "letmein"},
        {"Authorization": "Bearer "},
    ],
)
@pytest.mark.parametrize("path", ["/v1/health", "/v1/stage-durations", "/v1/claim-lookups"])
def test_a_configured_token_is_asked_of_every_operation(headers: dict[str, str], path: str) -> None:
    with Sandbox(token="letmein") as core:
        caller = Caller(core.url, headers)
        method = "POST" if path.endswith("lookups") else "GET"
        reply = caller.ask(method, path, b"{}" if method == "POST" else None)
        assert reply.status == 401
        assert reply.headers["WWW-Authenticate"] == "Bearer"
        caller.headers = {"Authorization": "Bearer letmein"}
        assert caller.ask("GET", "/v1/health").status == 200
        caller.connection.close()
