"""Visitors against a site of a few lines, which stands still, sends them into a line, or fails."""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.open_loop.crowd import Notes, Task, come
from bench.open_loop.flood import Flood, flood
from bench.open_loop.plan import Mix
from bench.open_loop.running import shed_by
from tracking_site.observing.metrics import Metrics

ALL_COLD = Mix(cold=1, unknown=0, plain=0, polls=0, absent=0, leaves=0, thinks=0)


class Site(ThreadingHTTPServer):
    """Answers by `answer(path, number of times asked)` to status, headers and body."""

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, answer: Callable[["Handler"], tuple[int, dict[str, str], bytes]]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.asked: Counter[str] = Counter()
        self.addresses: set[str] = set()
        self.lock = threading.Lock()
        self.turn = threading.Lock()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site

    def do_GET(self) -> None:
        self.reply()

    def do_POST(self) -> None:
        self.reply()

    def reply(self) -> None:
        self.form = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.is_htmx = self.headers.get("HX-Request") == "true"
        with self.server.lock:
            self.server.asked[self.path] += 1
            self.times = self.server.asked[self.path]
            self.server.addresses.add(self.headers["X-Forwarded-For"])
        status, headers, body = self.server.answer(self)
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


Answer = tuple[int, dict[str, str], bytes]
FORM: Answer = (200, {}, b"form")


