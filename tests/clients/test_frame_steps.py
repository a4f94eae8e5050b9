"""What a host can learn from the height of the frame, in Firefox: the same tests as in Chromium."""

from tests.browser.test_frame_steps import *  # noqa: F403
