"""Static files under names that hold their fingerprint, with their compressed twins.

The same address never shows two contents, so every file may be kept for a year.
"""

import gzip
import hashlib
import os
import re
import shutil
import tempfile
import weakref
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from types import MappingProxyType

import brotli
from whitenoise import WhiteNoise

from .layers import FOR_OTHER_SITES, FRAMED, PREFIX, Application, Environ, Start

BUNDLES: Mapping[str, tuple[str, ...]] = {
    "css/site.css": ("css/tokens.css", "css/base.css", "css/components.css"),
    "css/frame.css": ("css/tokens.css", "css/base.css", "css/components.css", "css/embed.css"),
}
"""Files that a page needs together are sent as one: each request costs a round trip."""

_COMPRESSED = frozenset({".css", ".js", ".svg", ".txt", ".json", ".webmanifest"})
_FINGERPRINT = 10
_OF_OTHERS = "vendor"
_COMMENT = re.compile(rb"^[ \t]*+(?://[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/[ \t]*+)\n", re.MULTILINE)
"""A comment that has its lines to itself."""

_INDENTED = re.compile(rb"^[ \t]++", re.MULTILINE)
"""In styles it says nothing."""

_ASKED = re.compile(r"asset\('([^']+)'\)")


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

    def write(self, name: str, folder: Path) -> Path:
        """Write a fingerprinted file, with .br and .gz beside it where it shrinks."""
        target, content = folder / name, self.contents[name]
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(target, content)
        if target.suffix in _COMPRESSED:
            _write(Path(f"{target}.br"), brotli.compress(content, quality=11))
            _write(Path(f"{target}.gz"), gzip.compress(content, 9, mtime=0))
        return target


def _as_served(path: Path) -> bytes:
    """Return a file as browsers get it: a sixth of our styles and scripts is for who reads them."""
    content = path.read_bytes()
    is_ours = path.suffix in (".css", ".js") and path.parent.name != _OF_OTHERS
    if not is_ours:
        return content
    content = _COMMENT.sub(b"", content)
    return _INDENTED.sub(b"", content) if path.suffix == ".css" else content


def _write(target: Path, content: bytes) -> None:
    # Whole at once: another process may be sending it.
    unfinished = target.with_name(f"{target.name}.{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(target)


def _fingerprinted(name: str, content: bytes) -> str:
    stem, dot, ending = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:_FINGERPRINT]}{dot}{ending}"


def _integrity(content: bytes) -> str:
    return "sha384-" + b64encode(hashlib.sha384(content).digest()).decode()


WORKER = ".worker."
"""In the name of a script that runs beside its page."""

YEAR = 31_536_000


class StaticFiles:
    """Answers for what lies in `/static/`, compressed and for a year.

    It is asked for nothing else: WhiteNoise would cost every other address as well. A file
    is compressed when it is asked for the first time, unless `pack` did so for all of them.
    """

    def __init__(self, site: Application, assets: Assets) -> None:
        self._site, self._assets = site, assets
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
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            # WhiteNoise refuses it without a word, and without a header of ours.
            return self._site(environ, start_response)
        name = environ["PATH_INFO"].removeprefix(PREFIX)
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
