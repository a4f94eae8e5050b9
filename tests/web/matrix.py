"""Everything that changes an answer, as lists: settings, and what a request and the core bring.

An asker is one value of each dimension. Askers who differ in one dimension alone are what shows
that something kept for one is given to another; `askers` makes them around a few of different
kinds. What is in no list here fails `test_matrix.py`.
"""

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

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import SECRET
from tests.domain.claims import claim
from tests.partners import partner, partners_file
from tracking_site.app import create_app
from tracking_site.data.calendar import load_calendar
from tracking_site.domain.claims import Appointment, Claim, Snapshot, StageDuration
from tracking_site.domain.identifiers import Identifier
from tracking_site.following.versions import Version
from tracking_site.lookup import Found, LookupService
from tracking_site.settings import Settings
from tracking_site.web.partners import Partner, Partners
from tracking_site.web.rendering import load_templates
from tracking_site.web.renderings import Renderings

NOW = datetime(2026, 11, 12, 3, 4, 30, tzinfo=UTC)
NUMBERS = {"nik": "3174054501900005", "kpj": "00001234545"}
CARDS = ("45", "9Z")
PASSING = frozenset({"Date", "X-Request-ID"})


@dataclass(frozen=True)
class Asker:
    """How somebody asks, and what is so when they do. The defaults are how most do."""

    language: str = ""
    tree: str = "tracking"
    way: str = "look up"
    part: str = "htmx"
    card: str = CARDS[0]
    number: str = "nik"
    options: tuple[tuple[str, str], ...] = ()
    framed_by: str = ""
    address: str = "http://lacak.example"
    seen: str = "nothing"
    core: str = "first"
    waits: str = "none"
    partners: str = "plain"
    seconds: int = 0


def _looks(**more: str) -> tuple[tuple[str, str], ...]:
    return (("pratinjau", "1"), *more.items())


OPTIONS = (
    (("mitra", "koran"),),
    (("mitra", "majalah"),),
    (("mitra", "nobody"),),
    (("mitra", "koran"), ("amp", "1")),
    (("mitra", "koran"), ("aksen", "#0a5c66")),
    _looks(),
    _looks(aksen="#0a5c66"),
    _looks(aksen="#aa00aa"),
    _looks(aksen="no colour"),
    _looks(sudut="3"),
    _looks(tampilan="dark"),
    _looks(tampilan="light"),
    _looks(ringkas="1"),
)

VALUES: Mapping[str, tuple[Any, ...]] = {
    "language": ("", "/en"),
    "tree": ("tracking", "embed"),
    "way": ("look up", "read", "follow", ".atom", ".ics", ".json", "form", "help", "privacy"),
    "part": ("htmx", "whole", "htmx, but whole"),
    "card": CARDS,
    "number": tuple(NUMBERS),
    "options": ((), *OPTIONS),
    "framed_by": ("", "https://koran.example", "https://elsewhere.example"),
    "address": (
        "http://lacak.example",
        "https://lacak.example",
        "http://other.example",
        f"http://{'long.' * 80}example",
        "http://lacak.example/mounted",
    ),
    "seen": ("nothing", "since the first", "the first, polling", "this, polling"),
    "core": ("first", "moved on", "asked later", "stale", "other offset"),
    "waits": ("none", "usual", "longer"),
    "partners": ("plain", "changed"),
    "seconds": (0, 20, 40, 100),
}
"""Every value of every dimension of an asker."""

KINDS = (
    Asker(way="read", core="moved on"),
    Asker(way="read", part="whole"),
    Asker(tree="embed", options=OPTIONS[0], framed_by="https://koran.example"),
    Asker(tree="embed", options=OPTIONS[0], part="whole", way="read"),
    Asker(tree="embed", part="whole", way="read"),
    Asker(way="follow", part="whole"),
    Asker(way="follow"),
    Asker(part="whole"),
    Asker(),
    Asker(tree="embed", options=_looks(aksen="#0a5c66"), part="whole", way="read"),
    Asker(core="stale", language="/en"),
    Asker(way="form", part="whole"),
)

A_PAGE = ("language", "tree", "part", "options", "framed_by", "address", "partners")
"""The dimensions that decide which words and addresses stand on a page."""

A_PERSON = ("language", "way", "part", "card", "number", "seen", "core")
"""Those that decide what a page says of a person."""

BY_FIELD = {
    "nomor": "number",
    "kartu": "card",
    "sejak": "seen",
    "mitra": "options",
    "pratinjau": "options",
    "aksen": "options",
    "sudut": "options",
    "tampilan": "options",
    "ringkas": "options",
    "amp": "options",
    "HX-Request": "part",
    "HX-Request-Type": "part",
    "If-None-Match": "seen",
    "Host": "address",
    "Referer": "framed_by",
    "Sec-Fetch-Dest": "framed_by",
}
"""The dimension in which each field, parameter and header is varied."""

