"""A process that has served its number of requests goes when the one in its place is there.

gunicorn lets it stop first, and begins the other one when it has ended. Until it has given its
last answer, for as long as the core takes and two seconds where a connection is kept, nobody was
let in; and processes that share what comes have served their number in the same second.
"""

import os
from typing import Any


def say_worn(worker: Any) -> None:
    """Let the master know, by the file in which it sees that a worker lives."""
    os.write(worker.tmp.fileno(), b"1")


def begin_before_the_end(server: Any) -> None:
    """Have the master begin a process for each that is worn; it ends the oldest beyond its number
    when it looks again, a second later."""
    manage_workers = server.manage_workers

    def manage() -> None:
        manage_workers()
        worn = sum(map(_is_worn, server.WORKERS.values()))
        for _ in range(server.num_workers - (len(server.WORKERS) - worn)):
            server.spawn_worker()

    server.manage_workers = manage


def _is_worn(worker: Any) -> bool:
    try:
        return os.fstat(worker.tmp.fileno()).st_size > 0
    except (OSError, ValueError):
        return False
