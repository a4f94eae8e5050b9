"""With the second field on, each end of a card opens its own claims, whoever asked before."""

import re
from collections.abc import Callable, Iterator
from itertools import permutations

import pytest
import requests

from tests.conftest import HTMX
from tests.live import LiveSite

pytestmark = pytest.mark.servers

REFERENCE = re.compile(r"[A-Z]{2,4}-\d{4}-\d{6}")
SECONDS = 20


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    log = tmp_path_factory.mktemp("cards") / "site.log"
    with LiveSite(log, SECOND_FACTOR="kpj_suffix", SITE_NOTICE="Data contoh.") as running:
        yield running


def look_up(
    site: LiveSite, prefix: str, nik: str, end: str, headers: dict[str, str] = HTMX
) -> requests.Response:
    return requests.post(
        f"{site.url}{prefix}/lacak",
        {"nomor": nik, "kartu": end},
        headers=headers,
        timeout=SECONDS,
    )


def references_by_end(site: LiveSite) -> dict[str, set[str]]:
    """Return what the core has of the person with several cards, by the end of each card."""
    claims = site.core.directory.claims_of(site.sample("several_cards"))
    by_end: dict[str, set[str]] = {}
    for claim in claims:
        by_end.setdefault(claim["kpj_suffix"], set()).add(claim["reference"])
    return by_end


@pytest.mark.parametrize("prefix", ["", "/en", "/sematan", "/en/sematan"])
@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "whole page"])
def test_every_card_shows_its_own_claims_in_any_order_within_a_minute(
    site: LiveSite, prefix: str, headers: dict[str, str]
) -> None:
    of_card = references_by_end(site)
    assert len(of_card) == 3
    nik = site.sample("several_cards").nik
    for ends in permutations(of_card, 2):
        for end in ends:
            page = look_up(site, prefix, nik, end, headers)
            assert page.status_code == 200
            assert set(REFERENCE.findall(page.text)) == of_card[end]


@pytest.fixture
def outage(site: LiveSite) -> Iterator[Callable[[], None]]:
    """Take the core down, until the test is over."""

    def fault(mode: str) -> None:
        told = requests.post(f"{site.core.url}/sandbox/faults", json={"mode": mode}, timeout=5)
        assert told.status_code == 200

    yield lambda: fault("down")
    fault("none")


@pytest.mark.parametrize("prefix", ["", "/sematan"])
def test_while_the_core_is_down_a_wrong_end_is_answered_as_an_unknown_number(
    site: LiveSite, outage: Callable[[], None], prefix: str
) -> None:
    person = site.sample("paid_today")
    right, unknown = person.kpj[-2:], "3174054501900005"
    wrong = next(end for end in ("00", "01") if end != right)
    assert look_up(site, prefix, person.nik, right).status_code == 200
    outage()
    told = [look_up(site, prefix, number, wrong) for number in (person.nik, unknown)]
    assert [each.status_code for each in told] == [503, 503]
    shown = [each.text.replace(person.nik, "…").replace(unknown, "…") for each in told]
    assert shown[0] == shown[1]
    assert look_up(site, prefix, person.nik, right).status_code == 200
