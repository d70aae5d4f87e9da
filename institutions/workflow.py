"""The way of a mapping: sent by the institution, decided by the county, taken back by either. And
that of a decision on a practitioner's eligibility."""

from desk.decisions import decision_flow
from desk.workflow import START, Hand, Step, Workflow, by_another, with_reason
from institutions.models import (
    Eligibility,
)
from institutions.sent_models import CodeMapping

Status = CodeMapping.Status

MAPPINGS = Workflow(
    CodeMapping,
    "institutions",
    (
        Step("propose_mapping", START, Status.PROPOSED, "institutions.map_codes", "提交对照"),
        by_another(
            "agree_mapping",
            Status.PROPOSED,
            Status.AGREED,
            "institutions.keep",
            "同意对照",
            stamp="decided",
        ),
        with_reason(
            "refuse_mapping",
            Status.PROPOSED,
            Status.REFUSED,
            "institutions.keep",
            "不同意对照",
            asks="不同意的原因",
            stamp="decided",
            hand=Hand.OTHER,
        ),
        # The institution takes it back, whichever of its accounts sent it.
        Step(
            "withdraw_mapping",
            (Status.PROPOSED, Status.AGREED),
            Status.WITHDRAWN,
            "institutions.map_codes",
            "撤销对照",
            stamps=("withdrawn_by", "withdrawn_at"),
        ),
        # What the county finds wrong after it has agreed.
        with_reason(
            "end_mapping",
            Status.AGREED,
            Status.WITHDRAWN,
            "institutions.keep",
            "取消对照",
            asks="取消的原因",
            stamp="withdrawn",
        ),
    ),
    hands=("proposed_by", "decided_by", "withdrawn_by"),
    reason_column="decision",
    related=("institution",),
)

ELIGIBILITIES = decision_flow(
    Eligibility,
    "institutions",
    "eligibility",
    related=("practitioner__institution",),
)
