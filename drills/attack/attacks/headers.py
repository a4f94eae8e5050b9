"""Headers in which a client says who it is: none of them may buy a fourth free number."""

from collections.abc import Callable
from urllib.parse import urlencode

from drills.attack.asking import FRAGMENT, Headers, Line
from drills.attack.finding import Finding, Measure, Scene

Spoof = Callable[[str], Headers]
"""Makes headers that claim another address each time."""

SPOOFS: dict[str, Spoof] = {
    "nothing": lambda a: (),
    "X-Forwarded-For": lambda a: (("X-Forwarded-For", a),),
    "twice": lambda a: (("X-Forwarded-For", a), ("X-Forwarded-For", a)),
    "a long chain": lambda a: (("X-Forwarded-For", ", ".join([a] * 40)),),
    "junk": lambda a: (("X-Forwarded-For", f"{a}.7.{a}, <b>'\"; --"),),
    "empty": lambda a: (("X-Forwarded-For", ""),),
    "commas": lambda a: (("X-Forwarded-For", f"{a},,,, ,"),),
    "with a port": lambda a: (("X-Forwarded-For", f"{a}:4711"),),
    "IPv6": lambda a: (("X-Forwarded-For", f"2001:db8:{a.split('.')[-1]}::1"),),
    "bracketed": lambda a: (("X-Forwarded-For", f"[2001:db8:{a.split('.')[-1]}::1]:80"),),
    "mapped": lambda a: (("X-Forwarded-For", f"::ffff:{a}"),),
    "zone": lambda a: (("X-Forwarded-For", f"fe80::1%{a}"),),
    "unknown": lambda a: (("X-Forwarded-For", "unknown"),),
    "local": lambda a: (("X-Forwarded-For", f"127.0.0.{a.split('.')[-1]}"),),
    "decimal": lambda a: (("X-Forwarded-For", str(3_000_000_000 + int(a.split(".")[-1]))),),
    "leading zeros": lambda a: (("X-Forwarded-For", f"010.0.0.{a.split('.')[-1]}"),),
    "control characters": lambda a: (("X-Forwarded-For", f"\t{a}\x0b"),),
    "far too long": lambda a: (("X-Forwarded-For", f"{a}, " + "9" * 2_000),),
    "other case": lambda a: (("x-forwarded-FOR", a),),
    "underscores": lambda a: (("X_Forwarded_For", a),),
    "Forwarded": lambda a: (("Forwarded", f'for="{a}";proto=https'),),
    "X-Real-IP": lambda a: (("X-Real-IP", a),),
    "many names": lambda a: tuple(
        (name, a)
        for name in (
            *("True-Client-IP", "CF-Connecting-IP", "X-Client-IP", "Client-IP", "Via"),
            *("X-Cluster-Client-IP", "X-Originating-IP", "X-Remote-Addr", "Remote-Addr"),
            *("X-ProxyUser-Ip", "Fastly-Client-IP", "Fly-Client-IP", "X-Forwarded"),
        )
    ),
    "PROXY protocol": lambda a: (("PROXY", f"TCP4 {a} 127.0.0.1 5 80"),),
}

TURNS = 2
"""Times that each is tried, with another address and another number."""


def without_a_proxy(scene: Scene) -> Finding:
    """The attacker's requests reach the site as they are."""
    return _try_all(scene, lambda claimed: claimed)


def behind_a_proxy(scene: Scene) -> Finding:
    """Our proxy adds the true address: to the end of the last line, as nginx does."""
    true = scene.addresses.lone()

    def proxied(claimed: Headers) -> Headers:
        lines = [value for name, value in claimed if name.lower() == "x-forwarded-for"]
        others = [pair for pair in claimed if pair[0].lower() != "x-forwarded-for"]
        return (*others, ("X-Forwarded-For", ", ".join([*lines, true])))

    return _try_all(scene, proxied)


def behind_a_proxy_with_a_line_of_its_own(scene: Scene) -> Finding:
    """Our proxy adds the true address in a line of its own, as some do."""
    true = scene.addresses.lone()
    return _try_all(scene, lambda claimed: (*claimed, ("X-Forwarded-For", true)))


def _try_all(scene: Scene, proxied: Callable[[Headers], Headers]) -> Finding:
    line = Line(scene.site.port)
    for turn, spoof in enumerate([*SPOOFS.values()] * TURNS, start=1):
        number = scene.people.member()
        claimed = spoof(f"192.0.2.{turn}")
        body = urlencode({"nomor": number}).encode()
        scene.tally.note(number, line.send("POST", "/lacak", (*FRAGMENT, *proxied(claimed)), body))
    measure = Measure("free answers", scene.tally.answers, most=3, least=1)
    return Finding((measure,), scene.tally.asked())
