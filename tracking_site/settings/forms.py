"""The forms that a setting may have, and reading all of an environment, with all that is wrong.

Each parser takes a text without spaces around it, which is not empty, and raises ValueError with
the right form in words, never with the value: it may be a secret.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import Field, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .files import content_of

_MIN_KEY_CHARACTERS = 32


def text(raw: str) -> str:
    if any("\ud800" <= each <= "\udfff" for each in raw):
        # So bytes that are none come out of the environment, and no page can be sent with them.
        raise ValueError("a text in UTF-8")
    return raw


def whole(least: int, most: int) -> Callable[[str], int]:
    def parse(raw: str) -> int:
        if not re.fullmatch(r"\d{1,12}", raw) or not least <= int(raw) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(raw)

    return parse


def decimal(least: float, most: float) -> Callable[[str], float]:
    def parse(raw: str) -> float:
        if not re.fullmatch(r"\d{1,9}(\.\d{1,6})?", raw) or not least <= float(raw) <= most:
            raise ValueError(f"a number from {least:g} to {most:g}")
        return float(raw)

    return parse


def switch(raw: str) -> bool:
    if raw not in ("0", "1"):
        raise ValueError("0 or 1")
    return raw == "1"


def url(*schemes: str) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        form = f"an address such as {schemes[0]}://host:port"
        try:
            parts = urlsplit(raw)
            parts.port  # noqa: B018 - reading it is what checks it
        except ValueError:
            raise ValueError(form) from None
        is_clean = raw.isprintable() and " " not in raw
        if parts.scheme not in schemes or not parts.hostname or not is_clean:
            raise ValueError(form)
        return raw.rstrip("/")

    return parse


def site_url(raw: str) -> str:
    """Take a scheme and a host alone: paths of the site's own come right behind it."""
    found = url("https", "http")(raw)
    if not re.fullmatch(r"\w+://([\w.-]+|\[[\da-fA-F:.]+\])(:\d+)?", found, re.ASCII):
        raise ValueError(
            "an address such as https://host:port, without user, path, ? or #, with the host as "
            "browsers send it (xn--…)"
        )
    return as_browsers_say(found)


def base_url(raw: str) -> str:
    """Take a scheme, a host and perhaps a path; what stands behind it would be lost or logged."""
    found = url("http", "https")(raw)
    parts = urlsplit(found)
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError(
            "an address such as http://host:port or https://host/path, without user, ? or #"
        )
    return found


def proxy(raw: str) -> str:
    form = "the address of an HTTP proxy, such as http://user:password@host:port"
    try:
        found = url("http", "https")(raw)
    except ValueError:
        raise ValueError(form) from None
    if urlsplit(found).path or urlsplit(found).query:
        raise ValueError(form)
    return found


def matching(match: Callable[[str], object], form: str) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if not match(raw):
            raise ValueError(form)
        return raw

    return parse


_FACTORY = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
_HOST = re.compile(r"[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")

health = matching(re.compile(r"lookups|/[!-~]*").fullmatch, "a path such as /v1/health, or lookups")
factory = matching(_FACTORY.fullmatch, "package.module:factory")
token = matching(re.compile("[ -~]+").fullmatch, "a text of plain characters")
"""What somebody can show in a header: visible characters, and spaces between them."""
header_value = matching(re.compile("[!-~]+").fullmatch, "a text of plain characters without spaces")


def listened(raw: str) -> str:
    """Take an address or a name, without a port; return it as it stands before one."""
    try:
        address = ip_address(raw[1:-1] if raw[0] + raw[-1] == "[]" else raw)
    except ValueError:
        if not _HOST.fullmatch(raw) or re.fullmatch(r"[0-9.]+", raw):
            raise ValueError(
                "an address such as 127.0.0.1, 0.0.0.0 or ::, or the name of a host; its port "
                "stands in PORT"
            ) from None
        return raw
    return f"[{address}]" if address.version == 6 else f"{address}"


def redis(raw: str) -> str:
    """Look at the beginning alone: what connects reads the rest, and refuses it at the start."""
    if not re.match(r"(redis|rediss|unix|redis\+sentinel|rediss\+sentinel)://.", raw):
        raise ValueError("an address such as redis://host:port")
    return raw.rstrip("/")


