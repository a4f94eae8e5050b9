"""The site over real HTTP to the sandbox; what a test needs is built as the site builds it."""

import gc
import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark.expression import Expression
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from werkzeug.test import TestResponse

from sandbox import Participant, Sandbox
from tests.once import work_out_once
from tests.pages import assert_fragment_keeps_house_rules, assert_keeps_house_rules
from tracking_site import records
from tracking_site.app import create_app
from tracking_site.settings import Settings

# Examples that meet a cold cache or a busy machine are no failures, in whichever folder. Desks look
# for new examples each time; what is judged once gets the same ones again.
settings.register_profile(
    "patient",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=os.environ.get("CI") == "true",
)
settings.load_profile("patient")

TESTS = Path(__file__).parent
ROOT = TESTS.parent
SECRET = "tests-seal-with-this-key-and-nothing-else-does"
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


MARKER_OF_FOLDER = {
    "attack": "servers",
    "browser": "browser",
    "clients": "clients",
    "deploy": "servers",
}
LEFT_OUT_OF_CHECK = ("browser", "nginx", "servers", "clients", "proofs")
MAY_USE_SERVERS = {"prism", "mock_core", "live_site_with"}

_MARKERS_OF_FILE = re.compile(r"^pytestmark = (.+)$", re.MULTILINE)
_MARKER = re.compile(r"pytest\.mark\.(\w+)")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not so much as import the files of which `-m` chooses nothing."""
    chosen: str = config.getoption("markexpr")
    return True if chosen and chooses_none(chosen, markers_of(collection_path)) else None


@cache
def markers_of(path: Path) -> frozenset[str]:
    """Return what marks every test of a folder or file, as far as that is said for all of them."""
    folder = path.relative_to(TESTS).parts[:1] if path.is_relative_to(TESTS) else ()
    markers = {MARKER_OF_FOLDER[each] for each in folder if each in MARKER_OF_FOLDER}
    if path.is_file() and (said := _MARKERS_OF_FILE.search(path.read_text(encoding="utf-8"))):
        markers.update(_MARKER.findall(said[1]))
    return frozenset(markers)


@cache
def chooses_none(chosen: str, markers: frozenset[str]) -> bool:
    """Return whether `-m` leaves out a test with these markers, whatever others it has."""
    expression = Expression.compile(chosen)
    others = expression.idents() - markers
    possible = (
        markers.union(some)
        for count in range(len(others) + 1)
        for some in combinations(sorted(others), count)
    )
    return not any(expression.evaluate(_is_in(each)) for each in possible)


def _is_in(markers: frozenset[str]) -> Callable[..., bool]:
    return lambda name, **_: name in markers


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `make check` leaves out, by its folder or by what it asks for, and put it first.

    Files are given out in this order, and no worker should be left alone with a long one.
    """
    slow: set[Path] = set()
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        if marker := MARKER_OF_FOLDER.get(folder):
            item.add_marker(marker)
        if MAY_USE_SERVERS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.servers)
        if any(item.get_closest_marker(each) for each in LEFT_OUT_OF_CHECK):
            slow.add(item.path)
    items.sort(key=lambda item: item.path not in slow)


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    """Look for no garbage among the thousands of tests that are being made: a fifth of the time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Have no later collection of garbage go through the thousands of tests that were collected.

    What tests read by the page dies young and in heaps: looked for after every 700 new objects,
    as Python does by itself, it took a tenth of the time.
    What little garbage there is by now stays: to look for it takes each worker a quarter second.
    """
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable(
    report: pytest.CollectReport | pytest.TestReport,
) -> Iterator[None]:
    """Let a worker send no keywords of what passed: nobody reads them, and they are most of it."""
    said: dict[str, Any] = yield
    if isinstance(report, pytest.TestReport) and report.passed:
        said["keywords"] = {}
    return said


work_out_once()

BEGAN = datetime.now(UTC)
TUESDAY_MORNING = datetime(2026, 5, 5, 3, 0, tzinfo=UTC)
OTHERS_KEEP_TIME = {"REDIS_URL", "GUARD_REDIS_URL"}
"""Settings of servers that live by the machine's clock."""


def working_hours() -> datetime:
    """A clock for what is said of days: no test meets a week-end or a midnight by chance."""
    return TUESDAY_MORNING + (datetime.now(UTC) - BEGAN)


