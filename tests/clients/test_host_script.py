"""The host script however a page holds it, in Firefox: the same tests as in Chromium."""

from tests.browser.test_host_script import *  # noqa: F403
