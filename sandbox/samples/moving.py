"""JHT claims that go their way: each stage, each day of the legal clock, each kind and channel."""

from sandbox.branches import (
    ANGGREK,
    CENGKIH,
    FLAMBOYAN,
    JEPUN,
    KENANGA,
    LONTAR,
    MELATI,
    SAGU,
    TERATAI,
    ULIN,
)  # fmt: skip
from sandbox.samples.people import jht, person
from sandbox.spec import Slot, Transfer

# The number in the pictures of the design.
FIRST = person(
    "assessment_day_3",
    jht(
        "assessment",
        3,
        path="registered@-7 document_check@-6 interview@-4 assessment@-3",
        branch=MELATI,
        notices="claim_received:whatsapp@-7 interview_scheduled:whatsapp@-6 "
        "documents_accepted:whatsapp@-3",
    ),
    nik="3174054501900005",
    kpj="21049873145",
)

STAGES = (
    person("just_registered", jht("registered", 0, path="registered@0c")),
    person("document_check", jht("document_check", 1, branch=KENANGA, cause="layoff")),
    person(
        "interview_tomorrow",
        jht(
            "interview",
            1,
            branch=KENANGA,
            appointment=Slot("video_interview", "+1c"),
            notices="claim_received:whatsapp@-4 interview_scheduled:whatsapp@-1 "
            "interview_scheduled:email@-1 interview_reminder:sms@0c",
        ),
    ),
    person(
        "interview_tomorrow_wita",
        jht("interview", 1, branch=LONTAR, appointment=Slot("video_interview", "+1c", 9 * 60 + 15)),
    ),
    person(
        "interview_tomorrow_wit",
        jht("interview", 2, branch=SAGU, appointment=Slot("video_interview", "+1c", 13 * 60)),
    ),
    person(
        "interview_next_week",
        jht("interview", 1, branch=JEPUN, appointment=Slot("video_interview", "+6", 14 * 60)),
    ),
    person(
        "interview_without_appointment",
        jht("interview", 2, branch=ANGGREK, notices="claim_received:email@-5"),
    ),
    person(
        "branch_visit_tomorrow",
        jht(
            "interview",
            1,
            channel="lapak_asik_onsite",
            branch=TERATAI,
            appointment=Slot("branch_visit", "+1c", 8 * 60 + 30, 45),
        ),
    ),
    person("approval", jht("approval", 1, branch=ULIN, cause="contract_end")),
    person("payment_scheduled", jht("payment", 1, branch=FLAMBOYAN)),
    person(
        "payment_on_its_way",
        jht("payment", 2, branch=CENGKIH, payment=Transfer("-1", "-1")),
    ),
    person(
        "paid_today",
        jht(
            "completed",
            0,
            branch=LONTAR,
            path="registered@-9 document_check@-8 interview@-6 assessment@-4 approval@-2 "
            "payment@-1 completed@0c",
        ),
    ),
    person("paid_last_week", jht("completed", 6, branch=TERATAI, cause="layoff")),
    person("paid_long_ago", jht("completed", 260, branch=KENANGA, cause="contract_end")),
)

CLOCK = (
    person("clock_day_1", jht("assessment", 1, branch=CENGKIH)),
    person("clock_day_2", jht("assessment", 2, branch=LONTAR, cause="layoff")),
    person("clock_day_4", jht("approval", 2, branch=ANGGREK)),
    person("clock_day_5", jht("payment", 2, branch=TERATAI)),
    person("overdue", jht("assessment", 8, branch=KENANGA)),
    person("overdue_in_third_week", jht("approval", 11, branch=FLAMBOYAN, cause="layoff")),
    person("promised_date", jht("assessment", 2, branch=ULIN, due="+2")),
    person("promised_date_passed", jht("approval", 4, branch=SAGU, due="-2")),
)

KINDS = (
    person("partial_10", jht("assessment", 1, kind="partial_10", cause=None, branch=LONTAR)),
    person(
        "partial_30_housing",
        jht("approval", 1, kind="partial_30_housing", cause=None, channel="branch", branch=KENANGA),
    ),
    person(
        "partial_30_housing_checked",
        jht("document_check", 2, kind="partial_30_housing", cause=None, channel="branch"),
    ),
    person(
        "partial_10_paid_long_ago",
        jht("completed", 420, kind="partial_10", cause=None, channel="branch", branch=ANGGREK),
    ),
)

CAUSES = (
    person("cause_contract_end", jht("document_check", 2, cause="contract_end", branch=JEPUN)),
    person("cause_business_end", jht("interview", 1, cause="business_end", branch=FLAMBOYAN)),
    person("cause_pension_age", jht("assessment", 2, cause="pension_age", branch=TERATAI)),
    person(
        "cause_total_disability",
        jht("document_check", 1, cause="total_disability", channel="branch", branch=CENGKIH),
    ),
    person(
        "cause_permanent_departure",
        jht("approval", 1, cause="permanent_departure", channel="branch", branch=JEPUN),
    ),
    person("cause_death", jht("assessment", 1, cause="death", channel="branch", branch=ULIN)),
)

CHANNELS = (
    person("jmo_registered", jht("registered", 0, channel="jmo", path="registered@0c")),
    person("jmo_assessment", jht("assessment", 1, channel="jmo")),
    person("jmo_payment", jht("payment", 1, channel="jmo", cause="contract_end")),
    person(
        "jmo_paid_today",
        jht("completed", 0, channel="jmo", path="registered@-1 assessment@-1 approval@-1 "
            "payment@-1 completed@0c"),
    ),
    person("onsite_document_check", jht("document_check", 1, channel="lapak_asik_onsite")),
    person("branch_document_check", jht("document_check", 2, channel="branch", branch=SAGU)),
    person("collective_assessment", jht("assessment", 2, channel="collective", cause="layoff")),
)  # fmt: skip

PARTICIPANTS = (FIRST, *STAGES, *CLOCK, *KINDS, *CAUSES, *CHANNELS)
