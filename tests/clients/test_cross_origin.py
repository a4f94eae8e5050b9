"""Pages of somebody else, in Firefox: the same tests as in Chromium."""

from tests.browser.test_cross_origin import *  # noqa: F403
