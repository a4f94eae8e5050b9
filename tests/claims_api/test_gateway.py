"""A core behind a real gateway: each way in works, and each trouble has its own name."""

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Response, request

from harness.servers import free_port
from tests.claims_api.fakes import MOVING, Events, number
from tests.claims_api.gateways import Authority, Gateway, forward_proxy, served
from tests.claims_api.raw import always, ok, raw_server
from tracking_site.claims_api.client import ClaimsClient
from tracking_site.claims_api.config import ClientConfig
from tracking_site.claims_api.errors import CoreError, Trouble, advice_on
from tracking_site.claims_api.own_source import core_of
from tracking_site.operate import problems_of
from tracking_site.settings import Settings, SettingsError

KEYS = "one-key-of-the-tests-of-gateways-alone"
Ask = Callable[..., str]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    with ExitStack() as running:

        def start(app: Any, context: ssl.SSLContext | None = None) -> str:
            return running.enter_context(served(app, context))

        yield start


@pytest.fixture
def asking() -> Iterator[Callable[..., ClaimsClient]]:
    clients: list[ClaimsClient] = []

    def make(**environ: Any) -> ClaimsClient:
        settings = Settings.from_env(
            {"SECRET_KEYS": KEYS} | {k: str(v) for k, v in environ.items()}
        )
        config = ClientConfig("", idle_seconds=0.0)
        client = ClaimsClient(config, observe=Events(), core=core_of(settings))
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


def outcome(client: ClaimsClient, n: int = 1) -> str:
    """Return "answered", or the kind of the failure."""
    try:
        client.claims_of(number(n))
    except CoreError as error:
        return error.kind.value
    return "answered"


def test_an_untrusted_certificate_is_named_and_its_authority_mends_it(
    authority: Authority, serve: Callable[..., str], asking: Callable[..., ClaimsClient]
) -> None:
    url = serve(Gateway().app(), authority.server())
    assert outcome(asking(CLAIMS_API_URL=url)) == "certificate_unknown"
    assert outcome(asking(CLAIMS_API_URL=url, CORE_CA_FILE=authority.file)) == "answered"


def test_with_an_authority_of_its_own_no_other_is_trusted(
    authority: Authority,
    tmp_path: Path,
    serve: Callable[..., str],
    asking: Callable[..., ClaimsClient],
) -> None:
    (tmp_path / "other").mkdir()
    url = serve(Gateway().app(), Authority(tmp_path / "other").server())
    assert outcome(asking(CLAIMS_API_URL=url, CORE_CA_FILE=authority.file)) == "certificate_unknown"


def test_a_certificate_of_another_host_is_named(
    authority: Authority, serve: Callable[..., str], asking: Callable[..., ClaimsClient]
) -> None:
    url = serve(Gateway().app(), authority.server("elsewhere.example"))
    client = asking(CLAIMS_API_URL=url, CORE_CA_FILE=authority.file)
    assert outcome(client) == "certificate_name"
    by_address = url.replace("localhost", "127.0.0.1")
    client = asking(CLAIMS_API_URL=by_address, CORE_CA_FILE=authority.file)
    assert outcome(client) == "certificate_name"


def test_an_expired_certificate_is_named(
    authority: Authority, serve: Callable[..., str], asking: Callable[..., ClaimsClient]
) -> None:
    ended = datetime.now(UTC) - timedelta(days=1)
    url = serve(Gateway().app(), authority.server(not_after=ended))
    assert outcome(asking(CLAIMS_API_URL=url, CORE_CA_FILE=authority.file)) == "certificate_expired"


def test_plain_http_where_tls_is_expected_is_named(
    serve: Callable[..., str], asking: Callable[..., ClaimsClient]
) -> None:
    url = serve(Gateway().app()).replace("http:", "https:")
    assert outcome(asking(CLAIMS_API_URL=url)) == "tls"


