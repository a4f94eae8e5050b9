"""The command: lists, serves, ends cleanly."""

import io
import json
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout

import pytest

from sandbox import main
from sandbox.faults import MODES
from sandbox.samples import SAMPLES
from tests.sandbox.conftest import Caller

SERVE = "import sys; from sandbox import main; sys.exit(main(sys.argv[1:]))"


def listed(*words: str) -> list[dict[str, str | None]]:
    output = io.StringIO()
    with redirect_stdout(output):
        assert main(["--list", *words]) == 0
    return [json.loads(line) for line in output.getvalue().splitlines()]


def test_the_list_has_one_object_a_line_the_samples_first() -> None:
    rows = listed()
    assert len(rows) == len(SAMPLES)
    assert all(list(row) == ["nik", "kpj", "situation", "state", "stage"] for row in rows)
    assert rows[0]["nik"] == "3174054501900005"
    assert rows[0]["state"] == "in_progress"
    assert rows[0]["stage"] == "assessment"


def test_nothing_to_show_has_neither_state_nor_stage() -> None:
    row = next(row for row in listed() if row["situation"] == "nothing_to_show")
    assert row["state"] is None
    assert row["stage"] is None


def test_members_follow_up_to_the_limit() -> None:
    rows = listed("--participants", "1000000", "--seed", "7", "--limit", "25")
    members = rows[len(SAMPLES) :]
    assert len(members) == 25
    assert {row["situation"] for row in members} == {"population"}
    assert rows == listed("--participants", "1000000", "--seed", "7", "--limit", "25")
    assert members != listed("--participants", "25", "--seed", "8")[len(SAMPLES) :]


def test_without_a_limit_every_member_is_listed() -> None:
    assert len(listed("--participants", "40")) == len(SAMPLES) + 40


@pytest.mark.parametrize(
    "words",
    [
        ["--port", "no"],
        ["--participants", "-1"],
        ["--participants", "999999999999", "--list"],
        ["--what"],
    ],
)
def test_wrong_words_end_with_the_right_form(words: list[str]) -> None:
    output = io.StringIO()
    with redirect_stderr(output), pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage: python -m tracking_site sandbox" in output.getvalue()


def test_the_help_explains_every_fault() -> None:
    output = io.StringIO()
    with redirect_stdout(output), pytest.raises(SystemExit):
        main(["--help"])
    for mode in MODES:
        assert f"\n    {mode} " in output.getvalue()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_stop(ending: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, "--port", "0", "--participants", "5", "--token", "letmein"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        first_line = process.stdout.readline()
        url = first_line.split(" on ")[1].split(": ")[0]
        caller = Caller(url, {"Authorization": "Bearer letmein"})
        assert caller.ask("GET", "/v1/health").status == 200
        process.send_signal(ending)
        _out, err = process.communicate(timeout=20)
        assert process.returncode == 0
        assert err == ""
        caller.connection.close()
    finally:
        process.kill()
        process.communicate()


def test_a_taken_port_ends_with_one_line(core: object, call: Caller) -> None:
    port = call.url.rsplit(":", 1)[1]
    output = io.StringIO()
    with redirect_stderr(output):
        assert main(["--port", port]) == 1
    assert output.getvalue().startswith(f"sandbox: port {port}: ")


def test_a_reader_that_has_enough_breaks_nothing() -> None:
    script = f"{SERVE}"
    process = subprocess.Popen(
        [sys.executable, "-c", script, "--list", "--participants", "3000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 0
    assert errors == b""
