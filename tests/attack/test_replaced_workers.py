"""A worker is replaced only where its budgets stand elsewhere."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
READ = "import runpy; print(runpy.run_path('gunicorn.conf.py')['max_requests'])"


def most_requests_of_a_worker(**environ: str) -> int:
    """What gunicorn is told, with these settings of the site; 0 means that there is no end."""
    told = subprocess.run(
        [sys.executable, "-c", READ],
        cwd=ROOT,
        env={
            "CLAIMS_API_URL": "http://you-forgot-to-give-a-claims-source.invalid",
            "SECRET_KEYS": "k" * 40,
            "PATH": "",
            **environ,
        },
        check=True,
        capture_output=True,
        text=True,
    )
    return int(told.stdout)


def test_cheap_requests_do_not_bring_a_worker_with_fresh_budgets() -> None:
    assert most_requests_of_a_worker() == 0


def test_a_worker_that_holds_no_budgets_is_replaced_now_and_then() -> None:
    assert most_requests_of_a_worker(REDIS_URL="redis://127.0.0.1:1/0") > 10_000
