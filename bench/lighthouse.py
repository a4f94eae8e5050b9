"""Lighthouse over the form and a result, on a phone: `python -m bench.lighthouse`.

Prints the figures and what costs points, and keeps the reports in artifacts/lighthouse.
Each page is measured three times and the fastest counts: a busy machine only makes slower.
Needs Chromium, and the packages of `make test`: their npm brings Lighthouse at its first run.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests

from harness.servers import ROOT
from tests.browser.conftest import FLAGS
from tests.live import LiveSite
from tests.needs import needed

VERSION = "13.5.0"
FOLDER = ROOT / "artifacts" / "lighthouse"
PROGRAM = FOLDER / "node_modules" / "lighthouse" / "cli" / "index.js"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
MUST_BE_WHOLE = CATEGORIES[:3]
RUNS = 3


def install() -> None:
    """Bring Lighthouse once. Raises CalledProcessError when npm cannot."""
    if PROGRAM.is_file():
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    options = ["--no-save", "--no-audit", "--no-fund", "--prefix", str(FOLDER)]
    subprocess.run([needed("npm"), "install", *options, f"lighthouse@{VERSION}"], check=True)


def best(address: str, name: str) -> dict[str, Any]:
    """Return the report of the fastest run; all are kept as `name`-1.json and so on."""
    reports = [measure(address, FOLDER / f"{name}-{run}.json") for run in range(1, RUNS + 1)]
    return max(reports, key=lambda report: float(report["categories"]["performance"]["score"]))


def measure(address: str, path: Path) -> dict[str, Any]:
    """Return Lighthouse's report on an address, which is kept in a file as well."""
    subprocess.run(
        [
            needed("node"),
            str(PROGRAM),
            address,
            "--quiet",
            "--no-enable-error-reporting",
            "--output=json",
            f"--output-path={path}",
            f"--only-categories={','.join(CATEGORIES)}",
            f"--chrome-flags=--headless=new {' '.join(FLAGS)}",
        ],
        env={**os.environ, "CHROME_PATH": needed("browser")},
        check=True,
    )
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report


def show(name: str, report: dict[str, Any]) -> bool:
    """Print the figures; tell whether everything that must be whole is."""
    audits = report["audits"]
    scores = {each: round(100 * report["categories"][each]["score"]) for each in CATEGORIES}
    speed = report["environment"]["benchmarkIndex"]
    print(
        f"\n{name} (machine {speed:.0f}): "
        + ", ".join(f"{each} {score}" for each, score in scores.items())
    )
    for figure in ("first-contentful-paint", "largest-contentful-paint", "total-blocking-time"):
        print(f"  {figure}: {audits[figure]['displayValue']}")
    print(f"  cumulative-layout-shift: {audits['cumulative-layout-shift']['displayValue']}")
    for category in CATEGORIES:
        for reference in report["categories"][category]["auditRefs"]:
            audit = audits[reference["id"]]
            if reference["weight"] and (audit["score"] or 0) < 1 and audit["score"] is not None:
                print(f"  costs points in {category}: {audit['id']}: {audit['title']}")
    return all(scores[each] == 100 for each in MUST_BE_WHOLE)


def main() -> int:
    install()
    with LiveSite(FOLDER / "site.log") as site:
        number = site.sample("assessment_day_3").nik
        result = requests.post(f"{site.url}/lacak", data={"nomor": number}, timeout=10).url
        pages = {"form": f"{site.url}/", "result": result}
        whole = [show(name, best(address, name)) for name, address in pages.items()]
    return 0 if all(whole) else 1


if __name__ == "__main__":
    sys.exit(main())
