"""Everything that changes an answer, as lists: settings, and what a request and the core bring.

An asker is one value of each dimension. Askers who differ in one dimension alone are what shows
that something kept for one is given to another; `askers` makes them around a few of different
kinds. What is in no list here fails `test_matrix.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

NUMBERS = {"nik": "3174054501900005", "kpj": "00001234545"}
CARDS = ("45", "9Z")


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
    "diam": "of a page in the line: whether it reloads; tests/web/test_line.py",
    "tadi": "of a page in the line: which time it said before",
    "pantau": "of a page in the line: the address to return to",
    "altcha": "payment: whoever has paid gets what the guard lets through to others at once",
    "tunggu": "payment, as above",
    "tiket": "ends a ticket, or is returned to from the line; the answer is an address",
    "antre": "gives a place in the line up; the answer is an address",
    "kunci": "names a private address to whoever clears the screen; the answer is an address",
    "matikan": "ends that address too, as above",
    "maxwidth": "of oEmbed alone, of which nothing is kept",
    "maxheight": "of oEmbed alone",
    "format": "of oEmbed alone",
    "di": "what /mitra shows to copy; of no lookup",
    "url": "of oEmbed alone",
    "Accept-Encoding": "coding of constant pages; tests/web/test_constant_pages.py",
    "If-Modified-Since": "of feeds, of which nothing is kept",
    "Authorization": "of operators and of the core's purges",
    "webhook-signature": "of the core's purges",
    "webhook-timestamp": "of the core's purges",
    "Sec-Fetch-Site": "whether a form is read at all; what is refused is never kept",
    "Origin": "as above",
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
    "claims_api_token_file": "as above",
    "claims_source": "as above",
    "core_ca_file": "how the core is reached",
    "core_client_cert_file": "as above",
    "core_client_key_file": "as above",
    "core_headers_file": "as above",
    "core_auth": "as above",
    "core_oauth_url": "as above",
    "core_oauth_id": "as above",
    "core_oauth_secret_file": "as above",
    "core_oauth_scope": "as above",
    "core_hmac_id": "as above",
    "core_hmac_secret_file": "as above",
    "core_proxy": "as above",
    "core_health": "whether the site is called ready",
    "secret_keys": "tickets and keys alone",
    "ticket_minutes": "tickets alone",
    "redis_url": "where answers of the core lie; renderings stay in the process",
    "guard_redis_url": "where the guard counts",
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
    "core_idle_seconds": "how long a connection to the core is kept",
    "requests_per_minute": "whether one is refused",
    "carrier_requests_per_minute": "as above",
    "purge_token": "of the core's purges",
    "metrics_token": "of operators",
    "carriers_file": "who is counted, and how",
    "guard_file": "what the guard remembers of heavy rows when a process is killed",
    "pow_scale": "how much work is asked; challenges are never kept",
    "guard_off": "whether work is asked",
    "log_level": "what is logged",
}
"""Settings that cannot change what is kept, with the reason."""

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
