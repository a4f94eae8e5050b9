"""Fifty settings that are wrong: each gets one sentence that names it and says the right form."""

import os
import re
from pathlib import Path

import pytest

from tests.settings.test_settings import GOOD
from tracking_site.operate import problems_of
from tracking_site.settings import Settings, SettingsError

CORE = {"CLAIMS_API_URL": "https://core.example"}
BOTH = {"REDIS_URL": "redis://127.0.0.1:1/0"}
OAUTH = {
    **CORE,
    "CORE_AUTH": "oauth2",
    "CORE_OAUTH_URL": "https://login.example/token",
    "CORE_OAUTH_ID": "site",
    "CORE_OAUTH_SECRET_FILE": "{file}",
}

WRONG: list[tuple[str, dict[str, str], str]] = [
    ("CLAIMS_API_URL", {"CLAIMS_API_URL": "core.example:9100"}, "http://host:port"),
    ("CLAIMS_API_URL", {"CLAIMS_API_URL": "ftp://core.example"}, "http://host:port"),
    ("CLAIMS_API_URL", {"CLAIMS_API_URL": "http://core.example:99999"}, "http://host:port"),
    ("CLAIMS_API_URL", {"CLAIMS_API_URL": "http://core example"}, "http://host:port"),
    ("CLAIMS_API_URL", {"CLAIMS_API_URL": "http://site:word@core"}, "without user"),
    ("CLAIMS_API_URL", {"CLAIMS_API_URL": "http://core.example/?key=1"}, "without user"),
    ("CLAIMS_API_URL", {"CLAIMS_API_URL": ""}, "required"),
    ("CLAIMS_API_TOKEN", {"CLAIMS_API_TOKEN": "two words"}, "without spaces"),
    ("CLAIMS_API_TOKEN_FILE", {"CLAIMS_API_TOKEN_FILE": "/no/such/file"}, "text file"),
    ("CLAIMS_API_TOKEN", {"CLAIMS_API_TOKEN": "t", "CORE_AUTH": "none"}, "leave one"),
    ("CLAIMS_SOURCE", {"CLAIMS_SOURCE": "my adapter"}, "package.module:factory"),
    ("CLAIMS_SOURCE", {"CLAIMS_SOURCE": "no_such_module:factory"}, "can be imported"),
    ("CORE_HEALTH", {"CLAIMS_SOURCE": "a:b", "CORE_HEALTH": "/ping"}, "must be lookups"),
    ("CORE_HEALTH", {"CORE_HEALTH": "ping"}, "/v1/health, or lookups"),
    ("CORE_CA_FILE", {**CORE, "CORE_CA_FILE": "/no/such/file"}, "file that exists"),
    ("SITE_FILE", {"SITE_FILE": "/x" * 300}, "file that exists"),
    ("CORE_CA_FILE", {**CORE, "CORE_CA_FILE": "{file}"}, "PEM certificates"),
    ("CORE_CA_FILE", {"CORE_CA_FILE": "{file}"}, "begin with https://"),
    ("CORE_CLIENT_KEY_FILE", {**CORE, "CORE_CLIENT_KEY_FILE": "{file}"}, "CORE_CLIENT_CERT_FILE"),
    ("CORE_CLIENT_CERT_FILE", {**CORE, "CORE_CLIENT_CERT_FILE": "{file}"}, "PEM certificate"),
    ("CORE_HEADERS_FILE", {"CORE_HEADERS_FILE": "{file}"}, "one header a line"),
    ("CORE_AUTH", {"CORE_AUTH": "basic"}, "one of: bearer, oauth2, hmac, none"),
    ("CORE_AUTH", {"CORE_AUTH": "bearer"}, "needs CLAIMS_API_TOKEN"),
    ("CORE_AUTH", {k: v for k, v in OAUTH.items() if k != "CORE_OAUTH_ID"}, "needs CORE_OAUTH_ID"),
    ("CORE_OAUTH_URL", OAUTH | {"CORE_OAUTH_URL": "http://login.example"}, "https://host:port"),
    ("CORE_OAUTH_SCOPE", {"CORE_OAUTH_SCOPE": "claims.read"}, "CORE_AUTH=oauth2"),
    ("CORE_OAUTH_SECRET_FILE", OAUTH | {"CORE_OAUTH_SECRET_FILE": "{empty}"}, "the secret alone"),
    ("CORE_HMAC_ID", {"CORE_HMAC_ID": "12345"}, "CORE_AUTH=hmac"),
    ("CORE_AUTH", {"CORE_AUTH": "hmac", "CORE_HMAC_ID": "1"}, "needs CORE_HMAC_SECRET_FILE"),
    ("CORE_PROXY", {"CORE_PROXY": "socks5://proxy:1080"}, "an HTTP proxy"),
    ("CORE_PROXY", {"CORE_PROXY": "proxy:3128"}, "an HTTP proxy"),
    ("METRICS_TOKEN", {"METRICS_TOKEN": "rahasiá"}, "plain characters"),
    ("PURGE_TOKEN", {"PURGE_TOKEN": "rahasiá"}, "plain characters"),
    ("SECRET_KEYS", {"SECRET_KEYS": "short"}, "at least 32 characters"),
    ("SECRET_KEYS", {"SECRET_KEYS": ""}, "required"),
    ("REDIS_URL", {"REDIS_URL": "127.0.0.1:6379"}, "redis://host:port"),
    ("REDIS_URL", {"REDIS_URL": "redis://host/zero"}, "redis://host:port/0"),
    ("REDIS_URL", {"REDIS_URL": "redis://host/0?timeout=3"}, "no other parameters"),
    ("REDIS_URL", {"REDIS_URL": "redis+sentinel://a,b"}, "service/0"),
    ("REDIS_URL", {"REDIS_URL": "unix://socket"}, "unix:///path"),
    ("REDIS_URL", {"REDIS_URL": "rediss://h/0?ssl_ca_certs=/no/file"}, "PEM files"),
    ("GUARD_REDIS_URL", BOTH | {"GUARD_REDIS_URL": "127.0.0.1:6379"}, "redis://host:port"),
    ("GUARD_REDIS_URL", BOTH | {"GUARD_REDIS_URL": "redis://host/zero"}, "redis://host:port/0"),
    ("GUARD_REDIS_URL", {"GUARD_REDIS_URL": "redis://guard.example"}, "needs REDIS_URL"),
    ("TRUSTED_PROXIES", {"TRUSTED_PROXIES": "one"}, "from 0 to 10"),
    ("PARTNERS_FILE", {"PARTNERS_FILE": "{file}"}, "PARTNERS_FILE"),
    ("SITE_URL", {"SITE_URL": "lacak.example"}, "https://host:port"),
    ("SITE_URL", {"SITE_URL": "https://lacak.example/klaim"}, "without user, path, ? or #"),
    ("SITE_URL", {"SITE_URL": "https://lacak.example/?a=b"}, "without user, path, ? or #"),
    ("SITE_URL", {"SITE_URL": "https://lacak.example#a"}, "without user, path, ? or #"),
    ("SITE_URL", {"SITE_URL": "https://a:b@lacak.example"}, "without user, path, ? or #"),
    ("SITE_URL", {"SITE_URL": "https://lácak.example"}, "as browsers send it"),
    ("SITE_URL", {"SITE_URL": "https://lacak.example:"}, "without user, path, ? or #"),
    ("SITE_FILE", {"SITE_FILE": "{file}"}, "TOML"),
    ("EMBED_ORIGINS", {"EMBED_ORIGINS": "koran.example"}, "https://news.example"),
    ("WEB_THREADS", {"WEB_THREADS": "0"}, "a whole number from 1"),
    ("WEB_CONCURRENCY", {"WEB_CONCURRENCY": "2"}, "needs REDIS_URL"),
    ("PORT", {"PORT": "http"}, "from 1 to 65535"),
    ("CACHE_FRESH_SECONDS", {"CACHE_FRESH_SECONDS": "1m"}, "a whole number"),
    ("CORE_TOTAL_SECONDS", {"CORE_TOTAL_SECONDS": "5s"}, "a number from"),
    ("CORE_CONNECTIONS", {"CORE_CONNECTIONS": "many"}, "a whole number"),
    ("CARRIERS_FILE", {"CARRIERS_FILE": "{file}"}, "CARRIERS_FILE"),
    ("REVOKED_KEYS", {"REVOKED_KEYS": "abc"}, "64 hexadecimal digits"),
    ("GUARD_OFF", {"GUARD_OFF": "yes"}, "0 or 1"),
    ("GUARD_OFF", {"GUARD_OFF": "1"}, "set SITE_NOTICE"),
    ("SECOND_FACTOR", {"SECOND_FACTOR": "otp"}, "one of: none, kpj_suffix"),
    ("LOG_LEVEL", {"LOG_LEVEL": "verbose"}, "one of: debug"),
]

