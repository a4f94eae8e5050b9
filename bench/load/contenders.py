"""Who is measured: the site over memory and over Redis, and its peers, all warmed up."""

import http.client
import re
import tempfile
import urllib.parse
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from bench.load.wrk import HTMX_FORM, Requests
from harness.servers import CoreServer, RedisServer, Server, free_port, gunicorn_server, program
from sandbox import Sandbox

UNLIMITED = {
    "REQUESTS_PER_MINUTE": "1000000",
    "CARRIER_REQUESTS_PER_MINUTE": "1000000",
    "WATCH_REQUESTS_PER_MINUTE": "100000",
    "TRUSTED_PROXIES": "1",
}
"""The request limit counts as ever, and nobody is refused; the guard is on."""

PARTICIPANTS = 60_000
WARM = 20
COLD_A_ROUND = 1500
USUAL_MISS = 0.11
"""The share of misses that a guard expects which has seen nothing yet."""

AGAIN, NEW = "warm lookup, asked again", "warm lookup, first time from its network"
FORM, STATUS, POLL, FEED = "form page", "status page", "poll, 204", "feed, 304"
COLD, FRAGMENT = "cold lookup", "status, fragment"
ALL = (AGAIN, NEW, FORM, STATUS, FRAGMENT, POLL, FEED, COLD)


@dataclass
class Contender:
    """A server, and what is asked of it by the names above; cold numbers come anew each round.

    Nothing is known of the numbers in `unknown`.
    """

    name: str
    server: Server
    asked: dict[str, Requests]
    cold: Sequence[str] = ()
    unknown: Iterator[tuple[int, str]] = field(default_factory=lambda: iter(()))
    loads: dict[str, list[float]] = field(default_factory=dict)

    def requests(self, what: str, place: int) -> Requests:
        if what != COLD:
            return self.asked[what]
        numbers = self.cold[place * COLD_A_ROUND : (place + 1) * COLD_A_ROUND]
        return Requests.lookups(numbers, strangers=True, may_miss=True)

    def warm_up(self, what: str) -> None:
        """Ask once, so that no contender begins with an answer that is past its time."""
        method, path, body = self.asked[what].lines[0]
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port)
        connection.request(method, path, body, self.asked[what].headers)
        connection.getresponse().read()
        connection.close()

    def balance(self, found: float) -> None:
        """Ask for as many unknown numbers as usually come with so many that were found.

        An endless row of hits is a list that somebody bought, and raises the guard's alarm.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port)
        for place, number in islice(self.unknown, round(found * USUAL_MISS)):
            # Each from a second-level network of its own, for a second miss weighs more.
            headers = HTMX_FORM | {"X-Forwarded-For": f"198.{place // 256}.{place % 256}.9"}
            connection.request("POST", "/lacak", f"nomor={number}", headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 404:
                raise RuntimeError(f"{self.name}: {answer.status} for an unknown number")


def site(
    name: str,
    server: Server,
    warm: Sequence[str],
    cold: Sequence[str] = (),
    unknown: Sequence[str] = (),
) -> Contender:
    """Look the warm numbers up once, and learn the addresses of a result."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)

    def ask(method: str, path: str, body: str = "", **headers: str) -> tuple[dict[str, str], bytes]:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        read = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{name}: {answer.status} for {path}")
        return {key.lower(): value for key, value in answer.getheaders()}, read

    for place, number in enumerate(warm):
        form = {key.replace("-", "_"): value for key, value in HTMX_FORM.items()}
        address = f"192.0.2.{place + 1}"
        told, _ = ask("POST", "/lacak", f"nomor={number}", X_Forwarded_For=address, **form)
        result = told["hx-push-url"]
        if place == 0:
            status = result
    _, page = ask("GET", status)
    version = re.findall(rb'"If-None-Match": "([^"]+)"', page)[0].decode()
    kept, _ = ask("POST", f"{status}/pantau")
    feed = urllib.parse.urlsplit(kept["location"]).path + ".json"
    told, _ = ask("GET", feed)
    return Contender(
        name,
        server,
        {
            AGAIN: Requests.lookups(warm[:1]),
            NEW: Requests.lookups(warm, strangers=True),
            FORM: Requests.get("/"),
            STATUS: Requests.get(status),
            FRAGMENT: Requests.get(status, HX_Request="true"),
            POLL: Requests.get(status, HX_Request="true", If_None_Match=version),
            FEED: Requests.get(feed, If_None_Match=told["etag"]),
        },
        cold,
        iter(enumerate(unknown)),
    )


def numbers(cold: int) -> tuple[list[str], list[str], list[str]]:
    """Return warm numbers with claims, so many cold ones of which some have none, unknown ones."""
    sandbox = Sandbox(participants=PARTICIPANTS)
    members = iter(sandbox.directory.population)
    warm = [one.nik for one in sandbox.samples if len(one.specs) == 1]
    mixed = [one.nik for one in islice(members, cold)]
    return warm[:WARM], mixed, [one.nik for one in members if not one.specs]


@contextmanager
def contenders(rounds: int) -> Iterator[tuple[CoreServer, dict[str, Contender]]]:
    """Start everybody; yields the core and the contenders by name."""
    warm, cold, unknown = numbers(rounds * COLD_A_ROUND)
    with ExitStack() as stack:
        core = stack.enter_context(CoreServer(PARTICIPANTS))
        redis = stack.enter_context(RedisServer())
        found: dict[str, Contender] = {}

        def peer(name: str, module: str, asked: dict[str, Requests]) -> None:
            server = gunicorn_server(core, with_redis, f"bench.peers.{module}")
            stack.enter_context(server)
            found[name] = Contender(name, server, asked, cold)

        for processes in (1, 2):
            with_redis = {
                "WEB_CONCURRENCY": str(processes),
                "REDIS_URL": f"redis://127.0.0.1:{redis.port}/{processes}",
            }
            home, look = Requests.get("/"), Requests.lookups(warm[:1])
            peer(f"bare {processes}", "bare:application", {FORM: home})
            peer(f"hello {processes}", "hello:application", {FORM: home})
            pages = {FORM: home, AGAIN: look}
            peer(f"plain {processes}", "plain:application", pages)
            peer(f"limited {processes}", "plain:limited", pages)
            peer(f"same {processes}", "same:application", {AGAIN: look})
            own = stack.enter_context(gunicorn_server(core, UNLIMITED | with_redis))
            found[f"redis {processes}"] = site(f"redis {processes}", own, warm, cold, unknown)
        alone = stack.enter_context(gunicorn_server(core, UNLIMITED))
        found["memory 1"] = site("memory 1", alone, warm, cold, unknown)
        file_server = stack.enter_context(nginx())
        found["nginx 1"] = Contender("nginx 1", file_server, {FORM: Requests.get("/index.html")})
        yield core, found


@contextmanager
def nginx() -> Iterator[Server]:
    """Serve a file of the size of the form page with one nginx process."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "index.html").write_text("x" * 6000)
        port = free_port()
        Path(folder, "nginx.conf").write_text(
            f"daemon off; worker_processes 1; pid {folder}/pid; error_log stderr;\n"
            "events {}\n"
            f"http {{ access_log off; client_body_temp_path {folder}; proxy_temp_path {folder};\n"
            f"fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};\n"
            f"server {{ listen 127.0.0.1:{port}; root {folder}; }} }}\n"
        )
        Path(folder).chmod(0o755)
        command = [program("nginx"), "-p", folder, "-c", f"{folder}/nginx.conf"]
        with Server(command, port) as server:
            yield server
