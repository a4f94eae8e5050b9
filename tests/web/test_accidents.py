"""An accident that nobody foresaw: a page in plain words, and nothing typed in it or in the log."""

from typing import Any

import pytest

from sandbox import Participant
from tests.conftest import HTMX
from tests.pages import NUMBER, assert_fragment_keeps_house_rules
from tracking_site.app import create_app
from tracking_site.settings import Settings


class Quoting:
    """A source that breaks, and quotes in its exception what it was asked for."""

    def claims_of(self, identifier: Any) -> Any:
        raise RuntimeError(f"nothing under {identifier.canonical} at /srv/secret/place.py")

    answer_of = at_hand = claims_of


@pytest.mark.parametrize("path", ["/lacak", "/en/lacak", "/sematan/lacak"])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_an_accident_is_a_page_that_tells_nothing_of_the_inside(
    environ: dict[str, str],
    samples: dict[str, Participant],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    path: str,
    headers: dict[str, str],
) -> None:
    app = create_app(Settings.from_env(environ), Quoting())  # type: ignore[arg-type]
    number = next(iter(samples.values())).nik
    response = app.test_client().post(path, data={"nomor": number}, headers=headers)
    assert response.status_code == 500
    page = assert_fragment_keeps_house_rules(response.text)
    assert len(page.find_all("h1")) == 1
    assert response.headers["Cache-Control"] == "no-store"
    told = response.text + str(response.headers)
    assert not [word for word in ("RuntimeError", "Traceback", "/srv/", number) if word in told]
    written = "".join(capfd.readouterr()) + caplog.text
    assert "unexpected error" in written
    assert "/srv/" not in written
    assert not NUMBER.search(written)
