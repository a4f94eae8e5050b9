"""What a core may legally say and nobody expects, and numbers that trip validators."""

from datetime import date

from sandbox.branches import ANGGREK, KENANGA, LONTAR, SAGU, Branch
from sandbox.numbers import compose_nik, sample_nik
from sandbox.samples.people import jht, person
from sandbox.spec import Ending, Slot, Spec, journey, notices, papers

UNKNOWN_CODES = Spec(
    journey("registered@-6 cross_check@-4!second_opinion final_audit@-1"),
    service="travel_cover",
    kind="partial_15",
    cause="sabbatical",
    channel="village_kiosk",
    state="under_audit",
    branch=LONTAR,
    documents=papers("travel_log:archived:too_old@+3"),
    appointment=Slot("home_visit", "+2"),
    notices=notices("audit_started:pigeon@-1"),
    outcome=Ending("deferred", "audit_pending", "keep_calm"),
)

LONG_NAME = Branch(
    "Cabang Perintis Kawasan Industri Terpadu Bukit Melati Raya Wilayah Timur Laut II",
    "Kabupaten Kepulauan Seribu Pulau Tanpa Nama dan Kawasan Pesisir di Sekelilingnya",
    "(0000) 555-0199 ext. 1234567",
    "Asia/Jakarta",
)
MARKUP = Branch(
    'Cabang <b>Uji</b> & "Kutip" {{ 7 * 7 }}',
    "Kota <script>alert(1)</script>",
    None,
    "Asia/Makassar",
)

STRANGE = (
    person("unknown_codes", UNKNOWN_CODES),
    person("unknown_state", jht("assessment", 2, state="under_audit", branch=SAGU)),
    person(
        "unknown_stage",
        jht("assessment", 1, path="registered@-5 document_check@-4 peer_review@-1"),
    ),
    person(
        "unknown_cause",
        jht("assessment", 1, state="rejected", outcome=Ending("refused", "sanction_list", "wait")),
    ),
    person("bare_claim", Spec((), documents=(), notices=(), channel="branch", branch=ANGGREK)),
    person("long_names", jht("assessment", 2, branch=LONG_NAME)),
    person(
        "markup_in_names",
        jht(
            "interview",
            1,
            branch=MARKUP,
            state="action_needed",
            outcome=Ending("correction_needed", "branch_check_needed", "visit_branch"),
        ),
    ),
    person("answer_kept_5_seconds", jht("approval", 1, branch=KENANGA), max_age=5),
    person("answer_kept_an_hour", jht("completed", 30, branch=KENANGA), max_age=3600),
    person("answer_not_kept", jht("payment", 1, branch=ANGGREK), max_age=0),
)

NOTHING = (
    person("nothing_to_show"),
    person("nothing_to_show_old_card", kpj="94B30071562"),
)

NUMBERS = (
    person("kpj_with_letter", jht("assessment", 2), kpj="97J20418834"),
    person("kpj_leading_zeros", jht("document_check", 1), kpj="00073910462"),
    *(
        person(
            f"province_{code}",
            jht("assessment", 1, branch=SAGU),
            nik=sample_nik(f"province_{code}", code),
        )
        for code in ("65", "92", "93", "95", "96")
    ),
    person(
        "womans_nik",
        jht("interview", 1),
        nik=compose_nik("327302", date(1988, 8, 31), woman=True, serial=9017),
    ),
    person(
        "leap_day_2000",
        jht("document_check", 1),
        nik=compose_nik("351512", date(2000, 2, 29), woman=False, serial=9029),
    ),
    person(
        "womans_leap_day_2000",
        jht("approval", 1),
        nik=compose_nik("640311", date(2000, 2, 29), woman=True, serial=9030),
    ),
    person(
        "city_code_nik",
        jht("payment", 1),
        nik=compose_nik("737109", date(1979, 12, 1), woman=False, serial=9099),
    ),
)

PARTICIPANTS = (*STRANGE, *NOTHING, *NUMBERS)
