"""What several files of these tests begin with."""

from collections.abc import Callable, Iterator

import pytest
from bs4 import BeautifulSoup

from sandbox import Participant, Sandbox
from tests.conftest import SiteClock, Visit
from tests.live import LiveSite

Read = Callable[..., BeautifulSoup]
LiveSiteWith = Callable[..., LiveSite]


@pytest.fixture
def read(visit: Visit, samples: dict[str, Participant]) -> Read:
    """Look a sample up by its situation and return the page."""

    def open_result(situation: str, prefix: str = "") -> BeautifulSoup:
        _, page = visit(f"{prefix}/lacak", {"nomor": samples[situation].nik})
        return page

    return open_result


@pytest.fixture
def core(site_clock: SiteClock) -> Iterator[Sandbox]:
    """A core of the test's own, whose claims it may move on; its clock is the site's."""
    with Sandbox(clock=site_clock) as core:
        yield core


@pytest.fixture
def someone(samples: dict[str, Participant]) -> Participant:
    """Somebody with one claim under way."""
    return samples["assessment_day_3"]


@pytest.fixture(scope="module")
def live_site_with(tmp_path_factory: pytest.TempPathFactory) -> LiveSiteWith:
    """Return a site to enter, with settings of its own; who asks for this is marked `servers`."""
    return lambda **settings: LiveSite(tmp_path_factory.mktemp("live") / "site.log", **settings)
