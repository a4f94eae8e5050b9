"""One request and its reply, and every way in which that can go wrong, as CoreError."""

import re
from codecs import BOM_UTF8
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPException, RemoteDisconnected
from http.cookiejar import DefaultCookiePolicy
from itertools import chain
from random import random as draw
from secrets import token_hex
from time import monotonic, sleep, time

import requests
import urllib3
from requests.adapters import Retry

from ..records import Observe, do_nothing
from ..settings import Rotating
from .config import ClientConfig
from .credentials import credentials_of
from .errors import CoreError, Trouble
from .wire import REQUEST_ID, DeadConnection, DueAdapter, Idleness, tls_context, trouble_of_tls

CHUNK = 1 << 16
"""Bytes read at a time, and so the most by which a body may pass its bound."""

_MAX_AGE = re.compile(r'(?:^|[,\s])max-age\s*=\s*"?(\d{1,9})', re.IGNORECASE)
_NOT_KEPT = re.compile(r"(?:^|[,\s])no-(?:store|cache)", re.IGNORECASE)

_NO_CERTIFICATE = re.compile(rb"SSL certificate", re.IGNORECASE)
"""How nginx refuses a client's certificate, or that there is none: a 400 with a page of its own."""

_MAX_PAGE = 2048
"""Bytes of it that are looked at."""

_REFUSALS = {
    400: Trouble.REQUEST_REFUSED,
    407: Trouble.PROXY,
    429: Trouble.TOO_MANY,
    500: Trouble.SERVER_ERROR,
    502: Trouble.SERVER_ERROR,
    503: Trouble.SERVER_ERROR,
    504: Trouble.SERVER_ERROR,
}


Statuses = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """`sent_at`: the core's own clock, in epoch seconds, when it says (RFC 9110, 6.6.1)."""

    body: bytes
    max_age: float | None
    sent_at: float | None = None


_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "User-Agent": "tracking-site",
}


class Exchange:
    """Sends requests and reads their replies.

    `clock` gives epoch seconds (for a Retry-After that is a date, and for signatures), `random` a
    number in [0, 1). Raises ValueError where a file of certificates or secrets is wrong; it begins
    with the name of its setting.
    """

    def __init__(
        self,
        config: ClientConfig,
        clock: Callable[[], float] = time,
        random: Callable[[], float] = draw,
        observe: Observe = do_nothing,
    ) -> None:
        self._config = config
        self._observe = observe
        self._url = config.url.rstrip("/")
        self._clock = clock
        self._random = random
        self._adapter = _adapter(config)
        self._proxies = dict.fromkeys(("http", "https"), config.proxy) if config.proxy else {}
        self._credentials = credentials_of(config, self._equip, clock)

    def ask(
        self,
        path: str,
        body: bytes | None = None,
        *,
        request_id: str | None,
        due: float,
        nothing: Statuses = (),
    ) -> Reply:
        """Return the reply before a monotonic moment; JSON's null at a status of `nothing`.

        With a body it is a POST, without one a GET. What no page asks has an id of its own: by
        this its second answer is known (wire.py).
        """
        headers = {REQUEST_ID: request_id or token_hex(8)}
        if body is not None:
            headers["Content-Type"] = "application/json"
        credentials, may_renew = self._credentials, True
        try:
            while True:
                shown = credentials.headers(due) if credentials else {}
                with self._connected(path, body, due, {**shown, **headers}) as response:
                    if response.status_code in nothing:
                        return Reply(b"null", None)
                    asks_again = response.status_code == 401 and may_renew and credentials
                    if not asks_again or not asks_again.renew(shown):
                        return self._read(response)
                may_renew = False
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _as_core_error(error) from error
        except ValueError as error:
            # Of a number in a reply, such as the size of a chunk, that is none to the libraries.
            raise CoreError(Trouble.PROTOCOL) from error

    def _equip(self, session: requests.Session) -> None:
        """Let a session of others go the way to the core, and no other."""
        # Neither proxies nor .netrc of the machine may decide where a number is sent.
        session.trust_env = False
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.proxies = {**self._proxies}
        session.mount("http://", self._adapter)
        session.mount("https://", self._adapter)

    def _connected(
        self, path: str, body: bytes | None, due: float, headers: dict[str, str]
    ) -> requests.Response:
        verb, url = "GET" if body is None else "POST", self._url + path
        asked = requests.Request(verb, url, {**_HEADERS, **headers}, data=body)
        forgiven: set[str] = set()
        while True:
            left = due - monotonic()
            if left <= 0:
                raise TimeoutError("no time left")
            connect = min(self._config.connect_seconds, left)
            try:
                # A session would read the whole body of a redirect, however long it is.
                return self._adapter.send(
                    asked.prepare(),
                    stream=True,
                    proxies=self._proxies,
                    timeout=urllib3.Timeout(connect=connect, total=left),  # type: ignore[arg-type]
                )
            except requests.ConnectionError as error:
                why = _why_again(error)
                if why is None or why in forgiven:
                    raise
                forgiven.add(why)
            if why == "dead":
                # The core never had this request, or it lost it; and a lookup only reads.
                self._observe("core_asked_again")
            else:
                sleep(self._random() * self._config.retry_pause)

    def _read(self, response: requests.Response) -> Reply:
        self._require_success(response)
        if response.headers.get("Content-Encoding", "identity").lower() not in ("identity", "gzip"):
            raise CoreError(Trouble.ENCODING)
        length = response.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > self._config.largest_body:
            raise CoreError(Trouble.TOO_LARGE)
        body = bytearray()
        try:
            for chunk in response.raw.stream(CHUNK, decode_content=True):
                body += chunk
                if len(body) > self._config.largest_body:
                    raise CoreError(Trouble.TOO_LARGE)
        except urllib3.exceptions.ProtocolError as error:
            raise CoreError(Trouble.TRUNCATED) from error
        headers = response.headers
        # RFC 8259, section 8.1: a reader of JSON may pass over a byte order mark; ours does not.
        body = body.removeprefix(BOM_UTF8)
        return Reply(
            bytes(body), _max_age(headers.get("Cache-Control", "")), _moment(headers.get("Date"))
        )

    def _require_success(self, response: requests.Response) -> None:
        status = response.status_code
        if status in (401, 403):
            shown = self._credentials
            raise CoreError(shown.refusal if shown else Trouble.CREDENTIALS)
        if status == 400 and _wants_certificate(response):
            raise CoreError(Trouble.CLIENT_CERTIFICATE)
        if refusal := _REFUSALS.get(status):
            raise CoreError(refusal, self._retry_after(response))
        if 300 <= status < 400:
            raise CoreError(Trouble.REDIRECT)
        if status != 200:
            raise CoreError(Trouble.STATUS)
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise CoreError(Trouble.CONTENT_TYPE)

    def _retry_after(self, response: requests.Response) -> float | None:
        text = response.headers.get("Retry-After", "").strip()
        if text.isdecimal():
            return float(text[:9])
        at = _moment(text)
        return None if at is None else at - self._clock()


