"""What strangers make others pay for: a partner's quota, and pages for host names made up."""

from pathlib import Path

from drills.attack.asking import Attacker, Headers, Line
from drills.attack.finding import Finding, Measure, Scene

PARTNERS = {"PARTNERS_FILE": str(Path(__file__).parents[1] / "partners.toml")}
FRAME = "/sematan/lacak?mitra=koran"
QUOTA = 8
"""Numbers a day after which the readers of that partner work (partners.toml)."""

STRANGERS_SHARE = 3
"""What one network adds to a partner's numbers in a day at most."""

PACKED: Headers = (("Accept-Encoding", "br"),)
MAX_PACKED = 32
"""Pages compressed for names that nobody asked for before: those of two minutes, one begun."""


def partner_quota(scene: Scene) -> Finding:
    """One address asks for many numbers in a partner's frame and works for them; readers come."""
    stranger, address = Attacker(scene.site.port, scene.tally), scene.addresses.lone()
    for number in scene.people.members(2 * QUOTA):
        reply = stranger.ask_paying(number, address, FRAME)
        if not reply.is_answer:
            break
    served = 0
    readers = QUOTA - STRANGERS_SHARE
    for number in scene.people.members(readers):
        reader = Attacker(scene.site.port, scene.tally)
        served += reader.ask(number, scene.addresses.lone(), FRAME).outcome == "found"
        reader.line.close()
    asked = len(scene.tally.answered) - served
    return Finding(
        (
            Measure("readers served at once", served, least=readers),
            Measure("numbers that the stranger asked", asked, least=2 * QUOTA),
        ),
        scene.tally.asked(),
    )


def made_up_hosts(scene: Scene) -> Finding:
    """Ask for the first page under ever new host names, whose answers differ."""
    line = Line(scene.site.port)
    served = packed = 0
    for place in range(scene.scale.hosts):
        address = ("X-Forwarded-For", scene.addresses.lone())
        reply = line.send("GET", "/", (("Host", f"h{place}.example"), address, *PACKED))
        served += reply.status == 200
        packed += dict(reply.headers).get("Content-Encoding") == "br"
    return Finding(
        (
            Measure("pages compressed", packed, most=MAX_PACKED),
            Measure("pages served", served, least=scene.scale.hosts),
        ),
        scene.tally.asked(),
    )