def test_mutual_tls_works_and_says_when_the_certificate_is_missing_or_foreign(
    authority: Authority,
    tmp_path: Path,
    serve: Callable[..., str],
    asking: Callable[..., ClaimsClient],
) -> None:
    url = serve(Gateway().app(), authority.server(clients=authority))
    way = {"CLAIMS_API_URL": url, "CORE_CA_FILE": authority.file}
    assert outcome(asking(**way)) == "client_certificate"
    certificate, key = authority.client("site")
    shown = way | {"CORE_CLIENT_CERT_FILE": certificate, "CORE_CLIENT_KEY_FILE": key}
    assert outcome(asking(**shown)) == "answered"
    (tmp_path / "other").mkdir()
    certificate, key = Authority(tmp_path / "other").client("site")
    shown = way | {"CORE_CLIENT_CERT_FILE": certificate, "CORE_CLIENT_KEY_FILE": key}
    assert outcome(asking(**shown)) == "client_certificate"


def test_certificate_and_key_may_stand_in_one_file(
    authority: Authority, serve: Callable[..., str], asking: Callable[..., ClaimsClient]
) -> None:
    url = serve(Gateway().app(), authority.server(clients=authority))
    certificate, key = authority.client("site")
    certificate.write_bytes(certificate.read_bytes() + key.read_bytes())
    way = {"CLAIMS_API_URL": url, "CORE_CA_FILE": authority.file}
    assert outcome(asking(**way, CORE_CLIENT_CERT_FILE=certificate)) == "answered"


@pytest.mark.parametrize(
    "text", ["No required SSL certificate was sent", "The SSL certificate error"]
)
def test_the_page_with_which_nginx_wants_a_certificate_is_understood(
    text: str, serve: Callable[..., str], asking: Callable[..., ClaimsClient]
) -> None:
    page = f"<html><center><h1>400 Bad Request</h1></center><center>{text}</center></html>"
    gateway = Gateway(lambda: Response(page, 400, mimetype="text/html"))
    assert outcome(asking(CLAIMS_API_URL=serve(gateway.app()))) == "client_certificate"


def test_certificates_are_exchanged_without_a_restart(
    authority: Authority,
    tmp_path: Path,
    serve: Callable[..., str],
    asking: Callable[..., ClaimsClient],
) -> None:
    (tmp_path / "next").mkdir()
    following = Authority(tmp_path / "next")
    trusts = authority.server(clients=authority)
    url = serve(Gateway().app(), trusts)
    certificate, key = authority.client("site")
    trusted = authority.file
    way = {"CLAIMS_API_URL": url, "CORE_CA_FILE": trusted}
    client = asking(**way, CORE_CLIENT_CERT_FILE=certificate, CORE_CLIENT_KEY_FILE=key)
    assert outcome(client, 1) == "answered"
    # Half of an exchange: the key does not belong to the certificate yet.
    new_certificate, new_key = following.client("site")
    certificate.write_bytes(new_certificate.read_bytes())
    assert outcome(client, 2) == "answered"
    key.write_bytes(new_key.read_bytes())
    assert outcome(client, 3) == "client_certificate"
    following.ca.configure_trust(trusts)
    assert outcome(client, 4) == "answered"
    # The other way round: this server is not trusted any more.
    trusted.write_bytes(following.file.read_bytes())
    assert outcome(client, 5) == "certificate_unknown"


def test_headers_of_a_file_go_with_every_request_and_may_change(
    tmp_path: Path, serve: Callable[..., str], asking: Callable[..., ClaimsClient]
) -> None:
    headers = tmp_path / "headers"
    headers.write_text("# keys of the gateway\nUser-Key: first\nX-Api-Key:  a b\n\n")
    gateway = Gateway()
    client = asking(
        CLAIMS_API_URL=serve(gateway.app()), CORE_HEADERS_FILE=headers, CLAIMS_API_TOKEN="token"
    )
    assert outcome(client, 1) == "answered"
    assert gateway.seen[-1]["user-key"] == "first"
    assert gateway.seen[-1]["x-api-key"] == "a b"
    assert gateway.seen[-1]["authorization"] == "Bearer token"
    headers.write_text("User-Key: second\n")
    assert outcome(client, 2) == "answered"
    assert gateway.seen[-1]["user-key"] == "second"
    assert "x-api-key" not in gateway.seen[-1]
    headers.write_text("not a header\n")
    assert outcome(client, 3) == "answered"
    assert gateway.seen[-1]["user-key"] == "second"