@pytest.fixture(autouse=True)
def few_begin_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty visitors are planned at once; the head start is for tens of thousands."""
    monkeypatch.setattr("bench.open_loop.crowd.HEAD_START_SECONDS", 0.05)


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[Handler], Answer]], Site]]:
    sites = []

    def start(answer: Callable[[Handler], Answer]) -> Site:
        site = Site(answer)
        threading.Thread(target=site.serve_forever, args=(0.01,), daemon=True).start()
        sites.append(site)
        return site

    yield start
    for site in sites:
        site.shutdown()
        site.server_close()


def visited(site: Site, mix: Mix = ALL_COLD, rate: float = 100, seconds: float = 0.2) -> Notes:
    task = Task(
        port=site.port,
        mix=mix,
        rate=rate,
        seconds=seconds,
        drain=30,
        seed=1,
        first=0,
        known=["12345678901"],
        even=True,
    )
    return come(task)


def test_a_site_that_serves_one_at_a_time_is_seen_to_keep_people_waiting(serve) -> None:
    def one_by_one(request: Handler) -> Answer:
        with request.server.turn:
            time.sleep(0.05)
        return FORM

    site = serve(one_by_one)
    notes = visited(site, seconds=0.2)
    # Twenty within 0.2 s, each of them asking twice: whoever is last waits for nearly all of it.
    assert notes.outcomes["form"] == {"found": 20}
    assert notes.outcomes["cold"] == {"found": 20}
    assert max(notes.seconds["form"]) > 20 * 0.05 - 0.2
    assert notes.most_open > 10
    assert len(site.addresses) == 20


def test_what_a_site_refused_as_a_flood_is_read_from_its_figures(serve) -> None:
    metrics = Metrics()
    for _ in range(3):
        metrics.flood_shed("none")
    site = serve(lambda request: (200, {}, metrics.exposition()))
    shed = shed_by(f"http://127.0.0.1:{site.port}")
    assert shed == {"network": 0, "second": 0, "third": 0, "none": 3}


def test_a_visitor_whose_form_does_not_come_looks_nothing_up(serve) -> None:
    site = serve(lambda request: (503, {"Retry-After": "3"}, b""))
    notes = visited(site)
    assert notes.outcomes == {"form": {"503": 20}}
    assert notes.seconds == {}
    assert site.asked == {"/": 20}


@pytest.mark.parametrize(
    ("status", "what"),
    [(404, "not found"), (429, "refused"), (403, "challenged"), (500, "other 5xx")],
)
def test_every_answer_has_its_word(serve, status: int, what: str) -> None:
    site = serve(lambda request: FORM if request.path == "/" else (status, {}, b""))
    notes = visited(site, rate=25)
    assert notes.outcomes["cold"] == {what: 5}
    assert ("cold" in notes.seconds) is (what == "not found")


def in_line(request: Handler) -> Answer:
    """Send everybody into the line, and let each through who asks for the second time."""
    if request.path == "/":
        return FORM
    if request.path.startswith("/klaim/"):
        return 200, {}, b"result"
    place = request.form or request.path.rpartition("/")[2].partition("?")[0]
    address = f"/antre/{place}"
    body = f'<section data-outcome="waiting" data-seconds="40" hx-get="{address}?tadi=40">'.encode()
    if request.path == "/lacak" and request.is_htmx:
        return 202, {"Retry-After": "0", "HX-Push-Url": address}, body
    if request.path == "/lacak":
        return 303, {"Location": address}, b""
    if request.times < (2 if request.is_htmx else 3):
        head = {"Retry-After": "0"} if request.is_htmx else {"Refresh": f"0; url={address}"}
        return 202, head, body
    if request.is_htmx:
        return 200, {"HX-Push-Url": f"/klaim/{place}"}, b"result"
    return 303, {"Location": f"/klaim/{place}"}, b""


@pytest.mark.parametrize("plain", [0, 1], ids=["htmx", "no JavaScript"])
def test_who_is_told_to_wait_comes_back_until_served(serve, plain: int) -> None:
    site = serve(in_line)
    notes = visited(site, Mix(cold=1, unknown=0, plain=plain, absent=0, leaves=0, thinks=0))
    assert notes.outcomes["cold"] == {"waiting": 20}
    assert Counter(wait.outcome for wait in notes.waits) == {"found": 20}
    assert {wait.given for wait in notes.waits} == {40}
    assert {wait.polls for wait in notes.waits} == {2}
    assert {wait.has_script for wait in notes.waits} == {not plain}
    places = [path for path in site.asked if path.startswith("/antre/")]
    assert len(places) == 20
    assert all(path.endswith("?tadi=40") is not bool(plain) for path in places)
    assert all(wait.came <= wait.told_at <= wait.over_at for wait in notes.waits)
    assert len(notes.served) == 20
    assert notes.most_waiting >= 1
    assert "cold" not in notes.seconds


def test_who_leaves_does_not_come_back(serve) -> None:
    site = serve(in_line)
    notes = visited(site, Mix(cold=1, unknown=0, plain=0, absent=0, leaves=1, thinks=0))
    assert Counter(wait.outcome for wait in notes.waits) == {"left": 20}
    assert notes.served == []
    assert not any(re.match("/antre", path) for path in site.asked)


def test_a_warm_visitor_asks_what_was_answered_a_moment_ago(serve) -> None:
    asked = []

    def answer(request: Handler) -> Answer:
        if request.path == "/lacak":
            asked.append(request.form)
        return FORM

    notes = visited(serve(answer), Mix(cold=0.5, unknown=0, plain=0, polls=0, thinks=0), rate=300)
    numbers = Counter(asked)
    cold, warm = (notes.outcomes[kind]["found"] for kind in ("cold", "warm"))
    assert cold + warm == 60
    assert len(set(numbers) - {"nomor=12345678901"}) == cold


def test_who_comes_after_a_warm_visitor_that_had_to_wait_asks_a_number(serve) -> None:
    asked = set()

    def answer(request: Handler) -> Answer:
        if request.path == "/lacak":
            asked.add(request.form)
        return in_line(request)

    mix = Mix(cold=0, unknown=0, plain=0, polls=0, absent=0, leaves=0, thinks=0)
    notes = visited(serve(answer), mix)
    assert notes.outcomes["warm"] == {"waiting": 20}
    assert asked == {"nomor=12345678901"}


def test_a_number_with_nothing_to_show_is_asked_by_one_more_visitor_at_most(serve) -> None:
    asked: Counter[str] = Counter()

    def answer(request: Handler) -> Answer:
        asked[request.form] += 1
        return FORM if request.path == "/" else (404, {}, b"")

    mix = Mix(cold=0.2, unknown=1, plain=0, polls=0, thinks=0)
    # Long enough that even on a busy machine most come after the first were answered.
    notes = visited(serve(answer), mix, rate=60, seconds=2)
    assert notes.outcomes["warm"]["not found"] > notes.outcomes["cold"]["not found"]
    del asked[""], asked["nomor=12345678901"]
    assert max(asked.values()) == 2


def test_a_visitor_who_leaves_the_result_open_asks_once_more(serve, monkeypatch) -> None:
    monkeypatch.setattr("bench.open_loop.crowd.POLL_SECONDS", 0.1)

    def answer(request: Handler) -> Answer:
        if request.path.startswith("/klaim/"):
            is_asked_right = request.headers["If-None-Match"] == "v1"
            return 204 if is_asked_right else 500, {}, b""
        page = b"""hx-headers='{"If-None-Match": "v1"}'"""
        return 200, {"HX-Push-Url": "/klaim/t"}, page

    site = serve(answer)
    notes = visited(site, Mix(cold=1, unknown=0, plain=0, polls=1, thinks=0), rate=25)
    assert notes.outcomes["poll"] == {"found": 5}
    assert site.asked["/klaim/t?sejak=v1"] == 5


def test_a_flood_counts_what_it_was_answered(serve) -> None:
    site = serve(lambda request: (429, {}, b""))
    noted = flood(site.port, Flood(200, "48"), seconds=0.5)
    assert noted.statuses == {429: 100}
    assert noted.unsent == 0
    assert len(site.addresses) == 100
