"""Why there is no answer of the core: one error, raised by every source of claims."""

from enum import StrEnum


class Trouble(StrEnum):
    """Kinds of CoreError; the values are labels of counters and stay as they are.

    First those of a core that was asked and refused, or that was not reached; then what was kept
    back on our side, and last what was answered outside the contract.
    """

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
    CROWDED = "crowded"
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


MAX_RETRY_AFTER = 300.0
"""Seconds; a core that asks for more is asked again after this."""


class CoreError(Exception):
    """There is no answer, for a reason of this kind; `retry_after` says in how many seconds to
    come back, MAX_RETRY_AFTER at most, or None when nobody knows.

    Its text is the kind and nothing else, so that no number can reach a log by way of it.
    """

    def __init__(self, kind: Trouble, retry_after: float | None = None) -> None:
        super().__init__(kind.value)
        self.kind = kind
        self.retry_after = retry_after and min(max(0.0, retry_after), MAX_RETRY_AFTER)


# What the operator is told; docs/core.md explains the same kinds.
_NOT_ASKED = (
    "The core was not asked ({kind}): what failed before says why, and CLAIMS_API_URL where."
)
_NOT_THE_CONTRACT = (
    "What answers is not what the contract says ({kind}). Check the path in CLAIMS_API_URL, and "
    "hold the core to docs/core-claims-api.yaml; CLAIMS_SOURCE reads another form (docs/core.md)."
)

ADVICE = {
    Trouble.CONNECTION: "Nobody answers where CLAIMS_API_URL leads, or the connection broke. Check "
    "its host and port, that the core is up, firewalls, and IPAddressAllow of the systemd unit.",
    Trouble.TIMEOUT: "The core does not answer in time. Ask its operators; how long is waited say "
    "CORE_CONNECT_SECONDS and CORE_TOTAL_SECONDS.",
    Trouble.SERVER_ERROR: "The core fails (500, 502, 503 or 504). Ask its operators, or whoever "
    "runs what stands at CLAIMS_API_URL.",
    Trouble.REQUEST_REFUSED: "The core does not understand the question (400). Hold it to "
    "docs/core-claims-api.yaml; CLAIMS_SOURCE asks another form (docs/core.md).",
    Trouble.HOST_UNKNOWN: "No address is known for the core's host. Check the host in "
    "CLAIMS_API_URL and this machine's DNS.",
    Trouble.PROXY: "The proxy does not let us through to the core. Check CORE_PROXY, its user and "
    "password, and that it may reach the core's host and port.",
    Trouble.CERTIFICATE_UNKNOWN: "The core's certificate is signed by nobody that is trusted here. "
    "Put the certificate of its authority into CORE_CA_FILE.",
    Trouble.CERTIFICATE_EXPIRED: "The certificate at CLAIMS_API_URL is not valid at this time. "
    "Ask the core's operators for a new one, and check this machine's clock.",
    Trouble.CERTIFICATE_NAME: "The core's certificate is for another host. CLAIMS_API_URL must "
    "name the host that stands in it.",
    Trouble.CLIENT_CERTIFICATE: "The core does not accept our certificate, or wants one. Check "
    "CORE_CLIENT_CERT_FILE: its authority, its end, and that the core knows it.",
    Trouble.TLS: "The core and this site do not agree on TLS. Check the port and https:// in "
    "CLAIMS_API_URL.",
    Trouble.CREDENTIALS: "The core refuses our credentials. Check CLAIMS_API_TOKEN and "
    "CORE_HEADERS_FILE.",
    Trouble.TOKEN_REFUSED: "Our client is refused. Check CORE_OAUTH_ID, CORE_OAUTH_SECRET_FILE and "
    "CORE_OAUTH_SCOPE, and that the core takes tokens of CORE_OAUTH_URL.",
    Trouble.TOKEN_UNAVAILABLE: "The server of tokens does not answer as one. Check CORE_OAUTH_URL, "
    "and that its certificate is trusted (CORE_CA_FILE).",
    Trouble.SIGNATURE_REFUSED: "The core refuses our signature. Check CORE_HMAC_ID, "
    "CORE_HMAC_SECRET_FILE and this machine's clock.",
    Trouble.TOO_MANY: "The core asks us to slow down (429). Ask its operators for a higher limit, "
    "or lower CORE_CONNECTIONS.",
    Trouble.REDIRECT: "The core answers with a redirect, which is not followed. CLAIMS_API_URL "
    "must be the address that it leads to.",
    Trouble.STATUS: "The core has nothing at this address. Check the path in CLAIMS_API_URL and "
    "CORE_HEALTH; where it has no health address, set CORE_HEALTH=lookups.",
    Trouble.NO_ROOM: "More lookups wanted to the core than it is asked at once (CORE_CONNECTIONS).",
    Trouble.CROWDED: "More people asked one number at once than wait for one answer "
    "(WEB_THREADS). They come back for it.",
    Trouble.BREAKER_OPEN: "The core was left alone after failures in a row; the other names say "
    "which, and CLAIMS_API_URL where.",
    Trouble.CONTENT_TYPE: "What answers is not the core: it sends no JSON. Check the path in "
    "CLAIMS_API_URL.",
    **dict.fromkeys(
        (Trouble.PROTOCOL, Trouble.ENCODING, Trouble.TOO_LARGE, Trouble.TRUNCATED, Trouble.SHAPE),
        _NOT_THE_CONTRACT,
    ),
}


def advice_on(kind: Trouble) -> str:
    """Return what to tell the operator, without any value of a setting."""
    return ADVICE.get(kind, _NOT_ASKED).format(kind=kind.value)
