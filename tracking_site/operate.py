"""Commands of the operator: `check` says what stands between these settings and a site that works;
`guard …` what the operator sees of the guard, and may change.

Addresses are typed by the operator and never kept; the heaviest networks are shown by short
keyed digests of the day, which `explain <network>` prints too.
"""

import argparse
from collections.abc import Iterator, Sequence

from .app import create_app
from .claims_api.own_source import core_of
from .guard.guard import Guard, guard_of, kept_of
from .guard.networks import carriers_of, parse_network
from .guard.policy import POINT
from .redis.client import RedisDown, guard_redis_of, redis_of
from .settings import Settings, SettingsError
from .web.embed.partners import partners_of
from .web.identity import identity_of


def run(settings: Settings, arguments: Sequence[str]) -> Iterator[str]:
    """Do what is asked and yield lines for the operator.

    Raises SettingsError when the guard cannot be reached from here.
    """
    options = parser().parse_args(arguments)
    if settings.redis_url is None:
        raise SettingsError(
            ["REDIS_URL is needed: without a shared store the guard lives in the site's memory."]
        )
    redis = guard_redis_of(settings, redis_of(settings))
    guard = guard_of(settings, carriers_of(settings), redis)
    if guard is None:
        raise SettingsError(["GUARD_OFF=1: there is no guard to ask."])
    try:
        yield from _COMMANDS[options.command](guard, options)
    except RedisDown as error:
        name = "GUARD_REDIS_URL" if settings.guard_redis_url else "REDIS_URL"
        raise SettingsError(
            [f"The shared store does not answer ({error}). Check {name}."]
        ) from None
    except ValueError as error:
        raise SettingsError([f"Network: {error}."]) from None


def _status(guard: Guard, options: argparse.Namespace) -> Iterator[str]:
    status = guard.status(options.top)
    yield "store            redis"
    yield f"rows             {status.rows} (networks of today and yesterday)"
    yield f"alarm            {status.alarm} of 2{' (siege)' if status.siege else ''}"
    yield f"usual misses     {status.usual_miss_rate:.1%} of new numbers"
    yield f"this hour        {status.hour_numbers} new numbers, forecast {status.hour_forecast:.0f}"
    yield f"heaviest         {'digest':<10} {'numbers':>8} {'suspicion':>10}"
    for heavy in status.top:
        points = heavy.row.suspicion / POINT
        yield f"{'':<16} {heavy.digest:<10} {heavy.row.distinct:>8} {points:>10.2f}"


def _explain(guard: Guard, options: argparse.Namespace) -> Iterator[str]:
    explained = guard.explain(parse_network(options.network))
    kind = ", a listed carrier" if explained.carrier else ""
    yield f"{explained.network} (digest {explained.digest}{kind})"
    yield explained.reason


def _forgive(guard: Guard, options: argparse.Namespace) -> Iterator[str]:
    guard.forgive(parse_network(options.network))
    yield "Forgotten. The network and what is around it begin anew."


def _siege(guard: Guard, options: argparse.Namespace) -> Iterator[str]:
    guard.siege(options.state == "on")
    yield f"Siege is {options.state}."


_COMMANDS = {"status": _status, "explain": _explain, "forgive": _forgive, "siege": _siege}


def parser() -> argparse.ArgumentParser:
    """Return what reads the arguments; it ends the process at a mistake, and after `--help`."""
    reader = argparse.ArgumentParser(prog="python -m tracking_site guard")
    commands = reader.add_subparsers(dest="command", required=True)
    status = commands.add_parser("status", help="levels, alarm, heaviest networks")
    status.add_argument("--top", type=int, default=10, help="how many networks (10)")
    for name, does in (
        ("explain", "which rule decides for a network, and why"),
        ("forgive", "forget what is held against a network"),
    ):
        command = commands.add_parser(name, help=does)
        command.add_argument("network", help="an address, such as 203.0.113.7 or 2001:db8::1")
    siege = commands.add_parser("siege", help="hold the alarm at its highest, on all nodes")
    siege.add_argument("state", choices=("on", "off"))
    return reader


def problems_of(settings: Settings) -> list[str]:
    """Build the site and look at what it needs, for real: what `/-/readyz` tells, and as much."""
    wrong_files = list(_problems_of_files(settings))
    if wrong_files:
        return wrong_files
    try:
        site = create_app(settings)
    except FileNotFoundError as error:
        return [f"A file of the site is missing: {error.filename or error}."]
    found = site.extensions["readiness"].now()
    return [problem for problem in found.values() if problem]


def warnings_of(settings: Settings) -> list[str]:
    """Return what works and should still not stay so; nothing where a banner says it is a demo.

    Raises SettingsError when a file is wrong.
    """
    if settings.site_notice is None and identity_of(settings).operator is None:
        return [
            "SITE_FILE names no operator: people must know to whom they give a number "
            "(deploy/site.example.toml)."
        ]
    return []


def _problems_of_files(settings: Settings) -> Iterator[str]:
    for read in (identity_of, partners_of, carriers_of, redis_of, guard_redis_of, kept_of, core_of):
        try:
            read(settings)
        except SettingsError as error:
            yield from error.problems
