"""Settings as data: one table gives names, defaults, parsing and sentences.

The README's table and the messages at a wrong start come from here; nothing below
this room reads the environment.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_FEWEST_KEY_CHARACTERS = 32


class SettingsError(Exception):
    """One or more settings are wrong; `problems` holds a line for each, without any value."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _text(raw: str) -> str:
    if not raw.strip():
        raise ValueError("a text that is not empty")
    return raw.strip()


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(raw: str) -> int:
        form = f"a whole number from {least} to {most}"
        if not re.fullmatch(r"\d{1,12}", raw.strip()) or not least <= int(raw) <= most:
            raise ValueError(form)
        return int(raw)

    return parse


def _decimal(least: float, most: float) -> Callable[[str], float]:
    def parse(raw: str) -> float:
        form = f"a number from {least:g} to {most:g}"
        if not re.fullmatch(r"\d{1,9}(\.\d{1,6})?", raw.strip()) or not least <= float(raw) <= most:
            raise ValueError(form)
        return float(raw)

    return parse


def _switch(raw: str) -> bool:
    if raw.strip() not in ("0", "1"):
        raise ValueError("0 or 1")
    return raw.strip() == "1"


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        form = f"an address such as {schemes[0]}://host:port"
        try:
            parts = urlsplit(raw.strip())
            parts.port  # noqa: B018 - reading it is what checks it
        except ValueError:
            raise ValueError(form) from None
        if parts.scheme not in schemes or not (parts.hostname or parts.scheme == "unix"):
            raise ValueError(form)
        return raw.strip().rstrip("/")

    return parse


def _origins(raw: str) -> tuple[str, ...]:
    origins = tuple(each.strip().rstrip("/") for each in raw.split(",") if each.strip())
    for origin in origins:
        if not re.fullmatch(r"https?://[A-Za-z0-9.\-]+(:\d{1,5})?", origin):
            raise ValueError("origins such as https://news.example, separated by commas")
    return origins


