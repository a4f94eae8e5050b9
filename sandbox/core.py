"""The three operations of the contract, without sockets: bytes in, an `Answer` out."""

import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.calendar import Moment
from sandbox.changes import Changes
from sandbox.claims import iso
from sandbox.directory import Directory
from sandbox.durations import WINDOW_DAYS, stage_durations
from sandbox.wire import JSON, Answer, json_answer, problem

LOOKUPS = "/v1/claim-lookups"
DURATIONS = "/v1/stage-durations"
HEALTH = "/v1/health"
METHODS = {LOOKUPS: "POST", DURATIONS: "GET", HEALTH: "GET"}

PLAUSIBLE = {"nik": re.compile(r"[0-9]{16}"), "kpj": re.compile(r"[0-9A-Z]{11}")}
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True)
class Request:
    """One request as it came off the wire, its body read whole. Header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


class Core:
    """Answers the contract's requests over a directory of participants."""

    def __init__(self, directory: Directory, changes: Changes, token: str | None = None) -> None:
        self._directory = directory
        self._changes = changes
        self._token = token

    def answer(self, request: Request) -> Answer:
        """The contract's answer, or the problem document that says why there is none."""
        answer = self._answer(request)
        request_id = request.headers.get("x-request-id", "")
        if REQUEST_ID.fullmatch(request_id):
            answer = answer.with_headers({"X-Request-ID": request_id})
        return answer

    def _answer(self, request: Request) -> Answer:
        method = METHODS.get(request.path)
        if method is None:
            return problem(404, "There is nothing at this path.")
        if request.method != method:
            return problem(405, f"Only {method} is understood here.", headers={"Allow": method})
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        if request.path == LOOKUPS:
            return self._look_up(request)
        if request.path == DURATIONS:
            items = stage_durations()
            return json_answer(
                {"as_of": self._as_of(), "window_days": WINDOW_DAYS, "items": items}, max_age=3600
            )
        return json_answer({"status": "ok", "as_of": self._as_of()})

    def _refusal(self, request: Request) -> Answer | None:
        if self._token is not None:
            scheme, _, given = request.headers.get("authorization", "").partition(" ")
            expected = self._token.encode()
            is_known = hmac.compare_digest(given.strip().encode("latin-1", "replace"), expected)
            if scheme.lower() != "bearer" or not is_known:
                return problem(
                    401, "A valid bearer token is needed.", headers={"WWW-Authenticate": "Bearer"}
                )
        request_id = request.headers.get("x-request-id")
        if request_id is not None and not REQUEST_ID.fullmatch(request_id):
            return problem(400, "X-Request-ID takes 1 to 64 letters, digits, '.', '_' and '-'.")
        return None

    def _look_up(self, request: Request) -> Answer:
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != JSON:
            return problem(415, f"The body must be {JSON}.")
        try:
            kind, value = identifier_in(request.body)
        except ValueError as error:
            return problem(400, str(error))
        participant = self._directory.find(kind, value)
        claims = self._changes.claims_of(participant) if participant else []
        max_age = participant.max_age if participant else None
        return json_answer({"as_of": self._as_of(), "claims": claims}, max_age=max_age)

    def _as_of(self) -> str:
        return iso(Moment(self._directory.clock()).local)


def identifier_in(body: bytes) -> tuple[str, str]:
    """Kind and value of the identifier in a lookup's body.

    Raises ValueError with a sentence that does not repeat what was sent.
    """
    try:
        document: Any = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise ValueError("The body is not JSON.") from None
    if not isinstance(document, dict) or set(document) != {"identifier"}:
        raise ValueError("The body must be an object with the one member 'identifier'.")
    identifier = document["identifier"]
    if not isinstance(identifier, dict) or set(identifier) != {"type", "value"}:
        raise ValueError("'identifier' must be an object with 'type' and 'value'.")
    kind, value = identifier["type"], identifier["value"]
    if not isinstance(kind, str) or kind not in PLAUSIBLE:
        raise ValueError("'type' must be 'nik' or 'kpj'.")
    if not isinstance(value, str) or not PLAUSIBLE[kind].fullmatch(value):
        raise ValueError("'value' does not have the form of its type.")
    return kind, value
