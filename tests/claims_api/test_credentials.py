"""Tokens of an OAuth2 server and signatures: kept, renewed once, exchanged without a restart."""

import base64
import json
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes
from time import monotonic
from typing import Any

import pytest
from flask import Response

from tests.claims_api.fakes import MOVING, Clock, number
from tests.claims_api.gateways import (
    LASTS,
    Authority,
    Gateway,
    Tokens,
    refusing_wrong_signatures,
    served,
)
from tests.claims_api.raw import always, ok, raw_server
from tests.claims_api.test_gateway import KEYS, outcome
from tracking_site.claims_api.client import ClaimsClient
from tracking_site.claims_api.config import ClientConfig
from tracking_site.claims_api.credentials import EARLY_SECONDS, OAuth2Token
from tracking_site.claims_api.errors import CoreError, Trouble
from tracking_site.claims_api.exchange import Exchange
from tracking_site.claims_api.own_source import core_of
from tracking_site.settings import Settings

DUE_SECONDS = 5
ROOT = Path(__file__).parent.parent.parent


@dataclass
class Institution:
    """A core that takes tokens, the server that gives them, and the site's settings for both."""

    tokens: Tokens
    gateway: Gateway
    environ: dict[str, str]
    secret: Path
    clients: ExitStack

    def client(self, **changes: str) -> ClaimsClient:
        settings = Settings.from_env(self.environ | changes)
        config = ClientConfig("", in_flight=16)
        client = ClaimsClient(config, core=core_of(settings))
        self.clients.callback(client.close)
        return client

    def token(self, clock: Clock) -> Callable[[], str]:
        """Return what reads the token that is shown at the time of this clock."""
        config = ClientConfig(
            self.environ["CLAIMS_API_URL"],
            ca_file=Path(self.environ["CORE_CA_FILE"]),
            oauth_url=self.environ["CORE_OAUTH_URL"],
            oauth_id="tracker",
        )
        equip = Exchange(config)._equip
        token = OAuth2Token(config, lambda: self.tokens.secret, equip, clock)
        return lambda: token.headers(monotonic() + DUE_SECONDS)["Authorization"]


@pytest.fixture
def institution(tmp_path: Path) -> Iterator[Institution]:
    authority = Authority(tmp_path)
    tokens = Tokens()
    gateway = Gateway(tokens.refuse)
    secret = tmp_path / "secret"
    secret.write_text(tokens.secret + "\n")
    with ExitStack() as running:
        core = running.enter_context(served(gateway.app(), authority.server()))
        giver = running.enter_context(served(tokens.app(), authority.server()))
        environ = {
            "SECRET_KEYS": KEYS,
            "CLAIMS_API_URL": core,
            "CORE_CA_FILE": str(authority.file),
            "CORE_AUTH": "oauth2",
            "CORE_OAUTH_URL": f"{giver}/token",
            "CORE_OAUTH_ID": "tracker",
            "CORE_OAUTH_SECRET_FILE": str(secret),
            "CORE_OAUTH_SCOPE": "claims.read",
        }
        yield Institution(tokens, gateway, environ, secret, running)


def test_one_token_serves_every_lookup_while_it_is_good(institution: Institution) -> None:
    client = institution.client()
    assert [outcome(client, n) for n in range(3)] == ["answered"] * 3
    assert len(institution.tokens.good) == 1


