"""What templates read, and how they are compiled: once for each language and door."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache, partial
from hashlib import blake2b
from importlib.util import MAGIC_NUMBER, cache_from_source
from pathlib import Path
from typing import Any

import flask
import jinja2
import markupsafe
import werkzeug
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from ..telling.languages import LANGUAGES
from ..telling.words import Words
from .assets import Assets
from .folding import FoldingEnvironment, NotConstantError
from .identity import Identity
from .rendering import current_words, know_requests, link, unbroken

APART = frozenset(
    f"partials/_{part}.html"
    for part in (
        *("result", "claim", "form", "lookup", "error", "error_body", "error_headline"),
        *("not_found", "invalid", "challenge", "refused", "unavailable", "waiting"),
    )
)
"""Parts that are an answer of their own, or stand in many pages."""

_PAGES: Mapping[str, tuple[str, ...]] = {
    "tracking": ("base", "tracking", "follow", "embedding", "pages", "components"),
    "embed": ("embed",),
}
"""What the pages of each door are made of: folders, and the template that they extend."""

_ALONE = frozenset({"partials/_headline.html"})
"""Said by itself to programs; in a page it stands in place."""

_PACKAGE = Path(__file__).parent.parent
_TEMPLATES = _PACKAGE.parent / "templates"
_COMPILERS = (flask, jinja2, markupsafe, werkzeug)
_LOADED = time.time()
_LOADING_SECONDS = 10
"""The modules of the site were read within that time, or a little longer on a busy machine."""


def installed() -> list[str]:
    """Return the names, with their versions, of what is installed beside what compiles."""
    beside = {Path(str(module.__file__)).parent.parent for module in _COMPILERS}
    names = {path.name for folder in beside for path in folder.iterdir()}
    return sorted(name for name in names if name.endswith((".dist-info", ".egg-info")))


@cache
def _sources() -> tuple[bytes, tuple[str, ...]]:
    """Return a digest of all of the tree that decides what a template is compiled to, and it."""
    digest, paths = blake2b(MAGIC_NUMBER + repr(installed()).encode()), []
    for top, endings in ((_PACKAGE, (".py", ".mo")), (_TEMPLATES, (".html",))):
        for folder, _, names in os.walk(top):
            paths += [f"{folder}{os.sep}{name}" for name in names if name.endswith(endings)]
    for path in sorted(paths):
        content = Path(path).read_bytes()
        digest.update(f"{path} {len(content)}\0".encode() + content)
    return digest.digest(), tuple(paths)


def _are_as_loaded() -> bool:
    """Return whether no source was changed since this process read it."""
    began = _LOADED - _LOADING_SECONDS
    # Of all times that of the last change of a file's state is the one that nobody can set.
    return all(Path(path).stat().st_ctime < began for path in _sources()[1])


class ByteCode(FileSystemBytecodeCache):
    """Keeps what the templates of one language and door were compiled to, for the next process.

    A file counts only with a digest of everything that it was made from. `known` names the file,
    `worked_out` is whatever else was written into the code. Nothing raises: where a file cannot
    be read or written there is none.
    """

    def __init__(self, known: Mapping[str, object], worked_out: object) -> None:
        label = blake2b(repr(known).encode(), digest_size=6).hexdigest()
        folder = Path(cache_from_source(str(_TEMPLATES / "page"))).parent
        super().__init__(str(folder), f"%s.{label}.pyc")
        self._made_from = repr((known, worked_out)).encode()

    def get_source_checksum(self, source: str) -> str:
        """Return a digest of all that a template is compiled from."""
        digest = blake2b(_sources()[0])
        digest.update(self._made_from + b"\0" + source.encode())
        return digest.hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        # Of what is in a file that is broken anything may be raised.
        with suppress(Exception):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            if not sys.dont_write_bytecode and _are_as_loaded():
                Path(self.directory).mkdir(parents=True, exist_ok=True)
                super().dump_bytecode(bucket)
                # Whoever else runs the site may read it.
                Path(self._get_cache_filename(bucket)).chmod(0o644)


def load_templates(app: Flask) -> None:
    """Compile every page now, so that no visitor waits for it and processes share them."""
    environments: Mapping[tuple[str, str], FoldingEnvironment] = app.extensions["templates"]
    pages = app.jinja_env.list_templates(extensions=["html"])
    for (_, at), environment in environments.items():
        own = {name for name in pages if name.removesuffix(".html").split("/")[0] in _PAGES[at]}
        wanted = {name for name in own if "/_" not in name} - {"pages/pattern.html"}
        for name in wanted | APART | _ALONE:
            environment.get_template(name)


def prepare_templates(
    app: Flask,
    words: Mapping[str, Words],
    assets: Assets,
    identity: Identity,
    notice_in: Callable[[str], str | None],
) -> None:
    """Give templates their language, addresses, files and the site's identity."""
    know_requests(app, words)
    environment: FoldingEnvironment = app.jinja_env  # type: ignore[assignment]
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: current_words().gettext(text),
        lambda one, many, n: current_words().ngettext(one, many, n),
        newstyle=True,
    )
    of_files: dict[str, Callable[[str], str]] = {
        "asset": lambda name: f"/static/{assets.path_of[name]}",
        "integrity": assets.integrity_of.__getitem__,
    }
    environment.globals.update(of_files, link=link, site=identity, languages=LANGUAGES)
    environment.filters.update(whole=whole, unbroken=unbroken)

    def environment_for(language: str, at: str) -> FoldingEnvironment:
        known = {
            "lang": language,
            "blueprint": at,
            "framed": at == "embed",
            "site": identity,
            "site_notice": notice_in(language),
        }
        translate = partial(translated, words[language])
        addresses = {"link": partial(_constant_link, app, language)}
        return environment.folding(
            known,
            of_files | addresses | {"_": translate, "gettext": translate},
            APART,
            # A path is the fingerprint of what the file holds.
            ByteCode(known, (*assets.path_of.items(),)),
        )

    app.extensions["templates"] = {
        (language, at): environment_for(language, at) for language in words for at in _PAGES
    }


def whole(text: str, part: str) -> Markup:
    """Return a text in which a part, such as the number of a claim, is not broken over lines."""
    if not part:
        return escape(text)
    kept = Markup('<span class="whole">{}</span>').format(part)
    return kept.join(map(escape, text.split(part)))


def translated(words: Words, text: str, **values: str) -> Markup:
    """Return a sentence of a catalogue with its values in it, which are escaped."""
    return Markup(words.gettext(text)) % values  # noqa: S704  (a catalogue of ours)


def _constant_link(app: Flask, of: str, endpoint: str, language: str = "", **values: Any) -> str:
    """Return what `link` returns in every request of a language; raises NotConstantError."""
    # Addresses of a frame carry on what it was asked with.
    if endpoint.startswith("embed."):
        raise NotConstantError
    address: str = app.url_map.bind("").build(f"{language or of}.{endpoint}", values)
    return address
