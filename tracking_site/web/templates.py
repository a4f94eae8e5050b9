"""What templates read, and how they are compiled: once for each language and door."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Flask
from markupsafe import Markup, escape
from werkzeug.routing import BuildError

from ..telling.languages import LANGUAGES
from ..telling.words import Words
from .assets import Assets
from .folding import FoldingEnvironment, NotConstantError
from .identity import Identity
from .rendering import DOORS, current_words, know_requests, link

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
    environment.filters["whole"] = whole

    def environment_for(language: str, at: str) -> FoldingEnvironment:
        notice = notice_in(language)
        known = {"lang": language, "blueprint": at, "framed": at == "embed", "site": identity}
        translate = partial(translated, words[language])
        addresses = {"link": partial(_constant_link, app, language)}
        return environment.folding(
            known | {"site_notice": notice},
            of_files | addresses | {"_": translate, "gettext": translate},
            APART,
            alike=(language, at, repr(identity), notice, *assets.contents),
        )

    app.extensions["templates"] = {
        (language, at): environment_for(language, at) for language in words for at in DOORS
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
    try:
        address: str = app.url_map.bind("").build(f"{language or of}.{endpoint}", values)
    except BuildError as error:
        raise NotConstantError from error
    return address
