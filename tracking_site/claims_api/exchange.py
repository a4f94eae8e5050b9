"""One request and its reply, and every way in which that can go wrong, as CoreError."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPException, RemoteDisconnected
from http.cookiejar import DefaultCookiePolicy
from random import random as draw
from time import monotonic, sleep, time

import requests
import urllib3
from requests.adapters import Retry

from .config import ClientConfig
from .errors import CoreError, CoreNotUnderstood, CoreUnavailable, Trouble
from .events import Observe, unobserved
from .wire import DeadConnection, DueAdapter, Idleness

LONGEST_RETRY_AFTER = 300.0
"""Seconds; a core that asks for more is asked again after this."""

CHUNK = 1 << 16
"""Bytes read at a time, and so the most by which a body may pass its bound."""

_MAX_AGE = re.compile(r'(?:^|[,\s])max-age\s*=\s*"?(\d{1,9})', re.IGNORECASE)
_NOT_KEPT = re.compile(r"(?:^|[,\s])no-(?:store|cache)", re.IGNORECASE)

_REFUSALS = {
    400: Trouble.REQUEST_REFUSED,
    401: Trouble.CREDENTIALS,
    403: Trouble.CREDENTIALS,
    429: Trouble.TOO_MANY,
    500: Trouble.SERVER_ERROR,
    502: Trouble.SERVER_ERROR,
    503: Trouble.SERVER_ERROR,
    504: Trouble.SERVER_ERROR,
}


@dataclass(frozen=True, slots=True)
class Reply:
    """`sent_at`: the core's own clock, in epoch seconds, when it says (RFC 9110, 6.6.1)."""

    body: bytes
    max_age: float | None
    sent_at: float | None = None


class Exchange:
    """Sends requests of the contract over one session and reads their replies.

    `clock` gives epoch seconds (for a Retry-After that is a date), `random` a number in [0, 1).
    """

    def __init__(
        self,
        config: ClientConfig,
        clock: Callable[[], float] = time,
        random: Callable[[], float] = draw,
        observe: Observe = unobserved,
    ) -> None:
        self._config = config
        self._observe = observe
        self._url = config.url.rstrip("/")
        self._clock = clock
        self._random = random
        self._session = _session(config)

    def post(self, path: str, body: bytes, *, request_id: str | None, due: float) -> Reply:
        return self._send("POST", path, body, request_id, due)

    def get(self, path: str, *, request_id: str | None, due: float) -> Reply:
        return self._send("GET", path, None, request_id, due)

    def close(self) -> None:
        self._session.close()

    def _send(
        self, method: str, path: str, body: bytes | None, request_id: str | None, due: float
    ) -> Reply:
        headers = {"X-Request-ID": request_id} if request_id else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            with self._connected(method, path, body, headers, due) as response:
                return self._read(response)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _as_core_error(error) from error

    def _connected(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], due: float
    ) -> requests.Response:
        def attempt() -> requests.Response:
            left = due - monotonic()
            if left <= 0:
                raise TimeoutError("no time left")
            return self._session.request(
                method,
                self._url + path,
                data=body,
                headers=headers,
                stream=True,
                allow_redirects=False,
                timeout=urllib3.Timeout(  # type: ignore[arg-type]
                    connect=min(self._config.connect_seconds, left), total=left
                ),
            )

        forgiven: set[str] = set()
        while True:
            try:
                return attempt()
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
            raise CoreNotUnderstood(Trouble.ENCODING)
        length = response.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > self._config.largest_body:
            raise CoreNotUnderstood(Trouble.TOO_LARGE)
        body = bytearray()
        try:
            for chunk in response.raw.stream(CHUNK, decode_content=True):
                body += chunk
                if len(body) > self._config.largest_body:
                    raise CoreNotUnderstood(Trouble.TOO_LARGE)
        except urllib3.exceptions.ProtocolError as error:
            raise CoreNotUnderstood(Trouble.TRUNCATED) from error
        headers = response.headers
        return Reply(
            bytes(body), _max_age(headers.get("Cache-Control", "")), _moment(headers.get("Date"))
        )

    def _require_success(self, response: requests.Response) -> None:
        status = response.status_code
        if refusal := _REFUSALS.get(status):
            raise CoreUnavailable(refusal, self._retry_after(response))
        if 300 <= status < 400:
            raise CoreNotUnderstood(Trouble.REDIRECT)
        if status != 200:
            raise CoreNotUnderstood(Trouble.STATUS)
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise CoreNotUnderstood(Trouble.CONTENT_TYPE)

    def _retry_after(self, response: requests.Response) -> float | None:
        text = response.headers.get("Retry-After", "").strip()
        if text.isdecimal():
            return min(float(text[:9]), LONGEST_RETRY_AFTER)
        try:
            seconds = parsedate_to_datetime(text).timestamp() - self._clock()
        except (ValueError, OverflowError):
            return None
        return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)


def _session(config: ClientConfig) -> requests.Session:
    session = requests.Session()
    # Neither proxies nor .netrc of the machine may decide where a number is sent.
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.clear()
    session.headers.update(
        {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "tracking-site"}
    )
    if config.token:
        session.headers["Authorization"] = f"Bearer {config.token}"
    adapter = DueAdapter(
        Idleness(
            most=config.idle_seconds,
            silent=config.silent_share * config.total_seconds,
            acknowledged=config.acknowledged_seconds,
        ),
        pool_connections=1,
        pool_maxsize=config.in_flight,
        max_retries=Retry(0, read=False, redirect=False),
    )
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


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


def _as_core_error(error: Exception) -> CoreError:
    causes = _causes(error)

    def is_any(*kinds: type[BaseException]) -> bool:
        return any(isinstance(each, kinds) for each in causes)

    # A refused connection is a kind of timeout to urllib3; to people it is not.
    if is_any(urllib3.exceptions.NewConnectionError):
        return CoreUnavailable(Trouble.CONNECTION)
    if is_any(requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError):
        return CoreUnavailable(Trouble.TIMEOUT)
    if is_any(urllib3.exceptions.DecodeError):
        return CoreNotUnderstood(Trouble.ENCODING)
    if is_any(RemoteDisconnected):
        return CoreUnavailable(Trouble.CONNECTION)
    if is_any(HTTPException, urllib3.exceptions.InvalidHeader, requests.exceptions.InvalidHeader):
        return CoreNotUnderstood(Trouble.PROTOCOL)
    return CoreUnavailable(Trouble.CONNECTION)
