"""The institution's own adapter: the documented example, and what stands around every source."""

import json
import sys
import threading
from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from datetime import UTC, date, datetime
from math import inf, nan
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask, Response, request

from sandbox import Sandbox
from tests.claims_api.fakes import MOVING, Clock, Events, eventually, number
from tests.claims_api.gateways import served
from tests.claims_api.test_gateway import KEYS
from tests.conftest import ROOT
from tracking_site.app import create_app
from tracking_site.cache.claims import Claims, build_claims
from tracking_site.cache.config import ClaimsConfig
from tracking_site.claims_api.config import ClientConfig
from tracking_site.claims_api.contract import decode_snapshot, encode_snapshot
from tracking_site.claims_api.errors import MAX_RETRY_AFTER, CoreError, Trouble
from tracking_site.claims_api.own_source import own_core_of
from tracking_site.domain.claims import Snapshot
from tracking_site.domain.identifiers import Identifier
from tracking_site.operate import problems_of
from tracking_site.settings import Settings, SettingsError

EXAMPLE = ROOT / "deploy" / "example_source.py"
KNOWN = "3174054501900005"
TOLD = {
    "waktu": "2026-11-19 14:05:00",
    "daftar": [
        {
            "kode": "K-7",
            "program": "JHT",
            "jalur": "LA",
            "status": "PROSES",
            "cabang": {"nama": "Cabang Bukit Melati", "kota": "Kabupaten Indragiri Hulu"},
            "riwayat": [
                {"kode": 10, "tgl": "2026-11-10 08:08:00"},
                {"kode": 20, "tgl": "2026-11-11 09:06:00"},
                {"kode": 77, "tgl": "2026-11-12 09:06:00"},
            ],
        }
    ],
}


