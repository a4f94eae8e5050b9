"""Text pasted into the field: the number in it is looked up, and the page says which it was."""

from collections.abc import Callable
from datetime import date

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from sandbox import Participant
from sandbox.numbers import compose_nit
from tests.conftest import HTMX, Visit
from tests.domain.test_pasted import FRAMES
from tests.pages import text_of
from tests.web.conftest import Read

Samples = dict[str, Participant]
ADDRESSES = ("/lacak", "/en/lacak", "/sematan/lacak", "/en/sematan/lacak")


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
@pytest.mark.parametrize(
    "frame", ["*{n}*", "🙏 NIK saya adalah {n} 🙏", "1. {n}", "{n}\ufe0f (NIK)"]
)
def test_the_number_in_a_text_is_looked_up_and_named_by_its_end(
    visit: Visit, samples: Samples, path: str, htmx: bool, frame: str
) -> None:
    nik = samples["approval"].nik
    response, page = visit(path, {"nomor": frame.format(n=nik)}, htmx=htmx)
    assert response.status_code == 200
    assert f"NIK berakhiran {nik[-2:]}" in named(page) or f"NIK ending in {nik[-2:]}" in named(page)
    assert nik not in response.text


def test_a_card_number_is_named_as_one(visit: Visit, samples: Samples) -> None:
    kpj = samples["approval"].kpj
    _, page = visit("/lacak", {"nomor": f"No. Kartu BPJS TK: {kpj}"})
    assert f"KPJ berakhiran {kpj[-2:]}" in named(page)


def test_nothing_found_names_the_number_that_was_read(visit: Visit, samples: Samples) -> None:
    nik = samples["nothing_to_show"].nik
    response, page = visit("/lacak", {"nomor": f"> {nik}"})
    assert response.status_code == 404
    assert f"NIK berakhiran {nik[-2:]}" in text_of(page.select_one(".lead"))


def named(page: BeautifulSoup) -> str:
    return text_of(page.select_one(".meta"))


def read_of(html: str) -> str:
    page = BeautifulSoup(html, "html.parser")
    told = page.select_one(".read")
    return text_of(told) if told else ""


def test_work_a_refusal_and_a_silent_core_name_the_number_that_was_read(
    make_site: Callable[..., Flask], samples: Samples
) -> None:
    nik = samples["approval"].nik
    told = f"Nomor yang dibaca: NIK berakhiran {nik[-2:]}"
    pasted = f"NIK saya adalah {nik}"
    guarded = make_site(GUARD_OFF="0").test_client()
    for other in list(samples.values())[:3]:
        guarded.post("/lacak", data={"nomor": other.nik}, headers=HTMX)
    challenged = guarded.post("/lacak", data={"nomor": pasted})
    assert challenged.status_code == 403
    limited = make_site(REQUESTS_PER_MINUTE="1").test_client()
    limited.post("/lacak", data={"nomor": nik})
    refused = limited.post("/lacak", data={"nomor": pasted})
    assert refused.status_code == 429
    silent = make_site(CLAIMS_API_URL="http://127.0.0.1:9").test_client()
    unavailable = silent.post("/lacak", data={"nomor": pasted})
    assert unavailable.status_code == 503
    for answer in (challenged, refused, unavailable):
        assert read_of(answer.text) == told
    alone = silent.post("/lacak", data={"nomor": f" {nik} "})
    assert read_of(alone.text) == ""


@pytest.mark.parametrize(("prefix", "told"), [("", "lebih dari satu"), ("/en", "more than one")])
def test_two_numbers_are_one_clear_message_and_nothing_typed_is_lost(
    visit: Visit, samples: Samples, prefix: str, told: str
) -> None:
    typed = f"NIK {samples['approval'].nik}\nKPJ {samples['approval'].kpj}"
    response, page = visit(f"{prefix}/lacak", {"nomor": typed})
    assert response.status_code == 422
    assert told in text_of(page.find(id="nomor-galat"))
    assert page.find("input", attrs={"name": "nomor"})["value"].split() == typed.split()


def test_the_number_of_a_claim_is_told_apart(visit: Visit, samples: Samples) -> None:
    _, result = visit("/lacak", {"nomor": samples["approval"].nik})
    reference = text_of(result.select_one(".particulars .figures"))
    for typed in (reference, f"Klaim {reference}", reference.lower()):
        response, page = visit("/lacak", {"nomor": typed})
        assert response.status_code == 422
        assert text_of(page.find(id="nomor-galat")) == "Itu nomor klaim. Ketik KPJ atau NIK."


def test_a_letter_o_is_told_to_be_a_zero(visit: Visit, samples: Samples) -> None:
    kpj = samples["approval"].kpj
    _, page = visit("/lacak", {"nomor": f"{kpj[:-1]}O"})
    assert "Coba angka 0" in text_of(page.find(id="nomor-galat"))
    # In the third place a card may have a letter: it is looked up, and the hint stands below.
    response, page = visit("/lacak", {"nomor": f"{kpj[:2]}O{kpj[3:]}"})
    assert response.status_code == 404
    assert "Coba angka 0." in text_of(page.find("dl"))


def test_what_to_compare_a_nit_with_is_not_the_region_of_a_ktp(visit: Visit, read: Read) -> None:
    nit = compose_nit(12, 1, date(1990, 1, 5), woman=True, serial=9001)
    response, page = visit("/lacak", {"nomor": nit})
    assert response.status_code == 404
    told = text_of(page.find("dl"))
    assert "6 angka wilayah" not in told
    assert "perwakilan RI" in told
    assert "6 angka wilayah" in text_of(read("nothing_to_show").find("dl"))


def test_no_frame_costs_a_second_lookup(samples: Samples, make_site: Callable[..., Flask]) -> None:
    client = make_site(GUARD_OFF="0").test_client()
    nik = samples["approval"].nik
    for frame in FRAMES:
        typed = frame.format(n=nik, n_is_all="terima kasih")
        answer = client.post("/lacak", data={"nomor": typed}, headers=HTMX)
        assert answer.status_code == 200, frame
