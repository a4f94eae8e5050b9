"""The guard's own Redis: what it counts lies there alone, whatever becomes of the other server."""

from collections.abc import Callable, Iterator

import pytest
import redis
from flask import Flask

from harness.servers import RedisServer
from sandbox import Participant
from tests.redis.test_least_rights import documented_of_the_guard
from tests.services import running_redis
from tests.web.following import follow
from tracking_site.operate import problems_of, run
from tracking_site.redis import client
from tracking_site.settings import Settings, SettingsError

pytestmark = pytest.mark.redis
OF_THE_GUARD = ("g2:", "limit1:")
OF_THE_REST = ("claims:", "seen:")
PASSWORD = "one-word-of-these-tests"


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a busy machine answer late: what is asked here is which server, and not how soon."""
    monkeypatch.setattr(client, "PATIENT", client.Patience(10, 10))


@pytest.fixture
def main() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.fixture
def own() -> Iterator[RedisServer]:
    """The guard's server, with a user who has no more rights than documented."""
    with running_redis() as server:
        with server.client() as operator:
            rules = documented_of_the_guard()
            operator.execute_command("ACL", "SETUSER", "guard", "on", f">{PASSWORD}", *rules)
        yield server


@pytest.fixture
def changes(main: RedisServer, own: RedisServer) -> dict[str, str]:
    return {
        "REDIS_URL": main.url,
        "GUARD_REDIS_URL": f"redis://guard:{PASSWORD}@127.0.0.1:{own.port}/0",
        "GUARD_OFF": "0",
        "SECRET_KEYS": "0f8Jq2_vXcR7yLmT5pWz9bNdKs3HgE6a",
    }


def prefixes(server: RedisServer, known: tuple[str, ...]) -> set[str]:
    """Return which of the known prefixes keys begin with; fails at a key of another."""
    with server.client() as reader:
        keys = [key.decode("latin-1") for key in reader.scan_iter(count=1000)]
    found = {next((each for each in known if key.startswith(each)), key) for key in keys}
    assert found <= set(known), found
    return found


def test_what_the_guard_counts_lies_in_its_own_server_and_the_rest_in_the_other(
    make_site: Callable[..., Flask],
    changes: dict[str, str],
    samples: dict[str, Participant],
    main: RedisServer,
    own: RedisServer,
) -> None:
    site = make_site(**changes).test_client()
    address = follow(site, samples["approval"])
    assert site.get(address + ".atom").status_code == 200
    assert prefixes(own, OF_THE_GUARD) == set(OF_THE_GUARD)
    assert prefixes(main, OF_THE_REST) == set(OF_THE_REST)
    with own.client() as operator:
        assert operator.acl_log() == []


@pytest.mark.parametrize("trouble", ["full", "away"])
def test_a_full_or_dead_other_server_takes_nothing_from_the_guard(
    make_site: Callable[..., Flask],
    changes: dict[str, str],
    samples: dict[str, Participant],
    main: RedisServer,
    trouble: str,
) -> None:
    if trouble == "full":
        with main.client() as operator:
            operator.config_set("maxmemory", "1")
    else:
        main.kill()
    site = make_site(**changes).test_client()
    # Three numbers are free, of which a guard without its server would have given one.
    for situation in ("approval", "paid_today", "assessment_day_3"):
        told = site.post("/lacak", data={"nomor": samples[situation].nik})
        assert told.status_code == 303, told.text
    settings = Settings.from_env({"CLAIMS_API_URL": "http://127.0.0.1:9"} | changes)
    assert "work_distinct" in "\n".join(run(settings, ["explain", "127.0.0.1"]))


def test_a_dead_server_of_the_guard_is_named_and_the_other_goes_on(
    make_site: Callable[..., Flask],
    changes: dict[str, str],
    environ: dict[str, str],
    samples: dict[str, Participant],
    own: RedisServer,
) -> None:
    own.kill()
    site = make_site(**changes).test_client()
    assert site.post("/lacak", data={"nomor": samples["approval"].nik}).status_code == 303
    told = site.get("/-/readyz").get_json()
    assert told["redis"] == "ok"
    assert "GUARD_REDIS_URL" in told["guard_redis"]
    [problem] = problems_of(Settings.from_env(environ | changes))
    assert problem == told["guard_redis"]
    with pytest.raises(SettingsError, match="Check GUARD_REDIS_URL"):
        list(run(Settings.from_env(environ | changes), ["explain", "127.0.0.1"]))


@pytest.mark.parametrize("wrong", ["password", "policy", "rights", "replica"])
def test_check_names_the_setting_that_leads_to_the_wrong_server(
    changes: dict[str, str],
    environ: dict[str, str],
    main: RedisServer,
    own: RedisServer,
    wrong: str,
) -> None:
    with own.client() as operator:
        if wrong == "password":
            operator.execute_command("ACL", "SETUSER", "guard", "resetpass", ">another-word")
        elif wrong == "policy":
            operator.config_set("maxmemory-policy", "allkeys-lru")
        elif wrong == "rights":
            operator.execute_command("ACL", "SETUSER", "guard", "-eval", "-evalsha")
        else:
            operator.replicaof("127.0.0.1", str(main.port))
    [problem] = problems_of(Settings.from_env(environ | changes))
    assert "GUARD_REDIS_URL" in problem


def test_the_guards_user_may_read_nothing_of_the_rest(own: RedisServer) -> None:
    with (
        redis.Redis(port=own.port, username="guard", password=PASSWORD) as user,
        pytest.raises(redis.exceptions.NoPermissionError),
    ):
        user.get("claims:1:all")