def test_a_header_keeps_the_name_that_the_gateway_gave_it(
    tmp_path: Path, asking: Callable[..., ClaimsClient]
) -> None:
    headers = tmp_path / "headers"
    headers.write_text("user_key: 0a1b\n")
    with raw_server(always(ok(MOVING))) as core:
        assert outcome(asking(CLAIMS_API_URL=core.url, CORE_HEADERS_FILE=headers)) == "answered"
        assert b"\r\nuser_key: 0a1b\r\n" in core.requests[0]


def test_a_path_before_the_contracts_own_is_kept(
    serve: Callable[..., str], asking: Callable[..., ClaimsClient]
) -> None:
    gateway = Gateway()
    client = asking(CLAIMS_API_URL=serve(gateway.app()) + "/bpjs/claims/", CORE_HEALTH="/ping")
    assert outcome(client) == "answered"
    client.health()
    assert gateway.paths == ["/bpjs/claims/v1/claim-lookups", "/bpjs/claims/ping"]


def test_without_a_health_address_readiness_follows_lookups(
    serve: Callable[..., str], asking: Callable[..., ClaimsClient]
) -> None:
    gateway = Gateway(lambda: Response(status=404) if request.method == "GET" else None)
    url = serve(gateway.app())
    with pytest.raises(CoreError):
        asking(CLAIMS_API_URL=url).health()
    client = asking(CLAIMS_API_URL=url, CORE_HEALTH="lookups")
    client.health()
    assert gateway.paths[-1] == "/v1/claim-lookups"
    asked = len(gateway.paths)
    client.health()
    assert len(gateway.paths) == asked
    gateway.refuse = lambda: Response(status=503)
    with pytest.raises(CoreError):
        asking(CLAIMS_API_URL=url, CORE_HEALTH="lookups").health()


@pytest.mark.parametrize("tls", [False, True])
def test_a_forward_proxy_is_the_only_way_where_one_is_named(
    tls: bool, authority: Authority, serve: Callable[..., str], asking: Callable[..., ClaimsClient]
) -> None:
    url = serve(Gateway().app(), authority.server() if tls else None)
    way: dict[str, Any] = {"CLAIMS_API_URL": url}
    if tls:
        way["CORE_CA_FILE"] = authority.file
    with forward_proxy("site:word") as port:
        client = asking(**way, CORE_PROXY=f"http://site:word@127.0.0.1:{port}")
        assert [outcome(client, n) for n in (1, 2)] == ["answered", "answered"]
        wrong = asking(**way, CORE_PROXY=f"http://site:other@127.0.0.1:{port}")
        assert outcome(wrong) == "proxy"
    assert outcome(asking(**way, CORE_PROXY=f"http://127.0.0.1:{free_port()}")) == "proxy"


def test_connections_through_a_proxy_are_used_again(
    authority: Authority, serve: Callable[..., str]
) -> None:
    url = serve(Gateway().app(), authority.server())
    with forward_proxy() as port:
        settings = Settings.from_env(
            {
                "SECRET_KEYS": KEYS,
                "CLAIMS_API_URL": url,
                "CORE_CA_FILE": str(authority.file),
                "CORE_PROXY": f"http://127.0.0.1:{port}",
                "CORE_IDLE_SECONDS": "0.05",
            }
        )
        client = ClaimsClient(ClientConfig(""), core=core_of(settings))
        try:
            for n in range(4):
                assert outcome(client, n) == "answered"
                # The connection is too old by then at times, and its object connects anew.
                time.sleep(0.04)
        finally:
            client.close()


