"""The way of a department's list. One that looks cut short is let pass by a second person."""

from desk.importing import Acts, upload_flow
from desk.workflow import PORTAL, STAY, Hand, Step
from enrollment.status_lists.models import StatusList

# What was verified, and with whom: a word says too little to let thousands lose a status.
MIN_RELEASE = 4
ACTS = Acts.of("list", again="compare_list_again")
FLOW = upload_flow(
    StatusList,
    "enrollment",
    ACTS,
    noun="名单",
    permission="enrollment.load_lists",
    hands=("released_by",),
    more=(
        Step(
            "release_list",
            StatusList.Status.CHECKED,
            STAY,
            "enrollment.release_list",
            "放行",
            Hand.OTHER,
            reason=MIN_RELEASE,
            asks="人数骤减的原因和核实情况",
            stamps=("released_by", "released_at"),
        ),
        # The register has changed since it was compared.
        Step(
            "list_compared_again",
            StatusList.Status.APPLYING,
            StatusList.Status.WAITING,
            PORTAL,
            "重新比对",
        ),
    ),
    reason_column="release_reason",
)
