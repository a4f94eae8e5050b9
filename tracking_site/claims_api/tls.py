"""TLS to the core: whom the site trusts, what it shows of itself, and what went wrong with it."""

import re
import ssl
from pathlib import Path

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from .errors import Trouble

_EXPIRED = (9, 10)
"""OpenSSL's codes of a certificate that is not valid yet, or not any more."""

_OTHER_NAME = (62, 64)
"""Of a certificate of another host name, or another address."""

_CLIENT_REFUSED = re.compile(
    r"ALERT_(?:CERTIFICATE|UNKNOWN_CA|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED)"
)
"""What a server's alert says when it does not accept the certificate that the site shows."""


def tls_context(ca_file: Path | None, certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    """Return what connections to the core are made with.

    Without `ca_file` the public authorities are trusted, as requests has them, with it those in it
    alone. Without `key` the file of the certificate holds it too. Raises ValueError that begins
    with the name of the setting whose file is wrong.
    """
    try:
        context = ssl.create_default_context(cafile=str(ca_file or DEFAULT_CA_BUNDLE_PATH))
    except OSError:
        raise ValueError("CORE_CA_FILE must be a file of PEM certificates") from None
    context.set_alpn_protocols(["http/1.1"])
    if certificate is not None:
        _show(context, certificate, key)
    return context


def _show(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    def no_password() -> str:
        # Without this OpenSSL asks for one at the terminal, and the start hangs.
        raise ValueError("CORE_CLIENT_KEY_FILE must be a key without a password")

    try:
        context.load_cert_chain(certificate, key, password=no_password)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise ValueError(
                "CORE_CLIENT_KEY_FILE must be the key of the certificate in CORE_CLIENT_CERT_FILE"
            ) from None
        raise ValueError(
            "CORE_CLIENT_CERT_FILE and CORE_CLIENT_KEY_FILE must be a PEM certificate and its key"
        ) from None
    except OSError:
        raise ValueError(
            "CORE_CLIENT_CERT_FILE and CORE_CLIENT_KEY_FILE must be files that can be read"
        ) from None


def trouble_of_tls(error: BaseException) -> Trouble | None:
    """Return how a connection failed under TLS; None where this error says nothing of it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in _EXPIRED:
            return Trouble.CERTIFICATE_EXPIRED
        if error.verify_code in _OTHER_NAME:
            return Trouble.CERTIFICATE_NAME
        return Trouble.CERTIFICATE_UNKNOWN
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return None
    if isinstance(error, ssl.SSLError):
        # With TLS 1.3 the server looks at it after the handshake, so that this comes on reading.
        is_refused = _CLIENT_REFUSED.search(str(error.reason))
        return Trouble.CLIENT_CERTIFICATE if is_refused else Trouble.TLS
    return None
