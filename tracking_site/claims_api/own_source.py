"""A core that speaks something else: the institution's own adapter, named by CLAIMS_SOURCE.

The adapter is a ClaimsSource: it returns a Snapshot, or raises CoreError. Around it stands what
stands around every core: time budget, bound, breaker, cache and figures (docs/core.md).
"""

import logging
from importlib import import_module
from inspect import signature
from threading import local
from time import monotonic
from typing import Any

import msgspec

from ..domain.identifiers import Identifier
from ..records import Observe, do_nothing
from ..settings import Settings, refusing_as
from .config import ClientConfig
from .contract import ContractCore, answer_of, encode_snapshot
from .errors import CoreError, Trouble
from .exchange import Exchange, Statuses
from .source import Answer, ClaimsSource, Core

log = logging.getLogger(__name__)


class CoreHttp:
    """The way to the core that the settings describe, for an adapter: JSON out, JSON back.

    Base address, certificates, keys, tokens, signature and proxy are the settings'; the time left
    is the lookup's. Raises CoreError.
    """

    def __init__(self, exchange: Exchange, total_seconds: float) -> None:
        self._exchange = exchange
        self._total_seconds = total_seconds
        self._asked = local()

    def get(self, path: str, *, nothing_at: Statuses = ()) -> Any:
        """Return what stands at a path; None where the core answers a status of `nothing_at`."""
        return _read(self._exchange.ask(path, **self._limits(), nothing=nothing_at).body)

    def post(self, path: str, body: object, *, nothing_at: Statuses = ()) -> Any:
        """Send JSON and return the answer, as `get` does."""
        sent = msgspec.json.encode(body)
        return _read(self._exchange.ask(path, sent, **self._limits(), nothing=nothing_at).body)

    def within(self, request_id: str | None, due: float) -> None:
        """Say for what this thread asks next, and until when it may."""
        self._asked.request_id, self._asked.due = request_id, due

    def _limits(self) -> dict[str, Any]:
        due = getattr(self._asked, "due", monotonic() + self._total_seconds)
        return {"request_id": getattr(self._asked, "request_id", None), "due": due}


class OwnCore(Core):
    """An adapter, asked as every core is. What it raises beside CoreError is not understood."""

    def __init__(self, source: ClaimsSource, http: CoreHttp | None) -> None:
        self._source = source
        self._http = http

    def look_up(self, identifier: Identifier, *, request_id: str | None, due: float) -> Answer:
        if self._http is not None:
            self._http.within(request_id, due)
        body = self._said_of(identifier)
        # Read as what every core says, so that it is the same before and after it was kept.
        answer = answer_of(body, identifier)
        self._answered_at = monotonic()
        return answer

    def _said_of(self, identifier: Identifier) -> bytes:
        try:
            return encode_snapshot(self._source.claims_of(identifier))
        except CoreError:
            raise
        except Exception as error:  # noqa: BLE001  an adapter may raise anything
            # The text of the error may hold what the core said of a person; its kind does not.
            log.error("the source of claims failed: %s", type(error).__name__)
            raise CoreError(Trouble.SHAPE) from None


def _read(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CoreError(Trouble.SHAPE) from error


def own_core_of(named: str, config: ClientConfig, observe: Observe) -> OwnCore:
    """Load an adapter: `package.module:factory`, called with a CoreHttp where it takes one.

    Raises ValueError saying what the setting must be.
    """
    factory, takes_http = _factory_of(named)
    http = None
    if config.url:
        http = CoreHttp(Exchange(config, observe=observe), config.total_seconds)
    if takes_http and http is None:
        raise ValueError(
            "CLAIMS_SOURCE must come with CLAIMS_API_URL: its factory takes the way to the core"
        )
    try:
        source = factory(http) if takes_http else factory()
        is_source = callable(getattr(source, "claims_of", None))
    except ValueError as error:
        raise ValueError(f"CLAIMS_SOURCE: {str(error) or 'its factory failed'}") from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  the code of others may raise anything
        why = type(error).__name__
        raise ValueError(
            f"CLAIMS_SOURCE must name a factory that works ({why}): call it by itself to see why"
        ) from None
    if not is_source:
        raise ValueError(
            "CLAIMS_SOURCE must name a factory that returns something with a method claims_of"
        )
    return OwnCore(source, http)


def _factory_of(named: str) -> tuple[Any, bool]:
    """Return what makes the adapter, and whether it takes a CoreHttp."""
    module, _, name = named.partition(":")
    try:
        loaded = import_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001
        why = type(error).__name__
        raise ValueError(f"CLAIMS_SOURCE must name a module that can be imported ({why})") from None
    try:
        factory = getattr(loaded, name)
        takes_http = bool(signature(factory).parameters)
    except Exception:  # noqa: BLE001
        raise ValueError("CLAIMS_SOURCE must name a factory that its module has") from None
    return factory, takes_http


def core_of(settings: Settings, observe: Observe = do_nothing) -> Core:
    """Build what is asked for claims: the contract over HTTP, or the institution's own adapter.

    Raises SettingsError.
    """
    config = ClientConfig.of(settings)
    with refusing_as(""):
        if settings.claims_source is not None:
            return own_core_of(settings.claims_source, config, observe)
        return ContractCore(Exchange(config, observe=observe), config.health)
