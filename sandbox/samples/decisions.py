"""Claims that stand still or have ended: one sample for each state and cause that go together."""

from typing import Any

from sandbox.branches import BRANCHES
from sandbox.directory import Participant
from sandbox.samples.people import claim, jht, person
from sandbox.spec import Ending, Transfer

RESULTS = {
    "action_needed": "correction_needed",
    "on_hold": "on_hold",
    "rejected": "refused",
    "cancelled": "cancelled",
    "payment_returned": "payment_returned",
}

# state, cause, stage, next step, and what is not usual: kind, channel, service, or one document.
TABLE = """
action_needed documents_incomplete     document_check upload_documents      employment_letter:missing@+4
action_needed file_unreadable          document_check upload_documents      photo:rejected:unreadable@+3
action_needed data_mismatch            document_check fix_data_at_branch    claim_form:rejected:data_mismatch@+5
action_needed civil_registry_mismatch  document_check update_civil_registry
action_needed account_name_mismatch    assessment     correct_bank_account  bank_book:rejected:name_mismatch@+3
action_needed account_closed           payment        correct_bank_account
action_needed face_check_failed        registered     repeat_face_check     jmo
action_needed interview_missed         interview      reschedule_interview
action_needed branch_check_needed      assessment     visit_branch
action_needed employer_report_missing  final_report   ask_employer          jkk
on_hold       data_mismatch            assessment     fix_data_at_branch
on_hold       civil_registry_mismatch  assessment     update_civil_registry
on_hold       waiting_period           document_check wait_until_period_ends
on_hold       membership_active        assessment     ask_employer
on_hold       several_cards            assessment     merge_balances
on_hold       balance_not_merged       assessment     merge_balances
on_hold       data_update_in_progress  document_check wait
on_hold       branch_check_needed      assessment     bring_documents_to_branch
on_hold       head_office_check        approval       wait
on_hold       employer_report_missing  validation     ask_employer          jkp
rejected      documents_incomplete     document_check submit_again          layoff_proof:missing
rejected      file_unreadable          document_check submit_again          photo:rejected:unreadable
rejected      data_mismatch            assessment     fix_data_at_branch
rejected      civil_registry_mismatch  document_check update_civil_registry
rejected      account_name_mismatch    approval       correct_bank_account
rejected      face_check_failed        registered     use_other_channel     jmo
rejected      waiting_period           document_check wait_until_period_ends
rejected      membership_active        assessment     ask_employer
rejected      membership_too_short     assessment     wait_until_period_ends partial_10
rejected      partial_already_taken    assessment     none                  partial_10
rejected      several_cards            assessment     merge_balances
rejected      balance_not_merged       assessment     merge_balances
rejected      claimed_in_other_channel registered     call_175              jmo
rejected      balance_over_limit       registered     use_other_channel     jmo
cancelled     interview_missed         interview      submit_again
cancelled     claimed_in_other_channel registered     none
cancelled     withdrawn_by_participant assessment     submit_again
cancelled     deadline_passed          document_check submit_again          family_card:missing@-3
payment_returned account_name_mismatch payment        correct_bank_account
payment_returned account_closed        payment        visit_branch
payment_returned account_number_wrong  payment        correct_bank_account
"""  # noqa: E501


def _sample(line: str, place: int) -> Participant:
    state, cause, stage, next_step, *rest = line.split()
    special = rest[0] if rest else ""
    given: dict[str, Any] = {
        "state": state,
        "outcome": Ending(RESULTS[state], cause, next_step),
        "branch": BRANCHES[place % len(BRANCHES)],
    }
    if state == "payment_returned":
        given["payment"] = Transfer("-4", "-4", "-1")
    if ":" in special:
        given["documents"] = special
    elif special == "jmo":
        given["channel"] = "jmo"
    elif special == "partial_10":
        given |= {"kind": "partial_10", "cause": None}
    if cause == "interview_missed":
        given["path"] = "registered@-6 document_check@-5 interview@-3 interview@-2!interview_missed"
    days = 5 if state == "payment_returned" else 2
    if special == "jkk":
        spec = claim("jkk", stage, days, cause="work_accident", **given)
    elif special == "jkp":
        spec = claim("jkp", stage, days, cause="layoff", channel="siapkerja", **given)
    else:
        spec = jht(stage, days, **given)
    return person(f"{state}_{cause}", spec)


PARTICIPANTS = tuple(_sample(line, place) for place, line in enumerate(TABLE.strip().splitlines()))