class OtherCore:
    """A core that speaks the example's JSON; `status` is what it answers when not 200, and where it
    is `told` None its answer is empty."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.headers: list[str] = []
        self.status = 200
        self.told: Any = TOLD

    def app(self) -> Flask:
        app = Flask("other")

        @app.post("/klaim/cari")
        def search() -> Response:
            self.asked.append(request.get_json())
            self.headers.append(request.headers.get("X-Api-Key", ""))
            if self.status != 200:
                return Response(status=self.status)
            if request.get_json()["nomor"] != KNOWN:
                return Response("Tidak ada", 404, mimetype="text/plain")
            told = "" if self.told is None else json.dumps(self.told)
            return Response(told, mimetype="application/json")

        return app


@pytest.fixture
def other() -> Iterator[OtherCore]:
    yield OtherCore()


@pytest.fixture
def site(other: OtherCore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    monkeypatch.syspath_prepend(str(EXAMPLE.parent))
    headers = tmp_path / "headers"
    headers.write_text("X-Api-Key: 0a1b\n")
    with served(other.app()) as url:
        environ = {
            "SECRET_KEYS": KEYS,
            "CLAIMS_API_URL": url,
            "CLAIMS_SOURCE": "example_source:claims_source",
            "CORE_HEADERS_FILE": str(headers),
            "GUARD_OFF": "1",
            "SITE_NOTICE": "Data contoh",
        }
        yield create_app(Settings.from_env(environ))


def looked_up(site: Flask, text: str) -> Any:
    return site.test_client().post("/lacak", data={"nomor": text}, follow_redirects=True)


def test_the_example_is_short() -> None:
    assert len(EXAMPLE.read_text(encoding="utf-8").splitlines()) < 60


def test_the_example_shows_what_another_core_says(site: Flask, other: OtherCore) -> None:
    found = looked_up(site, KNOWN)
    assert found.status_code == 200
    assert 'data-outcome="found"' in found.text
    assert 'data-state="in_progress"' in found.text
    assert "K-7" in found.text
    assert "step_77" in found.text
    assert other.asked == [{"jenis": "NIK", "nomor": KNOWN}]
    assert other.headers == ["0a1b"]


def test_the_cache_answers_the_second_time(site: Flask, other: OtherCore) -> None:
    for _ in range(3):
        assert looked_up(site, KNOWN).status_code == 200
    assert len(other.asked) == 1


def test_nothing_to_show_and_a_core_that_fails_are_told_apart(
    site: Flask, other: OtherCore
) -> None:
    assert looked_up(site, "3407051802809669").status_code == 404
    other.status = 503
    assert looked_up(site, "3271160106619905").status_code == 503


def test_an_empty_answer_does_not_say_that_there_is_nothing_to_show(
    site: Flask, other: OtherCore
) -> None:
    other.told = None
    assert looked_up(site, KNOWN).status_code == 503


def test_codes_without_words_are_shown_and_counted(site: Flask, other: OtherCore) -> None:
    assert "step_77" in looked_up(site, KNOWN).text
    figures = site.test_client().get("/-/metrics", environ_base={"REMOTE_ADDR": "127.0.0.1"}).text
    assert 'tracking_unknown_codes_total{family="stage"}' in figures


def test_what_is_missing_in_the_answer_is_not_understood_and_not_told(
    site: Flask, other: OtherCore, caplog: pytest.LogCaptureFixture
) -> None:
    other.told = {"waktu": "2026-11-19 14:05:00", "daftar": [{"kode": KNOWN}]}
    assert looked_up(site, KNOWN).status_code == 503
    assert "the source of claims failed: KeyError" in caplog.text
    assert KNOWN not in caplog.text


@pytest.mark.parametrize("seconds", [86_400.0, 1e300, inf, nan, -inf])
def test_a_core_that_asks_for_a_day_of_rest_is_asked_again_after_the_longest_of_ours(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    class Full:
        def claims_of(self, identifier: Identifier) -> Snapshot:
            raise CoreError(Trouble.TOO_MANY, seconds)

    module.__dict__["factory"] = Full
    environ = {
        "SECRET_KEYS": KEYS,
        "CLAIMS_SOURCE": f"{module.__name__}:factory",
        "GUARD_OFF": "1",
        "SITE_NOTICE": "Data contoh",
    }
    watch = Clock()
    site = create_app(
        Settings.from_env(environ), clock=lambda: datetime.fromtimestamp(watch.now, UTC)
    )
    for _ in range(2):
        assert looked_up(site, KNOWN).status_code == 503
    watch.pass_(MAX_RETRY_AFTER + 1)
    monkeypatch.setattr(Full, "claims_of", lambda *_: decode_snapshot(MOVING))
    assert looked_up(site, KNOWN).status_code == 200


def test_readiness_follows_lookups(site: Flask, other: OtherCore) -> None:
    readiness = site.extensions["readiness"]
    assert readiness.now()["core"] is None
    assert other.asked == [{"jenis": "KPJ", "nomor": "0" * 11}]


class Silent:
    """A source that says nothing for as long as its gate is closed."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.at_once = self.most = 0
        self._lock = threading.Lock()

    def claims_of(self, identifier: Identifier) -> Snapshot:
        with self._lock:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        self.gate.wait(10)
        with self._lock:
            self.at_once -= 1
        return Snapshot((), datetime(2026, 11, 19, tzinfo=UTC))


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    made = ModuleType("adapter_of_the_tests")
    monkeypatch.setitem(sys.modules, made.__name__, made)
    return made


def claims_over(source: object, module: ModuleType, **config: Any) -> Claims:
    module.factory = lambda: source  # type: ignore[attr-defined]
    client = ClientConfig("", **config)
    core = own_core_of(f"{module.__name__}:factory", client, Events())
    return build_claims(ClaimsConfig(client), secrets=[KEYS.encode()], core=core)


def test_time_budget_and_bound_hold_for_an_adapter(module: ModuleType) -> None:
    source = Silent()
    claims = claims_over(source, module, total_seconds=0.5, hold_seconds=0.1, in_flight=2)
    kinds: list[str] = []

    def ask(n: int) -> None:
        try:
            claims.source.claims_of(number(n))
        except CoreError as error:
            kinds.append(error.kind.value)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kinds) == ["no_room", "no_room", "timeout", "timeout"]
    assert source.most == 2
    source.gate.set()
    eventually(lambda: source.at_once == 0)
    claims.close()