@pytest.fixture(autouse=True)
def leaves_nothing_behind() -> Iterator[None]:
    """Fail a test after which the next one of this thread would find another world."""
    before = world_of_this_thread()
    yield
    assert world_of_this_thread() == before


def world_of_this_thread() -> tuple[object, ...]:
    # As it is kept, not decoded: every test is looked at twice.
    environ: dict[bytes, bytes] = os.environ._data.copy()  # type: ignore[attr-defined]
    environ.pop(b"PYTEST_CURRENT_TEST", None)
    return records.QUEUE.seconds, records.current(), environ, Path.cwd()


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as core:
        yield core


@pytest.fixture(scope="session")
def sandbox_at_work() -> Iterator[Sandbox]:
    """A sandbox for which a working day has begun."""
    with Sandbox(clock=working_hours) as core:
        yield core


@pytest.fixture(scope="session")
def samples(sandbox: Sandbox) -> dict[str, Participant]:
    return {sample.situation: sample for sample in sandbox.samples}


@pytest.fixture(scope="session")
def environ(sandbox: Sandbox) -> dict[str, str]:
    return {
        "CLAIMS_API_URL": sandbox.url,
        "SECRET_KEYS": SECRET,
        "SITE_NOTICE": "Data contoh. Tidak ada data peserta sungguhan.",
        "SITE_NOTICE_EN": "Sample data. No real participant's data.",
        "EMBED_ORIGINS": "https://news.example",
        "REQUESTS_PER_MINUTE": "100000",
        "GUARD_OFF": "1",
    }


class SiteClock:
    """The clock of a site: one of working hours, or the machine's, and what a test lets pass."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)
        self.keeps_machine_time = False

    def __call__(self) -> datetime:
        now = datetime.now(UTC) if self.keeps_machine_time else working_hours()
        return now + self._ahead

    def advance(self, **by: float) -> None:
        """Let time pass, as in `advance(minutes=11)`."""
        self._ahead += timedelta(**by)

    def begin_minute(self) -> None:
        """Let the next minute begin: pages of two minutes differ."""
        now = self()
        self.advance(seconds=60 - now.second, microseconds=-now.microsecond)


@pytest.fixture
def site_clock() -> SiteClock:
    return SiteClock()


@pytest.fixture
def make_site(
    environ: dict[str, str], sandbox_at_work: Sandbox, site_clock: SiteClock
) -> Callable[..., Flask]:
    def make(**changes: Any) -> Flask:
        site_clock.keeps_machine_time = bool(OTHERS_KEEP_TIME & changes.keys())
        core = {} if site_clock.keeps_machine_time else {"CLAIMS_API_URL": sandbox_at_work.url}
        app = create_app(Settings.from_env(environ | core | changes), clock=site_clock)
        app.testing = False
        return app

    return make


@pytest.fixture(scope="session")
def app(environ: dict[str, str]) -> Flask:
    return create_app(Settings.from_env(environ))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


Visit = Callable[..., tuple[TestResponse, BeautifulSoup]]


@pytest.fixture
def visit(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> Visit:
    """Open an address and check that the page keeps the rules of the house."""

    def open_page(
        path: str,
        data: dict[str, str] | None = None,
        *,
        htmx: bool = False,
        follow: bool = True,
        via: FlaskClient = client,
    ) -> tuple[TestResponse, BeautifulSoup]:
        headers = HTMX if htmx else {}
        typed = (data or {}).get("nomor", "")
        response = (
            via.get(path, headers=headers)
            if data is None
            else via.post(path, data=data, headers=headers, follow_redirects=follow)
        )
        assert response.headers.getlist("Set-Cookie") == []
        assert len({name.lower() for name, _ in response.headers}) == len(response.headers)
        if typed.strip():
            assert typed not in caplog.text
        if response.status_code in (204, 303):
            return response, BeautifulSoup("", "html.parser")
        kept = typed if response.status_code in (403, 422, 429, 503) else ""
        if htmx:
            return response, assert_fragment_keeps_house_rules(response.text, kept)
        language = "en" if path == "/en" or path.startswith("/en/") else "id"
        return response, assert_keeps_house_rules(response.text, language, kept)

    return open_page
