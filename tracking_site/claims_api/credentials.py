"""What the site shows a core of itself in headers: nothing, a token, a signature.

    CORE_AUTH   what is sent
    bearer      Authorization: Bearer, as the operator was given it
    oauth2      the same, with a token that an OAuth2 server gives (RFC 6749, 4.4)
    hmac        X-cons-id, X-timestamp, X-signature, a signature over the first two

Headers of CORE_HEADERS_FILE go with each of them. Whatever is secret is read from files that may
change while the site runs, and stands in no text of an error.
"""

import base64
import hmac
import re
import threading
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from time import monotonic
from typing import Any, Protocol, TypeVar

import urllib3
from requests import Response, Session
from requests.auth import HTTPBasicAuth

from ..settings import Rotating
from .config import ClientConfig
from .errors import CoreError, Trouble

T = TypeVar("T")


def _text_in(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ValueError("name a text file that can be read") from None


def secret_in(path: Path) -> str:
    """Return the one line of a file that holds a secret.

    Raises ValueError saying what the file must be, and never what stands in it.
    """
    text = _text_in(path).strip()
    if not text or any(not " " <= each <= "~" for each in text):
        raise ValueError("name a file with one line of plain characters, the secret alone")
    return text


EARLY_SECONDS = 30.0
"""How long before its end a token is renewed, while others go on with the old one."""

EARLY_WAIT_SECONDS = 1.0
"""So long whoever renews it early waits for its server; the core is asked with the old one then."""

UNSAID_SECONDS = 300.0
"""How long a token is kept whose server does not say."""

ANEW_SECONDS = 10.0
"""A token that is younger and is refused is not renewed: the next one would be refused too."""

_HEADER = re.compile(
    r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)"
)
_OURS = frozenset(
    {"host", "content-length", "content-type", "transfer-encoding", "connection", "accept",
     "accept-encoding", "x-request-id", "proxy-authorization"}
)  # fmt: skip


class Credentials(Protocol):
    """What is shown. `refusal` names a 401 or 403 to it."""

    refusal: Trouble = Trouble.CREDENTIALS

    def headers(self, due: float) -> Mapping[str, str]:
        """Return what to show, before a monotonic moment; raises CoreError."""

    def renew(self, shown: Mapping[str, str]) -> bool:
        """Return whether asking once more with new ones may help: these were refused."""
        return False


class Bearer(Credentials):
    """A token; of a file, as it is now: once more is right where it changed meanwhile."""

    def __init__(self, token: Callable[[], str]) -> None:
        self._token = token

    def headers(self, due: float) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._token()}"}

    def renew(self, shown: Mapping[str, str]) -> bool:
        return shown.get("Authorization") != f"Bearer {self._token()}"


class Signature(Credentials):
    """HMAC-SHA256 over `id&seconds`, in base64; `clock` gives epoch seconds."""

    refusal = Trouble.SIGNATURE_REFUSED

    def __init__(
        self, identity: str, secret: Callable[[], str], clock: Callable[[], float]
    ) -> None:
        self._identity = identity
        self._secret = secret
        self._clock = clock

    def headers(self, due: float) -> Mapping[str, str]:
        at = str(int(self._clock()))
        signed = hmac.digest(self._secret().encode(), f"{self._identity}&{at}".encode(), "sha256")
        return {
            "X-cons-id": self._identity,
            "X-timestamp": at,
            "X-signature": base64.b64encode(signed).decode(),
        }


