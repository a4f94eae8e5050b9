"""What has to be set together for the way to the core; each problem in one sentence."""

from collections.abc import Iterator, Mapping
from typing import Any

_NEEDED = {
    "bearer": ("claims_api_token",),
    "oauth2": ("core_oauth_url", "core_oauth_id", "core_oauth_secret_file"),
    "hmac": ("core_hmac_id", "core_hmac_secret_file"),
}
"""By CORE_AUTH what it cannot do without."""

_ALLOWED = {"oauth2": (*_NEEDED["oauth2"], "core_oauth_scope"), "hmac": _NEEDED["hmac"]}


def core_problems(values: Mapping[str, Any]) -> list[str]:
    """Return a line for each setting of the core that another one contradicts.

    `values` by the names of the fields.
    """
    return list(_problems(values))


def _problems(values: Mapping[str, Any]) -> Iterator[str]:
    auth = values["core_auth"]
    for name in _NEEDED.get(auth, ()):
        if values[name] is None:
            yield f"CORE_AUTH={auth} needs {name.upper()}."
    for needed_by, names in _ALLOWED.items():
        for name in names:
            if auth != needed_by and values[name] is not None:
                yield f"{name.upper()} is for CORE_AUTH={needed_by}: set that too, or leave it out."
    if values["claims_api_token"] and auth in ("oauth2", "hmac", "none"):
        yield f"CLAIMS_API_TOKEN is not sent with CORE_AUTH={auth}: leave one of them out."
    if values["core_client_key_file"] and not values["core_client_cert_file"]:
        yield "CORE_CLIENT_KEY_FILE needs CORE_CLIENT_CERT_FILE, the certificate of this key."
    url = values["claims_api_url"]
    if url and not url.startswith("https:"):
        for name in ("core_ca_file", "core_client_cert_file"):
            if values[name] and values["core_auth"] != "oauth2":
                yield f"{name.upper()} is for TLS: CLAIMS_API_URL must begin with https://."
    if url is None:
        for name, value in values.items():
            is_of_http = name.startswith(("core_ca", "core_client", "core_headers", "core_proxy"))
            if is_of_http and value:
                yield f"{name.upper()} is for the way to CLAIMS_API_URL: set that too."
    if values["claims_source"] and (values["core_health"] or "lookups") != "lookups":
        yield "CORE_HEALTH must be lookups with CLAIMS_SOURCE, whose health nothing else can tell."
