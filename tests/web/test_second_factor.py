"""The second field in the page, for an operator who has switched it on."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from sandbox import Participant, Sandbox
from tests.conftest import Visit
from tests.partners import partner, partners_file
from tests.web.following import change, version_of


def test_the_second_field_is_asked_described_and_kept(
    make_site: Callable[..., Flask], visit: Visit, samples: dict[str, Participant]
) -> None:
    sample = next(iter(samples.values()))
    via = make_site(SECOND_FACTOR="kpj_suffix").test_client()
    for path in ("/lacak", "/en/lacak", "/sematan/lacak"):
        response, page = visit(path, {"nomor": sample.nik, "kartu": "?"}, via=via)
        field = page.find("input", attrs={"name": "kartu"})
        assert response.status_code == 422
        assert (field["value"], field["aria-invalid"]) == ("?", "true")
        assert not re.search("NIK saja|NIK alone", page.get_text())
        assert page.find(id=field["aria-describedby"].split()[0]).get_text(strip=True)
        assert not page.find("input", attrs={"name": "nomor"}).has_attr("aria-invalid")
        response, _ = visit(path, {"nomor": sample.nik, "kartu": sample.kpj}, via=via)
        assert response.status_code == 200
        response, _ = visit(path, {"nomor": sample.kpj}, via=via)
        assert response.status_code == 200


@pytest.mark.parametrize("tree", ["", "/en"])
@pytest.mark.parametrize("card", ["", "?", "45"])
def test_where_a_partner_takes_no_nik_that_is_said_and_no_end_of_a_card_is_missed(
    make_site: Callable[..., Flask],
    visit: Visit,
    samples: dict[str, Participant],
    tmp_path: Path,
    tree: str,
    card: str,
) -> None:
    listed = partners_file(tmp_path, partner("koran", accepts=["kpj"]))
    site = make_site(SECOND_FACTOR="kpj_suffix", PARTNERS_FILE=str(listed))
    typed = {"nomor": samples["approval"].nik, "kartu": card}
    address = f"{tree}/sematan/lacak?mitra=koran"
    response, page = visit(address, typed, via=site.test_client())
    assert response.status_code == 422
    assert page.find("input", attrs={"name": "kartu"}) is None
    assert "NIK" in page.find(id="nomor-galat").get_text()


@pytest.mark.parametrize("between", ["\u200b", "\u2060", "\ufe0f", "\u2013", "\u2212", " ", "."])
def test_the_end_of_a_card_is_read_from_what_is_pasted_as_the_number_is(
    make_site: Callable[..., Flask], visit: Visit, samples: dict[str, Participant], between: str
) -> None:
    sample = samples["approval"]
    via = make_site(SECOND_FACTOR="kpj_suffix").test_client()
    ends = sample.kpj[-2:]
    arabic = "".join(chr(0x660 + int(each)) for each in ends)
    for card in (between.join(ends), between + ends + between, between.join(sample.kpj), arabic):
        response, _ = visit("/lacak", {"nomor": sample.nik, "kartu": card}, via=via)
        assert response.status_code == 200, ascii(card)


def test_by_default_there_is_one_field(visit: Visit) -> None:
    _, page = visit("/")
    assert page.find("input", attrs={"name": "kartu"}) is None


def test_a_private_address_made_with_the_field_hears_the_core_after_it_is_switched_off(
    make_site: Callable[..., Flask], core: Sandbox, samples: dict[str, Participant]
) -> None:
    sample = samples["assessment_day_3"]
    settings = {"CLAIMS_API_URL": core.url, "PURGE_TOKEN": "the token of this test, long enough"}
    asking = make_site(SECOND_FACTOR="kpj_suffix", **settings).test_client()
    typed = {"nomor": sample.nik, "kartu": sample.kpj[-2:]}
    result = asking.post("/lacak", data=typed).headers["Location"]
    key = asking.post(f"{result}/pantau").headers["Location"]
    client = make_site(**settings).test_client()
    seen = version_of(client, key)
    change(core, sample, stage="payment")
    purged = client.post(
        "/-/purge",
        json={"identifier": {"type": "nik", "value": sample.nik}},
        headers={"Authorization": f"Bearer {settings['PURGE_TOKEN']}"},
    )
    assert purged.status_code == 204
    assert version_of(client, key) != seen
