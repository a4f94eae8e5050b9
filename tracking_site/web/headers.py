"""Headers of every answer: private, strict, not indexed, not framed, unless a view says more."""

from flask import Response, request

_SAME_ORIGIN_ONLY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
)

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
        "microphone=(), payment=(), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}

VARY = "HX-Request, HX-Request-Type"


def content_security_policy(frame_ancestors: tuple[str, ...] = (), frames: str = "") -> str:
    """Return the policy; nobody may frame a page unless origins are named.

    `frames` names what the page itself may hold in frames.
    """
    may_hold = f"frame-src {frames}; " if frames else ""
    ancestors = " ".join(frame_ancestors) or "'none'"
    return f"{_SAME_ORIGIN_ONLY}{may_hold}frame-ancestors {ancestors}"


def apply_privacy_headers(response: Response) -> Response:
    """Add what a view did not set itself; static files keep the headers of their own."""
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", content_security_policy())
    if "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]:
        response.headers.setdefault("X-Frame-Options", "DENY")
    if request.method in ("GET", "HEAD", "POST"):
        response.headers["Vary"] = VARY
    return response


def may_be_indexed(response: Response) -> Response:
    """Let search engines list this page."""
    response.headers["X-Robots-Tag"] = "all"
    return response
