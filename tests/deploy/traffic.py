"""Visitors that ask for the same page over and over, and the site's own figures of them."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

import requests

EASE_SECONDS = 0.1


class Traffic:
    """`clients` threads that ask for `url` until the block ends; failures are kept as text.

    Without `keep_alive` every request opens a connection of its own, as strangers do. With a
    `nik` it is looked up there instead. `session` makes the session of each client.
    """

    def __init__(
        self,
        url: str,
        clients: int,
        keep_alive: bool = True,
        nik: str = "",
        session: Callable[[], requests.Session] = requests.Session,
    ) -> None:
        self.clients = clients
        self.answered = 0
        self.failed: list[str] = []
        self._url = url
        self._keep_alive = keep_alive
        self._nik = nik
        self._session = session
        self._over = threading.Event()
        self._pause = 0.0
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._ask) for _ in range(clients)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    @contextmanager
    def at_ease(self) -> Iterator[None]:
        """Have each client ask ten times a second at most, while nothing but time passes."""
        self._pause = EASE_SECONDS
        try:
            yield
        finally:
            self._pause = 0.0

    def _ask(self) -> None:
        session = self._session()
        session.trust_env = False
        if not self._keep_alive:
            session.headers["Connection"] = "close"
        while not self._over.is_set():
            try:
                status = self._status(session)
                problem = "" if status in (200, 303) else f"status {status}"
            except requests.RequestException as error:
                problem = f"{type(error).__name__}: {error}"
            with self._lock:
                self.answered += 1
                if problem:
                    self.failed.append(problem)
            if self._pause:
                self._over.wait(self._pause)

    def _status(self, session: requests.Session) -> int:
        if not self._nik:
            return session.get(self._url, timeout=20).status_code
        form = {"nomor": self._nik}
        return session.post(self._url, data=form, allow_redirects=False, timeout=20).status_code


def figure(url: str, name: str, **labels: str) -> float:
    """Return the sum of a metric over all rows that carry these labels."""
    total = 0.0
    for line in requests.get(f"{url}/-/metrics", timeout=5).text.splitlines():
        row = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
        if row and row[1] == name:
            told = dict(re.findall(r'(\w+)="([^"]*)"', row[2] or ""))
            if labels.items() <= told.items():
                total += float(row[3])
    return total
