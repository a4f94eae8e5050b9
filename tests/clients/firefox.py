"""The system's own Firefox, driven by Playwright as Chromium is."""

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright

from tests.clients import bidi
from tests.needs import missing, needed

_QUIET = {
    "app.update.auto": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}
"""Firefox speaks to nobody but the site."""

_REACHABLE = {"fission.webContentIsolationStrategy": 0}
"""Frames of other origins share their page's process: into another one a driver types nothing.

What they may see of each other stays the same.
"""


def start_firefox(
    driver: Playwright, folder: Path, preferences: Mapping[str, str | float | bool] | None = None
) -> Browser:
    """Start Firefox without a window; whoever asked closes it.

    `preferences` are those of about:config, such as {"ui.systemUsesDarkTheme": 1}; `folder` holds
    a program of ours. Contexts take the options of Playwright's but dark colours, which are a
    preference, and `java_script_enabled` (see FirefoxVisitor). Skips the test that asks where no
    Firefox is installed.
    """
    program = folder / "firefox"
    command = shlex.join([sys.executable, str(bidi.__file__), needed("firefox")])
    program.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    try:
        browser = driver.firefox.launch(
            channel="moz-firefox",
            executable_path=program,
            firefox_user_prefs={**_QUIET, **_REACHABLE, **(preferences or {})},
        )
        browser.new_context().close()
    except Error as error:
        if "unknown command" not in error.message:
            raise
        missing(
            "this Firefox is too old for Playwright (with Debian's security archive among apt's "
            "sources: apt-get install --only-upgrade firefox-esr)"
        )
    return browser
