"""Each way in which an address of Redis leads nowhere has a sentence of its own."""

import re
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
import redis

from tests.claims_api.gateways import Authority
from tests.claims_api.raw import RawServer, raw_server
from tests.redis.test_address import Place, place
from tests.redis.test_sentinel_tls import SERVICE
from tracking_site.observing.readiness import look_at_redis
from tracking_site.observing.redis_advice import redis_advice_on
from tracking_site.redis.client import Patience, brief_redis, unrested

__all__ = ["place"]
AUTHORITY = "ssl_ca_certs={folder}/fullchain.pem"


NEVER_ANSWERED = "agree on TLS"
"""A Redis without TLS takes a handshake for the beginning of a line, and waits for its end."""


def said_of(url: str, seconds: float = 3) -> str:
    with unrested(brief_redis(url, Patience(seconds, seconds))) as client:
        return str(look_at_redis(client, time.time, "GUARD_REDIS_URL")())


@pytest.fixture(scope="module")
def foreign(place: Place) -> str:
    """A certificate that is good, but of an authority that this Redis does not know."""
    authority = Authority(place.folder)
    certificate, key = authority.client("foreign")
    return f"ssl_certfile={certificate}&ssl_keyfile={key}"


@pytest.mark.redis
@pytest.mark.parametrize(
    ("form", "says"),
    [
        ("rediss://localhost:{tls_port}", "ssl_ca_certs"),
        ("rediss://127.0.0.1:{tls_port}?{certificates}", "for another host"),
        ("rediss://localhost:{tls_port}?" + AUTHORITY, "ssl_certfile"),
        ("rediss://localhost:{tls_port}?" + AUTHORITY + "&{foreign}", "ssl_certfile"),
        ("rediss://localhost:{port}?" + AUTHORITY, NEVER_ANSWERED),
        ("redis://localhost:{tls_port}", "rediss://"),
        ("redis://nowhere.invalid", "DNS"),
        ("redis://127.0.0.1:1", "Nobody answers"),
        ("unix://{folder}/another", "Nobody answers"),
        ("redis://nobody:word@127.0.0.1:{port}", "user or password"),
        ("redis+sentinel://127.0.0.1:1/" + SERVICE, "No Sentinel"),
    ],
)
def test_what_is_wrong_on_the_way_is_named(
    place: Place, foreign: str, form: str, says: str
) -> None:
    seconds = 0.2 if says is NEVER_ANSWERED else 3
    sentence = said_of(place.url(form.replace("{foreign}", foreign)), seconds)
    assert re.search(says, sentence), sentence
    assert "GUARD_REDIS_URL" in sentence
    assert not re.search(r"Error|word@|127\.0\.0\.1|nowhere", sentence), sentence


def test_a_certificate_that_has_ended_is_named() -> None:
    expired = redis.ConnectionError("Error 1 connecting")
    # What OpenSSL says of one whose end is past (X509_V_ERR_CERT_HAS_EXPIRED).
    expired.__context__ = _verification_error(10)
    assert "not valid at this time" in redis_advice_on(expired, "REDIS_URL")


def _verification_error(code: int) -> Exception:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = code
    return error


@pytest.fixture
def protected() -> Iterator[RawServer]:
    """What a Redis in its protected mode says to everybody from elsewhere, and hangs up."""

    def refuse(_: RawServer, connection: socket.socket) -> None:
        with suppress(OSError):
            connection.sendall(b"-DENIED Redis is running in protected mode because\r\n")
            connection.recv(65536)

    with raw_server(refuse) as server:
        yield server


def test_a_redis_for_its_own_machine_alone_is_named(protected: RawServer) -> None:
    assert "protected-mode" in said_of(protected.url.replace("http", "redis"))


def test_a_socket_that_this_user_may_not_open_is_named() -> None:
    closed = redis.ConnectionError("Error 13 connecting to unix socket")
    closed.__context__ = PermissionError(13, "Permission denied")
    assert "SupplementaryGroups" in redis_advice_on(closed, "REDIS_URL")


def test_a_redis_whose_disk_is_full_is_named() -> None:
    """Where it keeps copies on a disk; `deploy/redis.conf` keeps none."""
    refused = redis.ResponseError(
        "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist "
        "to disk. Commands that may modify the data set are disabled"
    )
    assert "disk" in redis_advice_on(refused, "REDIS_URL")
