"""Our oEmbed answer in micawber, a consumer that is not ours."""

import re

import micawber
import pytest
import requests
from bs4 import BeautifulSoup

from tests.live import LiveSite


def consumer(site: LiveSite) -> micawber.ProviderRegistry:
    """Return a registry that knows the site as an operator of a consumer would write it down."""
    registry = micawber.ProviderRegistry()
    pattern = rf"{re.escape(site.url)}/(?:en/)?(?:sematan\S*)?"
    registry.register(pattern, micawber.Provider(f"{site.url}/oembed"))
    return registry


@pytest.mark.parametrize("path", ["/", "/en/", "/sematan", "/en/sematan"])
def test_an_address_in_a_text_becomes_a_frame_with_the_form(live_site: LiveSite, path: str) -> None:
    text = f"Baca lalu lacak:\n\n{live_site.url}{path}\n"
    page = BeautifulSoup(micawber.parse_text(text, consumer(live_site)), "html.parser")
    assert page.iframe is not None
    tree = "/en" if path.startswith("/en") else ""
    assert page.iframe["src"] == f"{live_site.url}{tree}/sematan"
    assert page.blockquote is not None
    framed = requests.get(str(page.iframe["src"]), timeout=10)
    assert BeautifulSoup(framed.text, "html.parser").find(id="nomor") is not None


def test_what_it_asks_for_bounds_the_frame(live_site: LiveSite) -> None:
    told = consumer(live_site).request(f"{live_site.url}/sematan", maxwidth=300, maxheight=200)
    assert (told["type"], told["width"], told["height"]) == ("rich", 300, 200)


def test_an_address_with_a_result_is_given_no_frame(live_site: LiveSite) -> None:
    with pytest.raises(micawber.ProviderException):
        micawber.Provider(f"{live_site.url}/oembed").request(f"{live_site.url}/klaim/x")
