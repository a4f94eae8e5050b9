"""Browsers inside other programs, in Firefox: the same tests as in Chromium."""

from tests.browser.test_in_app import *  # noqa: F403
