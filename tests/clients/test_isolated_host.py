"""The frame in a page that isolates itself, in Firefox: the same tests as in Chromium."""

from tests.browser.test_isolated_host import *  # noqa: F403
