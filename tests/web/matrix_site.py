"""A site that an asker of the matrix asks, from the first step to the answer."""

import gc
import os
import pickle
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from hashlib import blake2b
from pathlib import Path
from typing import Any
from unittest.mock import patch

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import SECRET
from tests.domain.claims import claim
from tests.partners import partner, partners_file
from tests.web.matrix import NUMBERS, SETTINGS, USUAL, Asker
from tracking_site.app import create_app
from tracking_site.data.facts import load_calendar
from tracking_site.domain.claims import Appointment, Claim, Snapshot, StageDuration
from tracking_site.domain.identifiers import Identifier, Nik
from tracking_site.domain.outcomes import Found, Version
from tracking_site.following import keys
from tracking_site.following.sightings import MemorySightings
from tracking_site.guard.desk import LookupService
from tracking_site.settings import Settings
from tracking_site.web.embed.partners import Partner, Partners
from tracking_site.web.rendering import Renderings
from tracking_site.web.templates import load_templates

NOW = datetime(2026, 11, 12, 3, 4, 30, tzinfo=UTC)
PASSING = frozenset({"Date", "X-Request-ID"})
"""Headers that differ between two answers by their nature."""


@dataclass(frozen=True)
class Told:
    """An answer, without what differs between two answers by its nature."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str


class Site:
    """An application that nobody has asked yet, over a core that says what an asker has it say."""

    def __init__(
        self,
        folder: Path,
        settings: tuple[str, ...] = USUAL,
        renderings: Callable[[bool], Renderings] = Renderings,
    ) -> None:
        self._folder = folder
        self._core = _Core()
        self._usual = WAITS["none"]
        self._now = NOW
        self._asker = Asker()
        environ = {
            "CLAIMS_API_URL": "http://you-forgot-to-give-a-claims-source.invalid",
            "SECRET_KEYS": SECRET,
            "SITE_NOTICE": "Data contoh.",
            "GUARD_OFF": "1",
            "EMBED_ORIGINS": "https://koran.example",
            "PARTNERS_FILE": str(_partners(folder, "plain")),
            "REQUESTS_PER_MINUTE": "1000000",
            "WATCH_REQUESTS_PER_MINUTE": "100000",
        }
        _site_file(folder)
        changes = {name.upper(): SETTINGS[name] for name in settings}
        if "site_file" in settings:
            changes["SITE_FILE"] = str(folder / SETTINGS["site_file"])
        built = Settings.from_env(environ | changes)
        # Since when a number has looked as it does is the same for all who follow it, on purpose.
        # Here one number has many histories, so nothing of them is remembered.
        with patch.object(keys, "MemorySightings", partial(MemorySightings, most=0)):
            self.app: Flask = create_app(
                built,
                self._core,
                lambda: self._now,
                renderings=renderings(built.site_url is None),
                durations=lambda: self._usual,
                random_bytes=self._chance,
            )

    def fresh(self, asking: Sequence[Asker]) -> dict[Asker, Told]:
        """Return what each is answered who is the first to ask, and the only one."""
        load_templates(self.app)
        self.app.test_client().get("/-/healthz")
        return {asker: _in_a_copy(partial(self.ask, asker)) for asker in asking}

    def ask(self, asker: Asker) -> Told:
        """Return what an asker is answered at last."""
        self._asker = asker
        self._core.says = CORE[asker.core]
        self._usual = WAITS[asker.waits]
        self._now = NOW + timedelta(seconds=asker.seconds)
        _partners(self._folder, asker.partners)
        return _told(_Visit(self.app.test_client(), asker).answer())

    def _chance(self, count: int) -> bytes:
        """Return bytes that are the same whenever this asker needs some, and nobody else's."""
        return blake2b(repr(self._asker).encode(), digest_size=count).digest()


