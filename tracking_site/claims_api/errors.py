"""Why there is no answer of the core: one family, raised by every source of claims.

CoreError               no answer; `kind` names it for counters and logs, `retry_after` says
│                       in how many seconds to come back, or None when nobody knows
├── CoreUnavailable     asked, and refused or unreachable: down, timeout, TLS, credentials
│   └── CoreNotAsked    kept back on our side: breaker open, no room, failed a moment ago
└── CoreNotUnderstood   answered, but outside the contract: redirect, wrong type, too large, shape

Texts hold the kind and nothing else, so that no number can reach a log by way of them.
"""

from enum import StrEnum


class Trouble(StrEnum):
    """Kinds of CoreError; the values are labels of counters and stay as they are."""

    CONNECTION = "connection"
    HOST_UNKNOWN = "host_unknown"
    PROXY = "proxy"
    CERTIFICATE_UNKNOWN = "certificate_unknown"
    CERTIFICATE_EXPIRED = "certificate_expired"
    CERTIFICATE_NAME = "certificate_name"
    CLIENT_CERTIFICATE = "client_certificate"
    TLS = "tls"
    TIMEOUT = "timeout"
    CREDENTIALS = "credentials"
    TOKEN_REFUSED = "token_refused"  # noqa: S105
    TOKEN_UNAVAILABLE = "token_unavailable"  # noqa: S105
    SIGNATURE_REFUSED = "signature_refused"
    TOO_MANY = "too_many"
    SERVER_ERROR = "server_error"
    REQUEST_REFUSED = "request_refused"

    BREAKER_OPEN = "breaker_open"
    NO_ROOM = "no_room"
    FAILED_RECENTLY = "failed_recently"
    CLOSING = "closing"

    REDIRECT = "redirect"
    STATUS = "status"
    PROTOCOL = "protocol"
    CONTENT_TYPE = "content_type"
    ENCODING = "encoding"
    TOO_LARGE = "too_large"
    TRUNCATED = "truncated"
    SHAPE = "shape"


class CoreError(Exception):
    def __init__(self, kind: Trouble, retry_after: float | None = None) -> None:
        super().__init__(kind.value)
        self.kind = kind
        self.retry_after = retry_after


class CoreUnavailable(CoreError):
    pass


class CoreNotAsked(CoreUnavailable):
    pass


class CoreNotUnderstood(CoreError):
    pass