def test_a_host_without_an_address_is_named(asking: Callable[..., ClaimsClient]) -> None:
    client = asking(CLAIMS_API_URL="http://you-forgot-to-give-a-core.invalid")
    assert outcome(client) == "host_unknown"


def test_a_redirect_carries_nothing_elsewhere(asking: Callable[..., ClaimsClient]) -> None:
    elsewhere = (
        b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:%d/\r\n"
        b"Content-Length: 0\r\n\r\n"
    )
    with raw_server(always(b"")) as thief, raw_server(always(elsewhere % _port(thief.url))) as core:
        assert outcome(asking(CLAIMS_API_URL=core.url, CLAIMS_API_TOKEN="token")) == "redirect"
        assert not thief.requests


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])


@pytest.mark.parametrize("kind", list(Trouble))
def test_every_trouble_is_told_with_the_setting_to_look_at(kind: Trouble) -> None:
    told = advice_on(kind)
    assert told.endswith(".")
    names = [word.strip(".,:()") for word in told.split()]
    known = set(Settings.__dataclass_fields__)
    assert any(name.lower().partition("=")[0] in known for name in names), told


def test_check_names_what_is_wrong_with_the_gateway(
    authority: Authority, serve: Callable[..., str]
) -> None:
    url = serve(Gateway().app(), authority.server())
    environ = {"SECRET_KEYS": KEYS, "CLAIMS_API_URL": url}
    told = problems_of(Settings.from_env(environ))
    assert any("CORE_CA_FILE" in line for line in told), told
    environ["CORE_CA_FILE"] = str(authority.file)
    told = problems_of(Settings.from_env(environ))
    assert not any("core" in line.lower() for line in told), told


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("CORE_CA_FILE", "no certificate", "CORE_CA_FILE must be a file of PEM certificates."),
        ("CORE_CLIENT_CERT_FILE", "none", "must be a PEM certificate and its key."),
        ("CORE_HEADERS_FILE", "X-Key value", "one header a line"),
        ("CORE_HEADERS_FILE", "Host: core", "no header that the site sets itself (line 1)"),
        ("CORE_HEADERS_FILE", "X-Key: caf\u00e9", "one header a line"),
    ],
)
def test_a_wrong_file_stops_the_start_with_its_setting(
    tmp_path: Path, name: str, content: str, says: str
) -> None:
    path = tmp_path / "file"
    path.write_text(content)
    settings = Settings.from_env(
        {"SECRET_KEYS": KEYS, "CLAIMS_API_URL": "https://core.invalid", name: str(path)}
    )
    with pytest.raises(SettingsError) as wrong:
        core_of(settings)
    assert says in str(wrong.value)
    assert str(wrong.value).startswith(name)
    assert problems_of(settings) == wrong.value.problems


def test_a_key_with_a_password_is_refused_and_not_asked_for(
    authority: Authority, tmp_path: Path
) -> None:
    from cryptography.hazmat.primitives import serialization as form

    certificate, key = authority.client("site")
    loaded = form.load_pem_private_key(key.read_bytes(), None)
    key.write_bytes(
        loaded.private_bytes(
            form.Encoding.PEM, form.PrivateFormat.PKCS8, form.BestAvailableEncryption(b"word")
        )
    )
    settings = Settings.from_env(
        {
            "SECRET_KEYS": KEYS,
            "CLAIMS_API_URL": "https://core.invalid",
            "CORE_CLIENT_CERT_FILE": str(certificate),
            "CORE_CLIENT_KEY_FILE": str(key),
        }
    )
    with pytest.raises(SettingsError, match="without a password"):
        core_of(settings)
    other = authority.client("other")[1]
    key.write_bytes(other.read_bytes())
    with pytest.raises(SettingsError, match="must be the key of the certificate"):
        core_of(settings)