def _in_a_copy(work: Callable[[], Told]) -> Told:
    """Return what comes of it in a copy of this process, so that this one knows nothing of it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        # Collecting would touch, and so copy, all that this process holds.
        gc.disable()
        try:
            with os.fdopen(writing, "wb") as pipe:
                pickle.dump(work(), pipe)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told: Told = pickle.load(pipe)
    os.waitpid(child, 0)
    return told


class _Core:
    says = Snapshot((), NOW)

    def claims_of(self, identifier: Identifier) -> Snapshot:
        return self.says


class _Visit:
    """One asker's way to the answer; each step as a browser takes it."""

    def __init__(self, client: FlaskClient, asker: Asker) -> None:
        self._client = client
        self._asker = asker
        self._root = asker.language + ("/sematan" if asker.tree == "embed" else "")

    def answer(self) -> TestResponse:
        asker = self._asker
        constant = {
            "form": self._root if asker.tree == "embed" else f"{asker.language}/",
            "help": f"{asker.language}/bantuan",
            "privacy": f"{asker.language}/privasi",
        }
        if asker.way in constant:
            return self._get(constant[asker.way])
        if asker.way == "look up":
            return self._last(self._look_up(self._headers()))
        address = self._place_of(self._look_up({}))
        if asker.way != "read":
            made = self._client.post(f"{address}/pantau", **self._given({}))
            address = self._place_of(made) + asker.way.removeprefix("follow")
        return self._read(address)

    def _look_up(self, headers: Mapping[str, str]) -> TestResponse:
        form = {"nomor": NUMBERS[self._asker.number], "kartu": self._asker.card}
        given = self._given(headers)
        return self._client.post(f"{self._root}/lacak", data=form, **given)

    def _read(self, address: str) -> TestResponse:
        seen, query, headers = self._asker.seen, {}, {}
        if seen == "since the first":
            query = {"sejak": first_version()}
        elif seen == "the first, polling":
            headers = {"If-None-Match": first_version()}
        elif seen == "this, polling":
            page = self._client.get(address, **self._given(self._headers()))
            version = re.search(r'"If-None-Match": "([^"]+)"', page.text)
            headers = {"If-None-Match": version[1]} if version else {}
        return self._get(address, headers, query)

    def _last(self, response: TestResponse) -> TestResponse:
        return self._get(self._place_of(response)) if response.status_code == 303 else response

    def _get(
        self, path: str, headers: Mapping[str, str] | None = None, query: Any = None
    ) -> TestResponse:
        return self._client.get(path, **self._given(self._headers() | (headers or {}), query))

    def _given(self, headers: Mapping[str, str], query: Any = None) -> dict[str, Any]:
        return {
            "headers": dict(headers),
            "base_url": self._asker.address,
            "query_string": {**dict(self._asker.options), **(query or {})},
        }

    def _headers(self) -> dict[str, str]:
        asker = self._asker
        of_part = {
            "htmx": {"HX-Request": "true", "HX-Request-Type": "partial"},
            "htmx, but whole": {"HX-Request": "true", "HX-Request-Type": "full"},
            "whole": {},
        }[asker.part]
        of_frame = {"Sec-Fetch-Dest": "iframe", "Referer": f"{asker.framed_by}/"}
        return of_part | (of_frame if asker.framed_by else {})

    def _place_of(self, response: TestResponse) -> str:
        """Return the path that a redirect leads to, below where the site is mounted."""
        place = response.headers.get("Location", "/").partition("?")[0]
        mounted = "/mounted" if self._asker.address.endswith("/mounted") else ""
        return place.removeprefix(mounted)


def _told(response: TestResponse) -> Told:
    headers = sorted(each for each in response.headers if each[0] not in PASSING)
    return Told(response.status_code, tuple(headers), response.text)


_ENTRIES = {
    "plain": (partner("koran"), partner("majalah", appearance="dark", compact=True)),
    "changed": (
        partner("koran", "https://other.example", accent="#0a5c66", radius=3, compact=True),
        partner("majalah", appearance="light"),
    ),
}
"""The file of partners now, and after it was changed."""


def _partners(folder: Path, kind: str) -> Path:
    path, entries = folder / "partners.toml", "".join(_ENTRIES[kind])
    if not path.exists() or path.read_text() != entries:
        partners_file(folder, entries)
    return path


def partners_of(kind: str) -> list[Partner]:
    """Return the partners whom askers of this kind meet."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Partners(_partners(Path(folder), kind))
    found = [listed.look_up(slug) for slug in ("koran", "majalah")]
    return [each for each in found if each is not None]


def _site_file(folder: Path) -> None:
    told = {"name": "Pelacak", "operator": "Lembaga", "phone": "1500", "accent": "#aa00aa"}
    lines = [f'{name} = "{value}"' for name, value in told.items()]
    (folder / SETTINGS["site_file"]).write_text("\n".join(lines))


def _claims(**changes: Any) -> tuple[Claim, ...]:
    """Return a claim for each card, and one without a card."""
    visit = Appointment("interview", NOW, NOW + timedelta(seconds=40))
    return (
        claim("registered", "document_check", reference="A", kpj_suffix="45", **changes),
        claim("registered", "interview", reference="B", kpj_suffix="9Z", appointment=visit),
        claim("registered", service="complaint", reference="C"),
    )


_AS_OF = NOW - timedelta(minutes=3)
_EAST = datetime.fromisoformat("2026-11-09T11:00:00+09:00")
CORE: Mapping[str, Snapshot] = {
    "first": Snapshot(_claims(), _AS_OF),
    "moved on": Snapshot(_claims(state="on_hold"), _AS_OF),
    "asked later": Snapshot(_claims(), NOW - timedelta(seconds=70)),
    "stale": Snapshot(_claims(), _AS_OF, is_stale=True),
    "other offset": Snapshot(_claims(), _AS_OF.astimezone(_EAST.tzinfo)),
}

_USUAL = StageDuration("jht", "document_check", 1, 2, 3, claims=100)
WAITS: Mapping[str, Mapping[tuple[str, str], StageDuration]] = {
    "none": {},
    "usual": {("jht", "document_check"): _USUAL},
    "longer": {("jht", "document_check"): replace(_USUAL, p75=7)},
}


@cache
def first_version() -> str:
    """Return the version of a page that shows what the core said first."""
    core = _Core()
    core.says = CORE["first"]
    found = LookupService(core, load_calendar(), lambda: NOW).look_up_identifier(
        Nik(NUMBERS["nik"])
    )
    assert isinstance(found, Found)
    return str(Version.of(found))
