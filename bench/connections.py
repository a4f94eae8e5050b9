"""What people get while the connections to the core are dead: `python -m bench.connections`.

Each of the core's places is given a connection by a lookup; then the way to the core forgets
them, swallows what comes, resets or hangs up, and so many new numbers are asked at once.
"""

import logging
import time
from concurrent.futures import ThreadPoolExecutor

from bench.cache_stage import Core
from bench.way import Way
from bench.written import table
from tracking_site.claims_api.build import Claims, ClaimsConfig, build_claims
from tracking_site.claims_api.config import ClientConfig
from tracking_site.claims_api.errors import CoreError
from tracking_site.domain.identifiers import Kpj
from tracking_site.sandbox import Sandbox

PLACES = ClientConfig("").in_flight
TROUBLES = {
    "forget": "packets dropped, as by a NAT that forgot",
    "swallow": "acknowledged, never answered",
    "reset": "reset at the next bytes",
    "hang_up": "closed after the request",
}


class _Scene:
    def __init__(self, core: Core, way: Way) -> None:
        self._core = core
        self._way = way
        self._place = 0

    def row(self, trouble: str) -> list[str]:
        """Let two parties come one after the other: one for each dead connection, then the rest."""
        config = ClaimsConfig(ClientConfig(f"http://127.0.0.1:{self._way.port}"))
        claims = build_claims(config, secrets=[b"s" * 32])
        self._core.behaves("slow")
        self._look_up(claims, PLACES)
        self._core.behaves("none")
        getattr(self._way, trouble)()
        first, second = self._look_up(claims, PLACES), self._look_up(claims, PLACES)
        asked = self._core.lookups
        claims.close()
        slowest = max(seconds for _, seconds in first)
        return [
            TROUBLES[trouble],
            *(f"{sum(well for well, _ in party)} of {PLACES}" for party in (first, second)),
            f"{slowest:.2f}",
            str(asked),
        ]

    def _look_up(self, claims: Claims, people: int) -> list[tuple[bool, float]]:
        numbers = [Kpj(f"{self._place + n:011d}") for n in range(people)]
        self._place += people

        def look_up(number: Kpj) -> tuple[bool, float]:
            begun = time.monotonic()
            try:
                claims.source.claims_of(number)
            except CoreError:
                return False, time.monotonic() - begun
            return True, time.monotonic() - begun

        with ThreadPoolExecutor(people) as threads:
            return list(threads.map(look_up, numbers))


def main() -> None:
    logging.disable(logging.CRITICAL)
    with Sandbox() as sandbox, Way(int(sandbox.url.rpartition(":")[2])) as way:
        scene = _Scene(Core(sandbox), way)
        head = ["", "answered", "the next", "slowest of the first, s", "requests to the core"]
        print(table(head, [scene.row(trouble) for trouble in TROUBLES]))


if __name__ == "__main__":
    main()
