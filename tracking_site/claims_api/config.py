"""Every constant of the cached client, with its default and the reason for it."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ClientConfig:
    url: str
    """Base address of the core, without the /v1 of the contract."""

    token: str | None = field(default=None, repr=False)
    """Bearer token that the core gave to this site."""

    connect_seconds: float = 2.0
    """Time for one attempt to connect; there are at most two."""

    total_seconds: float = 5.0
    """Time after which a person is answered, whatever the core does."""

    late_seconds: float = 5.0
    """Time that an answer may come too late for the person and still fill the cache."""

    room_seconds: float = 1.0
    """Time that a request waits for a free place before it is turned away."""

    in_flight: int = 6
    """Requests on their way to the core at once, in one process."""

    largest_body: int = 1 << 20
    """Bytes of a body, before and after decompression; the contract's own bound."""

    retry_pause: float = 0.1
    """Longest pause before the second attempt to connect; the real one is drawn below it."""

    tick_seconds: float = 0.3
    """How often a waiting caller is given the chance to say that it still lives."""
