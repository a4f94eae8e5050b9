"""Pages that say the same to everybody: rendered once, kept with their compressed twins.

Nothing of a person is in them, so compressing them tells nobody anything (BREACH needs a
secret and an input of the attacker in one body).
"""

import gzip
import time
from collections.abc import Callable, Iterable
from functools import partial
from hashlib import sha256
from typing import Any, NamedTuple

import brotli

from ..claims_api.shelf import Shelf
from ..records import note
from .headers import VARY, Application, Environ, Start, base_of

MOST_KEPT = 64
"""Pages kept; the one asked for longest ago leaves. More come only from made-up host names."""

MAX_NEW_A_MINUTE = 16
"""Pages compressed in a minute where pages name their host: made-up ones would cost 10 ms each."""

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
        self._kept = Shelf[tuple[str, ...], dict[str, Coded]](MOST_KEPT, MOST_KEPT)
        self._clock = clock
        self._minute, self._new = 0.0, 0

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
            told: list[Any] = []
            parts = self._site(
                {**environ, "REQUEST_METHOD": "GET"}, lambda *answer: told.extend(answer)
            )
            body = b"".join(parts)
            if not told[0].startswith("200"):
                start_response(*told)
                return [body]
            kept = {coding: _coded(coding, told[1], body) for coding in _CODINGS}
            self._kept.put((path, *base), kept, 1)
        note(route=path)
        accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
        page = kept[next(coding for coding in _CODINGS if not coding or _accepts(accepted, coding))]
        if page.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
            start_response("304 Not Modified", [*page.unchanged])
            return []
        start_response("200 OK", [*page.headers])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [page.body]

    def _may_make_one(self) -> bool:
        """Return whether one more page may be made, and count it; not locked, so about so many."""
        if not self._host_matters:
            return True
        minute = self._clock() // 60
        if minute != self._minute:
            self._minute, self._new = minute, 0
        self._new += 1
        return self._new <= MAX_NEW_A_MINUTE


def _coded(coding: str, headers: Headers, body: bytes) -> Coded:
    etag = f'"{sha256(body).hexdigest()[:16]}{coding}"'
    kept = [pair for pair in headers if pair[0].lower() not in ("content-length", "vary")]
    kept += [("Vary", f"{VARY}, Accept-Encoding"), ("ETag", etag)]
    packed = _CODINGS[coding](body)
    encoding = [("Content-Encoding", coding)] if coding else []
    return Coded(etag, kept, [*kept, *encoding, ("Content-Length", str(len(packed)))], packed)


def _accepts(header: str, coding: str) -> bool:
    """Return whether a coding is named, and not refused with q=0 (RFC 9110, 12.5.3)."""
    for each in header.split(","):
        name, _, weight = each.partition(";")
        if name.strip().lower() == coding:
            return weight.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
