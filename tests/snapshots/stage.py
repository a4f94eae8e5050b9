"""A site at which time stands still and nothing is left to chance, over a core without a wire."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sandbox import Sandbox
from sandbox.changes import Changes
from sandbox.core import DURATIONS, LOOKUPS, Core, Request
from tests.partners import partner, partners_file
from tracking_site.app import create_app
from tracking_site.claims_api.contract import (
    MIN_CLAIMS,
    decode_durations,
    decode_snapshot,
    encode_lookup,
)
from tracking_site.claims_api.errors import CoreError, Trouble
from tracking_site.domain.claims import Snapshot, StageDuration
from tracking_site.domain.identifiers import Identifier
from tracking_site.settings import Settings

NOW = datetime(2026, 11, 24, 3, 4, tzinfo=UTC)
"""A Tuesday, 10.04 WIB; a full minute, so that a wait of up to one ends at the next."""

SECRET = "snapshots-are-sealed-with-this-key-and-no-other"
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
TOLD = (
    "Content-Type",
    "Location",
    "HX-Push-Url",
    "HX-Replace-Url",
    "HX-Redirect",
    "Allow",
    "Link",
    "Last-Modified",
)
"""Headers that are part of a snapshot; what every answer carries has tests of its own."""

_REPLACED = (
    (re.compile(r"(/static/[\w./-]+?)\.[0-9a-f]{10}\."), r"\1.HASH."),
    (re.compile(r"sha384-[\w+/=]+"), "sha384-HASH"),
    # The library that makes challenges takes its random bytes itself.
    (re.compile(r'data-challenge="[^"]*"'), 'data-challenge="CHALLENGE"'),
)


def same_bytes(count: int) -> bytes:
    """Stand for chance: tickets and keys of one number are one and the same."""
    return bytes(count)


class StillCore:
    """A ClaimsSource: the sandbox at this moment, or what became of it.

    `stale_by` is the age of a last good copy; `error` is raised instead of an answer.
    """

    def __init__(self) -> None:
        self.sandbox = Sandbox(clock=lambda: NOW)
        directory = self.sandbox.directory
        self._core = Core(directory, Changes(directory))
        self.stale_by: timedelta | None = None
        self.error: Exception | None = None

    def claims_of(self, identifier: Identifier) -> Snapshot:
        if self.error is not None:
            raise self.error
        snapshot = decode_snapshot(self._ask("POST", LOOKUPS, encode_lookup(identifier)))
        if self.stale_by is None:
            return snapshot
        return Snapshot(snapshot.claims, NOW - self.stale_by, is_stale=True)

    def durations(self) -> Mapping[tuple[str, str], StageDuration]:
        told = decode_durations(self._ask("GET", DURATIONS))
        kept = [each for each in told if each.claims >= MIN_CLAIMS]
        return {(each.service, each.stage): each for each in kept}

    def is_down(self) -> None:
        self.error = CoreError(Trouble.CONNECTION, retry_after=30)

    def _ask(self, method: str, path: str, body: bytes = b"") -> bytes:
        headers = {"content-type": "application/json"}
        return self._core.answer(Request(method, path, headers, body)).body


class Stage:
    """The site with these settings, and a client that asks it."""

    def __init__(
        self,
        folder: Path,
        guard: Any = None,
        clock: Callable[[], datetime] = lambda: NOW,
        **changes: str,
    ) -> None:
        self.core = StillCore()
        self.usual = self.core.durations()
        environ = {
            "CLAIMS_API_URL": "http://you-forgot-to-give-a-claims-source.invalid",
            "SECRET_KEYS": SECRET,
            "SITE_NOTICE": "Data contoh. Tidak ada data peserta sungguhan.",
            "SITE_NOTICE_EN": "Sample data. No real participant's data.",
            "EMBED_ORIGINS": "https://news.example",
            "PARTNERS_FILE": str(_partners(folder)),
            "REQUESTS_PER_MINUTE": "1000000",
            "GUARD_OFF": "1",
        }
        self.app = create_app(
            Settings.from_env(environ | changes),
            self.core,
            clock,
            guard,
            durations=lambda: self.usual,
            random_bytes=same_bytes,
        )
        self.client: FlaskClient = self.app.test_client()

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def part(self, path: str) -> TestResponse:
        """Return what htmx gets."""
        return self.client.get(path, headers=HTMX)

    def post(self, path: str, *, htmx: bool = False, **fields: str) -> TestResponse:
        return self.client.post(path, data=fields, headers=HTMX if htmx else {})

    def page(self, path: str, **fields: str) -> TestResponse:
        """Return the page that a form leads to."""
        return self.client.post(path, data=fields, follow_redirects=True)


def text_of(response: TestResponse) -> str:
    """Return an answer as a snapshot shows it."""
    lines = [f"HTTP {response.status_code}"]
    lines += [f"{name}: {response.headers[name]}" for name in TOLD if name in response.headers]
    etag = response.headers.get("ETag", "")
    # Of constant pages it is a hash of all bytes, those of file names among them.
    lines += [f"ETag: {etag}"] if etag.startswith("W/") else []
    text = "\n".join([*lines, "", response.get_data(as_text=True)])
    for pattern, replacement in _REPLACED:
        text = pattern.sub(replacement, text)
    return text


def _partners(folder: Path) -> Path:
    return partners_file(
        folder,
        partner("koran", accent="#0a5c66", radius=3),
        partner("kpj-saja", accepts=["kpj"], compact=True, appearance="dark"),
    )
