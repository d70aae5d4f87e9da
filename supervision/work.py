"""What waits in supervision: alerts that nobody has looked into, and payments that one stopped and
that go on once what was found is settled."""

from typing import Any

from accounts.models import User
from desk.listing import Column, attr
from desk.worklist import Work
from supervision.listings import PATIENT
from supervision.models import Alert, AlertQuerySet, VisitDenial, VisitDenialQuerySet
from supervision.releasing import UNASKED, WAITS, to_ask, to_release

# No norm says within how many days a hint is looked into: a working week.
LATE = 5


def _certain(user: User) -> AlertQuerySet:
    return Alert.objects.visible_to(user).open().filter(certainty=Alert.Certainty.CERTAIN)


def _suspect(user: User) -> AlertQuerySet:
    return Alert.objects.visible_to(user).open().filter(certainty=Alert.Certainty.SUSPECT)


def _denied(user: User) -> VisitDenialQuerySet:
    return VisitDenial.objects.visible_to(user).open()


def _to_release(user: User) -> AlertQuerySet:
    """Not who confirmed it: another agrees that it is settled (supervision/workflow.py)."""
    return to_release(Alert.objects.visible_to(user)).exclude(handled_by=user)


def _to_ask(user: User) -> AlertQuerySet:
    return to_ask(Alert.objects.visible_to(user))


def _listed(rows: Any) -> Any:
    read = ("settlement__visit__person", "division__parent")
    return lambda user: rows(user).select_related(*read), COLUMNS


# What the first page shows of the alerts.
COLUMNS = (
    PATIENT,
    Column("发现", attr("finding")),
    Column("村组", attr("division.place")),
    Column("基金支付", attr("settlement.fund_amount"), "yuan"),
    Column("已等", attr("found_at"), "waited"),
)
MONEY = "settlement__fund_amount"
WORK = (
    Work(
        "明确违规待核查",
        "supervision.view",
        "supervision:alerts",
        _certain,
        unit="条",
        query="status=open&sort=certainty",
        money=MONEY,
        since="found_at",
        is_bad=True,
        listed=_listed(_certain),
    ),
    Work(
        "可疑待核查",
        "supervision.view",
        "supervision:alerts",
        _suspect,
        unit="条",
        query="status=open",
        money=MONEY,
        since="found_at",
        late=LATE,
        listed=_listed(_suspect),
    ),
    Work(
        "否认在院就诊待核查",
        "supervision.handle",
        "supervision:denials",
        _denied,
        unit="条",
        query="status=open",
        since="told_at",
        is_bad=True,
    ),
    Work(
        "疑点属实已支付，未提出追回",
        "supervision.handle",
        "supervision:alerts",
        _to_ask,
        unit="条",
        query=f"status=all&held={UNASKED}",
        money=MONEY,
        since="handled_at",
        late=LATE,
    ),
    Work(
        "疑点已处理，待解除暂停",
        "supervision.release",
        "supervision:alerts",
        _to_release,
        unit="条",
        query=f"status=all&held={WAITS}",
        money=MONEY,
        since="handled_at",
        late=LATE,
    ),
)
