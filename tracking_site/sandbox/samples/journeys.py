"""JHT claims on their way."""

from tracking_site.sandbox.directory import Participant
from tracking_site.sandbox.numbers import sample_kpj, sample_nik
from tracking_site.sandbox.spec import Ending, Slot, Spec, Transfer, journey, papers


def person(
    situation: str,
    *specs: Spec,
    nik: str | None = None,
    kpj: str | None = None,
    max_age: int | None = None,
) -> Participant:
    return Participant(
        situation,
        f"sample/{situation}",
        nik or sample_nik(situation),
        kpj or sample_kpj(situation),
        specs,
        max_age,
    )


PARTICIPANTS = (
    person(
        "assessment_day_3",
        Spec(
            journey("registered@-7 document_check@-6 interview@-4 assessment@-3"),
            kind="full",
            cause="resignation",
        ),
        nik="3174054501900005",
        kpj="21049873145",
    ),
    person(
        "interview_tomorrow",
        Spec(
            journey("registered@-3 document_check@-2 interview@-1"),
            kind="full",
            cause="layoff",
            appointment=Slot("video_interview", "+1c"),
        ),
    ),
    person(
        "missing_document",
        Spec(
            journey("registered@-4 document_check@-3"),
            kind="full",
            cause="resignation",
            state="action_needed",
            documents=papers("bank_book:missing@+3"),
            outcome=Ending("correction_needed", "documents_incomplete", "upload_documents"),
        ),
    ),
    person(
        "paid_today",
        Spec(
            journey(
                "registered@-8 document_check@-7 interview@-5 assessment@-3 "
                "approval@-2 payment@-1 completed@0c"
            ),
            kind="full",
            cause="contract_end",
            state="completed",
            payment=Transfer("0c", "0c"),
            outcome=Ending("paid"),
        ),
    ),
    person(
        "rejected_waiting_period",
        Spec(
            journey("registered@-5 document_check@-4 interview@-3 assessment@-1"),
            kind="full",
            cause="resignation",
            state="rejected",
            outcome=Ending("refused", "waiting_period", "wait_until_period_ends"),
        ),
    ),
    person("nothing_to_show"),
)
