"""What is asked of a core, whatever it speaks; and the contract over HTTP, which most speak."""

from time import monotonic
from typing import Protocol

from ..domain.claims import StageDuration
from ..domain.identifiers import Identifier, Kpj
from .config import HEALTH_BY_LOOKUPS
from .decoding import decode_durations, decode_snapshot, encode_lookup
from .exchange import Exchange
from .source import Answer

ANSWERED_SECONDS = 30.0
"""How long a lookup that was answered is proof enough that the core is up."""

PROBE = Kpj("0" * 11)
"""The card number that is asked for where only a lookup can say that the core is up."""


class Core(Protocol):
    """A core with one method for each thing that the site asks; each raises CoreError.

    `due` is the monotonic moment at which a caller gives up; `request_id` names the page request.
    """

    def look_up(self, identifier: Identifier, *, request_id: str | None, due: float) -> Answer: ...

    def stage_durations(
        self, *, request_id: str | None, due: float
    ) -> tuple[StageDuration, ...]: ...

    def health(self, *, request_id: str | None, due: float) -> float | None:
        """Return the core's clock in epoch seconds, where it says."""
        ...

    def close(self) -> None: ...


class ContractCore:
    """The contract (docs/core-claims-api.yaml) over HTTP.

    `health` is the path that is asked for readiness; with `lookups` it follows what lookups came
    to, and one is made where none was answered lately.
    """

    def __init__(self, exchange: Exchange, health: str) -> None:
        self._exchange = exchange
        self._health = health
        self._answered_at = float("-inf")

    def look_up(self, identifier: Identifier, *, request_id: str | None, due: float) -> Answer:
        reply = self._exchange.post(
            "/v1/claim-lookups", encode_lookup(identifier), request_id=request_id, due=due
        )
        answer = Answer(reply.body, decode_snapshot(reply.body), reply.max_age)
        self._answered_at = monotonic()
        return answer

    def stage_durations(self, *, request_id: str | None, due: float) -> tuple[StageDuration, ...]:
        reply = self._exchange.get("/v1/stage-durations", request_id=request_id, due=due)
        return decode_durations(reply.body)

    def health(self, *, request_id: str | None, due: float) -> float | None:
        if self._health != HEALTH_BY_LOOKUPS:
            return self._exchange.get(self._health, request_id=request_id, due=due).sent_at
        if monotonic() - self._answered_at > ANSWERED_SECONDS:
            self.look_up(PROBE, request_id=request_id, due=due)
        return None

    def close(self) -> None:
        self._exchange.close()
