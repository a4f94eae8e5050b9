"""The client against the sandbox over real HTTP: every fault, and what it becomes."""

import logging
import time
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any
from unittest.mock import Mock

import pytest

from tests.claims_api.conftest import Core
from tests.claims_api.fakes import Crowd, Events, eventually
from tracking_site.claims_api.client import ClaimsClient
from tracking_site.claims_api.config import ClientConfig
from tracking_site.claims_api.errors import (
    CoreError,
    Trouble,
)
from tracking_site.claims_api.source import Answer, Caller
from tracking_site.domain.claims import Snapshot

SLACK = 1.5
"""Seconds that a busy machine may add to a budget."""

MakeClient = Callable[..., ClaimsClient]


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def make_client(core: Core, events: Events) -> Iterator[MakeClient]:
    made: list[ClaimsClient] = []

    def make(**config: Any) -> ClaimsClient:
        client = ClaimsClient(ClientConfig(**({"url": core.url} | config)), observe=events)
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


def test_a_number_is_answered_with_its_claims(core: Core, make_client: MakeClient) -> None:
    assert make_client().claims_of(core.someone).claims


def test_health_and_durations_are_read(make_client: MakeClient) -> None:
    client = make_client()
    client.health()
    assert any(each.stage == "registered" for each in client.stage_durations())


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"mode": "down"}, Trouble.CONNECTION),
        ({"mode": "error"}, Trouble.SERVER_ERROR),
        ({"mode": "error", "status": 500}, Trouble.SERVER_ERROR),
        ({"mode": "error", "status": 504}, Trouble.SERVER_ERROR),
        ({"mode": "error", "status": 429}, Trouble.TOO_MANY),
        ({"mode": "error", "status": 401}, Trouble.CREDENTIALS),
        ({"mode": "error", "status": 403}, Trouble.CREDENTIALS),
        ({"mode": "error", "status": 400}, Trouble.REQUEST_REFUSED),
        ({"mode": "error", "status": 418}, Trouble.STATUS),
        ({"mode": "redirect"}, Trouble.REDIRECT),
        ({"mode": "redirect", "status": 302}, Trouble.REDIRECT),
        ({"mode": "malformed"}, Trouble.SHAPE),
        ({"mode": "wrong_shape"}, Trouble.SHAPE),
        ({"mode": "wrong_type"}, Trouble.CONTENT_TYPE),
        ({"mode": "html"}, Trouble.CONTENT_TYPE),
        ({"mode": "huge"}, Trouble.TOO_LARGE),
        ({"mode": "gzip_bomb"}, Trouble.TOO_LARGE),
        ({"mode": "truncated"}, Trouble.TRUNCATED),
        ({"mode": "close"}, Trouble.SHAPE),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else None,
)
def test_a_fault_becomes_an_error_of_its_kind_with_one_line_in_the_log(
    core: Core,
    make_client: MakeClient,
    events: Events,
    caplog: pytest.LogCaptureFixture,
    fault: dict[str, Any],
    kind: Trouble,
) -> None:
    core.fails(**fault)
    with caplog.at_level(logging.WARNING), pytest.raises(CoreError) as failed:
        make_client().claims_of(core.someone)
    assert failed.value.kind == kind
    assert events.seen == {f"core_failed:{kind}": 1}
    (line,) = [each.getMessage() for each in caplog.records if "tracking_site" in each.name]
    assert core.someone.canonical not in line + str(failed.value) + repr(failed.value.__cause__)


@pytest.mark.parametrize("mode", ["slow", "drip"])
def test_a_slow_or_dripping_core_costs_no_more_than_the_budget(
    core: Core, make_client: MakeClient, mode: str
) -> None:
    core.fails(mode, latency_ms=3000 if mode == "slow" else 100)
    client = make_client(total_seconds=0.5, late_seconds=0.5)
    began = time.monotonic()
    with pytest.raises(CoreError) as failed:
        client.claims_of(core.someone)
    assert time.monotonic() - began < 0.5 + SLACK
    assert failed.value.kind == Trouble.TIMEOUT


