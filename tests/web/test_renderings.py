"""What is kept of renderings: for a minute, within bounds, under nothing that names a person."""

import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask, g

from sandbox import Participant
from tests.conftest import HTMX
from tests.domain.claims import at, claim
from tests.test_lookup import CALENDAR, NIK, GivenClaims
from tracking_site.domain.claims import Snapshot
from tracking_site.domain.identifiers import Nik
from tracking_site.domain.outcomes import Found
from tracking_site.guard.desk import LookupService
from tracking_site.web.embed.partners import Partner
from tracking_site.web.rendering import Key, Rendering, Renderings, new_mark, without_idle_drawings

KORAN = Partner("koran", "Koran", ("https://koran.example",))

SITE = Flask("site")
SITE.add_url_rule("/", "id.tracking.form", str)
SITE.add_url_rule("/sematan", "id.embed.form", str)


def found(day: int = 3) -> Found:
    source = GivenClaims(Snapshot((claim("registered"),), at(1)))
    outcome = LookupService(source, CALENDAR, lambda: at(day)).look_up_identifier(Nik(NIK))
    assert isinstance(outcome, Found)
    return outcome


def asked_key_of(
    renderings: Renderings,
    outcome: Found,
    host: str = "a.example",
    prefix: str = "",
    options: dict[str, str] | None = None,
) -> Key | None:
    """Return the key for who asks so; with options, in the frame of a partner."""
    base = {"HTTP_HOST": host, "SCRIPT_NAME": prefix}
    path = "/sematan" if options else "/"
    with SITE.test_request_context(path, headers=HTMX, environ_overrides=base):
        g.words = SimpleNamespace(language="id")
        if options:
            g.frame_options, g.partner = options, KORAN
        return renderings.key_of(outcome)


def key_of(renderings: Renderings, outcome: Found, host: str = "a.example") -> Key:
    key = asked_key_of(renderings, outcome, host)
    assert key is not None
    return key


def rendering(size: int = 100) -> Rendering:
    mark = new_mark()
    return Rendering.around(mark, f"{mark}{'x' * size}{mark}", f"/klaim/{mark}", "one")


def test_each_gets_the_ticket_of_his_own() -> None:
    kept = rendering(3)
    assert kept.for_ticket("one") == (b"onexxxone", "/klaim/one")
    assert kept.for_ticket("two") == (b"twoxxxtwo", "/klaim/two")


def test_a_rendering_is_found_again_until_its_minute_is_over() -> None:
    renderings, made = Renderings(host_matters=True), rendering()
    now = found()
    renderings.keep(key_of(renderings, now), now, made)
    assert renderings.get(key_of(renderings, found())) is made
    later = replace(now, checked_at=now.checked_at + timedelta(minutes=1))
    assert renderings.get(key_of(renderings, later)) is None
    renderings.keep(key_of(renderings, later), later, rendering())
    assert renderings.get(key_of(renderings, now)) is None


def test_no_number_stands_in_a_key() -> None:
    key = key_of(Renderings(host_matters=True), found())
    assert NIK not in repr(key)
    assert not any(NIK[at:][:6] in repr(key) for at in range(11))


def test_made_up_hosts_do_not_fill_the_memory() -> None:
    renderings, now = Renderings(host_matters=True, max_bytes=50_000), found()
    for number in range(500):
        key = key_of(renderings, now, f"h{number}.example")
        renderings.keep(key, now, rendering(3_000))
    kept = [renderings.get(key_of(renderings, now, f"h{number}.example")) for number in range(500)]
    assert 5 < len([each for each in kept if each]) < 17
    assert kept[-1] is not None


def test_hosts_that_cannot_be_one_share_a_rendering() -> None:
    renderings, now = Renderings(host_matters=True), found()
    longer_than_any, with_a_slash = (
        key_of(renderings, now, host) for host in ("h" * 5_000, "one.example/two")
    )
    assert longer_than_any == with_a_slash
    assert "h" * 5_000 not in repr(longer_than_any)


def test_a_prefix_longer_than_any_address_is_not_kept() -> None:
    prefix = "/p" * 5_000
    assert asked_key_of(Renderings(host_matters=True), found(), "one.example", prefix) is None


@pytest.mark.parametrize(
    "options",
    [
        {"pratinjau": "1"},
        {"mitra": "koran", "aksen": "#0a5c66"},
        {"amp": str(random.random())},
        {"mitra": "koran", "ringkas": "x" * 2_000},
    ],
)
def test_looks_that_are_tried_out_are_not_kept(options: dict[str, str]) -> None:
    renderings, now = Renderings(host_matters=False), found()
    key = asked_key_of(renderings, now, options=options)
    assert key is None
    renderings.keep(key, now, rendering())
    assert renderings.get(key) is None


def test_what_a_partners_snippet_carries_is_kept() -> None:
    renderings, now = Renderings(host_matters=False), found()
    for options in ({"mitra": "koran"}, {"mitra": "koran", "amp": "1"}):
        assert asked_key_of(renderings, now, options=options)


def test_drawings_that_a_page_does_not_point_at_are_left_out() -> None:
    one, two = ('<symbol id="i-one"><path d="M0 0"/></symbol>\n', '<symbol id="i-two"/></symbol>\n')
    use = '<svg class="icon"><use href="#i-two"/></svg>'
    page = without_idle_drawings(f"<p>\n<svg hidden>\n{one}{two}</svg>\n{use}")
    assert page == f"<p>\n<svg hidden>\n{two}</svg>\n{use}"
    for other in ("", "<svg hidden>\n", f"<svg hidden><symbol/></svg>{use}", f"<p>{use}</p>"):
        assert without_idle_drawings(other) == other


@pytest.mark.proofs
def test_every_result_has_the_drawings_that_it_points_at_and_no_others(
    make_site: Callable[..., Flask], samples: dict[str, Participant]
) -> None:
    client = make_site().test_client()
    seen = set()
    for sample in samples.values():
        page = client.post("/lacak", data={"nomor": sample.nik}, headers=HTMX).text
        drawn = re.findall(r'<symbol id="([^"]+)"', page)
        assert sorted(drawn) == sorted(set(re.findall(r'<use href="#([^"]+)"', page)))
        seen |= set(drawn)
    assert len(seen) >= 12
