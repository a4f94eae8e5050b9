"""Conditional requests (RFC 9110, 13): a reader that has the newest version gets 304."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Response, request

from ..following.versions import Version


def is_known(version: Version, last_changed: Callable[[], float]) -> bool:
    """Tell whether the reader already has this version, before anything is rendered.

    `last_changed` gives the epoch second of the last change; it is asked only where the
    reader sends no ETag.
    """
    if "If-None-Match" in request.headers:
        tags = request.if_none_match
        known = tags.as_set(include_weak=True)
        return tags.star_tag or any(map(version.says_the_same_as, known))
    since = request.if_modified_since
    return since is not None and since.timestamp() >= int(last_changed())


def add_validators(response: Response, version: str, last_changed: float | None) -> Response:
    """Name a version: the ETag is weak, since moments of checking differ in the same version."""
    response.set_etag(version, weak=True)
    if last_changed is not None:
        response.last_modified = datetime.fromtimestamp(int(last_changed), UTC)
    return response
