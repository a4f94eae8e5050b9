"""Each alert rings at what it is for, and at nothing else: unit tests with promtool itself."""

import re
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.deploy.test_alerts import ALERTS, rules
from tests.needs import needed
from tracking_site.observing.metrics import Metrics

pytestmark = pytest.mark.clients
NODE = '{instance="a"}'
MINUTES = 60


class Scenario(NamedTuple):
    """Series by minutes, as promtool writes them, and the labels of the alert that rings."""

    series: dict[str, str]
    labels: dict[str, str]
    quiet: dict[str, str]
    """The same series while all is well."""


def rises(name: str, *, labels: str = "", **of_alert: str) -> Scenario:
    """Return what begins at 0 and is counted once."""
    series = f"tracking_{name}{labels}"
    return Scenario({series: "0x50 1x60"}, of_alert, {series: "0x120"})


def requests(outcome: str, rate: int, others: int) -> dict[str, str]:
    return {
        f'tracking_requests_total{{outcome="{outcome}"}}': f"0+{rate}x120",
        'tracking_requests_total{outcome="found"}': f"0+{others}x120",
    }


def buckets(name: str, labels: str, slow: int, quick: int) -> dict[str, str]:
    """Return a histogram of which `slow` a minute take more than 2.5 s."""
    series = f"tracking_{name}_bucket{{{labels}"
    return {
        f'{series}le="0.1"}}': f"0+{quick}x120",
        f'{series}le="2.5"}}': f"0+{quick}x120",
        f'{series}le="5.0"}}': f"0+{slow + quick}x120",
        f'{series}le="+Inf"}}': f"0+{slow + quick}x120",
    }


def claims(event: str, rate: int, others: int, other: str = "hit") -> dict[str, str]:
    return {
        f'tracking_claims_events_total{{event="{event}"}}': f"0+{rate}x120",
        f'tracking_claims_events_total{{event="{other}"}}': f"0+{others}x120",
    }


def decisions(kind: str, rate: int, others: int) -> dict[str, str]:
    return {
        f'tracking_guard_decisions_total{{kind="{kind}", rule="distinct"}}': f"0+{rate}x120",
        'tracking_guard_decisions_total{kind="ok", rule="free"}': f"0+{others}x120",
    }


def core(result: str, rate: int, others: int) -> dict[str, str]:
    return {
        f'tracking_core_seconds_count{{result="{result}"}}': f"0+{rate}x120",
        'tracking_core_seconds_count{result="answered"}': f"0+{others}x120",
    }


LOOKUP = 'route="/lacak", '
ON_A = 'instance="a", '
SCENARIOS: dict[str, Scenario] = {
    "NodeDown": Scenario(
        {'up{job="lacak-klaim", instance="a"}': "0x120"},
        {"job": "lacak-klaim", "instance": "a"},
        {'up{job="lacak-klaim", instance="a"}': "1x120"},
    ),
    "NotReady": Scenario(
        {'tracking_ready{instance="a", what="core"}': "0x120"},
        {"instance": "a", "what": "core"},
        {'tracking_ready{instance="a", what="core"}': "1x120"},
    ),
    "SiteErrors": Scenario(requests("error", 1, 500), {}, requests("error", 1, 5000)),
    "NoAnswers": Scenario(requests("unavailable", 10, 90), {}, requests("unavailable", 1, 99)),
    "SlowLookups": Scenario(
        buckets("request_seconds", LOOKUP, 5, 95), {}, buckets("request_seconds", LOOKUP, 0, 100)
    ),
    "Queueing": Scenario(
        buckets("queue_seconds", ON_A, 20, 80),
        {"instance": "a"},
        buckets("queue_seconds", ON_A, 1, 99),
    ),
    "CoreBreakerOpen": Scenario(
        {"tracking_core_breaker": "2x120"}, {}, {"tracking_core_breaker": "0x120"}
    ),
    "CoreErrors": Scenario(core("timeout", 20, 80), {}, core("timeout", 5, 95)),
    "CoreSlow": Scenario(
        buckets("core_seconds", "", 20, 80), {}, buckets("core_seconds", "", 1, 99)
    ),
    "CoreFull": Scenario(
        {"tracking_line_length": "200x120"}, {}, {"tracking_line_length": "5x120"}
    ),
    "LongLine": Scenario(
        {"tracking_line_length": "4000x120", "tracking_line_pace": "10x120"},
        {},
        {"tracking_line_length": "100x120", "tracking_line_pace": "10x120"},
    ),
    "Flooded": Scenario(
        {'tracking_floods_shed_total{width="network"}': "0+600x120"},
        {},
        {'tracking_floods_shed_total{width="network"}': "0+60x120"},
    ),
    "Overloaded": Scenario(
        {"tracking_busy_seconds": "0.5x120"}, {}, {"tracking_busy_seconds": "0.1x120"}
    ),
    "CoreContractBroken": Scenario(
        {'tracking_core_seconds_count{result="shape"}': "0x50 6x60"},
        {},
        {'tracking_core_seconds_count{result="shape"}': "0x50 1x60"},
    ),
    "UnknownCodes": rises("unknown_codes_total", labels='{family="stage"}', family="stage"),
    "CacheHelpsLittle": Scenario(claims("miss", 950, 50), {}, claims("miss", 620, 380)),
    "OldCopiesShown": Scenario(claims("stale", 80, 20), {}, claims("stale", 10, 90)),
    "RedisAway": rises(
        "claims_events_total",
        labels='{event="store", detail="open", instance="a"}',
        instance="a",
    ),
    "RedisRefuses": rises(
        "claims_events_total", labels='{event="store_refused", instance="a"}', instance="a"
    ),
    "PurgeIncomplete": rises("claims_events_total", labels='{event="forgotten", detail="all/no"}'),
    "SealsRefused": Scenario(
        {'tracking_claims_events_total{event="sealed_refused", detail="seal"}': "0x50 30x60"},
        {"detail": "seal"},
        {'tracking_claims_events_total{event="sealed_refused", detail="seal"}': "0x50 5x60"},
    ),
    "GuardAlarm": rises("guard_decisions_total", labels='{rule="work_alarm"}'),
    "GuardRefusesMany": Scenario(decisions("refuse", 10, 90), {}, decisions("refuse", 1, 99)),
    "GuardAsksMany": Scenario(decisions("challenge", 30, 70), {}, decisions("challenge", 5, 95)),
    "LogLinesLost": rises("log_lines_lost_total", labels=NODE, instance="a"),
    "CalendarEnds": Scenario(
        {"tracking_calendar_ends_timestamp_seconds": f"{80 * 86400}x120"},
        {},
        {"tracking_calendar_ends_timestamp_seconds": f"{200 * 86400}x120"},
    ),
}
"""By alert; what is asked of it is asked at minute 55 (its `for`) or a minute later."""

