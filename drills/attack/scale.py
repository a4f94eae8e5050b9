"""How long the attacks go on: the whole run of `make attack`, and the small one of the tests."""

from dataclasses import dataclass

from tracking_site.guard.memory_ledger import DEFAULT_CAP


@dataclass(frozen=True)
class Scale:
    """Tries beyond a bound only say that it holds for longer; below it they would say nothing."""

    guesses: int = 60
    """Numbers that a guesser tries from one address."""

    lists: int = 5
    """Addresses that each work through a list of their own."""

    list_tries: int = 400
    """Numbers that one address, or a /64, tries from a list."""

    network_tries: int = 800
    """The same for a /48 or a /24."""

    crowds: int = 3
    """Times that 64 new numbers are asked at once, each time from a fresh address."""

    pairs: int = 1_500
    """Interleaved pairs of an existing and a missing number; the AUC's own noise is then 0.011."""

    batches: int = 3
    """Times that as many pairs are taken at most, if the first leave the range: noise goes away."""

    outage_tries: int = 300
    """Numbers that one address asks while Redis is away."""

    outage_network_tries: int = 400
    """The same for a /24; 0 leaves it out."""

    people: int = 300
    """Honest people behind one carrier address."""

    flood: int = 20_000
    """Addresses that ask once, over HTTP."""

    filling: int = 1_000_000
    """Networks in one ledger in memory, at its full size."""

    filling_cap: int = DEFAULT_CAP
    """Rows that this ledger keeps."""

    readers: int = 12
    """Visitors of a page of another site, each with a browser window of their own."""

    hosts: int = 300
    """Host names that are made up."""

    requests: int = 24_000
    """Cheap requests after which a worker that is to be replaced has been."""

    malformed_all: bool = True
    """Whether everything malformed is sent, or only the few requests that freeze soonest."""

    waits_for_expiry: bool = True
    """Whether to wait two minutes until a solved challenge is out of date."""


FULL = Scale()

SMALL = Scale(
    guesses=15,
    lists=1,
    list_tries=145,
    network_tries=310,
    crowds=1,
    pairs=60,
    batches=1,
    outage_tries=70,
    outage_network_tries=0,
    people=60,
    readers=2,
    flood=160,
    filling=4_000,
    filling_cap=800,
    hosts=50,
    requests=1_600,
    malformed_all=False,
    waits_for_expiry=False,
)
"""Small enough for a test run. Bounds are those of the whole run; copies with a hole break them."""
