"""Somebody hands out addresses of the site that would lead people to a site of his own."""

from drills.attack.asking import Line
from drills.attack.finding import Finding, Measure, Scene

HIS = "evil.example"
PATHS = (
    "/en", "//en", "/en//bantuan", "/en//klaim/x", "/klaim//x", "/sematan//lacak",
    "//evil.example/en",
    "/en//evil.example", "/%2Fen", "/%5Cevil.example/en", "/en/%2F%2Fevil.example", "/%09/en",
    "/mitra//", "/pantau//x", "/en?http://evil.example/",
)  # fmt: skip
HOSTS = (HIS, f"{HIS}:81", f"a.{HIS}", "127.0.0.1", "a b", "[::1", "x" * 300)


def redirects(scene: Scene) -> Finding:
    """Every path with every host; a redirect must be a path of the site's own."""
    led, away = 0, 0
    line = Line(scene.site.port)
    for path in PATHS:
        for host in HOSTS:
            reply = line.send("GET", path, (("Host", host), ("X-Forwarded-Host", HIS)))
            location = dict(reply.headers).get("Location")
            if location is not None:
                led += 1
                away += not _is_own(location) or HIS.encode() in reply.body
    return Finding(
        (
            Measure("redirects", led, least=1),
            Measure("that lead or point elsewhere", away, most=0),
        ),
        scene.tally.asked(),
    )


def _is_own(location: str) -> bool:
    return location.startswith("/") and not location.startswith(("//", "/\\"))
