"""Observed durations of every stage, as a core would count them over 90 days."""

from typing import Any

WINDOW_DAYS = 90

# service: stage, quartiles in working days, claims seen. JKP at registration is deliberately rare:
# under 30 claims the site shows no range.
_OBSERVED = """
jht             registered       0.2 0.5 1    1862
jht             document_check   1   1.5 2    1740
jht             interview        2   3   5    1391
jht             assessment       2   3   4    1284
jht             approval         0.5 1   2    1257
jht             payment          1   1   2    1240
jkk             registered       0.5 1   2    214
jkk             treatment        12  31  64   188
jkk             final_report     2   5   11   163
jkk             assessment       4   7   12   141
jkk             payment          1   2   3    138
jkm             registered       0.2 0.5 1    402
jkm             document_check   0.5 1   2    396
jkm             assessment       1   1   2    371
jkm             payment          0.5 1   1    368
jp              registered       0.5 1   1    233
jp              document_check   1   2   3    221
jp              assessment       3   5   8    204
jp              approval         1   2   3    197
jp              payment          1   3   6    190
jkp             registered       0   0.5 1    24
jkp             validation       1   2   3    512
jkp             payment          1   1   2    498
profile_update  registered       0   0.2 0.5  903
profile_update  data_check       1   2   4    871
balance_merge   registered       0.2 0.5 1    147
balance_merge   data_check       1   3   5    139
balance_merge   merging          2   4   9    112
queue_booking   registered       0   0   0.2  2604
queue_booking   scheduled        1   3   6    2411
complaint       registered       0   0.5 1    318
complaint       investigation    2   4   9    287
complaint       answered         0   1   3    19
"""


def stage_durations() -> list[dict[str, Any]]:
    """One item a stage of each service: quartiles in working days, and the claims counted."""
    items = []
    for line in _OBSERVED.split("\n"):
        if not line:
            continue
        service, stage, p25, p50, p75, claims = line.split()
        quartiles = {"p25": float(p25), "p50": float(p50), "p75": float(p75)}
        items.append(
            {
                "service": service,
                "stage": stage,
                "working_days": quartiles,
                "claims": int(claims),
            }
        )
    return items
