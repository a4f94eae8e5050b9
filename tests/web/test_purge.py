"""The core's word that a claim changed: only with the token, or signed by it."""

import base64
import hmac
import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tracking_site.domain.identifiers import Identifier, Kpj, Nik
from tracking_site.web.purge import SIGNATURE_SECONDS, make_blueprint

TOKEN = "the-token-of-these-tests"
NOW = 1_000_000
NIK, KPJ = "3174054501900005", "00001234567"


class Memory:
    """Remembers what it was told to forget."""

    def __init__(self) -> None:
        self.forgotten: list[Identifier | str] = []
        self.reaches_all = True

    def forget(self, identifier: Identifier) -> bool:
        self.forgotten.append(identifier)
        return self.reaches_all

    def forget_all(self) -> bool:
        self.forgotten.append("all")
        return self.reaches_all


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def core(memory: Memory) -> FlaskClient:
    return client_of(memory, TOKEN)


def client_of(memory: Memory, token: str | None) -> FlaskClient:
    app = Flask(__name__)
    app.register_blueprint(make_blueprint(memory, token, lambda: NOW))
    return app.test_client()


def ask(core: FlaskClient, body: Any, **headers: str) -> int:
    shown = headers or {"Authorization": f"Bearer {TOKEN}"}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return core.post("/-/purge", data=data, headers=shown).status_code


def signed(body: bytes, sent_at: int = NOW, key: str = TOKEN) -> dict[str, str]:
    mac = hmac.digest(key.encode(), f"msg_1.{sent_at}.".encode() + body, "sha256")
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(sent_at),
        "webhook-signature": "v1,AAAA v1," + base64.b64encode(mac).decode(),
    }


def test_one_number_or_all_are_forgotten_and_again_without_harm(
    core: FlaskClient, memory: Memory
) -> None:
    one = {"identifier": {"type": "nik", "value": NIK}}
    other = {"identifier": {"type": "kpj", "value": KPJ}}
    assert [ask(core, body) for body in (one, one, other, {"all": True})] == [204] * 4
    assert memory.forgotten == [Nik(NIK), Nik(NIK), Kpj(KPJ), "all"]


def test_a_signed_body_needs_no_token(core: FlaskClient, memory: Memory) -> None:
    body = json.dumps({"all": True}).encode()
    assert ask(core, body, **signed(body)) == 204
    assert memory.forgotten == ["all"]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Nothing": "shown"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": TOKEN},
        signed(b'{"all": true}', key="another-key"),
        signed(b'{"all": false}'),
        signed(b'{"all": true}', sent_at=NOW - SIGNATURE_SECONDS - 1),
        signed(b'{"all": true}', sent_at=NOW + SIGNATURE_SECONDS + 1),
        {**signed(b'{"all": true}'), "webhook-timestamp": "١٢٣"},
    ],
)
def test_nobody_else_is_heard(core: FlaskClient, memory: Memory, headers: dict[str, str]) -> None:
    assert ask(core, b'{"all": true}', **headers) == 401
    assert memory.forgotten == []


def test_without_a_token_nobody_is_heard(memory: Memory) -> None:
    assert ask(client_of(memory, None), {"all": True}, Authorization="Bearer None") == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[" * 5000,
        [],
        {"all": 1.5},
        {"all": False},
        {"identifier": NIK},
        {"identifier": {"type": "nik", "value": KPJ}},
        {"identifier": {"type": "nik", "value": 3174}},
        {"identifier": {"type": "passport", "value": NIK}},
    ],
)
def test_anything_else_is_refused_with_the_right_form(
    core: FlaskClient, memory: Memory, body: Any
) -> None:
    assert ask(core, body) == 400
    assert memory.forgotten == []


def test_a_node_that_could_not_be_told_is_said(core: FlaskClient, memory: Memory) -> None:
    memory.reaches_all = False
    assert ask(core, {"all": True}) == 503
