"""The site over real HTTP to the sandbox; what a test needs is built as the site builds it."""

import gc
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from werkzeug.test import TestResponse

from sandbox import Participant, Sandbox
from tests.pages import assert_fragment_keeps_house_rules, assert_keeps_house_rules
from tracking_site import records
from tracking_site.app import create_app
from tracking_site.settings import Settings

# Examples that meet a cold cache or a busy machine are no failures, in whichever folder.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

ROOT = Path(__file__).parent.parent
SECRET = "tests-seal-with-this-key-and-nothing-else-does"
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


WITH_SERVERS = {"attack", "deploy"}
MAY_USE_SERVERS = {"prism", "mock_core", "live_site_with"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `make check` leaves out, by its folder or by what it asks for."""
    for item in items:
        folder = item.path.relative_to(ROOT / "tests").parts[0]
        if folder in WITH_SERVERS or MAY_USE_SERVERS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.servers)


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    """Look for no garbage among the thousands of tests that are being made: a fifth of the time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Have no later collection of garbage go through the thousands of tests that were collected."""
    gc.collect()
    gc.freeze()
    gc.enable()


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
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
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
