"""Static files under names that hold their fingerprint, with their compressed twins.

The same address never shows two contents, so every file may be kept for a year.
"""

import gzip
import hashlib
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import brotli

from .layers import FOR_OTHER_SITES, FRAMED, PREFIX, Application, Environ, Start, accepts

BUNDLES: Mapping[str, tuple[str, ...]] = {
    "css/site.css": ("css/tokens.css", "css/base.css", "css/components.css"),
    "css/frame.css": ("css/tokens.css", "css/base.css", "css/components.css", "css/embed.css"),
}
"""Files that a page needs together are sent as one: each request costs a round trip."""

_TYPES = {
    ".css": 'text/css; charset="utf-8"',
    ".js": 'text/javascript; charset="utf-8"',
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
}
"""Of all that lies in `/static/`, by how its name ends."""

_COMPRESSED = frozenset({".css", ".js", ".svg"})
_WORKER = ".worker."
"""In the name of a script that runs beside its page."""

_YEAR = 31_536_000
_FINGERPRINT = 10
_OF_OTHERS = "vendor"
_COMMENT = re.compile(rb"^[ \t]*+(?://[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/[ \t]*+)\n", re.MULTILINE)
"""A comment that has its lines to itself."""

_SPACED = re.compile(rb"(?<!\s)\s++(?=[{};,])|(?<=[{};,])\s++|(?<=[a-z0-9]:)\s++")
"""In styles the space around these says nothing; no text in ours holds such a place."""

_ASKED = re.compile(r"asset\('([^']+)'\)")


READING = ("GET", "HEAD")
CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "br": partial(brotli.compress, quality=11),
    "gzip": partial(gzip.compress, compresslevel=9, mtime=0),
    "": bytes,
}
"""What makes a body of each content coding, the one preferred first."""

Headers = list[tuple[str, str]]


class Coded(NamedTuple):
    """What is sent in one coding; `unchanged` are the headers where its tag is known."""

    etag: str
    unchanged: Headers
    headers: Headers
    body: bytes

    @classmethod
    def of(cls, coding: str, body: bytes, headers: Headers, etag: str) -> "Coded":
        unchanged, packed = [*headers, ("ETag", etag)], CODINGS[coding](body)
        encoding = [("Content-Encoding", coding)] if coding else []
        length = ("Content-Length", str(len(packed)))
        return cls(etag, unchanged, [*unchanged, *encoding, length], packed)


def sent(kept: Mapping[str, Coded], environ: Environ, start_response: Start) -> Iterable[bytes]:
    """Answer who reads with the coding that is preferred of those kept, by their names."""
    chosen = kept[next(coding for coding in kept if not coding or accepts(environ, coding))]
    if chosen.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
        start_response("304 Not Modified", [*chosen.unchanged])
        return []
    start_response("200 OK", [*chosen.headers])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [chosen.body]


@dataclass(frozen=True, slots=True)
class Assets:
    """The files of a static folder: `path_of` maps a plain name to the fingerprinted one."""

    path_of: Mapping[str, str]
    integrity_of: Mapping[str, str]
    contents: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def of(
        cls, folder: Path, theme: str = "", files: Mapping[str, bytes] = MappingProxyType({})
    ) -> "Assets":
        """Read every file of the folder and name it by its content.

        Comments of our own styles and scripts are left out: browsers do not read them.
        `theme` is laid over every bundle of styles; `files` are the operator's own, by name.
        """
        plain = {
            path.relative_to(folder).as_posix(): _as_served(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.name.startswith(".") and path.suffix != ".md"
        }
        for bundle, parts in BUNDLES.items():
            if all(part in plain for part in parts):
                plain[bundle] = b"\n".join([*(plain[part] for part in parts), theme.encode()])
        plain |= files
        path_of = {name: _fingerprinted(name, content) for name, content in plain.items()}
        return cls(
            path_of=path_of,
            integrity_of={name: _integrity(content) for name, content in plain.items()},
            contents={path_of[name]: content for name, content in plain.items()},
        )

    def look(self, templates: Path) -> Callable[[], str | None]:
        """Return a check that every file which the templates name is there."""
        asked = {
            name
            for path in templates.rglob("*.html")
            for name in _ASKED.findall(path.read_text(encoding="utf-8"))
        }
        missing = sorted(asked - set(self.path_of))
        problem = f"Static files are missing: {', '.join(missing)}." if missing else None
        return lambda: problem

    def coded(self, name: str) -> "Mapping[str, Coded]":
        """Return a fingerprinted file as it is sent, in each content coding by its name."""
        stem = Path(name)
        headers = [
            ("Content-Type", _TYPES[stem.suffix]),
            ("Cache-Control", f"max-age={_YEAR}, public, immutable"),
            ("Access-Control-Allow-Origin", "*"),
            ("Referrer-Policy", "same-origin"),
            ("X-Content-Type-Options", "nosniff"),
            *(FRAMED if _WORKER in name else FOR_OTHER_SITES).items(),
        ]
        # One for all codings of it, whenever and wherever it was packed: so a weak one.
        etag = f'W/"{stem.name}"'
        is_packed = stem.suffix in _COMPRESSED
        headers += [("Vary", "Accept-Encoding")] if is_packed else []
        codings = CODINGS if is_packed else ("",)
        return {each: Coded.of(each, self.contents[name], headers, etag) for each in codings}


def _as_served(path: Path) -> bytes:
    """Return a file as browsers get it: a sixth of our styles and scripts is for who reads them."""
    content = path.read_bytes()
    is_ours = path.suffix in (".css", ".js") and path.parent.name != _OF_OTHERS
    if not is_ours:
        return content
    content = _COMMENT.sub(b"", content)
    return _SPACED.sub(b"", content) if path.suffix == ".css" else content


def _fingerprinted(name: str, content: bytes) -> str:
    stem, dot, ending = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:_FINGERPRINT]}{dot}{ending}"


def _integrity(content: bytes) -> str:
    return "sha384-" + b64encode(hashlib.sha384(content).digest()).decode()


class StaticFiles:
    """Answers for what lies in `/static/`, compressed and for a year.

    A file is compressed when it is asked for the first time, unless `pack` did so for all of them.
    """

    def __init__(self, site: Application, assets: Assets) -> None:
        self._site, self._assets = site, assets
        self._coded = cache(assets.coded)

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        name = environ["PATH_INFO"].removeprefix(PREFIX)
        if environ["REQUEST_METHOD"] not in READING or name not in self._assets.contents:
            return self._site(environ, start_response)
        return sent(self._coded(name), environ, start_response)

    def pack(self) -> None:
        """Compress every file now: for a process that is forked, once for all of them."""
        for name in self._assets.contents:
            self._coded(name)
