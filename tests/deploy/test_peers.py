"""Whom the site is measured against says what the site says."""

import http.client
import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from bs4 import BeautifulSoup

from bench.load.wrk import HTMX_FORM
from harness.servers import CoreServer, Server, gunicorn_server
from sandbox import Sandbox

SETTINGS = {"SITE_URL": "http://site.example"}
TIME_OF_DAY = re.compile(r"\b\d\d\.\d\d\b")


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, Server]]:
    with ExitStack() as stack:
        core = stack.enter_context(CoreServer())
        modules = {"site": "wsgi", "same": "bench.peers.same", "plain": "bench.peers.plain"}
        yield {
            name: stack.enter_context(gunicorn_server(core, SETTINGS, f"{module}:application"))
            for name, module in modules.items()
        }


def looked_up(server: Server, number: str) -> BeautifulSoup:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("POST", "/lacak", f"nomor={number}", HTMX_FORM)
    answer = connection.getresponse()
    assert answer.status == 200
    return BeautifulSoup(answer.read(), "lxml")


def text_of(page: BeautifulSoup) -> str:
    """Return what a page says; two pages may have been asked for in two minutes."""
    for usual in page.select(".usual, .step:not([data-step=done]) .when"):
        usual.decompose()
    return TIME_OF_DAY.sub("", page.get_text(" ", strip=True))


@pytest.mark.parametrize("situation", ["assessment_day_3", "missing_document", "paid_today"])
def test_the_same_page_is_the_same(servers: dict[str, Server], situation: str) -> None:
    number = Sandbox().sample(situation).nik
    ours, theirs = (looked_up(servers[name], number) for name in ("site", "same"))
    assert len(text_of(ours)) > 500
    assert text_of(theirs) == text_of(ours)


def test_the_plain_page_names_every_stage_that_was_reached(servers: dict[str, Server]) -> None:
    number = Sandbox().sample("assessment_day_3").nik
    assert len(looked_up(servers["plain"], number).select("time")) == 4
