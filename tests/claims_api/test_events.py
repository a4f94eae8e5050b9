"""The table of events is whole: what both rooms tell stands in it, and nothing else."""

import re
from pathlib import Path

import tracking_site
from tracking_site.claims_api import events

PACKAGE = Path(tracking_site.__path__[0])
ROOMS = (PACKAGE / "claims_api", PACKAGE / "cache")
FILES = [*(path for room in ROOMS for path in room.glob("*.py")), PACKAGE / "redis" / "client.py"]
"""The client of Redis tells its events to whoever observes the cache."""


def test_every_event_that_is_observed_is_documented_and_the_other_way_round() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in FILES)
    observed = set(re.findall(r'(?:observe|_met)\(\s*"(\w+)"', source))
    documented = set(re.findall(r"^\| `(\w+)` \|", events.__doc__ or "", re.MULTILINE))
    assert observed == documented
    assert len(observed) > 10
