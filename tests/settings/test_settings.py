"""Settings are data: parsed, explained, and the README says the same."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from tracking_site.settings import Settings, SettingsError
from tracking_site.settings.forms import REQUIRED

ROOT = Path(__file__).parents[2]
GOOD = {"CLAIMS_API_URL": "http://127.0.0.1:9100/", "SECRET_KEYS": "k" * 32}


def problems_of(**changes: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(GOOD | changes)
    return caught.value.problems


def test_defaults_stand_where_nothing_is_said() -> None:
    settings = Settings.from_env(GOOD)
    assert settings.claims_api_url == "http://127.0.0.1:9100"
    assert (settings.web_threads, settings.ticket_minutes, settings.redis_url) == (256, 30, None)


def test_what_is_required_is_asked_for_by_name() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({})
    assert [problem.split()[0] for problem in caught.value.problems] == [
        "CLAIMS_API_URL",
        "SECRET_KEYS",
    ]


@pytest.mark.parametrize(
    ("name", "value", "form"),
    [
        ("CLAIMS_API_URL", "core.example", "http://host:port"),
        ("CLAIMS_API_URL", "http://[broken", "http://host:port"),
        ("SECRET_KEYS", "short", "at least 32 characters"),
        ("SECRET_KEYS", ",", "one or more keys of at least 32 characters, separated by"),
        ("REDIS_URL", "http://127.0.0.1", "redis://host:port"),
        ("TRUSTED_PROXIES", "-1", "a whole number from 0 to 10"),
        ("WEB_THREADS", "eight", "a whole number from 1 to 256"),
        ("TICKET_MINUTES", "0", "a whole number from 1 to 1440"),
        ("CORE_TOTAL_SECONDS", "1e9", "a number from 0.1 to 60"),
        ("POW_SCALE", "0", "a number from 0.001 to 100"),
        ("EMBED_ORIGINS", "https://news.example/page", "origins such as"),
        ("BIND", "0.0.0.0:80", "its port stands in PORT"),
        ("BIND", "unix:/run/site.sock", "or the name of a host"),
        ("BIND", "256.1.1.1", "an address such as 127.0.0.1"),
        ("BIND", "[::1", "an address such as"),
        ("SITE_FILE", "/does/not/exist", "the path of a file"),
        ("LOG_LEVEL", "loud", "one of: debug, info"),
        # A byte of Latin-1, as the environment gives it.
        ("SITE_NOTICE", "Pemberitahuan \udce9", "a text in UTF-8"),
    ],
)
def test_a_wrong_value_is_refused_with_the_right_form_and_not_repeated(
    name: str, value: str, form: str
) -> None:
    (problem,) = problems_of(**{name: value})
    assert problem.startswith(f"{name} must be ")
    assert form in problem
    assert value not in problem.removeprefix(name) or value in form


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("https://Klaim.Example/", "https://klaim.example"),
        ("https://klaim.example:443", "https://klaim.example"),
        ("http://klaim.example:80/", "http://klaim.example"),
        ("http://klaim.example:443", "http://klaim.example:443"),
        ("https://klaim.example:8443", "https://klaim.example:8443"),
    ],
)
def test_origins_are_what_browsers_call_them(written: str, said: str) -> None:
    settings = Settings.from_env(GOOD | {"SITE_URL": written, "EMBED_ORIGINS": written})
    assert (settings.site_url, settings.embed_origins) == (said, (said,))


@pytest.mark.parametrize(
    ("written", "listened"),
    [
        ("0.0.0.0", "0.0.0.0"),
        ("::", "[::]"),
        ("[::1]", "[::1]"),
        ("localhost", "localhost"),
        ("node-1.example", "node-1.example"),
    ],
)
def test_a_port_can_stand_behind_what_is_listened_on(written: str, listened: str) -> None:
    assert Settings.from_env(GOOD | {"BIND": written}).bind == listened


def test_more_than_one_process_needs_a_shared_store() -> None:
    (problem,) = problems_of(WEB_CONCURRENCY="2")
    assert "REDIS_URL" in problem
    assert (
        Settings.from_env(
            GOOD | {"WEB_CONCURRENCY": "2", "REDIS_URL": "redis://127.0.0.1:6379"}
        ).web_concurrency
        == 2
    )


def test_secrets_can_come_from_files_and_never_show(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text("a" * 40 + "," + "b" * 40 + "\n")
    settings = Settings.from_env(
        {"CLAIMS_API_URL": "http://127.0.0.1", "SECRET_KEYS_FILE": str(path)}
    )
    assert settings.secret_keys == (b"a" * 40, b"b" * 40)
    assert "aaaa" not in repr(settings)


def test_a_secret_file_that_cannot_be_read_is_named() -> None:
    (problem,) = problems_of(SECRET_KEYS="", SECRET_KEYS_FILE="/does/not/exist")
    assert problem.startswith("SECRET_KEYS_FILE")


def test_every_setting_has_a_sentence() -> None:
    for each in fields(Settings):
        assert each.metadata["sentence"].endswith(".")


def readme_table() -> list[str]:
    """Return the settings as rows of the Markdown table that the README prints."""
    rows = [
        f"| `{each.name.upper()}` | {_in_words(each.metadata['default'])} "
        f"| {each.metadata['sentence']} |"
        for each in fields(Settings)
    ]
    return ["| Name | Default | |", "|---|---|---|", *rows]


def _in_words(default: Any) -> str:
    if default is REQUIRED:
        return "none, required"
    if default in (None, "", (), frozenset()):
        return "none"
    return str(int(default)) if isinstance(default, bool) else f"{default}"


def test_the_readme_prints_this_table() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.partition("\n## Settings\n")[2].partition("\n## ")[0]
    assert [line for line in section.splitlines() if line.startswith("|")] == readme_table()
