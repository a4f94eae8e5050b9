"""What a test needs besides Python: found, or the test is skipped and says what is missing.

With CI=true a missing program is a failure, so that no test is lost without anybody noticing.
"""

import os
from pathlib import Path
from typing import NoReturn

import pytest

from harness.servers import REDIS, found

PROGRAMS = {
    "browser": ("chromium-headless-shell", "chromium", "chromium-browser"),
    "whole_browser": ("chromium", "chromium-browser"),
    "redis": REDIS,
    "nginx": ("nginx",),
    "firefox": ("firefox-esr", "firefox"),
    "node": ("node",),
    "npm": ("npm",),
    "php": ("php",),
    "mariadb": ("mariadbd",),
    "mariadb_install": ("mariadb-install-db",),
    "khal": ("khal",),
    "newsboat": ("newsboat",),
    "webkit": ("WebKitWebDriver",),
    "xvfb": ("Xvfb",),
    "promtool": ("promtool",),
    "hugo": ("hugo",),
}
"""The programs by the marker of the tests that need one of them, the best first.

Chromium without its own windows does the same work with half of the processor's time; it refuses
no storage.
Node.js and npm come with the packages of requirements-dev.txt, the same on every machine.
"""


def needed(marker: str) -> str:
    """Return the path of the program that tests of this marker need.

    Without it the test that asks is skipped, or fails where CI=true is set.
    """
    names = PROGRAMS[marker]
    return found(*names) or missing(
        f"{' or '.join(names)} is not installed (make test installs it where it can)"
    )


FILES = {
    "wordpress": Path("/usr/share/wordpress"),
    "vobject": Path("/usr/share/php/Sabre/VObject/autoload.php"),
    "narrow_font": Path("/usr/share/fonts/truetype/dejavu/DejaVuSansCondensed.ttf"),
}
"""What is no program, by the name of the Debian package that brings it."""


def needed_file(name: str) -> Path:
    """Return where something lies that is no program; without it as `needed`."""
    path = FILES[name]
    return path if path.exists() else missing(f"{path} is not there: tests/install-tools")


def missing(reason: str) -> NoReturn:
    """Skip the test that asks, or fail it where CI=true is set."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
