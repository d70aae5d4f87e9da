"""What waits in supervision: alerts that nobody has looked into, and payments that one stopped and
that go on once what was found is settled."""

from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef

from accounts.clock import today
from accounts.models import User
from desk.listing import Column, attr
from desk.worklist import Work
from supervision.assessment.work import WORK as ASSESSMENTS
from supervision.grouping import events_of, stake
from supervision.listings import LATE as LATE_REVIEW
from supervision.listings import PATIENT, UNREVIEWED
from supervision.models import Alert, AlertQuerySet, VisitDenial, VisitDenialQuerySet
from supervision.releasing import UNASKED, WAITS, to_ask, to_release
from supervision.sampling.models import Sample, SampleItem, SampleQuerySet, SamplingRate
from supervision.thresholds.models import RuleVersion

# No norm says within how many days what was found true is settled: a working week.
LATE = 5


def _leading(user: User) -> AlertQuerySet:
    """One for each event, with what the fund pays on it."""
    return Alert.objects.visible_to(user).leading().annotate(stake=stake())


def _waiting(user: User) -> AlertQuerySet:
    return _leading(user).unreviewed()


def _certain(user: User) -> AlertQuerySet:
    return _waiting(user).filter(certainty=Alert.Certainty.CERTAIN)


def _suspect(user: User) -> AlertQuerySet:
    return _waiting(user).filter(certainty=Alert.Certainty.SUSPECT)


def _overdue(user: User) -> AlertQuerySet:
    return _waiting(user).overdue(today())


def _denied(user: User) -> VisitDenialQuerySet:
    return VisitDenial.objects.visible_to(user).open()


def _to_release(user: User) -> AlertQuerySet:
    """Not who confirmed it: another agrees that it is settled (supervision/workflow.py)."""
    rows = _leading(user).exclude(handled_by=user)
    return events_of(rows, to_release(Alert.objects.all()))


def _to_ask(user: User) -> AlertQuerySet:
    rows = _leading(user)
    return events_of(rows, to_ask(Alert.objects.all()))


MONTH, QUARTER = Sample.Span


def _to_draw(user: User, span: str = MONTH) -> SampleQuerySet:
    return Sample.objects.visible_to(user).to_draw(today()).filter(span=span)


def _to_examine(user: User, span: str = MONTH) -> Any:
    rows = SampleItem.objects.visible_to(user).pending()
    return rows.filter(sample__status=Sample.Status.DRAWN, sample__span=span)


def _to_close(user: User, span: str = MONTH) -> SampleQuerySet:
    """Examined whole, and drawn by another."""
    pending = SampleItem.objects.pending().filter(sample=OuterRef("pk")).order_by()
    drawn = Sample.objects.visible_to(user).filter(status=Sample.Status.DRAWN, span=span)
    return drawn.exclude(Exists(pending)).exclude(drawn_by=user)


def _rates(user: User) -> Any:
    return SamplingRate.objects.visible_to(user).filter(status=SamplingRate.Status.PROPOSED)


def _versions(user: User) -> Any:
    rows = RuleVersion.objects.visible_to(user)
    return rows.filter(status=RuleVersion.Status.PROPOSED)


def _listed(rows: Any) -> Any:
    read = ("settlement__visit__person", "division__parent")
    return lambda user: rows(user).select_related(*read), COLUMNS


# What the first page shows of the alerts.
COLUMNS = (
    PATIENT,
    Column("发现", attr("finding")),
    Column("村组", attr("division.place")),
    Column("涉及基金", attr("stake"), "yuan"),
    Column("已等", attr("found_at"), "waited"),
)
MONEY = "stake"
WORK = (
    Work(
        "明确违规待核查",
        "supervision.view",
        "supervision:alerts",
        _certain,
        unit="条",
        query=f"status={UNREVIEWED}&sort=certainty",
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
        query=f"status={UNREVIEWED}",
        money=MONEY,
        since="found_at",
        due="due_on",
        listed=_listed(_suspect),
    ),
    Work(
        "疑点初审已逾期",
        "supervision.view",
        "supervision:alerts",
        _overdue,
        unit="条",
        query=f"status={LATE_REVIEW}",
        money=MONEY,
        due="due_on",
        is_bad=True,
        is_rare=True,
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
    Work(
        "每月抽查待抽取",
        "supervision.sample",
        "supervision:samples",
        _to_draw,
        unit="个月",
        since="last_on",
        late=LATE,
        is_rare=True,
    ),
    Work(
        "抽中的结算待核查",
        "supervision.sample",
        "supervision:samples",
        _to_examine,
        money="fund_amount",
        since="sample__drawn_at",
        is_rare=True,
    ),
    Work(
        "抽查待办结",
        "supervision.close_sample",
        "supervision:samples",
        _to_close,
        unit="个月",
        since="drawn_at",
        is_rare=True,
    ),
    Work(
        "季度全面检查待生成清单",
        "supervision.sample",
        "supervision:full_checks",
        partial(_to_draw, span=QUARTER),
        unit="个季度",
        since="last_on",
        late=LATE,
        is_rare=True,
    ),
    Work(
        "全面检查的结算待核查",
        "supervision.sample",
        "supervision:full_checks",
        partial(_to_examine, span=QUARTER),
        money="fund_amount",
        since="sample__drawn_at",
        is_rare=True,
    ),
    Work(
        "全面检查待办结",
        "supervision.close_sample",
        "supervision:full_checks",
        partial(_to_close, span=QUARTER),
        unit="个季度",
        since="drawn_at",
        is_rare=True,
    ),
    Work(
        "抽查率待审批",
        "supervision.decide_sampling_rate",
        "supervision:sampling_rates",
        _rates,
        unit="份",
        since="proposed_on",
        is_rare=True,
    ),
    Work(
        "规则版本待审批",
        "supervision.decide_rule_version",
        "supervision:rule_versions",
        _versions,
        unit="份",
        query="status=proposed",
        since="proposed_on",
        is_rare=True,
    ),
    *ASSESSMENTS,
)