def _keys(raw: str) -> tuple[bytes, ...]:
    keys = tuple(each.strip().encode() for each in raw.split(",") if each.strip())
    if not keys or any(len(key) < _FEWEST_KEY_CHARACTERS for key in keys):
        raise ValueError(
            f"one or more keys of at least {_FEWEST_KEY_CHARACTERS} characters, separated by "
            "commas; make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
    return keys


def _digests(raw: str) -> frozenset[str]:
    digests = frozenset(each.strip().lower() for each in raw.split(",") if each.strip())
    if any(not re.fullmatch(r"[0-9a-f]{64}", digest) for digest in digests):
        raise ValueError("SHA-256 digests of 64 hexadecimal digits, separated by commas")
    return digests


def _path(raw: str) -> Path:
    path = Path(raw.strip())
    if not path.is_file():
        raise ValueError("the path of a file that exists")
    return path


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if raw.strip() not in choices:
            raise ValueError("one of: " + ", ".join(choices))
        return raw.strip()

    return parse


REQUIRED: Any = object()


def _setting(
    parse: Callable[[str], Any], default: Any, sentence: str, *, secret: bool = False
) -> Any:
    """Declare a setting; `secret` ones may come from a file named by `<NAME>_FILE`."""
    told = {"parse": parse, "default": default, "sentence": sentence, "secret": secret}
    return field(metadata=told, repr=not secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, validated. The environment's name of each is the field's in capitals."""

    claims_api_url: str = _setting(
        _url("http", "https"), REQUIRED, "Base address of the core claims API."
    )
    claims_api_token: str | None = _setting(
        _text,
        None,
        "Bearer token for the core (`CLAIMS_API_TOKEN_FILE` reads it from a file).",
        secret=True,
    )
    secret_keys: tuple[bytes, ...] = _setting(
        _keys,
        REQUIRED,
        "Comma-separated keys; the first seals, all open, so keys can be rotated "
        "(`SECRET_KEYS_FILE` reads them from a file).",
        secret=True,
    )
    redis_url: str | None = _setting(
        _url("redis", "rediss", "unix"),
        None,
        "Shared store for cache and guard. Without it: one process, memory.",
        secret=True,
    )
    trusted_proxies: int = _setting(
        _whole(0, 10),
        0,
        "How many proxies in front are trusted to have written `X-Forwarded-For`.",
    )
    partners_file: Path | None = _setting(
        _path,
        None,
        "TOML file of the sites that may embed (`deploy/partners.example.toml`).",
    )
    site_url: str | None = _setting(
        _url("https", "http"),
        None,
        "Public address of the site, for snippets and feeds. Without it, the address asked for.",
    )
    embed_origins: tuple[str, ...] = _setting(
        _origins, (), "Comma-separated origins that may frame `/sematan`."
    )
    web_threads: int = _setting(_whole(1, 256), 8, "Threads of each process.")
    web_concurrency: int = _setting(
        _whole(1, 64), 1, "Processes. More than one without `REDIS_URL` is refused at start."
    )
    bind: str = _setting(_text, "127.0.0.1", "Address that gunicorn listens on.")
    port: int = _setting(_whole(1, 65535), 8000, "Port that gunicorn listens on.")
    cache_fresh_seconds: int = _setting(
        _whole(1, 86400),
        60,
        "How long an answer is fresh when neither its state nor the core says otherwise.",
    )
    cache_megabytes: int = _setting(
        _whole(1, 4096),
        8,
        "Memory of each process for answers, about 190 numbers with claims a MiB; without Redis "
        "it is the whole cache.",
    )
    ticket_minutes: int = _setting(
        _whole(1, 1440), 30, "How long the address of a result works, in minutes."
    )
    watch_days: int = _setting(
        _whole(1, 365), 90, "How long a private address for following works, in days."
    )
    watch_requests_per_minute: int = _setting(
        _whole(1, 100_000), 60, "Requests that one private address answers in a minute."
    )
    revoked_keys: frozenset[str] = _setting(
        _digests,
        frozenset(),
        "Comma-separated SHA-256 digests of private addresses that must not open any more "
        "(docs/following.md; `REVOKED_KEYS_FILE` reads them from a file).",
        secret=True,
    )
    core_connect_seconds: float = _setting(
        _decimal(0.05, 30), 2.0, "Longest wait for a connection to the core."
    )
    core_total_seconds: float = _setting(
        _decimal(0.1, 60), 5.0, "Longest wait for the core's whole answer."
    )
    core_connections: int = _setting(
        _whole(1, 256), 6, "Requests that one process may have under way at the core."
    )
    requests_per_minute: int = _setting(
        _whole(1, 1_000_000),
        120,
        "Requests that one network may send in a minute; only against cheap abuse.",
    )
    carrier_requests_per_minute: int = _setting(
        _whole(1, 1_000_000), 3000, "The same for an address of a listed carrier."
    )
    requests_per_second: int = _setting(
        _whole(1, 1_000_000), 200, "Lookups and results that all networks together get in a second."
    )
    purge_token: str | None = _setting(
        _text,
        None,
        "Token with which the core says that claims changed (`PURGE_TOKEN_FILE` reads it from a "
        "file). Without it nobody can.",
        secret=True,
    )
    metrics_token: str | None = _setting(
        _text,
        None,
        "Bearer token for `/-/metrics` and the details of `/-/readyz` (`METRICS_TOKEN_FILE` reads "
        "it from a file). Without it only this machine may read them.",
        secret=True,
    )
    carriers_file: Path | None = _setting(
        _path,
        None,
        "File with the prefixes of mobile carriers that share addresses, one a line.",
    )
    pow_scale: float = _setting(
        _decimal(0.001, 100), 1.0, "Multiplies the work that the guard asks, for drills."
    )
    guard_off: bool = _setting(
        _switch, False, "1 lets everything pass; only together with `SITE_NOTICE`, for drills."
    )
    second_factor: str = _setting(
        _one_of("none", "kpj_suffix"),
        "none",
        "`kpj_suffix` asks the end of the card number with every NIK; for a siege.",
    )
    site_notice: str | None = _setting(_text, None, 'A banner, for example "Data contoh".')
    site_notice_en: str | None = _setting(
        _text, None, "The same banner on English pages. Without it, they show `SITE_NOTICE`."
    )
    site_file: Path | None = _setting(
        _path, None, "TOML file with the operator's name, logo, colours and contacts."
    )
    log_level: str = _setting(
        _one_of("debug", "info", "warning", "error"), "info", "The least level that is logged."
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read and check every setting.

        Raises SettingsError with a line for each wrong one, naming the right form and
        never the value.
        """
        problems: list[str] = []
        values = {each.name: _value(each, environ, problems) for each in fields(cls)}
        if not problems and values["web_concurrency"] > 1 and values["redis_url"] is None:
            problems.append(
                "WEB_CONCURRENCY above 1 needs REDIS_URL: without a shared store every process "
                "would count for itself. Set REDIS_URL, or WEB_CONCURRENCY=1."
            )
        if not problems and values["guard_off"] and values["site_notice"] is None:
            problems.append("GUARD_OFF=1 is for drills against the sandbox: set SITE_NOTICE too.")
        if problems:
            raise SettingsError(problems)
        return cls(**values)


def _value(each: Field[Any], environ: Mapping[str, str], problems: list[str]) -> Any:
    name, told = each.name.upper(), each.metadata
    try:
        raw = _raw(name, told["secret"], environ)
    except (OSError, UnicodeDecodeError):
        problems.append(f"{name}_FILE must be the path of a text file that can be read.")
        return None
    if raw is None or not raw.strip():
        if told["default"] is REQUIRED:
            problems.append(f"{name} is required. {told['sentence']}")
            return None
        return told["default"]
    try:
        return told["parse"](raw)
    except ValueError as error:
        problems.append(f"{name} must be {error}.")
        return None


def _raw(name: str, is_secret: bool, environ: Mapping[str, str]) -> str | None:
    path = environ.get(f"{name}_FILE") if is_secret else None
    if path and not environ.get(name):
        return Path(path).read_text(encoding="utf-8")
    return environ.get(name)


def readme_table() -> str:
    """Return the settings as the Markdown table that the README prints."""
    rows = [
        f"| `{each.name.upper()}` | {_in_words(each.metadata['default'])} "
        f"| {each.metadata['sentence']} |"
        for each in fields(Settings)
    ]
    return "\n".join(["| Name | Default | |", "|---|---|---|", *rows])


def _in_words(default: Any) -> str:
    if default is REQUIRED:
        return "none, required"
    if default in (None, (), frozenset()):
        return "none"
    return str(int(default)) if isinstance(default, bool) else f"{default}"
