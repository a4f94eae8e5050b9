"""Static files served by the site itself, where no proxy does it."""

import tempfile
from collections.abc import Iterable, MutableMapping
from pathlib import Path

from whitenoise import WhiteNoise

from .assets import Assets
from .headers import FOR_OTHER_SITES, FRAMED, Application, Environ, Start

WORKER = ".worker."
"""In the name of a script that runs beside its page."""

PREFIX = "/static/"
YEAR = 31_536_000


class StaticFiles:
    """Answers for `/static/` by itself, compressed and for a year; everything else goes on.

    Only those addresses are shown to WhiteNoise, which would cost every other one as well.
    """

    def __init__(self, site: Application, assets: Assets) -> None:
        self._site = site
        self._folder = tempfile.TemporaryDirectory(prefix="lacak-klaim-static-")
        assets.write(Path(self._folder.name))
        self._files = WhiteNoise(
            site,
            root=self._folder.name,
            prefix=PREFIX,
            max_age=YEAR,
            immutable_file_test=lambda path, url: True,
            add_headers_function=_add_headers,
        )

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        is_file = environ["PATH_INFO"].startswith(PREFIX)
        answer: Iterable[bytes] = (self._files if is_file else self._site)(environ, start_response)
        return answer


def _add_headers(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """Say what a page says of itself, and that frames of other sites may load the file."""
    headers["Referrer-Policy"] = "same-origin"
    headers["X-Content-Type-Options"] = "nosniff"
    for name, value in (FRAMED if WORKER in url else FOR_OTHER_SITES).items():
        headers[name] = value
