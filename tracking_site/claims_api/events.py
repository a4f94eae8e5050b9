"""What the cached client tells of itself, in one place.

`observe(event, **labels)` is called once for each; labels are short codes of a closed set,
never numbers of people. The composition root counts them, quickly and without raising. The two
of Redis come from redis/client.py, of both clients that a process has.

| Event | Labels | When |
|---|---|---|
| `hit` | `what`: claims, empty | an answer was fresh |
| `stale` | `what`: claims, empty | an older answer was given |
| `miss` | – | nothing was kept, and this visitor leads the flight to the core |
| `joined` | – | nothing was kept, and this visitor joins a flight |
| `failed` | `kind`: errors.Trouble | a visitor with nothing kept left without an answer |
| `failed_recently` | – | the core failed for the number a moment ago and was not asked |
| `refresh` | – | a renewal behind an older answer began |
| `refresh_shed` | – | a renewal found no room and is left to the next visitor |
| `forgotten` | `scope`: one, all; `reached`: yes, no | a purge; no: not every node was told |
| `evicted` | – | memory was full, and the entry used longest ago left |
| `core_failed` | `kind`: errors.Trouble | a request came to nothing, or found no room |
| `core_asked_again` | – | a connection had died while it was idle; the request went out anew |
| `core_late` | – | an answer came after its person was told of a timeout |
| `breaker` | `state`: open, half_open, closed | the breaker before the core turned |
| `store` | `state`: open, half_open, closed | the breaker before Redis turned; open: left alone |
| `store_refused` | – | Redis answered with an error: full, read-only, wrong type |
| `sealed_refused` | `reason`: version, length, seal, shape | a value did not open: a miss |
"""


class CoreWatch:
    """Told of lookups at the core; this one counts none, observing/metrics.py does."""

    def core_waited(self, seconds: float) -> None:
        """A lookup was held so long before it was let to the core, or was not."""

    def core_asked(self) -> None:
        """A lookup is on its way to the core."""

    def core_answered(self, result: str, seconds: float) -> None:
        """The core said "answered", or it came to an error of this kind (errors.Trouble)."""