PROBED = Scenario(
    {"tracking_core_breaker": "2 1 1 2 1 2 1 1 2 1 " * 12}, {}, {"tracking_core_breaker": "0x120"}
)
"""A core that hangs, as who stands in the line finds it: half of the time a probe is under way."""

REFUSALS = ("credentials", "token_refused", "signature_refused", "client_certificate")
EVERY = [
    *SCENARIOS.items(),
    ("CoreBreakerOpen", PROBED),
    *(
        ("CoreRefusesUs", rises("core_seconds_count", labels=f'{{result="{result}"}}'))
        for result in REFUSALS
    ),
]


def told(alert: str, labels: dict[str, str]) -> dict[str, Any]:
    """Return what promtool expects of a ringing alert."""
    rule = next(rule for rule in rules() if rule["alert"] == alert)
    summary = re.sub(
        r"\{\{ \$labels\.(\w+) \}\}", lambda found: labels[found[1]], rule["annotations"]["summary"]
    )
    return {
        "exp_labels": {**rule["labels"], **labels},
        "exp_annotations": {"summary": summary},
    }


def promtool(folder: Path, alert: str, series: dict[str, str], expected: list[Any]) -> str:
    """Run one test; returns what promtool says where it fails, else nothing."""
    test = {
        "rule_files": [str(ALERTS)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": s, "values": v} for s, v in series.items()],
                "alert_rule_test": [
                    {"eval_time": f"{at}m", "alertname": alert, "exp_alerts": expected}
                    for at in (52, *((110,) if "+" in "".join(series.values()) else ()))
                ],
            }
        ],
    }
    path = folder / "test.yml"
    path.write_text(yaml.safe_dump(test))
    ran = subprocess.run(
        [needed("promtool"), "test", "rules", str(path)], capture_output=True, text=True
    )
    return "" if ran.returncode == 0 else ran.stdout + ran.stderr


def test_every_alert_has_a_scenario() -> None:
    assert {alert for alert, _ in EVERY} == {rule["alert"] for rule in rules()}


@pytest.mark.parametrize(("alert", "scenario"), EVERY, ids=lambda each: str(each)[:20])
def test_it_rings_at_what_it_is_for(alert: str, scenario: Scenario, tmp_path: Path) -> None:
    expected = [told(alert, scenario.labels)]
    assert promtool(tmp_path, alert, scenario.series, expected) == ""


@pytest.mark.parametrize(("alert", "scenario"), EVERY, ids=lambda each: str(each)[:20])
def test_it_is_silent_while_all_is_well(alert: str, scenario: Scenario, tmp_path: Path) -> None:
    assert promtool(tmp_path, alert, scenario.quiet, []) == ""


def test_what_rings_at_the_first_time_is_said_as_0_before_it() -> None:
    said = Metrics().exposition().decode()
    for alert, scenario in EVERY:
        if list(scenario.series.values()) != ["0x50 1x60"]:
            continue
        (series,) = scenario.series
        name, _, labels = series.partition("{")
        wanted = [part for part in re.findall(r'\w+="[^"]*"', labels) if "instance" not in part]
        lines = [line for line in said.splitlines() if re.match(rf"{name}[{{ ]", line)]
        assert any(all(part in line for part in wanted) for line in lines), (alert, series)


def test_the_rules_are_well_formed() -> None:
    subprocess.run([needed("promtool"), "check", "rules", ALERTS], check=True, capture_output=True)
