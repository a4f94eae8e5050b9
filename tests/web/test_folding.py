"""Templates with what never changes worked out beforehand say what they said before."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, url_for
from jinja2 import DictLoader
from markupsafe import Markup
from pytest import MonkeyPatch

from sandbox import Participant
from tests.web.following import follow
from tracking_site.domain.outcomes import Unavailable
from tracking_site.telling.outcomes import present
from tracking_site.web.folding import FoldingEnvironment, NotConstantError
from tracking_site.web.rendering import current_words, link, sentence
from tracking_site.web.templates import load_templates

TEMPLATES = {
    "sentence.html": "<b>{{ _('100%% safe, %(name)s', name=name) }}</b>{{ _('Fish & <i>1</i>') }}",
    "twice.html": "{{ _('%(n)s of %(n)s', n=n) }}",
    "choice.html": "{{ _('1') if blueprint == 'here' else _('2') }}{{ _('a') if it else _('b') }}",
    "branch.html": "{% if blueprint == 'there' %}there{% elif it %}it{% else %}here{% endif %}",
    "links.html": "{{ link(blueprint ~ '.page') }} {{ link('secret') }} {{ link('page', key=it) }}",
    "identity.html": "{{ site.name }}{% if site.logo %} {{ site.logo }}{% endif %}",
    "part.html": "{% set n = n + 1 %}{{ n }}",
    "whole.html": "{% set n = 1 %}{% include 'part.html' %}{{ n }}{% include 'part.html' %}",
    "rows.html": "{% for n in (1, 2) %}{% include 'part.html' %}{% endfor %}",
    "page.html": "<{% block main %}{% endblock %}>",
    "child.html": "{% extends 'page.html' %}{% block main %}{{ _('Fish') }}{% endblock %}",
    "sets.html": "{% set blueprint = 'there' %}{{ blueprint }}",
}
VALUES: dict[str, Any] = {"name": "<Ani>", "n": 3, "it": "it's"}


class Site:
    name = "Fish & chips"
    logo = None


def gettext(text: str, **values: str) -> Markup:
    return Markup(text) % values


def address(endpoint: str, **values: str) -> str:
    if endpoint == "secret":
        raise NotConstantError
    return "/".join(("", endpoint, *values.values()))


def at_run_time(endpoint: str, **values: str) -> str:
    return "/secret" if endpoint == "secret" else address(endpoint, **values)


@pytest.fixture(scope="module")
def plain() -> FoldingEnvironment:
    app = Flask(__name__)
    app.jinja_environment = FoldingEnvironment
    environment: FoldingEnvironment = app.jinja_env  # type: ignore[assignment]
    environment.loader = DictLoader(TEMPLATES)
    environment.globals.update(
        {"_": gettext, "link": at_run_time, "site": Site(), "blueprint": "here"}
    )
    return environment


@pytest.fixture(scope="module")
def folding(plain: FoldingEnvironment) -> FoldingEnvironment:
    known = {"blueprint": "here", "site": Site()}
    return plain.folding(known, {"_": gettext, "link": address}, frozenset({"part.html"}))


@pytest.mark.parametrize("name", sorted(set(TEMPLATES) - {"sets.html"}))
def test_a_page_says_the_same(
    plain: FoldingEnvironment, folding: FoldingEnvironment, name: str
) -> None:
    said = plain.get_template(name).render(**VALUES)
    assert folding.get_template(name).render(**VALUES) == said
    everything_in_place = folding.folding(folding.known, folding.worked_out, frozenset())
    assert everything_in_place.get_template(name).render(**VALUES) == said


def compiled(environment: FoldingEnvironment, name: str) -> str:
    code: str = environment.compile(TEMPLATES[name], name, name, raw=True)
    return code


def test_what_does_not_change_is_worked_out_once(folding: FoldingEnvironment) -> None:
    sentence = compiled(folding, "sentence.html")
    assert "100% safe, " in sentence
    assert "context.call" not in sentence
    assert "there" not in compiled(folding, "branch.html")
    links = compiled(folding, "links.html")
    assert "/here.page" in links
    assert "'secret'" in links, "it is known only when a page is made"
    assert "Fish &amp; chips" in compiled(folding, "identity.html")


def test_what_is_known_cannot_be_set(folding: FoldingEnvironment) -> None:
    with pytest.raises(ValueError, match="blueprint is known"):
        folding.get_template("sets.html")


def test_an_attribute_that_is_not_there_is_an_error(folding: FoldingEnvironment) -> None:
    with pytest.raises(AttributeError):
        folding.from_string("{{ outcome.name }}").render(outcome=object())


def test_no_visitor_waits_for_a_template(
    make_site: Callable[..., Flask], samples: dict[str, Participant], monkeypatch: MonkeyPatch
) -> None:
    app = make_site(EMBED_ORIGINS="https://host.example")
    load_templates(app)
    waited: list[str] = []
    compile_ = FoldingEnvironment.compile

    def compile_late(self: FoldingEnvironment, source: Any, name: Any = None, *rest: Any) -> Any:
        waited.append(name)
        return compile_(self, source, name, *rest)

    monkeypatch.setattr(FoldingEnvironment, "compile", compile_late)
    client = app.test_client()
    for tree in ("", "/en"):
        for path in ("/", "/bantuan", "/privasi", "/mitra", "/sematan", "/nothing", "/klaim/x"):
            client.get(tree + path)
        for door in ("", "/sematan"):
            for number in ("1", samples["approval"].nik, samples["nothing_to_show"].nik):
                told = client.post(f"{tree}{door}/lacak", data={"nomor": number})
                if told.status_code == 303:
                    client.get(told.headers["Location"])
        address = follow(client, samples["approval"])
        assert client.get(tree + address).status_code == 200
        with app.test_request_context(f"{tree}/pantau/x.json"):
            app.preprocess_request()
            told_alone = present(Unavailable(9), current_words(), datetime.now(UTC))
            sentence("partials/_headline.html", outcome=told_alone, kept=True)
    assert waited == []


def test_every_address_is_the_one_that_flask_makes(app: Flask) -> None:
    texts = ("plain-_0", "a b", "ä/?#&", "..")
    with app.test_request_context("/"):
        app.preprocess_request()
        for rule in app.url_map.iter_rules():
            language, _, endpoint = rule.endpoint.partition(".")
            if language not in ("id", "en") or endpoint.startswith("embed."):
                continue
            for text in texts:
                given = dict.fromkeys([*rule.arguments, "sejak"], text)
                if "form" in given:
                    given["form"] = "ics"
                # The second time its pieces are at hand.
                for _ in range(2):
                    assert link(endpoint, language, **given) == url_for(rule.endpoint, **given)
