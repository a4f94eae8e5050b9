"""Write holidays.toml: `python -m tools.make_calendar`, once a year.

Dates come from the `holidays` package; which decree they rest on, and whether somebody compared
them with it, is said below. Review the
difference before it is committed, and move `REVIEWED_ON`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

import holidays

CALENDAR = Path(__file__).parent.parent / "tracking_site" / "data" / "holidays.toml"
REVIEWED_ON = date(2026, 11, 26)
_ESTIMATED = "(perkiraan)"

_CODES = {
    "Cuti Bersama": "joint_leave",
    "Tahun Baru Masehi": "new_year",
    "Isra Mikraj": "isra_miraj",
    "Tahun Baru Imlek": "lunar_new_year",
    "Hari Suci Nyepi": "nyepi",
    "Wafat Yesus Kristus": "good_friday",
    "Kebangkitan Yesus Kristus": "easter",
    "Hari Raya Idul Fitri": "eid_al_fitr",
    "Hari kedua dari Hari Raya Idul Fitri": "eid_al_fitr",
    "Hari Buruh": "labour_day",
    "Kenaikan Yesus Kristus": "ascension",
    "Hari Raya Idul Adha": "eid_al_adha",
    "Hari Raya Waisak": "vesak",
    "Hari Lahir Pancasila": "pancasila",
    "Tahun Baru Islam": "islamic_new_year",
    "Hari Kemerdekaan": "independence",
    "Maulid Nabi": "mawlid",
    "Hari Raya Natal": "christmas",
    "Hari Pemilihan": "election",
}


@dataclass(frozen=True, slots=True)
class Year:
    """The decree that a year's days rest on; `note` says what it does not settle."""

    year: int
    decree: str
    decided_on: str
    address: str
    note: str


YEARS = (
    Year(
        2024,
        "SKB Menag 855/2023, Menaker 3/2023, Menpan-RB 4/2023, as changed by 236/2024, 1/2024, "
        "2/2024; election days by Keppres 10/2024 and 33/2024",
        "2023-09-12",
        "https://setkab.go.id/inilah-keppres-7-2024-tentang-cuti-bersama-asn-tahun-2024/",
        "Past; 17 national days, 10 of joint leave and two election days.",
    ),
    Year(
        2025,
        "SKB Menag 1017/2024, Menaker 2/2024, Menpan-RB 2/2024, as changed by 933/2025, 1/2025, "
        "3/2025 (18 August)",
        "2024-10-14",
        "https://setkab.go.id/pemerintah-tetapkan-hari-libur-nasional-dan-cuti-bersama-tahun-2025/",
        "Past; 17 national days and 11 of joint leave.",
    ),
    Year(
        2026,
        "SKB Menag 1497/2025, Menaker 2/2025, Menpan-RB 5/2025",
        "2025-09-19",
        "https://www.detik.com/hikmah/khazanah/d-8346579/"
        "libur-nasional-dan-cuti-bersama-2026-cek-jadwalnya-di-sini",
        "17 national days and 8 of joint leave; compared with press lists of the decree.",
    ),
    Year(
        2027,
        "SKB Menag 1205/2026, Menaker 3/2026, MenPANRB 2/2026",
        "2026-09-15",
        "https://setneg.go.id/baca/index/inilah_skb_3_menteri_libur_nasional_dan_cuti_bersama_2027",
        "18 national days and 8 of joint leave; all 26 dates agree with the decree. "
        "Idul Fitri and Idul Adha wait for the sighting of the moon.",
    ),
)
_HEAD = f"""\
# Days off beside weekends: national holidays and joint leave (cuti bersama) of Indonesia.
# Written by make_calendar.py from the package holidays {version("holidays")}; reviewed by hand.
# An estimate may move by a day; days after `until` are not known at all.
reviewed_on = {REVIEWED_ON}
until = {max(each.year for each in YEARS)}-12-31
"""


def calendar_text() -> str:
    """Return the text of holidays.toml; raises ValueError for a holiday without a code."""
    return _HEAD + "".join("\n".join(_section(each)) + "\n" for each in YEARS)


def _section(each: Year) -> Iterator[str]:
    yield "\n[[year]]"
    yield f"year = {each.year}"
    yield f'decree = "{each.decree}"'
    yield f"decided_on = {each.decided_on}"
    yield f'address = "{each.address}"'
    yield f'note = "{each.note}"'
    yield "days = ["
    days_off = holidays.country_holidays(
        "ID", years=each.year, categories=("public", "government"), language="id"
    )
    for day, name in sorted(days_off.items()):
        estimate = ", estimate = true" if _ESTIMATED in name else ""
        yield f'    {{ on = {day}, name = "{_code_of(name)}"{estimate} }}, # {name}'
    yield "]"


def _code_of(name: str) -> str:
    for begins, code in _CODES.items():
        if name.startswith(begins):
            return code
    raise ValueError(f"a day off without a code: {name}")


if __name__ == "__main__":
    CALENDAR.write_text(calendar_text(), encoding="utf-8")
