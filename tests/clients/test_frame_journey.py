"""Twelve steps of a reader in a long article, in Firefox: the same tests as in Chromium."""

from tests.browser.test_frame_journey import *  # noqa: F403
