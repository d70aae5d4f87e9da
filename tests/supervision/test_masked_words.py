"""What people write about people: the numbers in it are masked before it is kept, by one of the two
functions of `lib.resident_id`, wherever supervision keeps words.

梁书记 writes 罗大成's telephone into everything that asks for words.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.urls import get_resolver

from accounts.models import Division
from desk.workflow import WORKFLOWS
from supervision import services, splitting
from supervision.assessment import services as assessing
from supervision.cases import delivering, execution, keeping, parties
from supervision.cases import services as cases
from supervision.complaints.services import Told, take_complaint
from supervision.extracts import services as extracts
from supervision.inspections import answering, rectifying
from supervision.inspections import services as inspecting
from supervision.public import services as public
from supervision.publicity import services as publicity
from supervision.reviewing import services as reviewing
from supervision.words import services as words

PHONE, ID = "13812345678", "500225198001011234"
# Beside the reason of a step, which its workflow masks: column, and where it is written.
MASKED: dict[str, Callable[..., Any]] = {
    "Assessment.answer": assessing.answer_assessment,
    "Assessment.appeal": assessing.take_step,
    "AssessmentItem.note": assessing._write,
    "AssessmentItem.self_note": assessing.self_assess,
    "Answer.note": answering._note,
    "Case.facts": cases.report_case,
    "Case.lighter": cases.report_case,
    "Case.party_address": parties.describe_party,
    "Case.party_head": parties.describe_party,
    "Case.party_name": cases._party,
    "Case.source_note": cases.open_clue,
    "Case.told": cases.open_clue,
    "CaseNote.who": keeping.add_note,
    "CaseNote.words": keeping.add_note,
    "CaseOfficer.left_why": keeping.excuse_officer,
    "CasePause.paper": keeping.add_pause,
    "Complaint.about": take_complaint,
    "Complaint.told": take_complaint,
    "Delivery.other_server": delivering.deliver,
    "Delivery.place": delivering.deliver,
    "Delivery.receiver": delivering.deliver,
    "Delivery.refusal": delivering.deliver,
    "Delivery.relation": delivering.deliver,
    "Delivery.server": delivering.deliver,
    "Delivery.witness": delivering.deliver,
    "Evidence.origin": keeping.add_evidence,
    "Evidence.released_how": keeping.release_evidence,
    "Evidence.title": keeping.add_evidence,
    "Extract.full_reason": extracts.ask_extract,
    "Extract.reason": extracts.ask_extract,
    "HandOver.reason": rectifying.hand_over,
    "HandOver.result": rectifying.tell_result,
    "Inspection.present": answering.finish_inspection,
    "Inspection.remark": answering.finish_inspection,
    "Interest.detail": inspecting.declare_interest,
    "Measure.done_note": execution.carry_out,
    "Measure.target": execution.order_measure,
    "NoticeContact.address": public.set_contact,
    "NoticeContact.office": public.set_contact,
    "Objection.remark": public.step_objection,
    "Objection.told": public.take_objection,
    "Order.words": rectifying.issue_order,
    "PartyWord.brought_by": words._read,
    "PartyWord.evidence": words._read,
    "PartyWord.words": words._read,
    "Posting.put_up_by": public.put_up,
    "Posting.where": public.put_up,
    "PublicityMeasure.charged": publicity.plan_measure,
    "PublicityMeasure.what": publicity.plan_measure,
    "Reply.text": rectifying.answer_order,
    "Reply.verdict": rectifying.check_reply,
    "Sweep.basis": inspecting.plan_sweep,
    "Sweep.partners": inspecting.plan_sweep,
    "Sweep.title": inspecting.plan_sweep,
    "SweepPlace.left_out_reason": inspecting.leave_out,
    "VisitDenial.evidence": services.deny_visit,
    "VisitDenial.told": services.deny_visit,
}
# Kept after `Workflow.check` has masked it.
CHECKED: dict[str, Callable[..., Any]] = {
    "Alert.split_because": splitting.split_alert,
    "AlertReview.decision": reviewing._columns,
    "AlertReview.told": reviewing._columns,
    "AlertReview.verified": reviewing._columns,
    "CaseArchive.opened_why": cases.decide_clue,
    "CasePause.end_opinion": keeping._end_returned,
}
MASKED |= {
    "AlertReview.opinion": reviewing.review_alert,
    "AlertReview.appeal": reviewing.appeal_alert,
    "AlertReview.evidence": reviewing.appeal_alert,
}
# Nobody types it, or it is a number that must stay to be found by.
NOT_WORDS = {
    "Alert.finding": "written by a rule",
    "Alert.rule": "a code",
    "Answer.item": "a code of the checklist",
    "Answer.verdict": "one of three",
    "Answer.value": "a number or a choice of the checklist",
    "ArchiveLine.source": "which row",
    "ArchiveLine.title": "of rows that are masked themselves",
    "AssessmentItem.asks": "of the form",
    "AssessmentItem.name": "of the form",
    "AssessmentItem.source": "of the form",
    "Case.cause_code": "a code",
    "Case.party_code": "of a unit; a resident id is refused",
    "Checklist.key": "of the checklist",
    "Checklist.text": "the checklist itself, which two adopt",
    "Checklist.title": "of the checklist",
    "Delivery.reference": "the number of a letter",
    "Extract.failure": "written by a job",
    "Extract.stage": "written by a job",
    "FineEntry.treasury_number": "the number of a treasury's paper",
    "LibraryFile.failure": "written by a job",
    "LibraryFile.file_name": "a file's",
    "LibraryFile.stage": "written by a job",
    "MonthRun.failure": "written by a job",
    "MonthRun.stage": "written by a job",
    "NoticeContact.phone": "published, to be rung",
    "OrderLine.found": "of an answer, masked there",
    "OrderLine.item": "a code of the checklist",
    "OrderLine.requires": "of the checklist",
    "OrderLine.source": "of the checklist",
    "OrderLine.words": "of the checklist",
    "Photo.item": "a code of the checklist",
    "RuleTrial.failure": "written by a job",
    "RuleTrial.stage": "written by a job",
    "Sample.seed": "drawn",
    "SampleList.text": "the list that is drawn from",
    "SampleStratum.institution_code": "a code",
    "SampleStratum.institution_name": "of the register",
    "TrialHit.finding": "written by a rule",
    "TrialHit.rule": "a code",
}
# Of the rule library: points of the nation, and codes and names of medicines.
LIBRARY = {"LibraryRow", "LibraryPoint"}
# A decision that two take says its paper and its reason in a piece of the desk.
DECISION = {"evidence", "reason"}
NEVER_WORDS = {"sha256", "kind", "status", "number", "digest", "code", "secret"}


def columns() -> Iterator[tuple[str, str]]:
    """Model and column of every text that is no choice."""
    for model in apps.get_app_config("supervision").get_models():
        if model.__name__ in LIBRARY:
            continue
        for field in model._meta.concrete_fields:
            is_text = isinstance(field, models.CharField | models.TextField)
            # What lies sealed is read with a reason, and in full.
            is_plain = "Sealed" not in type(field).__name__
            if is_text and is_plain and not field.choices and field.name not in NEVER_WORDS:
                yield model.__name__, field.name


def of_workflows() -> set[str]:
    assert get_resolver().url_patterns  # which reads every room
    rows = (one for one in WORKFLOWS if one.model._meta.app_label == "supervision")
    return {f"{one.model.__name__}.{one.reason_column}" for one in rows if one.reason_column}


def test_every_text_says_how_it_is_masked() -> None:
    """Who adds a column of words masks it where it is written, and names the place here."""
    decisions = {one.__name__ for one in apps.get_app_config("supervision").get_models()
                 if hasattr(one, "proposed_by")}  # fmt: skip
    known = set(MASKED) | set(CHECKED) | set(NOT_WORDS) | of_workflows()
    known |= {f"{model}.{column}" for model in decisions for column in DECISION}
    found = {f"{model}.{column}" for model, column in columns()}
    assert found - known == set()
    assert (set(MASKED) | set(CHECKED) | set(NOT_WORDS)) - found == set()


@pytest.mark.parametrize("column", MASKED)
def test_it_is_masked_where_it_is_written(column: str) -> None:
    text = inspect.getsource(MASKED[column])
    assert re.search(r"\b(people_masked|masked_in|_note)\(", text), MASKED[column].__qualname__


@pytest.mark.parametrize("column", CHECKED)
def test_it_is_checked_where_it_is_written(column: str) -> None:
    assert ".check(" in inspect.getsource(CHECKED[column])


def test_whom_a_complaint_is_about_is_kept_without_a_number(
    cast: SimpleNamespace, county: Division
) -> None:
    told = Told(channel="phone", about=f"罗大成 {PHONE}", told=f"拿 {ID} 的卡住院")
    row = take_complaint(actor=cast.supervisor, area=county, said=told, on=date(2026, 4, 1))
    assert row.about.startswith("罗大成") and PHONE not in row.about and ID not in row.told
