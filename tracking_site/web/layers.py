"""Plain WSGI in front of Flask: who floods is answered at once, files and pages of all are ready.

Pages that say the same to everybody are rendered once and kept with their compressed twins.
Nothing of a person is in them, so compressing them tells nobody anything (BREACH needs a
secret and an input of the attacker in one body).
"""

import gzip
import os
import shutil
import tempfile
import time
import weakref
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from functools import partial
from hashlib import sha256
from math import inf
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import brotli
from whitenoise import WhiteNoise

from ..cache.stores import BoundedLru
from ..guard.floods import NO_WIDTH, Floods
from ..guard.networks import NETWORK, Network
from ..records import QUEUE, note
from .assets import Assets
from .headers import FOR_OTHER_SITES, FRAMED, VARY, Application, Environ, Start, accepts, base_of
from .unread import HEADERS, PAGE

RETRY_SECONDS = 10


class ShortAnswer(NamedTuple):
    """What a request is answered that goes no further."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


def _answer(status: str, why: str, why_in_english: str) -> ShortAnswer:
    body = PAGE.format(
        title="Situs ini sedang sangat ramai.",
        what_to_do=f"{why} Tunggu sepuluh detik, lalu muat ulang.",
        in_english=f"This site is very busy{why_in_english}. Wait ten seconds, then reload.",
    ).encode()
    length, again = ("Content-Length", str(len(body))), ("Retry-After", str(RETRY_SECONDS))
    return ShortAnswer(status, [*HEADERS, length, again], body)


_FLOODS = _answer(
    "429 Too Many Requests",
    "Terlalu banyak permintaan dari jaringan Anda.",
    ", and your network sends too many requests",
)
_FULL = _answer(
    "503 Service Unavailable",
    "Ini bukan karena Anda. Semua yang baru datang kami minta menunggu sebentar.",
    ". It is not because of you: everyone who comes now is asked to wait a little",
)
PREFIX = "/static/"
_OURS = "/-/"
"""What operators and the core ask, with a token or from this machine; and what anybody probes."""


def shedding(
    site: Application,
    floods: Floods,
    network_of: Callable[[Environ], Network],
    holds_ticket: Callable[[str], bool],
    shed: Callable[[str], None],
    is_trusted: Callable[[Environ], bool],
    probed: Callable[[Environ], ShortAnswer | None],
) -> Application:
    """Wrap the whole site, and note the client's network in the environ for all behind.

    `network_of` names it, as far as the proxies in front are trusted. `holds_ticket` says whether
    an address carries what we sealed; `shed` counts, by the width of what had too much.

    Below `/-/` nobody is shed who `is_trusted`; nor is a probe, which `probed` answers for as
    little as a refusal costs: where one is refused, a node that works is taken away.
    """

    def let_in(environ: Environ, start_response: Start) -> Iterable[bytes]:
        network = environ[NETWORK] = network_of(environ)
        path: Any = environ["PATH_INFO"]
        is_file = QUEUE.is_passed and path.startswith(PREFIX)
        if is_file and not floods.takes_many_files(network):
            return site(environ, start_response)
        answer = None
        if path.startswith(_OURS):
            if is_trusted(environ):
                return site(environ, start_response)
            answer = probed(environ)
        if answer is None:
            width = floods.refuse(network, lambda: holds_ticket(path))
            if width is None:
                return site(environ, start_response)
            shed(width)
            answer = _FULL if width == NO_WIDTH else _FLOODS
        start_response(answer.status, [*answer.headers])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body]

    return let_in


def ticket_in(openers: Mapping[str, Callable[[str], object]]) -> Callable[[str], bool]:
    """Return what says whether an address carries a sealed form that opens.

    `openers` open each by the part of the address before it, and raise where it does not.
    """

    def holds(path: str) -> bool:
        before, _, rest = path.rpartition("/")
        open_ = openers.get(before.rpartition("/")[2])
        if open_ is None:
            return False
        try:
            open_(rest)
        except Exception:  # noqa: BLE001 - whatever is wrong with it, it is no ticket
            return False
        return True

    return holds


WORKER = ".worker."
"""In the name of a script that runs beside its page."""

YEAR = 31_536_000


class StaticFiles:
    """Answers for `/static/` by itself, compressed and for a year; everything else goes on.

    Only those addresses are shown to WhiteNoise, which would cost every other one as well. A file
    is compressed when it is asked for the first time, unless `pack` did so for all of them.
    """

    def __init__(self, site: Application, assets: Assets) -> None:
        self._site = site
        self._assets = assets
        self._folder = Path(tempfile.mkdtemp(prefix="lacak-klaim-static-"))
        weakref.finalize(self, _remove, self._folder, os.getpid())
        self._files = WhiteNoise(
            site,
            max_age=YEAR,
            immutable_file_test=lambda path, url: True,
            add_headers_function=_add_headers,
        )
        self._unpacked = set(assets.contents)
        self._lock = Lock()

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not path.startswith(PREFIX):
            return self._site(environ, start_response)
        name = path.removeprefix(PREFIX)
        if name in self._unpacked:
            self._pack(name)
        answer: Iterable[bytes]
        try:
            answer = self._files(environ, start_response)
        except FileNotFoundError:
            # Whoever clears old files away (systemd-tmpfiles) took one of these with them.
            self._unpacked.add(name)
            self._pack(name)
            answer = self._files(environ, start_response)
        return answer

    def pack(self) -> None:
        """Compress every file now: for a process that is forked, once for all of them."""
        for name in tuple(self._unpacked):
            self._pack(name)

    def _pack(self, name: str) -> None:
        with self._lock:
            if name in self._unpacked:
                written = self._assets.write(name, self._folder)
                self._files.add_file_to_dictionary(PREFIX + name, str(written))
                self._unpacked.remove(name)


def _remove(folder: Path, maker: int) -> None:
    # A process that was forked off ends sooner than the others, which still read there.
    if os.getpid() == maker:
        shutil.rmtree(folder, ignore_errors=True)


def _add_headers(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """Say what a page says of itself, and that frames of other sites may load the file."""
    # One for all codings of it, whenever and wherever it was written out: so a weak one.
    headers["ETag"] = f'W/"{Path(url).name}"'
    headers["Referrer-Policy"] = "same-origin"
    headers["X-Content-Type-Options"] = "nosniff"
    for name, value in (FRAMED if WORKER in url else FOR_OTHER_SITES).items():
        headers[name] = value


MAX_KEPT = 64
"""Pages kept; the one asked for longest ago leaves. More come only from made-up host names."""

MINUTE = 60.0
MAX_NEW_A_MINUTE = 16
"""Pages compressed in a minute where pages name their host: made-up ones would cost 10 ms each."""


def asked_first(
    site: Application, folder: str, first: Callable[[Environ, Start], Iterable[bytes] | None]
) -> Application:
    """Let `first` answer what lies in a folder; where it returns None the site does."""

    def ask(environ: Environ, start_response: Start) -> Iterable[bytes]:
        answer = None
        if f"/{folder}/" in environ["PATH_INFO"]:
            answer = first(environ, start_response)
        return site(environ, start_response) if answer is None else answer

    return ask


_CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "br": partial(brotli.compress, quality=11),
    "gzip": partial(gzip.compress, compresslevel=9, mtime=0),
    "": bytes,
}
"""What makes a body of each content coding, the one preferred first."""

Headers = list[tuple[str, str]]


class Coded(NamedTuple):
    """A page as it is sent in one coding; `unchanged` are the headers where its tag is known."""

    etag: str
    unchanged: Headers
    headers: Headers
    body: bytes


class ConstantPages:
    """Answers for `paths` what the site behind it answered the first time.

    `host_matters` where pages name the host by which they were asked for; then only so many are
    made a minute, and the others come from the site itself, not compressed. `clock` gives seconds.
    """

    def __init__(
        self,
        site: Application,
        paths: Iterable[str],
        host_matters: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._site = site
        self._paths = frozenset(paths)
        self._host_matters = host_matters
        self._kept = BoundedLru[tuple[str, ...], dict[str, Coded]](MAX_KEPT, MAX_KEPT)
        self._clock = clock
        self._since, self._new = -inf, 0

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        path, base = environ["PATH_INFO"], base_of(environ, self._host_matters)
        if (
            path not in self._paths
            or base is None
            or environ["REQUEST_METHOD"] not in ("GET", "HEAD")
            or environ.get("QUERY_STRING")
            or "HTTP_HX_REQUEST" in environ
        ):
            return self._site(environ, start_response)
        kept = self._kept.get((path, *base))
        if kept is None and not self._may_make_one():
            return self._site(environ, start_response)
        if kept is None:
            started: list[Any] = []
            parts = self._site(
                {**environ, "REQUEST_METHOD": "GET"}, lambda *answer: started.extend(answer)
            )
            body = b"".join(parts)
            if not started[0].startswith("200"):
                start_response(*started)
                return [body]
            kept = {coding: _coded(coding, started[1], body) for coding in _CODINGS}
            self._kept.put((path, *base), kept, 1)
        note(route=path)
        page = kept[next(coding for coding in _CODINGS if not coding or accepts(environ, coding))]
        if page.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
            start_response("304 Not Modified", [*page.unchanged])
            return []
        start_response("200 OK", [*page.headers])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [page.body]

    def _may_make_one(self) -> bool:
        """Return whether one more page may be made, and count it; not locked, so about so many."""
        if not self._host_matters:
            return True
        now = self._clock()
        if now - self._since >= MINUTE:
            self._since, self._new = now, 0
        self._new += 1
        return self._new <= MAX_NEW_A_MINUTE


def _coded(coding: str, headers: Headers, body: bytes) -> Coded:
    etag = f'"{sha256(body).hexdigest()[:16]}{coding}"'
    kept = [pair for pair in headers if pair[0].lower() not in ("content-length", "vary")]
    kept += [("Vary", f"{VARY}, Accept-Encoding"), ("ETag", etag)]
    packed = _CODINGS[coding](body)
    encoding = [("Content-Encoding", coding)] if coding else []
    return Coded(etag, kept, [*kept, *encoding, ("Content-Length", str(len(packed)))], packed)
