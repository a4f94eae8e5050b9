"""What is stormed: the site with two processes, its Redis and its core, and one log of all."""

import contextlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path

from harness.servers import ROOT, CoreServer, GunicornServer, RedisServer, Server
from harness.way import Way

PROCESSES = 2
THREADS = 8
MORE_PARTICIPANTS = 4_000

LOG_BEGINS = 64 << 20
"""The log lies behind a hole of this size, so that a limit on the size of files meets it alone."""

SANDBOX_SAYS = b"Sandbox core on "

_RUN = re.compile(rb"\d{11,}")


class Roads:
    """What lies between the site and its core and Redis, and a second Redis that copies it."""

    def __init__(self, core: Way, store: Way, spare: RedisServer) -> None:
        self.core = core
        self.store = store
        self.spare = spare


class Stage:
    """All servers, running; `site` takes the traffic. `surge` lets so many more visitors come
    while it is entered."""

    def __init__(
        self, core: CoreServer, store: RedisServer, site: Server, log: Path, roads: Roads | None
    ) -> None:
        self.core = core
        self.store = store
        self.site = site
        self.surge: Callable[[], AbstractContextManager[None]] = nullcontext
        self._log = log
        self._roads = roads

    @property
    def roads(self) -> Roads:
        if self._roads is None:
            raise RuntimeError("this stage has no roads")
        return self._roads

    @property
    def log_bytes(self) -> int:
        return self._log.stat().st_size

    def lines(self) -> Iterator[bytes]:
        """Yield what everybody wrote so far."""
        with self._log.open("rb") as log:
            log.seek(LOG_BEGINS)
            yield from log

    def log_holds(self) -> tuple[int, int, int]:
        """Return how many lines there are, how many are broken, and how many hold a number.

        The site writes JSON; the sandbox a sentence when it starts.
        """
        lines = [line for line in self.lines() if line.strip()]
        return len(lines), sum(map(_is_broken, lines)), sum(map(bool, map(_RUN.search, lines)))

    def store_holds(self, numbers: Iterable[str]) -> int:
        """Return how many keys or values of Redis hold one of these numbers.

        Digits alone say nothing there: digests are written with them.
        """
        known = {number.encode() for number in numbers}
        with self.store.client() as client:
            pairs = ((key, client.dump(key) or b"") for key in client.scan_iter(count=1000))
            return sum(_holds(key, known) or _holds(value, known) for key, value in pairs)


@contextmanager
def stage(*, has_roads: bool = False) -> Iterator[Stage]:
    """Start everything; where it `has_roads`, the site reaches its core and Redis by them."""
    with ExitStack() as stack:
        log = Path(stack.enter_context(tempfile.TemporaryDirectory()), "log")
        log.touch()
        os.truncate(log, LOG_BEGINS)
        core = stack.enter_context(CoreServer(MORE_PARTICIPANTS, log=log))
        store = stack.enter_context(RedisServer())
        roads, core_url, store_url = None, core.url, store.url
        if has_roads:
            ways = [stack.enter_context(Way(port)) for port in (core.port, store.port)]
            roads = Roads(*ways, stack.enter_context(RedisServer()))
            core_url = f"http://127.0.0.1:{roads.core.port}"
            store_url = f"redis://127.0.0.1:{roads.store.port}/0"
        settings = {
            "CLAIMS_API_URL": core_url,
            "REDIS_URL": store_url,
            "WEB_CONCURRENCY": str(PROCESSES),
            "WEB_THREADS": str(THREADS),
            "TRUSTED_PROXIES": "1",
            "PARTNERS_FILE": str(ROOT / "deploy" / "partners.example.toml"),
        }
        site = stack.enter_context(GunicornServer(settings, log=log))
        yield Stage(core, store, site, log, roads)


def _holds(text: bytes, known: set[bytes]) -> bool:
    return any(
        run[at : at + length] in known
        for run in _RUN.findall(text)
        for length in (11, 16)
        for at in range(len(run) - length + 1)
    )


def _is_broken(line: bytes) -> bool:
    if line.startswith(SANDBOX_SAYS):
        return False
    with contextlib.suppress(ValueError):
        return not isinstance(json.loads(line), dict)
    return True
