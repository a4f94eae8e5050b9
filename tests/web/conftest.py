"""What several files of these tests begin with."""

from collections.abc import Callable, Iterator

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from sandbox import Participant, Sandbox
from tests.conftest import SiteClock, Visit, working_hours
from tests.live import LiveSite
from tracking_site.app import create_app
from tracking_site.settings import Settings

Read = Callable[..., BeautifulSoup]
LiveSiteWith = Callable[..., LiveSite]


@pytest.fixture(scope="session")
def client_at_work(environ: dict[str, str], sandbox_at_work: Sandbox) -> FlaskClient:
    settings = Settings.from_env(environ | {"CLAIMS_API_URL": sandbox_at_work.url})
    return create_app(settings, clock=working_hours).test_client()


@pytest.fixture
def read(visit: Visit, samples: dict[str, Participant], client_at_work: FlaskClient) -> Read:
    """Look a sample up by its situation, on a working day, and return the page."""

    def open_result(situation: str, prefix: str = "") -> BeautifulSoup:
        data = {"nomor": samples[situation].nik}
        _, page = visit(f"{prefix}/lacak", data, via=client_at_work)
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
