"""Participants with more than one claim."""

from sandbox.branches import ANGGREK, KENANGA, LONTAR, SAGU, TERATAI
from sandbox.samples.people import claim, jht, person
from sandbox.spec import Ending

PARTICIPANTS = (
    person(
        "several_claims",
        jht("interview", 2, branch=TERATAI),
        jht(
            "document_check",
            30,
            branch=TERATAI,
            state="rejected",
            outcome=Ending("refused", "waiting_period", "wait_until_period_ends"),
        ),
        claim("complaint", "completed", 20, channel="call_centre", branch=TERATAI),
    ),
    person(
        "several_cards",
        jht("assessment", 2, branch=KENANGA, cause="contract_end"),
        jht("payment", 1, branch=ANGGREK, cause="layoff", kpj_suffix="08"),
        jht("completed", 90, branch=LONTAR, kpj_suffix="7K"),
    ),
    person(
        "partial_then_full",
        jht("assessment", 1, branch=SAGU, cause="pension_age"),
        jht("completed", 500, kind="partial_10", cause=None, channel="branch", branch=SAGU),
    ),
    person(
        "several_programmes",
        jht("approval", 1, branch=LONTAR, cause="layoff"),
        claim("jkp", "validation", 2, cause="layoff", channel="siapkerja", branch=LONTAR),
        claim("jp", "document_check", 3, cause="pension_age", branch=LONTAR),
        claim("balance_merge", "merging", 4, branch=LONTAR),
    ),
    person(
        "twelve_claims",
        *(jht("completed", 20 + 40 * place, branch=TERATAI) for place in range(12)),
    ),
)