def _adapter(config: ClientConfig) -> DueAdapter:
    uses_tls = any(url.startswith("https:") for url in (config.url, config.oauth_url or ""))
    files = (config.ca_file, config.client_cert_file, config.client_key_file)
    tls = Rotating(
        "what TLS to the core is made with",
        tuple(path for path in files if path is not None),
        # Reading the public authorities takes 20 ms, for every site that is built.
        lambda: tls_context(*files) if uses_tls else None,
    )
    return DueAdapter(
        Idleness(
            most=config.idle_seconds,
            silent=config.silent_share * config.total_seconds,
            acknowledged=config.acknowledged_seconds,
        ),
        tls.now,
        # The core, and who gives tokens for it.
        pool_connections=2,
        pool_maxsize=config.in_flight,
        max_retries=Retry(0, read=False, redirect=False),
    )


def _wants_certificate(response: requests.Response) -> bool:
    if "html" not in response.headers.get("Content-Type", ""):
        return False
    return bool(_NO_CERTIFICATE.search(response.raw.read(_MAX_PAGE, decode_content=True)))


def _max_age(cache_control: str) -> float | None:
    if _NOT_KEPT.search(cache_control):
        return 0.0
    found = _MAX_AGE.search(cache_control)
    return float(found[1]) if found else None


def _moment(date: str | None) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp() if date else None
    except (ValueError, OverflowError):
        return None


def _causes(error: BaseException) -> list[BaseException]:
    """An error with those inside it: urllib3 keeps them in `reason` and in its arguments."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        each = waiting.pop()
        if isinstance(each, BaseException) and each not in found:
            found.append(each)
            waiting += [*each.args, getattr(each, "reason", None)]
    return found


def _why_again(error: requests.ConnectionError) -> str | None:
    """Return why asking once more is right: "dead", "unreached", or None where it is not."""
    causes = _causes(error)
    if any(isinstance(each, DeadConnection) for each in causes):
        return "dead"
    never_sent = urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError
    return "unreached" if any(isinstance(each, never_sent) for each in causes) else None


_OF_CAUSES = (
    ((urllib3.exceptions.ProxyError, requests.exceptions.ProxyError), Trouble.PROXY),
    (urllib3.exceptions.NameResolutionError, Trouble.HOST_UNKNOWN),
    # A refused connection is a kind of timeout to urllib3; to people it is not.
    (urllib3.exceptions.NewConnectionError, Trouble.CONNECTION),
    ((requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError), Trouble.TIMEOUT),
    (urllib3.exceptions.DecodeError, Trouble.ENCODING),
    (RemoteDisconnected, Trouble.CONNECTION),
    (
        (HTTPException, urllib3.exceptions.InvalidHeader, requests.exceptions.InvalidHeader),
        Trouble.PROTOCOL,
    ),
)
"""Trouble by what stands among the causes of an error; the first that does says it."""


def _as_core_error(error: Exception) -> CoreError:
    causes = _causes(error)
    of_tls = filter(None, map(trouble_of_tls, causes))
    others = (
        trouble for kinds, trouble in _OF_CAUSES if any(isinstance(each, kinds) for each in causes)
    )
    return CoreError(next(chain(of_tls, others), Trouble.CONNECTION))
