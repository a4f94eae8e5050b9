"""What one would write in an afternoon: Flask, requests, a dict that remembers answers, Jinja.

The page names stages, documents and messages in a few words, a fifth of what the site says.
`limited` is the same behind two limits of Flask-Limiter. There is no guard, no stale copy, no
single flight, no ticket.
"""

import os
import time
from datetime import datetime
from typing import Any

import requests
from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

FRESH_SECONDS = 60
STAGES = {
    "jht": "registered document_check interview assessment approval payment completed",
    "jkk": "registered treatment final_report assessment payment completed",
    "jkm": "registered document_check assessment payment completed",
    "jp": "registered document_check assessment approval payment completed",
    "jkp": "registered validation payment completed",
    "profile_update": "registered data_check completed",
    "balance_merge": "registered data_check merging completed",
    "queue_booking": "registered scheduled completed",
    "complaint": "registered investigation answered completed",
}
CORE = os.environ["CLAIMS_API_URL"]


def make_app() -> Flask:
    app = Flask(__name__)
    session = requests.Session()
    kept: dict[str, tuple[float, dict[str, Any]]] = {}

    def claims_of(number: str) -> dict[str, Any]:
        fresh_until, answer = kept.get(number, (0.0, {}))
        if time.time() < fresh_until:
            return answer
        kind = "nik" if len(number) == 16 else "kpj"
        reply = session.post(
            f"{CORE}/v1/claim-lookups",
            json={"identifier": {"type": kind, "value": number}},
            timeout=5,
        )
        reply.raise_for_status()
        answer = dict(reply.json())
        kept[number] = time.time() + FRESH_SECONDS, answer
        return answer

    @app.template_filter()
    def day(text: str) -> str:
        return datetime.fromisoformat(text).strftime("%d %B %Y")

    @app.template_filter()
    def ahead(claim: dict[str, Any]) -> list[str]:
        stages = STAGES[claim["service"]].split()
        return stages[stages.index(claim["milestones"][-1]["stage"]) + 1 :]

    @app.get("/")
    def form() -> ResponseReturnValue:
        return render_template("form.html")

    @app.post("/lacak")
    def look_up() -> ResponseReturnValue:
        number = request.form.get("nomor", "").strip()
        if not number.isdecimal() or len(number) not in (11, 16):
            return render_template("form.html", problem="Nomor tidak sesuai."), 422
        answer = claims_of(number)
        if not answer["claims"]:
            return render_template("form.html", problem="Tidak ada yang dapat ditampilkan."), 404
        return render_template("result.html", **answer)

    return app


application = make_app()

limited = make_app()
Limiter(
    get_remote_address,
    app=limited,
    default_limits=["1000000/minute", "100000/second"],
    storage_uri=os.environ.get("REDIS_URL", "memory://"),
)
