"""What to do stands in a few words, and what it takes right below it."""

import re

import pytest

from tests.conftest import Visit
from tracking_site.sandbox import Participant

Samples = dict[str, Participant]


def texts(page: object, selector: str) -> list[str]:
    return [" ".join(tag.get_text(" ").split()) for tag in page.select(selector)]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/lacak", "Bawa lagi 7 dokumen ke kantor cabang."),
        ("/en/lacak", "Bring 7 documents to the branch again."),
    ],
)
def test_many_documents_are_counted_and_listed_below(
    visit: Visit, samples: Samples, path: str, title: str
) -> None:
    _, page = visit(path, {"nomor": samples["documents_rejected"].nik})
    parts = texts(page, ".claim > section > div > h2, .claim > .card h2")
    assert parts[0] == title
    assert parts[1].startswith(("Dokumen", "Documents"))
    assert len(page.select(".claim > .fold")[0].select(".state.is-bad")) == 7


def test_one_or_two_documents_are_named(visit: Visit, samples: Samples) -> None:
    _, page = visit("/lacak", {"nomor": samples["missing_document"].nik})
    title, documents = texts(page, ".claim > section > div > h2, .claim > .card h2")[:2]
    assert "dokumen" not in title
    assert documents.startswith("Dokumen")


def test_documents_that_ask_nothing_stand_after_the_journey(visit: Visit, samples: Samples) -> None:
    _, page = visit("/lacak", {"nomor": samples["assessment_day_3"].nik})
    parts = texts(page, ".claim h2")
    assert parts.index("Perjalanan klaim") < next(
        place for place, text in enumerate(parts) if text.startswith("Dokumen")
    )


def test_where_to_send_agrees_with_the_first_sentence(visit: Visit, samples: Samples) -> None:
    _, page = visit("/lacak", {"nomor": samples["documents_rejected"].nik})
    assert "harus dibawa" in page.h1.get_text()
    assert "Unggah" not in page.select(".box:not(.stale)")[0].get_text()


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_documents_to_be_brought_are_nowhere_to_be_sent(
    visit: Visit, samples: Samples, prefix: str
) -> None:
    _, page = visit(f"{prefix}/lacak", {"nomor": samples["documents_rejected"].nik})
    (documents,) = texts(page, ".claim > .fold")[:1]
    assert not re.search(r"[Kk]irim|[Ss]en[dt]", documents)


def test_who_claimed_at_a_branch_is_not_told_to_upload(visit: Visit, samples: Samples) -> None:
    _, page = visit("/lacak", {"nomor": samples["step_back"].nik})
    told = texts(page, ".claim > .box:not(.stale)")[0]
    assert "Unggah" not in told
    assert "Serahkan di Cabang" in told
