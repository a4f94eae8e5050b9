"""rediss+sentinel: TLS with a private authority and a client's certificate, to both."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from harness.servers import Server, free_port
from tests.claims_api.gateways import Authority
from tests.needs import needed
from tests.services import SERVICE, running_redis
from tracking_site.redis.client import Patience, RedisDown, brief_redis

pytestmark = pytest.mark.redis
PATIENCE = Patience(5, 5, rest=0)
_TLS = """
tls-cert-file {folder}/server.pem
tls-key-file {folder}/server.key
tls-ca-cert-file {folder}/authority.pem
tls-auth-clients yes
tls-replication yes
dir {folder}
"""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as made:
        folder = Path(made)
        authority = Authority(folder)
        assert authority.file.exists()
        issued = authority.ca.issue_cert("localhost", "127.0.0.1")
        issued.cert_chain_pems[0].write_to_path(folder / "server.pem")
        issued.private_key_pem.write_to_path(folder / "server.key")
        authority.client("site")
        yield folder


@pytest.fixture(scope="module")
def sentinel_port(folder: Path) -> Iterator[int]:
    with ExitStack() as running:
        master_port, port = free_port(), free_port()
        written = folder / "redis.conf"
        written.write_text(_TLS.format(folder=folder) + f"tls-port {master_port}\n")
        running.enter_context(running_redis(written))
        watching = folder / "sentinel.conf"
        watching.write_text(
            _TLS.format(folder=folder)
            + f"port 0\ntls-port {port}\nbind 127.0.0.1\n"
            + f"sentinel monitor {SERVICE} 127.0.0.1 {master_port} 1\n"
        )
        running.enter_context(Server([needed("redis"), str(watching), "--sentinel"], port))
        yield port


def url_of(folder: Path, port: int, **files: str) -> str:
    parameters = "&".join(f"ssl_{name}={folder}/{file}" for name, file in files.items())
    return f"rediss+sentinel://127.0.0.1:{port}/{SERVICE}/0?{parameters}"


def test_both_are_reached_under_tls_with_certificates(folder: Path, sentinel_port: int) -> None:
    url = url_of(
        folder, sentinel_port, ca_certs="authority.pem", certfile="site.pem", keyfile="site.key"
    )
    with brief_redis(url, PATIENCE) as client:
        assert client.set("colour", "green")
        assert client.get("colour") == b"green"


def test_without_the_authority_or_the_certificate_nothing_is_said(
    folder: Path, sentinel_port: int
) -> None:
    for files in (
        {"ca_certs": "authority.pem"},
        {"certfile": "site.pem", "keyfile": "site.key"},
    ):
        with (
            brief_redis(url_of(folder, sentinel_port, **files), PATIENCE) as client,
            pytest.raises(RedisDown),
        ):
            client.set("colour", "green")
