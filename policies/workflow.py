"""The way of measures: a draft is proposed or given up; a version is adopted by a second person."""

from desk.workflow import START, Hand, Step, Workflow, by_another, with_reason
from policies.models import Draft, Pack, Trial

PACKS = Workflow(
    Pack,
    "policies",
    (
        Step("propose", START, Pack.Status.PROPOSED, "policies.propose", "提出"),
        by_another(
            "adopt",
            Pack.Status.PROPOSED,
            Pack.Status.ADOPTED,
            "policies.adopt",
            "采用",
            stamp="adopted",
        ),
        with_reason(
            "refuse",
            Pack.Status.PROPOSED,
            Pack.Status.REFUSED,
            "policies.adopt",
            "不予采用",
            stamp="refused",
            hand=Hand.OTHER,
        ),
        # Done by whoever adopts the version that takes its place.
        Step("end", Pack.Status.ADOPTED, Pack.Status.REPLACED, "policies.adopt", "终止"),
    ),
    called=lambda pack: f"“{pack}”",
    hands=("proposed_by", "adopted_by", "refused_by"),
    reason_column="refused_because",
    related=("area",),
)

# What the new text changes on a year's claims is read by two before it may be adopted.
TRIALS = Workflow(
    Trial,
    "policies",
    (
        Step(
            "read_trial",
            Trial.Status.COMPUTED,
            Trial.Status.READ,
            "policies.sign_trial",
            "签字确认差异（第一人）",
            stamps=("read_by", "read_at"),
        ),
        by_another(
            "sign_trial",
            Trial.Status.READ,
            Trial.Status.SIGNED,
            "policies.sign_trial",
            "签字确认差异（第二人）",
            stamp="signed",
        ),
    ),
    hands=("read_by", "signed_by"),
    related=("area",),
)

DRAFTS = Workflow(
    Draft,
    "policies",
    (
        Step("start_draft", START, Draft.Status.EDITED, "policies.propose", "建立草稿"),
        Step(
            "change_draft", Draft.Status.EDITED, Draft.Status.EDITED, "policies.propose", "修改草稿"
        ),
        Step(
            "propose_draft", Draft.Status.EDITED, Draft.Status.PROPOSED, "policies.propose", "提出"
        ),
        Step(
            "discard_draft", Draft.Status.EDITED, Draft.Status.DISCARDED, "policies.propose", "作废"
        ),
    ),
    called=lambda draft: f"草稿{draft.pk}",
    hands=("created_by",),
    related=("area", "base"),
)
