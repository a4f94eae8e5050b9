"""The table of events is whole: what the room tells of itself stands in it, and nothing else."""

import re
from pathlib import Path

import tracking_site.claims_api as room
from tracking_site.claims_api import events

ROOM = Path(room.__path__[0])
FILES = [*sorted(ROOM.glob("*.py")), ROOM.parent / "redis" / "client.py"]
"""The client of Redis tells its events to whoever observes the cache."""


def test_every_event_that_is_observed_is_documented_and_the_other_way_round() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in FILES)
    observed = set(re.findall(r'(?:observe|_met)\(\s*"(\w+)"', source))
    documented = set(re.findall(r"^\| `(\w+)` \|", events.__doc__ or "", re.MULTILINE))
    assert observed == documented
    assert len(observed) > 10
