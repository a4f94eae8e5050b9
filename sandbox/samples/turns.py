"""JHT claims that took a turn: documents sent back, an interview missed, money returned."""

from sandbox.branches import (
    ANGGREK,
    CEMPAKA,
    FLAMBOYAN,
    JEPUN,
    KENANGA,
    LONTAR,
    MELATI,
    SAGU,
    TERATAI,
)  # fmt: skip
from sandbox.samples.people import jht, person
from sandbox.spec import Ending, Slot, Transfer

DOCUMENTS = (
    person(
        "missing_document",
        jht(
            "document_check",
            2,
            state="action_needed",
            branch=KENANGA,
            documents="bank_book:missing@+3",
            outcome=Ending("correction_needed", "documents_incomplete", "upload_documents"),
            notices="claim_received:whatsapp@-3 documents_requested:whatsapp@-1 "
            "documents_requested:email@-1",
        ),
    ),
    person(
        "documents_rejected",
        jht(
            "document_check",
            2,
            state="action_needed",
            branch=LONTAR,
            documents="participant_card:accepted identity_card:rejected:expired@+4 "
            "family_card:rejected:incomplete_pages@+4 employment_letter:rejected:wrong_document@+4 "
            "bank_book:rejected:name_mismatch@+4 photo:rejected:unreadable@+4 "
            "claim_form:rejected:data_mismatch@+4 tax_id:rejected:file_too_large@+4",
            outcome=Ending("correction_needed", "file_unreadable", "bring_documents_to_branch"),
            notices="claim_received:sms@-3 documents_requested:phone@-1",
        ),
    ),
    person(
        "document_due_today",
        jht(
            "document_check",
            5,
            state="action_needed",
            branch=SAGU,
            documents="family_card:missing@0c",
            outcome=Ending("correction_needed", "documents_incomplete", "upload_documents"),
        ),
    ),
    person(
        "document_deadline_passed",
        jht(
            "document_check",
            9,
            state="action_needed",
            branch=FLAMBOYAN,
            documents="employment_letter:rejected:unreadable@-2",
            outcome=Ending("correction_needed", "file_unreadable", "upload_documents"),
        ),
    ),
)

STEPS_BACK = (
    person(
        "step_back",
        jht(
            "document_check",
            1,
            kind="partial_30_housing",
            cause=None,
            channel="branch",
            branch=KENANGA,
            state="action_needed",
            path="registered@-9 document_check@-8 interview@-7 assessment@-6 "
            "document_check@-1!documents_returned",
            documents="bank_book:rejected:unreadable@+5",
            outcome=Ending("correction_needed", "file_unreadable", "upload_documents"),
            notices="claim_received:whatsapp@-9 documents_accepted:whatsapp@-6 "
            "documents_requested:whatsapp@-1",
        ),
    ),
    person(
        "documents_sent_again",
        jht(
            "document_check",
            1,
            branch=ANGGREK,
            path="registered@-9 document_check@-8 interview@-7 document_check@-5!documents_returned"
            " document_check@-1!resubmitted",
            documents="bank_book:received",
        ),
    ),
    person(
        "clock_started_again",
        jht(
            "assessment",
            2,
            branch=TERATAI,
            path="registered@-12 document_check@-11 interview@-9 assessment@-8 "
            "document_check@-6!documents_returned assessment@-2!resubmitted",
        ),
    ),
    person(
        "data_corrected",
        jht(
            "assessment",
            1,
            branch=JEPUN,
            path="registered@-8 document_check@-7 interview@-5 assessment@-3 "
            "document_check@-2!data_corrected assessment@-1",
        ),
    ),
    person(
        "recalculated",
        jht(
            "assessment",
            1,
            branch=CEMPAKA,
            path="registered@-8 document_check@-7 interview@-5 assessment@-4 approval@-2 "
            "assessment@-1!recalculated",
        ),
    ),
    person(
        "moved_branch",
        jht(
            "document_check",
            1,
            branch=LONTAR,
            path="registered@-6 document_check@-5 registered@-2!moved_branch document_check@-1",
        ),
    ),
    person(
        "interview_missed",
        jht(
            "interview",
            1,
            branch=MELATI,
            state="action_needed",
            path="registered@-6 document_check@-5 interview@-3 interview@-1!interview_missed",
            outcome=Ending("correction_needed", "interview_missed", "reschedule_interview"),
            notices="claim_received:whatsapp@-6 interview_scheduled:whatsapp@-3 "
            "interview_reminder:phone@-1",
        ),
    ),
    person(
        "interview_again_tomorrow",
        jht(
            "interview",
            1,
            branch=SAGU,
            path="registered@-7 document_check@-6 interview@-4 interview@-2!interview_missed",
            appointment=Slot("video_interview", "+1c", 11 * 60),
        ),
    ),
)

MONEY = (
    person(
        "payment_returned",
        jht(
            "payment",
            4,
            branch=KENANGA,
            state="payment_returned",
            payment=Transfer("-3", "-3", "-1"),
            outcome=Ending("payment_returned", "account_closed", "correct_bank_account"),
        ),
    ),
    person(
        "payment_sent_again",
        jht(
            "payment",
            1,
            branch=FLAMBOYAN,
            path="registered@-16 document_check@-15 interview@-13 assessment@-12 approval@-10 "
            "payment@-9 payment@-1!payment_retried",
            payment=Transfer("+1"),
        ),
    ),
    person(
        "paid_at_second_try",
        jht(
            "completed",
            3,
            branch=JEPUN,
            path="registered@-20 document_check@-19 interview@-17 assessment@-16 approval@-14 "
            "payment@-13 payment@-4!payment_retried completed@-3",
        ),
    ),
)

PARTICIPANTS = (*DOCUMENTS, *STEPS_BACK, *MONEY)
