"""The ways of the rates, of a sample, and of each settlement that was drawn."""

from desk.decisions import decision_flow
from desk.workflow import PORTAL, START, Step, Workflow, by_another, with_reason
from supervision.sampling.models import Sample, SampleItem, SamplingRate

RATES = decision_flow(SamplingRate, "supervision", "sampling_rate", related=("area",))

Status = Sample.Status
SAMPLES = Workflow(
    Sample,
    "supervision",
    (
        # By the portal's daily work, so that nobody chooses a seed.
        Step("seal_sample", START, Status.SEALED, PORTAL, "封存种子"),
        Step(
            "draw_sample",
            Status.SEALED,
            Status.DRAWN,
            "supervision.sample",
            "抽取",
            stamps=("drawn_by", "drawn_at"),
        ),
        by_another(
            "close_sample",
            Status.DRAWN,
            Status.CLOSED,
            "supervision.close_sample",
            "办结",
            stamp="closed",
        ),
    ),
    hands=("drawn_by", "closed_by"),
    related=("area",),
)

Found = SampleItem.Status
ITEMS = Workflow(
    SampleItem,
    "supervision",
    (
        Step(
            "agree_item",
            Found.PENDING,
            Found.AGREES,
            "supervision.sample",
            "相符",
            stamps=("checked_by", "checked_at"),
        ),
        with_reason(
            "find_item_wrong",
            Found.PENDING,
            Found.WRONG,
            "supervision.sample",
            "有差错",
            asks="差错在哪里、依据什么",
            stamp="checked",
        ),
        with_reason(
            "reopen_item",
            (Found.AGREES, Found.WRONG),
            Found.PENDING,
            "supervision.sample",
            "重新核查",
        ),
    ),
    hands=("checked_by",),
    reason_column="note",
    related=("sample__area", "settlement__visit"),
)