CANNOT: Mapping[str, str] = {
    "altcha": "payment: whoever has paid gets what the guard lets through to others at once",
    "tunggu": "payment, as above",
    "tiket": "ends a ticket; the answer is an address",
    "maxwidth": "of oEmbed alone, of which nothing is kept",
    "maxheight": "of oEmbed alone",
    "format": "of oEmbed alone",
    "url": "of oEmbed alone",
    "Accept-Encoding": "coding of constant pages; tests/web/test_constant_pages.py",
    "If-Modified-Since": "of feeds, of which nothing is kept",
    "Authorization": "of operators and of the core's purges",
    "webhook-signature": "of the core's purges",
    "webhook-timestamp": "of the core's purges",
    "X-Forwarded-For": "who is counted; an answer names no network",
}
"""What a request may hold and what cannot change the answer to a lookup, with the reason."""

SETTINGS: Mapping[str, str] = {
    "second_factor": "kpj_suffix",
    "site_notice": "Spanduk lain.",
    "site_notice_en": "Another banner.",
    "site_url": "https://alamat.example",
    "site_file": "site.toml",
    "watch_days": "3",
    "embed_origins": "https://elsewhere.example",
    "partners_file": "",
}
"""Settings that change an answer, each with another value than the usual one."""

USUAL: tuple[str, ...] = ()
ONE_CARD = ("second_factor",)
TOGETHER = (
    USUAL,
    ONE_CARD,
    ("site_notice", "site_notice_en", "site_url", "site_file", "watch_days"),
    ("embed_origins", "partners_file"),
)
"""Settings that one site has at once; each of them stands in one of these."""

CANNOT_SETTINGS: Mapping[str, str] = {
    "claims_api_url": "where claims come from; what they say is the dimension `core`",
    "claims_api_token": "as above",
    "secret_keys": "tickets and keys alone",
    "ticket_minutes": "tickets alone",
    "redis_url": "where answers of the core lie; renderings stay in the process",
    "trusted_proxies": "who is counted",
    "web_threads": "how many are served at once",
    "web_concurrency": "as above",
    "bind": "where the site listens",
    "port": "as above",
    "cache_fresh_seconds": "when the core is asked again; what comes of it is `core`",
    "cache_megabytes": "as above",
    "watch_requests_per_minute": "whether one is refused; refusals are never kept",
    "revoked_keys": "whether an address opens; that it does not is never kept",
    "core_connect_seconds": "how long is waited for the core",
    "core_total_seconds": "as above",
    "core_connections": "as above",
    "requests_per_minute": "whether one is refused",
    "carrier_requests_per_minute": "as above",
    "requests_per_second": "as above",
    "purge_token": "of the core's purges",
    "metrics_token": "of operators",
    "carriers_file": "who is counted, and how",
    "pow_scale": "how much work is asked; challenges are never kept",
    "guard_off": "whether work is asked",
    "log_level": "what is logged",
}
"""Settings that cannot change what is kept, with the reason."""

_ENTRIES = {
    "plain": (partner("koran"), partner("majalah", appearance="dark", compact=True)),
    "changed": (
        partner("koran", "https://other.example", accent="#0a5c66", radius=3, compact=True),
        partner("majalah", appearance="light"),
    ),
}
"""The file of partners now, and after it was changed."""

CANNOT_OF_A_PARTNER: Mapping[str, str] = {
    "slug": "the option `mitra`",
    "name": "is shown nowhere",
    "language": "which form opens; a redirect, never kept",
    "accepts": "whether a number is taken; never kept",
    "daily_lookups": "how much work is asked",
    "disabled": "the link card, never kept",
}


def askers(settings: tuple[str, ...]) -> list[Asker]:
    """Return askers of every kind, and around some those who differ from them in one thing alone.

    As usual around those whose answers are rendered in ways of their own, in everything. With
    other settings around a whole page, or that and a part, in what those may have to do with.
    """
    kinds, names = {USUAL: (KINDS[:4], tuple(VALUES)), ONE_CARD: (KINDS[:2], A_PERSON)}.get(
        settings, (KINDS[1:2], A_PAGE)
    )
    around = [
        replace(kind, **{name: value}) for kind in kinds for name in names for value in VALUES[name]
    ]
    return [*dict.fromkeys([*KINDS, *around])]


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
            "REQUESTS_PER_SECOND": "1000000",
            "WATCH_REQUESTS_PER_MINUTE": "100000",
        }
        _site_file(folder)
        changes = {name.upper(): SETTINGS[name] for name in settings}
        if "site_file" in settings:
            changes["SITE_FILE"] = str(folder / SETTINGS["site_file"])
        built = Settings.from_env(environ | changes)
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


def _partners(folder: Path, kind: str) -> Path:
    path, entries = folder / "partners.toml", "".join(_ENTRIES[kind])
    if not path.exists() or path.read_text() != entries:
        partners_file(folder, entries)
    return path


def partners_of(kind: str) -> list[Partner]:
    """Return the partners whom askers of this kind meet."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Partners(_partners(Path(folder), kind), lambda: 0.0)
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

_USUAL = StageDuration("jht", "document_check", 1, 2, 3, claims=100, window_days=90)
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
    found = LookupService(core, load_calendar(), lambda: NOW).look_up(NUMBERS["nik"])
    assert isinstance(found, Found)
    return str(Version.of(found))
