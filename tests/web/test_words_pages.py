"""What samples show on the page: words for every code, in the language of the page."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from sandbox import Participant
from tests.conftest import HTMX, Visit
from tracking_site.telling.words import Words

TEMPLATES = Path(__file__).parents[2] / "templates" / "partials"
UNKNOWN = {"id": "belum kami kenal", "en": "do not know this code"}
OF_THE_OTHER = {
    "id": re.compile(r"\b(your|claim|the|and|working|since)\b", re.IGNORECASE),
    "en": re.compile(r"\b(anda|klaim|dan|yang|hari|sejak|belum|sudah)\b", re.IGNORECASE),
}
# Proper names, and labels of JMO as they stand there, are the same in both languages.
IN_INDONESIAN = re.compile(r'<(p|span|bdi) lang="id">.*?</\1>', re.DOTALL)
"""What is said or sent to people who read Indonesian, and what the core says of a branch."""

NAMES = re.compile(r"“[^”]*”|Lacak Klaim|<[^>]*>", re.DOTALL)


@pytest.mark.proofs
@pytest.mark.parametrize("language", ["id", "en"])
def test_every_sample_is_told_in_words_and_in_one_language(
    language: str, client: FlaskClient, samples: dict[str, Participant]
) -> None:
    path = "/lacak" if language == "id" else "/en/lacak"
    for situation, sample in samples.items():
        html = client.post(path, data={"nomor": sample.kpj}, headers=HTMX).text
        text = NAMES.sub("", IN_INDONESIAN.sub("", html))
        assert (UNKNOWN[language] in text) == ("unknown" in situation), situation
        assert OF_THE_OTHER[language].findall(text) == [], situation


def test_the_help_page_is_complete_in_both_languages(visit: Visit) -> None:
    for language, path in (("id", "/bantuan"), ("en", "/en/bantuan")):
        _, page = visit(path)
        words, text = Words.load(language), page.get_text(" ")
        for term in ("kpj", "amalgamasi", "dukcapil"):
            assert words.code("help_term_means", term) in text
        assert words.code("help_warning", "broker") in text
        assert "care@bpjsketenagakerjaan.go.id" in text


@pytest.mark.parametrize("name", ["_unavailable", "_stale", "_line_below", "_waiting", "_refused"])
def test_where_a_claim_is_not_known_nothing_is_said_of_how_it_does(name: str) -> None:
    """It may be refused, late or paid: that it goes on, or is not late, is not known there."""
    text = (TEMPLATES / f"{name}.html").read_text(encoding="utf-8")
    assert not re.search(r"[Kk]laim Anda (tetap )?(berjalan|diproses)|bukan klaim Anda", text)
