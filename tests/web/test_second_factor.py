"""The second field in the page, for an operator who has switched it on."""

import re
from collections.abc import Callable

from flask import Flask

from sandbox import Participant
from tests.conftest import Visit


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


def test_by_default_there_is_one_field(visit: Visit) -> None:
    _, page = visit("/")
    assert page.find("input", attrs={"name": "kartu"}) is None