def test_the_breaker_rests_a_failing_adapter(module: ModuleType) -> None:
    class Failing:
        asked = 0

        def claims_of(self, identifier: Identifier) -> Snapshot:
            self.asked += 1
            raise CoreError(Trouble.SERVER_ERROR)

    source = Failing()
    claims = claims_over(source, module)
    kinds = []
    for n in range(12):
        with pytest.raises(CoreError) as failed:
            claims.source.claims_of(number(n))
        kinds.append(failed.value.kind)
    assert kinds[-1] is Trouble.BREAKER_OPEN
    assert source.asked < 8
    claims.close()


def test_whatever_the_contract_can_say_survives_the_cache(sandbox: Sandbox) -> None:
    import requests

    for sample in sandbox.samples:
        asked = {"identifier": {"type": "nik", "value": sample.nik}}
        body = requests.post(f"{sandbox.url}/v1/claim-lookups", json=asked, timeout=5).content
        snapshot = decode_snapshot(body)
        assert decode_snapshot(encode_snapshot(snapshot)) == snapshot


def test_what_an_adapter_gives_for_no_day_is_none(module: ModuleType) -> None:
    known = decode_snapshot(MOVING)

    class Database:
        def claims_of(self, identifier: Identifier) -> Snapshot:
            return replace(known, claims=(replace(known.claims[0], due_on=date.max),))

    claims = claims_over(Database(), module)
    (claim,) = claims.source.claims_of(number(1)).claims
    assert claim.due_on is None
    claims.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"reference": 7},
        {"reference": 1j},
        {"reference": "\udc80"},
        {"milestones": None},
        {"submitted_at": "2026-11-09"},
        {"branch": {"name": {1: {2: object()}}}},
    ],
    ids=["number", "no_json", "no_text", "none", "text", "object"],
)
def test_an_answer_of_an_adapter_that_is_none_is_not_understood(
    module: ModuleType, wrong: dict[str, Any]
) -> None:
    known = decode_snapshot(MOVING)
    claim = copy(known.claims[0])
    for name, value in wrong.items():
        object.__setattr__(claim, name, value)

    class Database:
        def claims_of(self, identifier: Identifier) -> Snapshot:
            return replace(known, claims=(claim,))

    claims = claims_over(Database(), module)
    with pytest.raises(CoreError) as failed:
        claims.source.claims_of(number(1))
    assert failed.value.kind is Trouble.SHAPE
    claims.close()


def test_what_an_adapter_says_looks_as_what_a_core_says(module: ModuleType) -> None:
    known = decode_snapshot(MOVING)

    class Database:
        def claims_of(self, identifier: Identifier) -> Snapshot:
            return replace(known, claims=(replace(known.claims[0], reference="A\u202e1\n2"),))

    claims = claims_over(Database(), module)
    for _ in range(2):
        (claim,) = claims.source.claims_of(number(1)).claims
        assert claim.reference == "A1 2"
    claims.close()


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ("no_such_package.adapter:source", "CLAIMS_SOURCE must name a module that can be imported"),
        ("json:no_such_factory", "CLAIMS_SOURCE must name a factory that its module has."),
        ("datetime:MINYEAR", "CLAIMS_SOURCE must name a factory that its module has."),
        ("collections:Counter", "CLAIMS_SOURCE must come with CLAIMS_API_URL"),
        ("threading:Event", "returns something with a method claims_of."),
    ],
)
def test_an_adapter_that_cannot_be_one_stops_the_start(named: str, says: str) -> None:
    settings = Settings.from_env({"SECRET_KEYS": KEYS, "CLAIMS_SOURCE": named})
    assert any(says in problem for problem in problems_of(settings)), problems_of(settings)
    with pytest.raises(SettingsError):
        create_app(settings)
