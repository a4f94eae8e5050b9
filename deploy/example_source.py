"""An adapter for a core with other JSON and codes: CLAIMS_SOURCE=example_source:claims_source.

Put it where Python finds it, map your own words, and keep the two tables (docs/core.md).
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tracking_site.claims_api.own_source import CoreHttp
from tracking_site.domain.claims import Branch, Claim, Milestone, Snapshot
from tracking_site.domain.identifiers import Identifier

STATES = {
    "PROSES": "in_progress",
    "KURANG": "action_needed",
    "TOLAK": "rejected",
    "BAYAR": "completed",
}
STAGES = {10: "registered", 20: "document_check", 30: "assessment", 40: "approval", 50: "payment"}
CHANNELS = {"KC": "branch", "LA": "lapak_asik_online", "MOBILE": "jmo"}
ZONE = ZoneInfo("Asia/Jakarta")


class OwnSource:
    def __init__(self, core: CoreHttp) -> None:
        self._core = core

    def claims_of(self, identifier: Identifier) -> Snapshot:
        asked = {"jenis": identifier.kind.value.upper(), "nomor": identifier.number}
        found = self._core.post("/klaim/cari", asked, nothing_at=(404,))
        if found is None:
            return Snapshot((), datetime.now(ZONE))
        return Snapshot(tuple(map(_claim, found["daftar"])), _moment(found["waktu"]))


def _claim(told: dict[str, Any]) -> Claim:
    branch = told["cabang"]
    return Claim(
        reference=told["kode"],
        service=told["program"].lower(),
        channel=CHANNELS.get(told["jalur"], told["jalur"].lower()),
        branch=Branch(branch["nama"], branch["kota"], branch.get("telp")),
        state=STATES.get(told["status"], told["status"].lower()),
        submitted_at=_moment(told["riwayat"][0]["tgl"]),
        milestones=tuple(
            Milestone(STAGES.get(step["kode"], f"step_{step['kode']}"), _moment(step["tgl"]))
            for step in told["riwayat"]
        ),
    )


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE)


claims_source = OwnSource
