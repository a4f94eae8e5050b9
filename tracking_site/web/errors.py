"""Every error as a proper page in the person's language; no traceback reaches anybody."""

import math
from collections.abc import Iterable
from urllib.parse import quote

import structlog
from flask import Flask, Response, current_app, g, redirect
from gunicorn.http.errors import ParseException
from htmx_flask import request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from ..following.keys import CannotEnd, CannotTell, LinkOver, Revoked, TooManyKeys
from ..sealing import Expired, NotSealed
from ..telling.facts_json import PROBLEM_TYPE, write_problem
from .layers import OUTCOME, SAFE_METHODS, Application, CrossOrigin, Environ, Start
from .polling import carried
from .rendering import door, link, page, see_other, sentence, wants_fragment

_log = structlog.get_logger()

STORE_BACK_SECONDS = 5
"""What is told to wait who asks while the shared store is away; it is tried every second."""


def register_errors(app: Flask) -> None:
    """Answer every error with `pages/error.html`, or its fragment for htmx."""

    def show(status: int, kind: str, retry_after: float = 0, **again: str) -> Response:
        # The address that failed is not given back, not even as a link in the other language;
        # but `again` is one that is good, and only now cannot be read.
        g.read_again = again or {"endpoint": _form()}
        if request.path.endswith(".json"):
            title = sentence("partials/_error_headline.html", kind=kind)
            problem = write_problem(kind, title, status)
            response = Response(problem, status, mimetype=PROBLEM_TYPE)
        else:
            whole = "embed/error.html" if door() == "embed" else "pages/error.html"
            template = "partials/_error.html" if wants_fragment() else whole
            response = page(template, status, status=status, kind=kind, again=again)
        if retry_after:
            response.headers["Retry-After"] = str(math.ceil(retry_after))
        return response

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        status = error.code or 500
        if status == 404 and (address := _without_slash()):
            return redirect(address, 308)  # type: ignore[return-value]
        response = show(status, _KINDS.get(status, "other"))
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return response

    for error, answer in _ANSWERS.items():
        app.register_error_handler(error, lambda _, answer=answer: show(*answer))

    @app.errorhandler(Revoked)
    def cleared(_: Revoked) -> Response:
        # Back, after the screen was cleared, shows the empty form.
        if wants_fragment():
            return show(410, "expired")
        return see_other(link(_form()))

    @app.errorhandler(TooManyKeys)
    def too_many_keys(error: TooManyKeys) -> Response:
        g.too_many = error
        return show(429, "too_many_keys", error.retry_after)

    @app.errorhandler(CannotTell)
    def cannot_tell(_: CannotTell) -> Response:
        key = (request.view_args or {}).get("key")
        again = {"endpoint": "follow.page", "key": key, **carried("sejak")} if key else {}
        return show(503, "unavailable", STORE_BACK_SECONDS, **again)

    @app.errorhandler(CannotEnd)
    def cannot_end(error: CannotEnd) -> Response:
        g.key_to_end = error.key
        return show(503, "not_ended", STORE_BACK_SECONDS)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        # The text of an exception may quote what was typed; its kind and place never do.
        place = error.__traceback__
        while place and place.tb_next:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_qualname}:{place.tb_lineno}" if place else "unknown"
        _log.error("unexpected error", error=type(error).__name__, where=where)
        return show(500, "unexpected")


def refusing(app: Flask, reason: Exception) -> Application:
    """Return what answers every request with the page of this error, and asks no view.

    The page is in the language of the address, and in a frame it looks like its partner's.
    """

    def refuse(environ: Environ, start_response: Start) -> Iterable[bytes]:
        with app.request_context(environ):
            app.preprocess_request()
            # What a frame would have shown is not shown, and so is not counted.
            g.pop("shows", None)
            response = app.finalize_request(app.handle_user_exception(reason))
            return response(environ, start_response)

    return refuse


def _without_slash() -> str:
    """Return the address without a slash at its end; empty where no page is there either."""
    path = request.path.rstrip("/")
    if path == request.path or request.method not in SAFE_METHODS or not path:
        return ""
    try:
        current_app.create_url_adapter(request).match(path)  # type: ignore[union-attr]
    except HTTPException:
        return ""
    query = request.query_string.decode("latin-1")
    # No header holds the line break that a path may hold.
    return f"{request.script_root}{quote(path)}" + (f"?{query}" if query else "")


def _form() -> str:
    return f"{door()}.form"


_ANSWERS = {
    Expired: (410, "expired"),
    NotSealed: (404, "not_found"),
    LinkOver: (410, "link_over"),
    # Chunks are read when a view asks for the form, so gunicorn's complaint arrives here.
    ParseException: (400, "other"),
    CrossOrigin: (403, OUTCOME),
}
"""Status, kind and seconds to wait of errors about which there is nothing more to say."""

_KINDS = {
    404: "not_found",
    405: "method",
    410: "expired",
    413: "too_large",
    429: "too_many",
    503: "unavailable",
}