def origins(raw: str) -> tuple[str, ...]:
    given = tuple(each.rstrip("/") for each in _listed(raw))
    for origin in given:
        if not re.fullmatch(r"https?://[A-Za-z0-9.\-]+(:\d{1,5})?", origin):
            raise ValueError("origins such as https://news.example, separated by commas")
    return tuple(map(as_browsers_say, given))


DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def as_browsers_say(origin: str) -> str:
    """Return an origin as browsers name it: in small letters, without the scheme's own port."""
    named = origin.lower()
    return named.removesuffix(DEFAULT_PORTS.get(named.partition("://")[0], ""))


def keys(raw: str) -> tuple[bytes, ...]:
    given = tuple(each.encode() for each in _listed(text(raw)))
    if not given or any(len(key) < _MIN_KEY_CHARACTERS for key in given):
        raise ValueError(
            f"one or more keys of at least {_MIN_KEY_CHARACTERS} characters, separated by "
            "commas; make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
    return given


def digests(raw: str) -> frozenset[str]:
    given = frozenset(each.lower() for each in _listed(raw))
    if any(not re.fullmatch(r"[0-9a-f]{64}", digest) for digest in given):
        raise ValueError("SHA-256 digests of 64 hexadecimal digits, separated by commas")
    return given


def _listed(raw: str) -> list[str]:
    return [each.strip() for each in raw.split(",") if each.strip()]


def path(raw: str) -> Path:
    named = Path(raw)
    try:
        content_of(named)
    except OSError:
        raise ValueError("the path of a file that exists and that the site may read") from None
    return named


def one_of(*choices: str) -> Callable[[str], str]:
    return matching(choices.__contains__, "one of: " + ", ".join(choices))


REQUIRED: Any = object()
"""The default of a setting that has none."""


def setting(
    parse: Callable[[str], Any],
    sentence: str,
    *,
    default: Any = None,
    secret: bool = False,
    unless: str = "",
) -> Any:
    """Declare a setting; `secret` ones may come from a file named by `<NAME>_FILE`.

    A required one may be left out where another, named by `unless`, is set.
    """
    declared = {
        "parse": parse,
        "default": default,
        "sentence": sentence,
        "secret": secret,
        "unless": unless,
    }
    return field(metadata=declared, repr=not secret)


class SettingsError(Exception):
    """One or more settings are wrong; `problems` holds a line for each, without any value."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@contextmanager
def refusing_as(prefix: str) -> Iterator[None]:
    """Turn the ValueError of what a setting names into a SettingsError whose line begins so."""
    try:
        yield
    except ValueError as error:
        raise SettingsError([f"{prefix}{' '.join(str(error).split())}."]) from None


def read(
    settings: Iterable[Field[Any]], environ: Mapping[str, str]
) -> tuple[dict[str, Any], list[str]]:
    """Return the value of each setting by its field's name, and a line for each wrong one.

    With any line the values are not to be used: a wrong one is None.
    """
    problems: list[str] = []
    values = {each.name: _value(each, environ, problems) for each in settings}
    firsts: dict[str, str] = {}
    for problem in problems:
        # A file that two settings read is wrong once.
        firsts.setdefault(problem.split()[0], problem)
    return values, list(firsts.values())


def _value(each: Field[Any], environ: Mapping[str, str], problems: list[str]) -> Any:
    name, declared = each.name.upper(), each.metadata
    try:
        raw = _raw(name, declared["secret"], environ)
    except (OSError, UnicodeDecodeError):
        problems.append(f"{name}_FILE must be the path of a text file that can be read.")
        return None
    if raw is None or not raw.strip():
        if declared["default"] is REQUIRED:
            if environ.get(declared["unless"], "").strip():
                return None
            problems.append(f"{name} is required. {declared['sentence']}")
            return None
        return declared["default"]
    try:
        return declared["parse"](raw.strip())
    except ValueError as error:
        problems.append(f"{name} must be {error}.")
        return None


def _raw(name: str, is_secret: bool, environ: Mapping[str, str]) -> str | None:
    path = environ.get(f"{name}_FILE") if is_secret else None
    if path and not environ.get(name):
        return content_of(Path(path)).decode()
    return environ.get(name)