def test_many_at_once_ask_for_one_token(institution: Institution) -> None:
    client = institution.client()
    came: list[str] = []
    threads = [
        threading.Thread(target=lambda n=n: came.append(outcome(client, n))) for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert came == ["answered"] * 6
    assert len(institution.tokens.good) == 1


def test_a_token_is_renewed_shortly_before_it_ends(institution: Institution) -> None:
    clock = Clock()
    shown = institution.token(clock)
    first = shown()
    clock.pass_(LASTS - EARLY_SECONDS - 1)
    assert shown() == first
    clock.pass_(2)
    assert shown() != first
    assert len(institution.tokens.good) == 2


def test_the_last_token_is_used_to_its_end_while_its_server_is_down(
    institution: Institution,
) -> None:
    clock = Clock()
    shown = institution.token(clock)
    first = shown()
    institution.tokens.is_down = True
    clock.pass_(LASTS - EARLY_SECONDS + 1)
    assert [shown(), shown()] == [first, first]
    clock.pass_(EARLY_SECONDS)
    with pytest.raises(CoreError) as failed:
        shown()
    assert failed.value.kind is Trouble.TOKEN_UNAVAILABLE
    institution.tokens.is_down = False
    assert shown() != first


def test_while_the_last_token_is_good_a_server_that_hangs_leaves_time_for_the_core(
    institution: Institution,
) -> None:
    clock = Clock()
    shown = institution.token(clock)
    first = shown()
    clock.pass_(LASTS - EARLY_SECONDS + 1)
    with institution.tokens.turn:
        due = monotonic() + DUE_SECONDS
        assert shown() == first
        assert monotonic() < due
    clock.pass_(EARLY_SECONDS)
    assert shown() != first


def test_a_new_token_leaves_the_connections_to_the_core_alone(institution: Institution) -> None:
    with raw_server(always(ok(MOVING))) as core:
        config = ClientConfig(
            core.url,
            ca_file=Path(institution.environ["CORE_CA_FILE"]),
            oauth_url=institution.environ["CORE_OAUTH_URL"],
            oauth_id="tracker",
        )
        exchange, clock = Exchange(config), Clock()
        token = OAuth2Token(config, lambda: institution.tokens.secret, exchange._equip, clock)
        for _ in range(3):
            exchange.ask("/", request_id=None, due=monotonic() + DUE_SECONDS)
            token.headers(monotonic() + DUE_SECONDS)
            clock.pass_(LASTS)
        assert len(institution.tokens.good) == 3
        assert core.connections == 1


def test_a_token_that_the_core_forgot_is_renewed_once(
    institution: Institution, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracking_site.claims_api.credentials.ANEW_SECONDS", 0.0)
    client = institution.client()
    assert outcome(client, 1) == "answered"
    institution.tokens.good.clear()
    assert outcome(client, 2) == "answered"
    assert len(institution.tokens.good) == 1


def test_a_core_that_refuses_fresh_tokens_costs_one_token(institution: Institution) -> None:
    client = institution.client()
    institution.gateway.refuse = lambda: Response(status=401)
    assert [outcome(client, n) for n in range(3)] == ["token_refused"] * 3
    assert len(institution.tokens.good) == 1


def test_a_wrong_secret_is_named_and_a_right_one_needs_no_restart(
    institution: Institution,
) -> None:
    institution.secret.write_text("wrong")
    client = institution.client()
    assert outcome(client) == "token_refused"
    institution.secret.write_text(institution.tokens.secret)
    assert outcome(client) == "answered"


def test_a_scope_that_the_server_narrows_is_taken(institution: Institution) -> None:
    client = institution.client(CORE_OAUTH_SCOPE="claims.read claims.write")
    assert outcome(client) == "answered"


def test_a_server_of_tokens_that_is_down_is_named(institution: Institution) -> None:
    institution.tokens.is_down = True
    assert outcome(institution.client()) == "token_unavailable"


def test_a_token_that_was_created_is_taken(institution: Institution) -> None:
    institution.gateway.refuse = lambda: None
    said = {"access_token": "a-token", "token_type": "bearer"}
    institution.tokens.says = lambda: Response(json.dumps(said), 201, mimetype="application/json")
    assert outcome(institution.client()) == "answered"
    assert institution.gateway.seen[-1]["authorization"] == "Bearer a-token"


@pytest.mark.parametrize("status", [204, 404, 405, 408, 429, 503])
def test_a_server_that_is_no_server_of_tokens_now_does_not_refuse_us(
    institution: Institution, status: int
) -> None:
    institution.tokens.says = lambda: Response("Not now", status)
    assert outcome(institution.client()) == "token_unavailable"


@pytest.mark.parametrize(
    "said",
    [
        "null",
        "[]",
        "5",
        '["access_token"]',
        '{"access_token": "a", "scope": 5}',
        '{"access_token": "a", "expires_in": 1e999}',
        '{"access_token": "a", "expires_in": NaN}',
        f'{{"access_token": "a", "expires_in": {"9" * 400}}}',
        '{"error": null}',
        "[" * 100_000,
    ],
    ids=range(10),
)
def test_what_no_server_of_tokens_says_is_named_and_the_last_token_is_used_to_its_end(
    institution: Institution, said: str
) -> None:
    def nonsense() -> Response:
        return Response(said, mimetype="application/json")

    clock = Clock()
    shown = institution.token(clock)
    first = shown()
    institution.tokens.says = nonsense
    clock.pass_(LASTS - EARLY_SECONDS + 1)
    assert shown() == first
    assert outcome(institution.client()) == "token_unavailable"


def test_the_way_to_the_tokens_is_checked_as_the_cores_is(
    institution: Institution, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    foreign = Authority(tmp_path / "other")
    with served(institution.tokens.app(), foreign.server()) as url:
        assert outcome(institution.client(CORE_OAUTH_URL=f"{url}/token")) == "token_unavailable"
    assert not institution.tokens.good


@pytest.mark.parametrize("status", [200, 302, 401])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_no_more_of_an_answer_about_tokens_is_read_than_of_one_about_claims(
    institution: Institution, status: int, coding: str
) -> None:
    sent: list[int] = []

    def endless() -> Response:
        packer = zlib.compressobj(wbits=31)

        def body() -> Iterator[bytes]:
            for _ in range(4_000):
                piece = token_bytes(16_384)
                sent.append(len(piece))
                yield piece if coding == "identity" else packer.compress(piece)

        headers = {"Content-Encoding": coding, "Location": "/elsewhere"}
        return Response(body(), status, headers, mimetype="application/json")

    authority = Authority(institution.secret.parent, _authority_of(institution))
    with served(Gateway(endless).app(), authority.server()) as url:
        assert outcome(institution.client(CORE_OAUTH_URL=f"{url}/token")) == "token_unavailable"
    # What the kernel holds on both sides was sent, too.
    assert sum(sent) < 32 << 20


def test_a_secret_follows_no_redirect(institution: Institution) -> None:
    seen: list[bytes] = []

    def elsewhere() -> Response:
        return Response(status=307, headers={"Location": f"{stolen}/token"})

    def steal() -> Response:
        seen.append(b"secret")
        return Response("{}", mimetype="application/json")

    authority = Authority(institution.secret.parent, _authority_of(institution))
    with (
        served(Gateway(steal).app()) as stolen,
        served(Gateway(elsewhere).app(), authority.server()) as url,
    ):
        assert outcome(institution.client(CORE_OAUTH_URL=f"{url}/token")) == "token_unavailable"
    assert not seen


def _authority_of(institution: Institution) -> Any:
    import trustme

    folder = institution.secret.parent
    made = trustme.CA()
    (folder / "authority.pem").write_bytes(
        (folder / "authority.pem").read_bytes() + made.cert_pem.bytes()
    )
    return made


@pytest.fixture
def signing(tmp_path: Path) -> Iterator[Callable[..., ClaimsClient]]:
    secret = tmp_path / "hmac"
    secret.write_text("sister-secret\n")
    gateway = Gateway(refusing_wrong_signatures("12345", "sister-secret"))
    with ExitStack() as running:
        url = running.enter_context(served(gateway.app()))

        def make(**changes: str) -> ClaimsClient:
            environ = {
                "SECRET_KEYS": KEYS,
                "CLAIMS_API_URL": url,
                "CORE_AUTH": "hmac",
                "CORE_HMAC_ID": "12345",
                "CORE_HMAC_SECRET_FILE": str(secret),
            }
            settings = Settings.from_env(environ | changes)
            client = ClaimsClient(ClientConfig(""), core=core_of(settings))
            running.callback(client.close)
            return client

        yield make


def test_a_signature_is_taken_by_a_gateway_that_checks_it(
    signing: Callable[..., ClaimsClient],
) -> None:
    assert outcome(signing()) == "answered"


def test_a_wrong_signature_is_named_and_the_right_secret_needs_no_restart(
    signing: Callable[..., ClaimsClient], tmp_path: Path
) -> None:
    assert outcome(signing(CORE_HMAC_ID="54321")) == "signature_refused"
    secret = tmp_path / "hmac"
    secret.write_text("wrong")
    client = signing()
    assert outcome(client) == "signature_refused"
    secret.write_text("sister-secret")
    assert outcome(client) == "answered"


def test_a_bearer_token_of_a_file_may_change(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("first")
    gateway = Gateway()
    with served(gateway.app()) as url:
        settings = Settings.from_env(
            {"SECRET_KEYS": KEYS, "CLAIMS_API_URL": url, "CLAIMS_API_TOKEN_FILE": str(token)}
        )
        client = ClaimsClient(ClientConfig(""), core=core_of(settings))
        client.claims_of(number(1))
        token.write_text("the second")
        client.claims_of(number(2))
        client.close()
    assert [each["authorization"] for each in gateway.seen] == ["Bearer first", "Bearer the second"]


def test_no_secret_stands_in_a_text_about_the_settings(institution: Institution) -> None:
    settings = Settings.from_env(institution.environ | {"CORE_PROXY": "http://site:word@proxy:1"})
    assert "word" not in repr(settings)
    assert institution.tokens.secret not in repr(settings)


def test_no_secret_and_no_token_stands_in_the_log_whatever_its_level(
    institution: Institution,
) -> None:
    script = (
        "from os import environ\n"
        "from tests.claims_api.fakes import number\n"
        "from tracking_site.claims_api.client import ClaimsClient\n"
        "from tracking_site.claims_api.config import ClientConfig\n"
        "from tracking_site.claims_api.own_source import core_of\n"
        "from tracking_site.observing.logs import configure_logs\n"
        "from tracking_site.settings import Settings\n"
        "configure_logs('debug')\n"
        "core = core_of(Settings.from_env(environ))\n"
        "ClaimsClient(ClientConfig(''), core=core).claims_of(number(1))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=institution.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert '"level":"debug"' in ran.stdout
    (token,) = institution.tokens.good
    secret = institution.tokens.secret
    shown = base64.b64encode(f"tracker:{secret}".encode()).decode()
    assert not [each for each in (secret, shown, token) if each in ran.stdout + ran.stderr]
