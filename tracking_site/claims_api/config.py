"""Every constant of the client, with its default and the reason for it."""

from dataclasses import dataclass, field, fields
from pathlib import Path

from ..settings import Settings

HEALTH_PATH = "/v1/health"
HEALTH_BY_LOOKUPS = "lookups"


@dataclass(frozen=True)
class ClientConfig:
    """Of the way to a core behind a gateway (docs/core.md) empty texts and None mean that there is
    none; files are read again when they change. What a setting of the core says has its name here,
    without `core_`, and its sentence there (settings/settings.py)."""

    url: str
    """Base address of the core, without the /v1 of the contract."""

    token: str | None = field(default=None, repr=False)
    token_file: Path | None = None
    auth: str = ""
    oauth_url: str | None = None
    oauth_id: str = ""
    oauth_secret_file: Path | None = field(default=None, repr=False)
    oauth_scope: str = ""
    hmac_id: str = ""
    hmac_secret_file: Path | None = field(default=None, repr=False)
    headers_file: Path | None = None
    ca_file: Path | None = None
    client_cert_file: Path | None = None
    client_key_file: Path | None = None
    proxy: str | None = field(default=None, repr=False)
    health: str = HEALTH_PATH

    connect_seconds: float = 2.0
    """Time for one attempt to connect; there are at most two."""

    total_seconds: float = 5.0
    """Time after which a person is answered, whatever the core does."""

    late_seconds: float = 5.0
    """Time that an answer may come too late for the person and still fill the cache."""

    idle_seconds: float = 4.0
    """How long a connection may be idle and still be used. Less than the 5 s after which Node,
    Apache and uvicorn close one; most others keep it longer, and each end that is sent is seen."""

    acknowledged_seconds: float = 0.4
    """Time in which the core's machine has to acknowledge what it was sent on a connection that
    was used before; the kernel's first repetition, some 0.2 s, and the way come on top. Together
    less than the wait for a place, so that a dead connection loses nobody his."""

    silent_share: float = 0.8
    """Share of the time budget after which such a connection, acknowledged but silent, is given
    up for a fresh one: a core that takes 4 of 5 seconds is asked once, and one that answers
    within a second is still in time."""

    hold_seconds: float = 3.0
    """How long a request is held whose turn at the core is near: enough for order, short for a
    thread."""

    in_flight: int = 128
    """The most requests of one process at the core; below it the bound finds itself (bound.py)."""

    held: int = 96
    """The most requests of one process that are held: each has a thread."""

    largest_body: int = 1 << 20
    """Bytes of a body, before and after decompression; the contract's own bound."""

    retry_pause: float = 0.1
    """Longest pause before the second attempt to connect; the real one is drawn below it."""

    tick_seconds: float = 0.3
    """How often a waiting caller is given the chance to say that it still lives."""

    @classmethod
    def of(cls, settings: Settings) -> "ClientConfig":
        named = {each.name: getattr(settings, f"core_{each.name}", None) for each in fields(cls)}
        return cls(
            url=settings.claims_api_url or "",
            token=settings.claims_api_token,
            token_file=settings.claims_api_token_file,
            in_flight=min(settings.core_connections, max(settings.web_threads // 2, 1)),
            held=settings.web_threads * 3 // 8,
            **{name: value for name, value in named.items() if value is not None},
        )
