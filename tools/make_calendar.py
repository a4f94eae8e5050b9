"""Write the days of holidays.toml anew: `python -m tools.make_calendar`, once a year.

Dates come from the `holidays` package; which decree they rest on, and whether somebody compared
them with it, stands in the file itself. A new year begins there with its decree and no days.
Review the difference before it is committed, and move `reviewed_on`.
"""

import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import holidays

CALENDAR = Path(__file__).parent.parent / "tracking_site" / "data" / "holidays.toml"
_ESTIMATED = "(perkiraan)"
_PACKAGE = re.compile(r"(?<=from the package holidays )[^;]+")
_UNTIL = re.compile(r"(?<=^until = ).+", re.MULTILINE)
_YEAR = re.compile(r"^year = (\d{4})\n(?:.+\n)+?days = \[\n", re.MULTILINE)
_DAY = re.compile(r"^    \{ on = .+\n", re.MULTILINE)

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


def without_days(text: str) -> str:
    """Return the text of the file with what is written by hand alone."""
    return _DAY.sub("", text)


def calendar_text(text: str) -> str:
    """Return the text of the file with the days of its years written anew.

    Raises ValueError for a holiday without a code.
    """
    by_hand = without_days(text)
    last = max(_YEAR.findall(by_hand))
    by_hand = _UNTIL.sub(f"{last}-12-31", _PACKAGE.sub(version("holidays"), by_hand))
    return _YEAR.sub(lambda year: year[0] + "".join(_days(int(year[1]))), by_hand)


def _days(year: int) -> Iterator[str]:
    days_off = holidays.country_holidays(
        "ID", years=year, categories=("public", "government"), language="id"
    )
    for day, name in sorted(days_off.items()):
        estimate = ", estimate = true" if _ESTIMATED in name else ""
        yield f'    {{ on = {day}, name = "{_code_of(name)}"{estimate} }}, # {name}\n'


def _code_of(name: str) -> str:
    for begins, code in _CODES.items():
        if name.startswith(begins):
            return code
    raise ValueError(f"a day off without a code: {name}")


if __name__ == "__main__":
    CALENDAR.write_text(calendar_text(CALENDAR.read_text("utf-8")), encoding="utf-8")