class OAuth2Token(Credentials):
    """A token of the client credentials grant, kept until shortly before it ends.

    One thread at a time asks for a new one; the others go on with the old one while it is good,
    and wait where it is not. `equip` lets a requests session go the way to the core, on which the
    token's server is reached; `clock` is monotonic, in seconds.
    """

    refusal = Trouble.TOKEN_REFUSED

    def __init__(
        self,
        config: ClientConfig,
        secret: Callable[[], str],
        equip: Callable[[Session], None],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._config = config
        self._secret = secret
        self._equip = equip
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._got_at = self._ends_at = self._early_at = float("-inf")

    def headers(self, due: float) -> Mapping[str, str]:
        if self._clock() >= self._early_at:
            self._renew(due)
        return {"Authorization": f"Bearer {self._token}"}

    def renew(self, shown: Mapping[str, str]) -> bool:
        with self._lock:
            if shown.get("Authorization") != f"Bearer {self._token}":
                return True
            if self._clock() < self._got_at + ANEW_SECONDS:
                return False
            self._early_at = self._ends_at = float("-inf")
            return True

    def _renew(self, due: float) -> None:
        is_good = self._clock() < self._ends_at
        if not self._lock.acquire(timeout=0 if is_good else max(due - monotonic(), 0)):
            if is_good:
                return
            raise CoreError(Trouble.TOKEN_UNAVAILABLE)
        try:
            if self._clock() < self._early_at:
                return
            wait_until = monotonic() + EARLY_WAIT_SECONDS if is_good else due
            token, lasts = self._fetch(min(wait_until, due))
            self._token, self._got_at = token, self._clock()
            self._ends_at = self._got_at + lasts
            self._early_at = self._ends_at - min(EARLY_SECONDS, lasts / 4)
        except CoreError:
            if self._clock() >= self._ends_at:
                raise
            # The old one still works; the server of tokens is left alone for a moment.
            self._early_at = min(self._clock() + 1.0, self._ends_at)
        finally:
            self._lock.release()

    def _fetch(self, due: float) -> tuple[str, float]:
        # Loaded where it is used: most cores want no OAuth2.
        from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error
        from requests_oauthlib import OAuth2Session

        config = self._config
        scope = config.oauth_scope.split() if config.oauth_scope else None
        left = due - monotonic()
        if left <= 0:
            raise CoreError(Trouble.TOKEN_UNAVAILABLE)
        client = BackendApplicationClient(client_id=config.oauth_id, scope=scope)
        # Never closed: its connections are those to the core, which others use at the same moment.
        session = OAuth2Session(client=client)
        self._equip(session)
        # One of its own is needed too seldom to be kept.
        session.headers["Connection"] = "close"
        # Before anything else is done with an answer, also where it leads elsewhere.
        session.hooks["response"].append(self._read)
        try:
            granted: Any = session.fetch_token(
                str(config.oauth_url),
                auth=HTTPBasicAuth(config.oauth_id, self._secret()),
                timeout=urllib3.Timeout(total=left),
            )
        except Warning as changed:
            # The server gave another scope than was asked for; that is for it to decide.
            granted = getattr(changed, "token", {})
        except CoreError:
            raise
        except OAuth2Error as error:
            raise CoreError(Trouble.TOKEN_REFUSED) from error
        except Exception as error:
            # The library takes what it is sent for an object with strings and numbers in it.
            raise CoreError(Trouble.TOKEN_UNAVAILABLE) from error
        try:
            return str(granted["access_token"]), float(granted.get("expires_in") or UNSAID_SECONDS)
        except (KeyError, ValueError, TypeError, OverflowError) as error:
            raise CoreError(Trouble.TOKEN_UNAVAILABLE) from error

    def _read(self, response: Response, **_: Any) -> None:
        # requests would read all of it, however long it is.
        body = response.raw.read(self._config.largest_body + 1, decode_content=True)
        # RFC 6749, 5; many say 201 and 403.
        is_answer = response.status_code in (200, 201, 400, 401, 403)
        if not is_answer or len(body) > self._config.largest_body:
            response.close()
            raise CoreError(Trouble.TOKEN_UNAVAILABLE)
        response.raw = BytesIO(body)


class WithHeaders(Credentials):
    """Credentials where there are any, and the headers of a file as it is now."""

    def __init__(self, inner: Credentials | None, path: Path) -> None:
        self.refusal = inner.refusal if inner else Trouble.CREDENTIALS
        self._inner = inner
        self._headers = _rotating("CORE_HEADERS_FILE", path, headers_in)

    def headers(self, due: float) -> Mapping[str, str]:
        inner = self._inner.headers(due) if self._inner else {}
        return {**self._headers.now(), **inner}

    def renew(self, shown: Mapping[str, str]) -> bool:
        return self._inner is not None and self._inner.renew(shown)


def headers_in(path: Path) -> dict[str, str]:
    """Return the headers of a file, one a line; empty lines and those with # are left out.

    Raises ValueError with the line that is wrong, and never what stands in it.
    """
    found: dict[str, str] = {}
    for place, line in enumerate(_text_in(path).splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        read = _HEADER.fullmatch(line.strip())
        if read is None:
            raise ValueError(f"hold one header a line, such as X-Api-Key: value (line {place})")
        if read[1].lower() in _OURS:
            raise ValueError(f"hold no header that the site sets itself (line {place})")
        found[read[1]] = read[2]
    return found


def credentials_of(
    config: ClientConfig, equip: Callable[[Session], None], clock: Callable[[], float]
) -> Credentials | None:
    """Return what this core is shown, if anything; `clock` gives epoch seconds.

    Raises ValueError where a file is wrong.
    """
    shown: Credentials | None = None
    if config.auth == "oauth2" and config.oauth_secret_file is not None:
        shown = OAuth2Token(
            config, _secret("CORE_OAUTH_SECRET_FILE", config.oauth_secret_file), equip
        )
    elif config.auth == "hmac" and config.hmac_secret_file is not None:
        secret = _secret("CORE_HMAC_SECRET_FILE", config.hmac_secret_file)
        shown = Signature(config.hmac_id, secret, clock)
    elif config.auth in ("", "bearer") and (config.token or config.token_file):
        by_file = config.token_file and _secret("CLAIMS_API_TOKEN_FILE", config.token_file)
        shown = Bearer(by_file or (lambda: config.token or ""))
    return WithHeaders(shown, config.headers_file) if config.headers_file else shown


def _secret(name: str, path: Path) -> Callable[[], str]:
    return _rotating(name, path, secret_in).now


def _rotating(name: str, path: Path, read: Callable[[Path], T]) -> Rotating[T]:
    def named() -> T:
        try:
            return read(path)
        except ValueError as error:
            raise ValueError(f"{name} must {error}") from None

    return Rotating(name, (path,), named)
