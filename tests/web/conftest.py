"""What pages that follow a claim need besides."""

from collections.abc import Iterator

import pytest

from tracking_site.sandbox import Sandbox


@pytest.fixture
def core() -> Iterator[Sandbox]:
    """A core of the test's own, whose claims it may move on."""
    with Sandbox() as core:
        yield core
