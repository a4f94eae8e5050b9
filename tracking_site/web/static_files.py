"""Static files served by the site itself, where no proxy does it."""

import tempfile
from collections.abc import Iterable, MutableMapping
from pathlib import Path
from threading import Lock

from whitenoise import WhiteNoise

from .assets import Assets
from .headers import FOR_OTHER_SITES, FRAMED, Application, Environ, Start

WORKER = ".worker."
"""In the name of a script that runs beside its page."""

PREFIX = "/static/"
YEAR = 31_536_000


class StaticFiles:
    """Answers for `/static/` by itself, compressed and for a year; everything else goes on.

    Only those addresses are shown to WhiteNoise, which would cost every other one as well. A file
    is compressed when it is asked for the first time, unless `pack` did so for all of them.
    """

    def __init__(self, site: Application, assets: Assets) -> None:
        self._site = site
        self._assets = assets
        self._folder = tempfile.TemporaryDirectory(prefix="lacak-klaim-static-")
        self._files = WhiteNoise(
            site,
            max_age=YEAR,
            immutable_file_test=lambda path, url: True,
            add_headers_function=_add_headers,
        )
        self._unpacked = set(assets.contents)
        self._lock = Lock()

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not path.startswith(PREFIX):
            return self._site(environ, start_response)
        name = path.removeprefix(PREFIX)
        if name in self._unpacked:
            self._pack(name)
        answer: Iterable[bytes] = self._files(environ, start_response)
        return answer

    def pack(self) -> None:
        """Compress every file now: for a process that is forked, once for all of them."""
        for name in tuple(self._unpacked):
            self._pack(name)

    def _pack(self, name: str) -> None:
        with self._lock:
            if name in self._unpacked:
                written = self._assets.write(name, Path(self._folder.name))
                self._files.add_file_to_dictionary(PREFIX + name, str(written))
                self._unpacked.remove(name)


def _add_headers(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """Say what a page says of itself, and that frames of other sites may load the file."""
    headers["Referrer-Policy"] = "same-origin"
    headers["X-Content-Type-Options"] = "nosniff"
    for name, value in (FRAMED if WORKER in url else FOR_OTHER_SITES).items():
        headers[name] = value
