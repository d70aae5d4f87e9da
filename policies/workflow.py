"""The way of measures: a draft is proposed or given up; a version is adopted by a second person."""

from desk.workflow import START, Hand, Step, Workflow
from policies.models import Draft, Pack

PACKS = Workflow(
    Pack,
    "policies",
    (
        Step("propose", START, Pack.Status.PROPOSED, "policies.propose", "提出"),
        Step(
            "adopt",
            Pack.Status.PROPOSED,
            Pack.Status.ADOPTED,
            "policies.adopt",
            "采用",
            Hand.OTHER,
            stamps=("adopted_by", "adopted_at"),
        ),
        # Done by whoever adopts the version that takes its place.
        Step("end", Pack.Status.ADOPTED, Pack.Status.REPLACED, "policies.adopt", "终止"),
    ),
    called=lambda pack: f"“{pack}”",
    hands=("proposed_by", "adopted_by"),
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
