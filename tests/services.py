"""Real servers that tests start for themselves, each on a free port of the loopback address."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.servers import RedisServer, Server, free_port
from tests.needs import needed

SERVICE = "main"
_SENTINEL = """
port {port}
bind 127.0.0.1
dir {folder}
sentinel monitor {service} 127.0.0.1 {master} 2
sentinel down-after-milliseconds {service} 500
sentinel failover-timeout {service} 3000
"""


@contextmanager
def running_redis(configuration: Path | None = None) -> Iterator[RedisServer]:
    """Run a Redis, by this file if one is given.

    Skips the test that asks where none is installed (tests/needs.py).
    """
    needed("redis")
    with RedisServer(configuration) as server:
        yield server


@contextmanager
def running_sentinels(master: RedisServer, count: int = 3) -> Iterator[str]:
    """Let so many Sentinels watch a master and its replicas; yields the address of its database 0.

    They agree that it is gone half a second after it is.
    """
    with ExitStack() as running:
        folder = Path(running.enter_context(TemporaryDirectory()))
        ports = []
        for place in range(count):
            port = free_port()
            own = folder / f"{place}.conf"
            own.write_text(
                _SENTINEL.format(port=port, folder=folder, service=SERVICE, master=master.port)
            )
            running.enter_context(Server([needed("redis"), str(own), "--sentinel"], port))
            ports.append(port)
        hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
        yield f"redis+sentinel://{hosts}/{SERVICE}/0"
