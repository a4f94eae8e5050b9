"""One process of the site without its pages: looks numbers up in threads, tells what came of it.

Started by test_processes.py; reads its order as JSON from the first line of standard input,
says "ready", begins at the next line, and writes one JSON object.
"""

import json
import sys
import threading
import time
from typing import Any

from tests.claims_api.fakes import Events, number
from tracking_site.cache.claims import build_claims
from tracking_site.cache.config import CacheConfig, ClaimsConfig, RedisConfig
from tracking_site.claims_api.config import ClientConfig
from tracking_site.claims_api.errors import CoreError
from tracking_site.domain.identifiers import Identifier, parse_identifier
from tracking_site.redis.client import Patience, RedisClients, brief_redis


def main() -> None:
    order: dict[str, Any] = json.loads(sys.stdin.readline())
    events = Events()
    redis = brief_redis(order["redis_url"], Patience(*order["patience"]), observe=events)
    # All may wait, for the core and for what another asked: of the site's threads a quarter may.
    client = ClientConfig(**{"held": order["threads"], **order["client"]})
    claims = build_claims(
        ClaimsConfig(
            client,
            cache=CacheConfig(joined=order["threads"]),
            redis=RedisConfig(**order["redis"]),
        ),
        secrets=[b"secret-of-the-worker-processes!!"],
        redis=RedisClients(redis, redis),
        observe=events,
    )
    results: list[tuple[str, float, float | None]] = []
    begin = threading.Barrier(order["threads"] + 1)

    def look_up(identifier: Identifier) -> None:
        begin.wait()
        give_up_at = time.monotonic() + order["seconds"]
        while True:
            began = time.monotonic()
            said, retry_after = "ok", None
            try:
                claims.source.claims_of(identifier)
            except CoreError as error:
                said, retry_after = error.kind.value, error.retry_after
            results.append((said, time.monotonic() - began, retry_after))
            if time.monotonic() + 0.25 > give_up_at:
                return
            time.sleep(0.25)

    for n in range(order["threads"]):
        found = parse_identifier(order["same"]) if order["same"] else number(order["first"] + n)
        threading.Thread(target=look_up, args=(found,), daemon=True).start()
    print("ready", flush=True)
    sys.stdin.readline()
    begin.wait()
    while threading.active_count() > 1 and len(results) < order["threads"]:
        time.sleep(0.01)
    for thread in threading.enumerate():
        if thread.name.startswith("Thread-"):
            thread.join()
    print(json.dumps({"results": results, "events": events.seen}), flush=True)


if __name__ == "__main__":
    main()
