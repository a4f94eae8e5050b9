"""Whoever asked before, everybody gets what a fresh site would give, to the byte."""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

import tracking_site.app as composition
import tracking_site.following.keys as following_keys
from sandbox import Participant
from tests.web import matrix
from tests.web.matrix import Asker, askers
from tests.web.matrix_site import Site, Told, partners_of
from tracking_site.settings import Settings
from tracking_site.web.embed.partners import OPTIONS, Partner
from tracking_site.web.rendering import Key, Renderings

WEB = Path(composition.__file__).parent / "web"
PARTS = (
    "digest",
    "is_stale",
    "minute",
    "masked",
    "blueprint",
    "language",
    "is_fragment",
    "base",
    "options",
    "partner",
)
"""The parts of a key, in their order."""

IMPLIED = {"blueprint": "a frame is always somebody's, a page of our own never"}
"""Parts that another part happens to say too; they stay, so that none has to be so for ever."""

Fresh = Callable[[tuple[str, ...]], Mapping[Asker, Told]]


@pytest.fixture(autouse=True, scope="module")
def light() -> Any:
    """Build sites without static files.

    First sights are of a number and meant for all who follow it (tests/following); here each
    request has its own, so that only what was made for somebody else is found. Whoever asks
    brings a moment along, so that the clock of these sites goes back as well.
    """
    requests = count()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(composition, "StaticFiles", lambda site, assets: site)
        patch.setattr(
            following_keys, "rows_by", lambda secrets: lambda number: [f"{next(requests)}"]
        )
        yield


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Fresh:
    """Give what each asker hears who is alone; it is worked out once for the same settings."""
    told: dict[tuple[str, ...], dict[Asker, Told]] = {}

    def fresh_with(settings: tuple[str, ...]) -> dict[Asker, Told]:
        if settings not in told:
            folder = tmp_path_factory.mktemp("fresh")
            told[settings] = Site(folder, settings).fresh(askers(settings))
        return told[settings]

    return fresh_with


def first_wronged(site: Callable[[], Site], fresh: Mapping[Asker, Told]) -> Asker | None:
    """Return whom a site answers otherwise than a fresh one, in one order of asking or the other.

    Everybody asks twice: what is answered first may be kept for the second time.
    """
    for order in ([*fresh], [*fresh][::-1]):
        used = site()
        for each in order:
            if not used.ask(each) == used.ask(each) == fresh[each]:
                return each
    return None


@pytest.mark.proofs
@pytest.mark.parametrize("settings", matrix.TOGETHER, ids=lambda names: ", ".join(names) or "usual")
def test_nobody_hears_what_was_made_for_somebody_else(
    fresh: Fresh, tmp_path: Path, settings: tuple[str, ...]
) -> None:
    assert first_wronged(partial(Site, tmp_path, settings), fresh(settings)) is None


@pytest.mark.proofs
@pytest.mark.parametrize("name", [name for name in PARTS if name not in IMPLIED])
def test_a_key_that_lacks_a_part_is_found_out(fresh: Fresh, tmp_path: Path, name: str) -> None:
    part = PARTS.index(name)

    class Lacking(Renderings):
        def key_of(self, *args: Any, **given: Any) -> Key | None:
            key = super().key_of(*args, **given)
            assert key is None or len(key) == len(PARTS)
            return key and key[:part] + key[part + 1 :]

    assert (
        first_wronged(partial(Site, tmp_path, matrix.USUAL, Lacking), fresh(matrix.USUAL))
        is not None
    )


@pytest.mark.proofs
@pytest.mark.parametrize("name", matrix.VALUES)
def test_every_dimension_changes_some_answer(fresh: Fresh, name: str) -> None:
    told = fresh(matrix.ONE_CARD if name == "card" else matrix.USUAL)
    pairs = [
        (one, other)
        for one in told
        for other in told
        if [each.name for each in fields(Asker) if _differs(one, other, each.name)] == [name]
    ]
    assert any(told[one] != told[other] for one, other in pairs)


@pytest.mark.proofs
@pytest.mark.parametrize("setting", matrix.SETTINGS)
def test_every_setting_changes_some_answer(fresh: Fresh, tmp_path: Path, setting: str) -> None:
    site, usual = Site(tmp_path, (setting,)), fresh(matrix.USUAL)
    english = replace(matrix.KINDS[1], language="/en")
    assert any(site.ask(asker) != usual[asker] for asker in (*matrix.KINDS, english))


def test_every_setting_is_varied_or_cannot_change_an_answer() -> None:
    varied, others = set(matrix.SETTINGS), set(matrix.CANNOT_SETTINGS)
    assert {name for names in matrix.TOGETHER for name in names} == varied
    assert varied | others == {each.name for each in fields(Settings)}
    assert not varied & others


def test_every_dimension_of_an_asker_has_its_values() -> None:
    assert [*matrix.VALUES] == [each.name for each in fields(Asker)]
    assert set(matrix.BY_FIELD.values()) <= set(matrix.VALUES)


def test_every_option_of_a_frame_is_varied() -> None:
    assert {name for options in matrix.OPTIONS for name, _ in options} == set(OPTIONS)


def test_every_entry_of_a_partner_is_varied_or_cannot_change_what_is_kept() -> None:
    varied = {
        each.name
        for one, other in zip(*map(partners_of, ("plain", "changed")), strict=True)
        for each in fields(Partner)
        if _differs(one, other, each.name)
    }
    assert varied | set(matrix.CANNOT_OF_A_PARTNER) == {each.name for each in fields(Partner)}


def test_every_field_that_a_page_sends_is_known_here(
    make_site: Callable[..., Flask], samples: dict[str, Participant]
) -> None:
    site = make_site(SECOND_FACTOR="kpj_suffix", GUARD_OFF="0", POW_SCALE="0.001")
    client, names = site.test_client(), set()
    one, *others = [each for each in samples.values() if each.situation != "nothing_to_show"]
    pages = [client.get("/").text]
    for each in (one, *others[:9]):
        form = {"nomor": each.nik, "kartu": each.kpj}
        pages.append(client.post("/lacak", data=form, follow_redirects=True).text)
    for page in pages:
        # What a `meta` names is said to the browser and never sent; a `details` only groups.
        fields_of_forms = BeautifulSoup(page, "html.parser").select("[name]:not(meta, details)")
        names |= {field["name"] for field in fields_of_forms}
    assert {"nomor", "kartu", "tunggu", "altcha", "tiket"} <= names
    assert names <= set(matrix.BY_FIELD) | set(matrix.CANNOT)


def test_whatever_the_web_reads_of_a_request_is_known_here() -> None:
    named = re.compile(
        r"""(?:headers|args|form|asked|query)(?:\.get\(|\[)\s*"([\w-]+)"|"([\w-]+)" in request\."""
        r"""|_at_most\("(\w+)"|\.get\("(\w+)", \[""\]"""
    )
    raw = re.compile(r"HTTP_([A-Z_]+)")
    read: set[str] = set()
    for path in WEB.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        # What is set on an answer is not read of a request.
        text = re.sub(r"headers\[[^\]]+\] = ", "", text)
        read |= {next(filter(None, found)) for found in named.findall(text)}
        read |= {name.replace("_", "-").title() for name in raw.findall(text)}
    known = {name.lower() for name in (*matrix.BY_FIELD, *matrix.CANNOT)}
    assert {"nomor", "kartu", "sejak", "mitra", "hx-request", "referer"} <= known
    assert {name.lower() for name in read} <= known


def _differs(one: object, other: object, name: str) -> bool:
    return bool(getattr(one, name) != getattr(other, name))
