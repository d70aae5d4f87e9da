"""What the application may do to the room's tables (accounts/rights.py)."""

from dataclasses import replace

from accounts.rights import ADDED, KEPT, Rights, may_change
from desk.decisions import DECIDED as ANSWERED
from desk.decisions import DECISION, DECISION_KEPT

DECIDED = ("status", "handled_by_id", "handled_at", "released_by_id", "released_at", "conclusion")
# `secret` is sealed anew when keys change.
SAMPLED = ("status", "secret", "seed", "drawn_by_id", "drawn_at", "closed_by_id", "closed_at")
CHECKED = ("status", "error_amount", "note", "checked_by_id", "checked_at")
# An item of an assessment is scored, perhaps anew; what it asks stays.
SCORED = ("self_points", "self_note", "points", "note", "points_before")
RIGHTS = {
    "Alert": KEPT,
    "Assessment": Rights(sealed=("institution_id", "year", "adoption_id", "opened_by_id")),
    "AssessmentItem": may_change(*SCORED),
    "AlertReview": KEPT,
    "Case": KEPT,
    "CaseArchive": may_change("opened_by_id", "opened_at", "opened_why"),
    "ArchiveLine": ADDED,
    "CaseClaim": may_change("amount"),
    "CaseNote": ADDED,
    "CaseOfficer": may_change("left_on", "left_why"),
    "CasePause": may_change(
        *("last_day", "status", "agreed_by_id", "agreed_at", "opinion"),
        *("ends_on", "ended_by_id", "ended_at", "end_agreed_by_id", "end_agreed_at"),
        *("end_opinion", "end_returned_by_id", "end_returned_at"),
    ),
    "Complaint": KEPT,
    "Delivery": ADDED,
    "Evidence": may_change("hold_due_on", "hold_extended", "released_on", "released_how"),
    "EvidenceScan": ADDED,
    "Extract": KEPT,
    "FineEntry": ADDED,
    "FormAdoption": may_change(*ANSWERED, later=(DECISION,)),
    "Measure": may_change("done_on", "done_note", "done_by_id"),
    # The point that was added is known once it was agreed to.
    "LibraryChange": may_change(*ANSWERED, "point_id", later=(DECISION,)),
    "LibraryFile": KEPT,
    "LibraryGap": ADDED,
    "LibraryHit": ADDED,
    "MonthRun": KEPT,
    # What was objected stays; the reason of a step takes the place of the one before.
    "Objection": may_change(
        *("status", "answer", "answered_by_id", "answered_at", "closed_by_id", "closed_at")
    ),
    "Posting": may_change(
        *("status", "taken_down_on", "closed_by_id", "closed_at"),
        *("voided_by_id", "voided_at", "reason"),
    ),
    "PostingPhoto": ADDED,
    "PublicityMeasure": ADDED,
    "PublicityTask": may_change(
        *("status", "done_on", "count", "note", "reported_by_id", "reported_at")
    ),
    "PublicityPhoto": may_change("left_out_by_id", "left_out_at"),
    "NoticeContact": may_change("office", "phone", "address", "set_by_id", "set_at"),
    "LibraryPoint": may_change("last_day", "is_on"),
    "Sample": may_change(*SAMPLED),
    "SampleItem": may_change(*CHECKED),
    "SampleList": ADDED,
    "SampleStratum": ADDED,
    "SamplingRate": may_change(*ANSWERED, later=(DECISION,)),
    "RuleTrial": KEPT,
    "RuleVersion": may_change(*ANSWERED, later=(DECISION,)),
    "TrialHit": may_change("is_now", "is_proposed"),
    "Reward": may_change(*ANSWERED, later=(DECISION,)),
    "Screening": ADDED,
    "VisitDenial": may_change(*DECIDED),
    "Checklist": replace(
        DECISION_KEPT,
        sealed=(*DECISION_KEPT.sealed, "area_id", "key", "title", "first_day", "text"),
    ),
    "Interest": may_change("ended_by_id", "ended_at"),
    "Sweep": KEPT,
    "SweepPlace": may_change("left_out_by_id", "left_out_at", "left_out_reason"),
    "Inspection": KEPT,
    "TeamMember": ADDED,
    "Answer": ADDED,
    "Photo": ADDED,
    "Order": KEPT,
    "OrderLine": ADDED,
    "Reply": may_change("checked_by_id", "checked_at", "is_good", "verdict"),
    "PartyWord": ADDED,
    "WordScan": ADDED,
    "HandOver": may_change("result", "told_by_id", "told_at"),
}
