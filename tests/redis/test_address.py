"""Every way to write an address leads there, and a wrong one is refused in a sentence."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest

from harness.servers import RedisServer, free_port
from tests.deploy.proxy import make_certificate
from tests.services import running_redis
from tracking_site.app import create_app
from tracking_site.operate import problems_of
from tracking_site.redis.client import Patience, RedisDown, brief_redis
from tracking_site.settings import Settings, SettingsError

PATIENCE = Patience(5, 5, rest=0)
PASSWORD = "p@ss/word:of#nobody"
QUOTED = "p%40ss%2Fword%3Aof%23nobody"

_CONFIGURATION = """
unixsocket {folder}/socket
tls-port {tls_port}
tls-cert-file {folder}/fullchain.pem
tls-key-file {folder}/privkey.pem
tls-ca-cert-file {folder}/fullchain.pem
tls-auth-clients yes
user site on >{password} ~* &* +@all
"""


class Place(NamedTuple):
    """A Redis that listens in the open, on a socket, and under TLS to clients with certificates."""

    server: RedisServer
    folder: Path
    tls_port: int

    @property
    def certificates(self) -> str:
        files = {"ssl_ca_certs": "fullchain", "ssl_certfile": "fullchain", "ssl_keyfile": "privkey"}
        return "&".join(f"{name}={self.folder}/{file}.pem" for name, file in files.items())

    def url(self, form: str) -> str:
        return form.format(
            port=self.server.port,
            tls_port=self.tls_port,
            folder=self.folder,
            certificates=self.certificates,
            login=f"site:{QUOTED}@",
        )


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    # Not pytest's own folders: the path of a socket has to be short.
    with ExitStack() as running:
        folder = Path(running.enter_context(TemporaryDirectory()))
        make_certificate(folder, "localhost")
        tls_port = free_port()
        written = folder / "redis.conf"
        written.write_text(
            _CONFIGURATION.format(folder=folder, tls_port=tls_port, password=PASSWORD)
        )
        yield Place(running.enter_context(running_redis(written)), folder, tls_port)


@pytest.mark.redis
@pytest.mark.parametrize(
    ("form", "database"),
    [
        ("redis://127.0.0.1:{port}", 0),
        ("redis://127.0.0.1:{port}/", 0),
        ("redis://127.0.0.1:{port}/3", 3),
        ("redis://127.0.0.1:{port}?db=4", 4),
        ("redis://{login}localhost:{port}/5", 5),
        ("unix://{folder}/socket", 0),
        ("unix://{folder}/socket?db=6", 6),
        ("unix://{login}{folder}/socket?db=7", 7),
        ("rediss://localhost:{tls_port}/8?{certificates}", 8),
        ("rediss://{login}localhost:{tls_port}/9?{certificates}", 9),
        ("rediss://127.0.0.1:{tls_port}/10?{certificates}&ssl_check_hostname=no", 10),
    ],
)
def test_each_form_leads_to_its_database(place: Place, form: str, database: int) -> None:
    place.server.client().flushall()
    with brief_redis(place.url(form), PATIENCE) as client:
        client.set("colour", "green")
        assert client.get("colour") == b"green"
        assert set(client.info("keyspace")) == {f"db{database}"}


@pytest.mark.redis
@pytest.mark.parametrize(
    "form",
    [
        "redis://site:wrong@127.0.0.1:{port}",
        "redis://nobody:{port}@127.0.0.1:{port}",
        "rediss://localhost:{tls_port}",
        "rediss://localhost:{tls_port}?ssl_ca_certs={folder}/fullchain.pem",
        "rediss://127.0.0.1:{tls_port}?{certificates}",
        "redis://127.0.0.1:{tls_port}",
        "rediss://localhost:{port}?{certificates}",
        "unix://{folder}/another",
    ],
    ids=[
        "password",
        "user",
        "unknown authority",
        "no client certificate",
        "another name",
        "plain to TLS",
        "TLS to plain",
        "no socket",
    ],
)
def test_who_is_not_let_in_finds_redis_down(place: Place, form: str) -> None:
    # A Redis without TLS takes a handshake for the beginning of a line, and waits for its end.
    is_never_answered = form.startswith("rediss://localhost:{port}")
    patience = Patience(0.2, 0.2, rest=0) if is_never_answered else PATIENCE
    with brief_redis(place.url(form), patience) as client, pytest.raises(RedisDown):
        client.get("colour")


WRONG = [
    "redis://",
    "redis://:6379",
    "redis://127.0.0.1:port",
    "redis://127.0.0.1:0",
    "redis://127.0.0.1:70000",
    "redis://[broken",
    "redis://127.0.0.1/zero",
    "redis://127.0.0.1/0/1",
    "redis://127.0.0.1?db=zero",
    "redis://127.0.0.1?secret",
    "redis://127.0.0.1?socket_timeout=30",
    "redis://127.0.0.1?protocol=3",
    "redis://127.0.0.1?ssl_ca_certs=/secret",
    "rediss://127.0.0.1?ssl_ca_certs=/secret",
    "rediss://127.0.0.1?ssl_certfile=/secret",
    "rediss://127.0.0.1?ssl_keyfile=/secret",
    "rediss://127.0.0.1?ssl_cert_reqs=secret",
    "unix://",
    "unix:///",
    "unix://secret",
    "unix:///secret?database=1",
    "redis+sentinel://127.0.0.1:26379",
    "redis+sentinel:///main/0",
    "redis+sentinel://127.0.0.1:26379,/main/0",
    "redis+sentinel://127.0.0.1:26379,127.0.0.1:port/main/0",
    "redis+sentinel://127.0.0.1:26379/main/zero",
    "redis+sentinel://127.0.0.1:26379/main?sentinel=secret",
    "redis+cluster://127.0.0.1:6379",
    "rediscluster://127.0.0.1:6379",
    "valkey://127.0.0.1:6379",
    "127.0.0.1:6379",
    "redis",
]


@pytest.mark.parametrize("url", WRONG)
def test_a_wrong_address_is_refused_at_the_start_in_a_sentence_without_it(
    environ: dict[str, str], url: str
) -> None:
    def started(settings: Callable[[], Settings]) -> list[str]:
        try:
            create_app(settings())
        except SettingsError as error:
            return error.problems
        raise AssertionError("it started")

    def checked(settings: Callable[[], Settings]) -> list[str]:
        try:
            return problems_of(settings())
        except SettingsError as error:
            return error.problems

    def settings() -> Settings:
        return Settings.from_env(environ | {"REDIS_URL": url})

    [problem] = started(settings)
    assert checked(settings) == [problem]
    assert problem.startswith("REDIS_URL must ")
    assert problem.endswith(".")
    assert "secret" not in problem
    assert "\n" not in problem


@pytest.mark.parametrize(
    "url",
    [
        f"redis://site:{QUOTED}@you-forgot-a-server.invalid/0",
        f"redis+sentinel://site:{QUOTED}@you-forgot-a-server.invalid/main/0",
    ],
)
def test_a_name_that_leads_nowhere_is_redis_down_and_shows_no_password(url: str) -> None:
    client = brief_redis(url)
    with pytest.raises(RedisDown) as down:
        client.get("colour")
    for told in (repr(client), str(down.value)):
        assert PASSWORD not in told
        assert QUOTED not in told