def test_a_dripping_core_does_not_hold_a_place_for_ever(
    core: Core, make_client: MakeClient
) -> None:
    client = make_client(total_seconds=0.2, late_seconds=0.3, in_flight=1)
    core.fails("drip", latency_ms=50)
    with pytest.raises(CoreError, match=Trouble.TIMEOUT):
        client.claims_of(core.someone)
    core.fails("none")
    eventually(lambda: _answers(client, core))


def _answers(client: ClaimsClient, core: Core) -> bool:
    try:
        return bool(client.claims_of(core.someone).claims)
    except CoreError:
        return False


def test_an_answer_that_comes_too_late_is_told_elsewhere(
    core: Core, make_client: MakeClient, events: Events
) -> None:
    core.fails("slow", latency_ms=600)
    late: list[Answer] = []
    client = make_client(total_seconds=0.2, late_seconds=5)
    with pytest.raises(CoreError, match=Trouble.TIMEOUT):
        client.answer_for(core.someone, Caller(when_late=late.append))
    eventually(lambda: len(late) == 1)
    assert late[0].snapshot.claims
    assert events["core_late"] == 1


def test_one_who_waits_is_given_the_chance_to_say_so(core: Core, make_client: MakeClient) -> None:
    core.fails("slow", latency_ms=500)
    signs: list[int] = []
    client = make_client(tick_seconds=0.05)
    client.answer_for(core.someone, Caller(while_waiting=lambda: signs.append(1)))
    assert len(signs) >= 2


@pytest.mark.parametrize("retry_after", [7, 100_000 % 86_400])
def test_the_core_says_when_to_come_back_within_bounds(
    core: Core, make_client: MakeClient, retry_after: int
) -> None:
    core.fails("error", retry_after=retry_after)
    with pytest.raises(CoreError, match=Trouble.SERVER_ERROR) as failed:
        make_client().claims_of(core.someone)
    assert failed.value.retry_after == min(retry_after, 300)


def test_http_1_0_without_a_length_is_understood(core: Core, make_client: MakeClient) -> None:
    core.fails("http10")
    assert make_client().claims_of(core.someone).claims


def test_nobody_listening_is_found_out_at_once(make_client: MakeClient, core: Core) -> None:
    client = make_client(url="http://127.0.0.1:9")
    with pytest.raises(CoreError) as failed:
        client.claims_of(core.someone)
    assert failed.value.kind == Trouble.CONNECTION


def test_who_finds_no_room_is_turned_away_soon(core: Core, make_client: MakeClient) -> None:
    core.fails("slow", latency_ms=2000)
    client = make_client(in_flight=2, hold_seconds=0.2)
    crowd = Crowd()
    for _ in range(10):
        crowd.start(lambda: client.claims_of(core.someone))
    results = crowd.join()
    turned_away = [each for each in results if isinstance(each, CoreError)]
    assert len(turned_away) == 8
    assert all(each.kind == Trouble.NO_ROOM and each.retry_after for each in turned_away)
    assert sum(isinstance(each, Snapshot) for each in results) == 2


def test_a_question_for_which_no_thread_can_begin_keeps_no_room_and_is_never_asked(
    core: Core, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make_client(in_flight=2, hold_seconds=0)
    with monkeypatch.context() as full:
        full.setattr(Thread, "start", Mock(side_effect=RuntimeError))
        for _ in range(5):
            with pytest.raises(CoreError) as refused:
                client.claims_of(core.someone)
            assert refused.value.kind == Trouble.CLOSING
    core.counts_anew()
    # Its thread finds them all waiting before what it began for.
    assert client.claims_of(core.someone).claims
    assert core.stats()["lookups"] == 1


def test_a_client_that_closes_asks_nobody_any_more(core: Core, make_client: MakeClient) -> None:
    client = make_client()
    client.claims_of(core.someone)
    client.close()
    with pytest.raises(CoreError, match=Trouble.CLOSING):
        client.claims_of(core.someone)
