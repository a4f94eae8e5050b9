"""Answers before they become bytes: JSON, and problem documents (RFC 9457)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

JSON = "application/json"
PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Answer:
    """One HTTP answer. `closes` ends the connection after it."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    closes: bool = False

    def with_headers(self, headers: Mapping[str, str]) -> "Answer":
        return replace(self, headers={**self.headers, **headers})

    def head(self, *, version: str = "HTTP/1.1", length: bool = True) -> bytes:
        """Status line and header fields, with the empty line that ends them."""
        lines = [f"{version} {self.status} {reason(self.status)}"]
        if self.content_type:
            lines.append(f"Content-Type: {self.content_type}")
        if length:
            lines.append(f"Content-Length: {len(self.body)}")
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.closes:
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def json_answer(document: Any, *, status: int = 200, max_age: int | None = None) -> Answer:
    """A document of the contract; `max_age` in seconds says how long it may be kept."""
    headers = {} if max_age is None else {"Cache-Control": f"max-age={max_age}"}
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, body, headers=headers)


def problem(
    status: int, detail: str, *, closes: bool = False, headers: Mapping[str, str] | None = None
) -> Answer:
    """A refusal. `detail` never repeats what was sent."""
    document = {
        "type": "about:blank",
        "title": reason(status),
        "status": status,
        "detail": detail,
    }
    body = json.dumps(document, separators=(",", ":")).encode()
    fixed = {"Cache-Control": "no-store", **(headers or {})}
    return Answer(status, body, PROBLEM, fixed, closes)


def reason(status: int) -> str:
    """The phrase of a status code."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unassigned"