NOBODY = 65534


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """A file of what is nothing that a setting takes, and an empty one."""
    (tmp_path / "file").write_text("neither this nor that\n")
    (tmp_path / "empty").write_text("")
    return {"file": str(tmp_path / "file"), "empty": str(tmp_path / "empty")}


def problems(environ: dict[str, str]) -> list[str]:
    try:
        return problems_of(Settings.from_env(environ))
    except SettingsError as error:
        return error.problems


def test_there_are_fifty() -> None:
    assert len(WRONG) >= 50


@pytest.mark.parametrize(
    ("name", "changes", "form"),
    WRONG,
    ids=[f"{place}-{name}" for place, (name, *_) in enumerate(WRONG)],
)
def test_a_wrong_setting_gets_one_sentence(
    name: str, changes: dict[str, str], form: str, files: dict[str, str]
) -> None:
    set_to = {each: value.format(**files) for each, value in changes.items()}
    told = problems(GOOD | set_to)
    assert len(told) == 1, told
    (sentence,) = told
    assert re.match(rf"{name}\b", sentence), sentence
    assert form in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert not re.search(r"Traceback|Error\(|object at|None", sentence), sentence


@pytest.mark.parametrize("name", ["SITE_FILE", "CORE_CA_FILE", "CLAIMS_API_TOKEN_FILE"])
@pytest.mark.parametrize("closed", ["file", "folder"])
def test_what_the_site_may_not_read_gets_one_sentence(
    name: str, closed: str, tmp_path: Path
) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "file").write_text("neither this nor that\n")
    (folder if closed == "folder" else folder / "file").chmod(0)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        told = problems(GOOD | {name: str(folder / "file")})
    finally:
        if is_root:
            os.seteuid(0)
        folder.chmod(0o700)
    assert len(told) == 1
    assert told[0].startswith(f"{name} must be the path of a ")
    assert " read" in told[0]
