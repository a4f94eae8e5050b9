"""Claims that waited, days that do not hold, and what a core leaves out."""

from datetime import date

from sandbox.branches import (
    ANGGREK,
    CEMPAKA,
    CENGKIH,
    FLAMBOYAN,
    JEPUN,
    KENANGA,
    LONTAR,
    SAGU,
    TERATAI,
    ULIN,
)  # fmt: skip
from sandbox.numbers import compose_nit
from sandbox.samples.people import claim, jht, person
from sandbox.spec import Ending, Slot, Transfer

WRONG_NAME = Ending("correction_needed", "account_name_mismatch", "correct_bank_account")

PAUSED = (
    person(
        "paused_and_resumed",
        jht(
            "assessment",
            7,
            branch=KENANGA,
            path="registered@-12 document_check@-11 interview@-9 assessment@-7",
            pauses="-5..-3",
            notices="claim_received:whatsapp@-12 documents_requested:whatsapp@-5",
        ),
    ),
    person(
        "paused_resumed_and_late",
        jht("assessment", 14, branch=LONTAR, cause="layoff", pauses="-9..-5"),
    ),
    person(
        "paused_after_two_days",
        jht(
            "assessment",
            5,
            branch=ANGGREK,
            state="action_needed",
            pauses="-2..",
            documents="bank_book:rejected:name_mismatch@+3",
            outcome=WRONG_NAME,
        ),
    ),
    person(
        "paused_on_the_first_day",
        jht("assessment", 2, branch=SAGU, state="action_needed", pauses="-2..", outcome=WRONG_NAME),
    ),
    person(
        "paused_past_the_limit",
        jht(
            "approval",
            6,
            branch=TERATAI,
            state="action_needed",
            pauses="-1..",
            outcome=Ending("correction_needed", "data_mismatch", "fix_data_at_branch"),
        ),
    ),
    person(
        "on_hold_past_the_limit",
        jht(
            "approval",
            8,
            branch=ULIN,
            state="on_hold",
            outcome=Ending("on_hold", "head_office_check", "wait"),
        ),
    ),
)

UNTOLD = (
    person(
        "overdue_waits_untold",
        jht("assessment", 8, branch=FLAMBOYAN, tells_pauses=False),
    ),
    person(
        "waited_untold",
        jht(
            "assessment",
            2,
            branch=CEMPAKA,
            path="registered@-14 document_check@-13 interview@-11 assessment@-9 approval@-7 "
            "assessment@-2!data_corrected",
            tells_pauses=False,
        ),
    ),
    person(
        "stopped_untold",
        jht(
            "assessment",
            4,
            branch=JEPUN,
            state="action_needed",
            outcome=WRONG_NAME,
            tells_pauses=False,
        ),
    ),
    person(
        "action_without_a_reason",
        jht("assessment", 2, branch=KENANGA, state="action_needed"),
    ),
    person(
        "completed_without_payment",
        jht("completed", 3, branch=CENGKIH, payment=None, outcome=None),
    ),
)

DAYS = (
    person(
        "appointment_far_ahead",
        jht(
            "interview",
            1,
            branch=LONTAR,
            appointment=Slot("video_interview", "+15", 9 * 60),
        ),
    ),
    person(
        "interview_passed",
        jht(
            "interview",
            3,
            branch=TERATAI,
            appointment=Slot("video_interview", "-1", 10 * 60),
        ),
    ),
    person(
        "scheduled_after_the_limit",
        jht(
            "payment",
            1,
            branch=CEMPAKA,
            path="registered@-10 document_check@-9 interview@-7 assessment@-5 approval@-2 "
            "payment@-1",
            payment=Transfer("+2"),
        ),
    ),
    person(
        "schedule_passed",
        jht("payment", 2, branch=ANGGREK, payment=Transfer("-1")),
    ),
)

OTHERS = (
    person("jkk_late", claim("jkk", "assessment", 10, cause="work_accident", branch=KENANGA)),
    person(
        "jkk_paid_late",
        claim(
            "jkk",
            "completed",
            2,
            cause="work_accident",
            branch=LONTAR,
            path="registered@-60 treatment@-50 final_report@-20 assessment@-14 payment@-4 "
            "completed@-2",
        ),
    ),
    person(
        "nit",
        jht("assessment", 1, branch=SAGU),
        nik=compose_nit(60, 1, date(1987, 4, 9), woman=True, serial=9041),
    ),
)

PARTICIPANTS = (*PAUSED, *UNTOLD, *DAYS, *OTHERS)
