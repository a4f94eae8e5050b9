"""The settings themselves: of each its type, form, default and sentence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from . import forms
from .forms import REQUIRED, SettingsError, read, setting

_NEEDED = {
    "bearer": ("claims_api_token",),
    "oauth2": ("core_oauth_url", "core_oauth_id", "core_oauth_secret_file"),
    "hmac": ("core_hmac_id", "core_hmac_secret_file"),
}
"""By CORE_AUTH what it cannot do without."""

_ALLOWED = {"oauth2": (*_NEEDED["oauth2"], "core_oauth_scope"), "hmac": _NEEDED["hmac"]}


def core_problems(values: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each setting of the core that another one contradicts.

    `values` by the names of the fields.
    """
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


def _store_problems(values: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for what is shared without a store, or let through where people are."""
    if values["redis_url"] is None:
        if values["web_concurrency"] > 1:
            yield (
                "WEB_CONCURRENCY above 1 needs REDIS_URL: without a shared store every process "
                "would count for itself. Set REDIS_URL, or WEB_CONCURRENCY=1."
            )
        if values["guard_redis_url"]:
            yield (
                "GUARD_REDIS_URL needs REDIS_URL too: the guard's store is shared only where the "
                "others are. Set REDIS_URL, or leave GUARD_REDIS_URL out."
            )
    if values["guard_off"] and values["site_notice"] is None:
        yield "GUARD_OFF=1 is for drills against the sandbox: set SITE_NOTICE too."


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, validated. The environment's name of each is the field's in capitals."""

    claims_api_url: str | None = setting(
        forms.base_url,
        "Base address of the core claims API, a path included; optional with `CLAIMS_SOURCE`.",
        default=REQUIRED,
        unless="CLAIMS_SOURCE",
    )
    claims_api_token: str | None = setting(
        forms.header_value,
        "Bearer token for the core (`CLAIMS_API_TOKEN_FILE` reads it from a file).",
        secret=True,
    )
    claims_api_token_file: Path | None = setting(
        forms.path,
        "File that holds this token; it is read again when it changes. An empty one is no token.",
    )
    claims_source: str | None = setting(
        forms.factory,
        "`package.module:factory`: an adapter for a core that does not speak the contract "
        "(docs/core.md).",
    )
    core_ca_file: Path | None = setting(
        forms.path,
        "PEM certificates that the core's is checked against, instead of the public authorities. "
        "This file and all of `CORE_…_FILE` but that of the proxy are read again when they change.",
    )
    core_client_cert_file: Path | None = setting(
        forms.path, "PEM certificate that the site shows to the core (mutual TLS)."
    )
    core_client_key_file: Path | None = setting(
        forms.path, "Its key, without a password, where it is not in the same file."
    )
    core_headers_file: Path | None = setting(
        forms.path, "Headers for every request to the core, one a line, such as API keys."
    )
    core_auth: str = setting(
        forms.one_of("bearer", "oauth2", "hmac", "none"),
        "How the site shows the core who asks: `bearer`, `oauth2`, `hmac`, `none`. Without it: "
        "`bearer` where there is a token.",
        default="",
    )
    core_oauth_url: str | None = setting(
        forms.url("https"), "Address that gives tokens (OAuth2 client credentials)."
    )
    core_oauth_id: str | None = setting(forms.header_value, "The site's client id there.")
    core_oauth_secret_file: Path | None = setting(
        forms.path, "File that holds the client's secret."
    )
    core_oauth_scope: str | None = setting(
        forms.text, "Scopes that are asked for, with spaces between them."
    )
    core_hmac_id: str | None = setting(
        forms.header_value, "What `X-cons-id` says; `X-signature` signs it with the time."
    )
    core_hmac_secret_file: Path | None = setting(
        forms.path, "File that holds the secret of this signature."
    )
    core_proxy: str | None = setting(
        forms.proxy,
        "HTTP proxy for the way to the core (`CORE_PROXY_FILE` reads it from a file). The "
        "machine's own variables are not read.",
        secret=True,
    )
    core_health: str | None = setting(
        forms.health,
        "Path that is asked for readiness, or `lookups`: what lookups came to. Without it: "
        "`/v1/health`; with `CLAIMS_SOURCE`, `lookups`.",
    )
    secret_keys: tuple[bytes, ...] = setting(
        forms.keys,
        "Comma-separated keys; the first seals, all open, so keys can be rotated "
        "(`SECRET_KEYS_FILE` reads them from a file).",
        default=REQUIRED,
        secret=True,
    )
    redis_url: str | None = setting(
        forms.redis,
        "Shared store for cache and guard: `redis://`, `rediss://`, `unix://` or "
        "`redis+sentinel://` (docs/operations.md; `REDIS_URL_FILE` reads it from a file). Without "
        "it: one process, memory.",
        secret=True,
    )
    guard_redis_url: str | None = setting(
        forms.redis,
        "A store of its own for what the guard and the request limit count, in the same forms "
        "(`GUARD_REDIS_URL_FILE` reads it from a file). Without it: `REDIS_URL`.",
        secret=True,
    )
    trusted_proxies: int = setting(
        forms.whole(0, 10),
        "How many proxies in front are trusted to have written `X-Forwarded-For`.",
        default=0,
    )
    partners_file: Path | None = setting(
        forms.path, "TOML file of the sites that may embed (`deploy/partners.example.toml`)."
    )
    site_url: str | None = setting(
        forms.site_url,
        "Public address of the site, for snippets and feeds, and the origin whose forms are taken. "
        "Without it, the address asked for.",
    )
    embed_origins: tuple[str, ...] = setting(
        forms.origins, "Comma-separated origins that may frame `/sematan`.", default=()
    )
    web_threads: int = setting(
        forms.whole(1, 256),
        "Threads of each process, of which few run at once. Half may wait for the core, and an "
        "eighth never waits.",
        default=256,
    )
    web_concurrency: int = setting(
        forms.whole(1, 64),
        "Processes. More than one without `REDIS_URL` is refused at start.",
        default=1,
    )
    bind: str = setting(
        forms.listened, "Address that gunicorn listens on, without a port.", default="127.0.0.1"
    )
    port: int = setting(forms.whole(1, 65535), "Port that gunicorn listens on.", default=8000)
    cache_fresh_seconds: int = setting(
        forms.whole(1, 86400),
        "How long an answer is fresh when neither its state nor the core says otherwise.",
        default=60,
    )
    cache_megabytes: int = setting(
        forms.whole(1, 4096),
        "Memory of each process for answers, about 190 numbers with claims a MiB; without Redis "
        "it is the whole cache.",
        default=8,
    )
    ticket_minutes: int = setting(
        forms.whole(1, 1440), "How long the address of a result works, in minutes.", default=30
    )
    watch_days: int = setting(
        forms.whole(1, 365), "How long a private address for following works, in days.", default=90
    )
    watch_requests_per_minute: int = setting(
        forms.whole(1, 100_000),
        "Requests that one private address answers in a minute.",
        default=60,
    )
    revoked_keys: frozenset[str] = setting(
        forms.digests,
        "Comma-separated SHA-256 digests of private addresses that must not open any more "
        "(docs/following.md; `REVOKED_KEYS_FILE` reads them from a file).",
        default=frozenset(),
        secret=True,
    )
    core_connect_seconds: float = setting(
        forms.decimal(0.05, 30), "Longest wait for a connection to the core.", default=2.0
    )
    core_total_seconds: float = setting(
        forms.decimal(0.1, 60), "Longest wait for the core's whole answer.", default=5.0
    )
    core_idle_seconds: float = setting(
        forms.decimal(0, 300),
        "How long a connection to the core may be idle and still be used: less than the core, and "
        "what lies before it, keeps one. 0 uses each once.",
        default=4.0,
    )
    core_connections: int = setting(
        forms.whole(1, 256),
        "The most requests of one process at the core, and no more than half of `WEB_THREADS`; "
        "below it the site finds the bound itself.",
        default=200,
    )
    requests_per_minute: int = setting(
        forms.whole(1, 1_000_000),
        "Requests that one network may send in a minute; only against cheap abuse.",
        default=120,
    )
    carrier_requests_per_minute: int = setting(
        forms.whole(1, 1_000_000), "The same for an address of a listed carrier.", default=3000
    )
    purge_token: str | None = setting(
        forms.token,
        "Token with which the core says that claims changed (`PURGE_TOKEN_FILE` reads it from a "
        "file). Without it nobody can.",
        secret=True,
    )
    metrics_token: str | None = setting(
        forms.token,
        "Bearer token with which other machines read `/-/metrics` and the details of `/-/readyz` "
        "(`METRICS_TOKEN_FILE` reads it from a file). This machine needs none.",
        secret=True,
    )
    carriers_file: Path | None = setting(
        forms.path, "File with the prefixes of mobile carriers that share addresses, one a line."
    )
    pow_scale: float = setting(
        forms.decimal(0.001, 100),
        "Multiplies the work that the guard asks, for drills.",
        default=1.0,
    )
    guard_file: Path | None = setting(
        forms.path,
        "File in memory in which a guard without `REDIS_URL` keeps rows beyond the end of a "
        "process; gunicorn makes one by itself.",
    )
    guard_off: bool = setting(
        forms.switch,
        "1 lets everything pass; only together with `SITE_NOTICE`, for drills.",
        default=False,
    )
    second_factor: str = setting(
        forms.one_of("none", "kpj_suffix"),
        "`kpj_suffix` asks the end of the card number with every NIK; for a siege.",
        default="none",
    )
    site_notice: str | None = setting(forms.text, 'A banner, for example "Data contoh".')
    site_notice_en: str | None = setting(
        forms.text, "The same banner on English pages. Without it, they show `SITE_NOTICE`."
    )
    site_file: Path | None = setting(
        forms.path, "TOML file with the operator's name, logo, colours and contacts."
    )
    log_level: str = setting(
        forms.one_of("debug", "info", "warning", "error"),
        "The least level that is logged.",
        default="info",
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read and check every setting.

        Raises SettingsError with a line for each wrong one, naming the right form and
        never the value.
        """
        values, problems = read(fields(cls), environ)
        if environ.get("CLAIMS_API_TOKEN", "").strip() or values["claims_api_token"] is None:
            # The text goes before its file, here as for every secret; an empty file is none.
            values["claims_api_token_file"] = None
        if not problems:
            problems = [*core_problems(values), *_store_problems(values)]
        if problems:
            raise SettingsError(problems)
        return cls(**values)

    def notice_in(self, language: str) -> str | None:
        """Return the banner of a language; English may have one of its own."""
        return (self.site_notice_en if language == "en" else None) or self.site_notice


def misspelt(environ: Mapping[str, str]) -> list[str]:
    """Return a sentence for each name that is no setting and nearly one."""
    known = {each.name.upper() for each in fields(Settings)}
    known |= {f"{each.name.upper()}_FILE" for each in fields(Settings) if each.metadata["secret"]}
    nearest = {name: get_close_matches(name, known, 1, 0.88) for name in set(environ) - known}
    return [f"{name} is no setting. Is {near[0]} meant?" for name, near in nearest.items() if near]
