"""Pages that say the same to everybody: rendered once, kept with their compressed twins.

Nothing of a person is in them, so compressing them tells nobody anything (BREACH needs a
secret and an input of the attacker in one body).
"""

import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import Any

import brotli

from ..records import note
from .headers import VARY, Application, Environ, Start, base_of

MOST_KEPT = 64
"""Pages kept; the oldest leaves. More come only where somebody makes up host names."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A page as it is sent; `bodies` by content coding."""

    headers: tuple[tuple[str, str], ...]
    etag: str
    bodies: Mapping[str, bytes]


class ConstantPages:
    """Answers for `paths` what the site behind it answered the first time.

    `host_matters` where pages name the host by which they were asked for.
    """

    def __init__(self, site: Application, paths: Iterable[str], host_matters: bool) -> None:
        self._site = site
        self._paths = frozenset(paths)
        self._host_matters = host_matters
        self._lock = Lock()
        self._kept: dict[tuple[str, ...], Kept] = {}

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
        key = (path, *base)
        kept = self._kept.get(key)
        if kept is None:
            status, headers, body = self._asked(environ)
            if not status.startswith("200"):
                start_response(status, headers)
                return [body]
            kept = self._keep(key, _packed(headers, body))
        note(route=path)
        return _sent(kept, environ, start_response)

    def _keep(self, key: tuple[str, ...], page: Kept) -> Kept:
        with self._lock:
            while len(self._kept) >= MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = page
        return page

    def _asked(self, environ: Environ) -> tuple[str, list[tuple[str, str]], bytes]:
        told: list[Any] = []
        body = self._site(
            {**environ, "REQUEST_METHOD": "GET"},
            lambda status, headers: told.extend([status, headers]),
        )
        return told[0], told[1], b"".join(body)


def _packed(headers: list[tuple[str, str]], body: bytes) -> Kept:
    dropped = ("content-length", "vary")
    return Kept(
        headers=(
            *(pair for pair in headers if pair[0].lower() not in dropped),
            ("Vary", f"{VARY}, Accept-Encoding"),
        ),
        etag=sha256(body).hexdigest()[:16],
        bodies={
            "br": brotli.compress(body, quality=11),
            "gzip": gzip.compress(body, 9, mtime=0),
            "": body,
        },
    )


def _sent(kept: Kept, environ: Environ, start_response: Start) -> Iterable[bytes]:
    accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
    coding = next((each for each in ("br", "gzip") if _accepts(accepted, each)), "")
    etag = f'"{kept.etag}{coding}"'
    headers = [*kept.headers, ("ETag", etag)]
    if etag in environ.get("HTTP_IF_NONE_MATCH", ""):
        start_response("304 Not Modified", headers)
        return []
    body = kept.bodies[coding]
    if coding:
        headers.append(("Content-Encoding", coding))
    headers.append(("Content-Length", str(len(body))))
    start_response("200 OK", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _accepts(header: str, coding: str) -> bool:
    """Tell whether a coding is named, and not refused with q=0 (RFC 9110, 12.5.3)."""
    for each in header.split(","):
        name, _, weight = each.partition(";")
        if name.strip().lower() == coding:
            return weight.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
