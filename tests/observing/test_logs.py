"""Everything that a process says is a JSON line: the site, libraries, warnings, crashes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.observing.conftest import Samples

ROOT = Path(__file__).parent.parent.parent
BEGIN = "from tracking_site.observing.logs import configure_logs; configure_logs({level!r})\n"


def said_by(script: str, level: str = "info") -> list[dict[str, Any]]:
    """Run a script in a process of its own and read its lines; each must be JSON."""
    ran = subprocess.run(
        [sys.executable, "-c", BEGIN.format(level=level) + script],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran.stderr == ""
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_the_site_and_the_standard_library_speak_alike() -> None:
    ours, theirs = said_by(
        "import logging, structlog\n"
        "structlog.get_logger().info('ours', outcome='found')\n"
        "logging.getLogger('library').warning('theirs %s', 1)\n"
    )
    assert (ours["event"], ours["level"], ours["outcome"]) == ("ours", "info", "found")
    assert (theirs["event"], theirs["level"], theirs["logger"]) == (
        "theirs 1",
        "warning",
        "library",
    )
    assert ours["timestamp"][:4].isdecimal()


@pytest.mark.parametrize(("level", "count"), [("debug", 4), ("warning", 2), ("error", 1)])
def test_the_level_is_kept_by_everybody(level: str, count: int) -> None:
    script = (
        "import logging, structlog\n"
        "for say in (structlog.get_logger(), logging.getLogger('library')):\n"
        "    say.debug('a')\n"
        "structlog.get_logger().warning('b')\n"
        "logging.getLogger('library').error('c')\n"
    )
    assert len(said_by(script, level)) == count


def test_no_number_leaves_by_an_exception_a_warning_or_an_argument(samples: Samples) -> None:
    nik = samples["assessment_day_3"].nik
    lines = said_by(
        "import logging, threading, warnings\n"
        f"number = {nik!r}\n"
        "log = logging.getLogger('library')\n"
        "log.error('typed %s', number)\n"
        "try:\n"
        "    int(number + 'x')\n"
        "except ValueError:\n"
        "    log.exception('oops')\n"
        "warnings.warn('strange value ' + number)\n"
        "def fail(): raise RuntimeError(number)\n"
        "thread = threading.Thread(target=fail); thread.start(); thread.join()\n"
        "raise KeyError(number)\n"
    )
    assert len(lines) == 5
    assert nik not in json.dumps(lines)
    assert {line.get("error") for line in lines} >= {"ValueError", "RuntimeError", "KeyError"}


def test_of_an_answer_with_a_broken_header_nothing_is_said_but_that() -> None:
    script = """
import urllib3
from tests.claims_api.raw import always, raw_server

reply = b"HTTP/1.1 200 OK\\r\\nSiti Rahayu\\r\\nSet-Cookie: id=secret\\r\\n\\r\\n{}"
with raw_server(always(reply)) as core:
    urllib3.PoolManager().request("POST", core.url)
"""
    (line,) = said_by(script)
    assert line["error"] == "HeaderParsingError"
    assert not [each for each in ("Siti", "secret", "127.0.0.1") if each in json.dumps(line)]


def test_a_message_that_does_not_fit_its_arguments_is_still_said() -> None:
    (line,) = said_by("import logging; logging.getLogger('library').error('%d figs', 'many')")
    assert line["event"] == "%d figs"
