"""Cases, and what hangs on one: claims, officers, evidence, days not counted, records, measures,
fines."""

from datetime import date, timedelta
from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.fields import MoneyField
from accounts.models import Division
from accounts.scoping import ScopedManager, ScopedQuerySet
from accounts.templatetags.hezuo import mask_name
from claims.models import Settlement
from desk.fields import first_hand, hand, in_order, later_hand, once, positive, status_column
from desk.tones import TonedChoices
from desk.workflow import apart
from enrollment.models import Person
from enrollment.people.trail import PERSONAL
from institutions.models import Institution
from supervision.cases.causes import Cause, causes
from supervision.cases.clocks import PAUSE_DAYS
from supervision.models import Alert

ZERO = Decimal(0)


class CaseQuerySet(ScopedQuerySet["Case"]):
    division_path = "area__code"


class Case(models.Model):
    """One case (稽核案件): a clue that is looked into, filed, investigated, decided, carried out.

    What the clocks ask stands in the columns `_on`; who took a step, in the hands. `due_on` is the
    last day of the step that is open now, worked out anew whenever something moves it.
    """

    class Source(models.TextChoices):
        ALERT = "alert", "智能筛查疑点"
        INSPECTION = "inspect", "检查发现"
        COMPLAINT = "complaint", "投诉举报"
        HANDED = "handed", "部门移送、上级交办"
        OTHER = "other", "其他"

    class Party(models.TextChoices):
        INSTITUTION = "institution", "定点机构"
        PERSON = "person", "参保人"
        OTHER = "other", "其他单位或个人"

    class Outcome(models.TextChoices):
        PENALTY = "penalty", "责令退回，并处罚款"
        RECOVERY = "recovery", "责令退回，不予罚款"
        NONE = "none", "违法事实不成立"
        TRANSFER = "transfer", "移送其他机关"

    class Status(TonedChoices):
        CLUE = "clue", "wait", "线索核查"
        DECLINED = "declined", "idle", "不予立案"
        ASKED = "asked", "wait", "待批准立案"
        OPEN = "open", "wait", "调查中"
        PAUSED = "paused", "wait", "中止调查"
        ENDED = "ended", "idle", "终止调查"
        REPORTED = "reported", "wait", "待法制审核"
        CHECKED = "checked", "wait", "待告知"
        NOTIFIED = "notified", "wait", "待决定"
        DECIDED = "decided", "wait", "待送达"
        DELIVERED = "delivered", "bad", "执行中"
        CLOSED = "closed", "good", "已结案"
        REVOKED = "revoked", "idle", "已撤销"

    # Facts may still be added to it.
    INVESTIGATED = (Status.CLUE, Status.ASKED, Status.OPEN, Status.PAUSED)
    OVER = (Status.DECLINED, Status.ENDED, Status.CLOSED, Status.REVOKED)
    # Nothing came of it: what it began with may become another case.
    CAME_TO_NOTHING = (Status.DECLINED, Status.ENDED, Status.REVOKED)
    DECISION_STANDS = (Status.DECIDED, Status.DELIVERED, Status.CLOSED)

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    number = models.CharField("案号", max_length=40)
    source = models.CharField("线索来源", max_length=10, choices=Source.choices)
    source_note = models.CharField("来源说明", max_length=120, blank=True)
    alert = models.ForeignKey(
        Alert, models.PROTECT, null=True, related_name="cases", verbose_name="疑点"
    )
    # What an inspection found and handed over to be made a case.
    hand_over = models.ForeignKey(
        "supervision.HandOver", models.PROTECT, null=True, related_name="cases", verbose_name="移送"
    )
    party = models.CharField("当事人类别", max_length=12, choices=Party.choices)
    institution = models.ForeignKey(
        Institution, models.PROTECT, null=True, related_name="+", verbose_name="定点机构"
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name="参保人"
    )
    party_name = models.CharField("当事人", max_length=100)
    # What the documents name beside it, as far as no register of ours says it.
    party_code = models.CharField(
        "统一社会信用代码", max_length=40, blank=True, default="", db_default=""
    )
    party_address = models.CharField("地址", max_length=100, blank=True, default="", db_default="")
    party_head = models.CharField(
        "法定代表人、负责人", max_length=40, blank=True, default="", db_default=""
    )
    told = models.CharField("线索内容", max_length=300)
    cause_code = models.CharField("案由", max_length=2, blank=True)
    act_ended_on = models.DateField("行为终了日期", null=True)
    is_grave = models.BooleanField("危害健康或金融安全", default=False)
    facts = models.CharField("查明的事实", max_length=1000, blank=True)
    outcome = models.CharField("处理意见", max_length=10, choices=Outcome.choices, blank=True)
    loss_amount = MoneyField("造成的基金损失", default=ZERO)
    # Hundredths of the loss, where the article fixes the fine by a multiple.
    factor = models.PositiveIntegerField("罚款倍数（百分之一）", null=True)
    fine_amount = MoneyField("罚款", default=ZERO)
    lighter = models.CharField("减轻处罚的理由", max_length=200, blank=True)
    # What the party was told; a fine that is higher after a statement is refused.
    told_fine_amount = MoneyField("告知的罚款", null=True)
    found_on = models.DateField("线索日期")
    clue_extended = models.BooleanField("已延长核查", default=False)
    filed_on = models.DateField("立案日期", null=True)
    extended_days = models.PositiveIntegerField("已延长天数", default=0)
    reported_on = models.DateField("调查终结日期", null=True)
    notified_on = models.DateField("告知日期", null=True)
    decided_on = models.DateField("决定日期", null=True)
    delivered_on = models.DateField("送达日期", null=True)
    closed_on = models.DateField("结案日期", null=True)
    due_on = models.DateField("本环节期限", null=True)
    status = status_column(Status.CLUE)
    opinion = models.CharField("意见", max_length=300, blank=True)
    found_by, found_at = first_hand("登记")
    asked_by, asked_at = later_hand("呈报")
    filed_by, filed_at = later_hand("批准立案")
    reported_by, reported_at = later_hand("调查终结")
    checked_by, checked_at = later_hand("法制审核")
    notified_by, notified_at = later_hand("告知")
    decided_by, decided_at = later_hand("决定")
    delivered_by, delivered_at = later_hand("送达")
    closed_by, closed_at = later_hand("批准结案")

    objects = CaseQuerySet.as_manager()

    AUDITED = (
        *("number", "source", "party", "institution_id", "cause_code", "status", "outcome"),
        *("loss_amount", "factor", "fine_amount", "lighter", "extended_days", "due_on", "opinion"),
        *("party_code", "party_address", "party_head"),
    )
    # Of people: that they were changed is told by `describe_party`.
    MASKS: ClassVar = {"party_address": PERSONAL["address"], "party_head": mask_name}

    class Meta:
        app_label = "supervision"
        verbose_name = "稽核案件"
        ordering = ["-id"]
        constraints = [
            once("area", "number", name="case_number_once"),
            once(
                "alert",
                name="one_standing_case_of_an_alert",
                where=~Q(status__in=["declined", "ended", "revoked"]),
                told="这条疑点刚由别人转为案件线索，请刷新后再看",
            ),
            once(
                "hand_over",
                name="one_standing_case_of_a_hand_over",
                where=~Q(status__in=["declined", "ended", "revoked"]),
                told="这份移送刚由别人转为案件线索，请刷新后再看",
            ),
            models.CheckConstraint(
                condition=Q(party="institution", institution__isnull=False, person=None)
                | Q(party="person", person__isnull=False, institution=None)
                | Q(party="other", person=None, institution=None),
                name="case_has_its_party",
            ),
            models.CheckConstraint(
                condition=Q(outcome="penalty", fine_amount__gt=0)
                | (~Q(outcome="penalty") & Q(fine_amount=0)),
                name="case_penalty_is_a_fine",
            ),
            models.CheckConstraint(
                condition=Q(loss_amount__gte=0) & Q(extended_days__lte=90),
                name="case_within_bounds",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["clue", "declined"]) | ~Q(cause_code=""),
                name="filed_case_has_cause",
            ),
            apart("filed_by", "found_by", "asked_by", name="case_is_filed_by_another"),
            apart(
                *("checked_by", "found_by", "asked_by", "filed_by", "reported_by"),
                name="case_is_checked_by_another",
            ),
            apart(
                *("decided_by", "asked_by", "reported_by", "checked_by"),
                name="case_is_decided_by_another",
            ),
            apart("closed_by", "reported_by", "delivered_by", name="case_is_closed_by_another"),
        ]
        indexes = [models.Index(fields=["status", "due_on"], name="case_status_due")]

    def __str__(self) -> str:
        return self.number

    @property
    def cause(self) -> Cause | None:
        return causes().get(self.cause_code)

    @property
    def times_told(self) -> str:
        """The factor as it is said: 2, 1.5."""
        return f"{(self.factor or 0) / 100:g}"

    @property
    def is_over(self) -> bool:
        return self.status in self.OVER

    @property
    def called(self) -> str:
        """What recoveries and other rooms name the case by."""
        return f"案件 {self.number}"


class OfCase(models.Model):
    """A row of a case: seen by whoever sees the case."""

    case: "models.ForeignKey[Case, Case]"
    objects = ScopedManager("case__area__code")

    class Meta:
        abstract = True
        ordering = ["case", "id"]


class CaseClaim(OfCase):
    """A settlement that the case is about, and how much of what the fund gave was not due. What
    turns out not to belong to the case stays with 0.00."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="claims", verbose_name="案件")
    settlement = models.ForeignKey(
        Settlement, models.PROTECT, related_name="+", verbose_name="结算单"
    )
    amount = MoneyField("涉案金额")
    added_by, added_at = first_hand("登记")

    AUDITED = ("case_id", "settlement_id", "amount")

    @property
    def ask_title(self) -> str:
        return f"追回 {self.settlement.number}"

    class Meta(OfCase.Meta):
        app_label = "supervision"
        verbose_name = "涉案结算单"
        constraints = [
            once("case", "settlement", name="claim_once_in_a_case"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="case_claim_not_negative"),
        ]


class CaseOfficer(OfCase):
    """Who investigates (办案人员), at least two; who has an interest leaves (回避)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="officers", verbose_name="案件")
    user = hand("办案人员")
    named_by, named_at = first_hand("指定")
    left_on = models.DateField("回避日期", null=True)
    left_why = models.CharField("回避原因", max_length=200, blank=True)

    AUDITED = ("case_id", "user_id", "left_on", "left_why")

    class Meta(OfCase.Meta):
        app_label = "supervision"
        verbose_name = "办案人员"
        constraints = [
            once("case", "user", name="officer_once_in_a_case", told="这位人员已在本案的名单中")
        ]


class Evidence(OfCase):
    """A piece of evidence; what might be lost is registered (先行登记保存), what might be moved is
    sealed (封存), each for so many days at most."""

    class Kind(models.TextChoices):
        WRITTEN = "written", "书证"
        OBJECT = "object", "物证"
        VIDEO = "video", "视听资料"
        DATA = "data", "电子数据"
        WITNESS = "witness", "证人证言"
        PARTY = "party", "当事人陈述"
        EXPERT = "expert", "鉴定意见"
        SITE = "site", "勘验笔录、现场笔录"

    class Hold(models.TextChoices):
        NONE = "", "不采取"
        REGISTERED = "register", "先行登记保存"
        SEALED = "seal", "封存"

    case = models.ForeignKey(Case, models.PROTECT, related_name="evidence", verbose_name="案件")
    kind = models.CharField("证据种类", max_length=8, choices=Kind.choices)
    title = models.CharField("名称、数量", max_length=120)
    origin = models.CharField("来源、提供人", max_length=120)
    obtained_on = models.DateField("取得日期")
    hold = models.CharField("保全措施", max_length=8, choices=Hold.choices, blank=True)
    hold_due_on = models.DateField("保全期限", null=True)
    hold_extended = models.BooleanField("已延长", default=False)
    released_on = models.DateField("解除日期", null=True)
    released_how = models.CharField("处理情况", max_length=120, blank=True)
    added_by, added_at = first_hand("登记")

    AUDITED = ("case_id", "kind", "title", "hold", "hold_due_on", "hold_extended", "released_on")

    class Meta(OfCase.Meta):
        app_label = "supervision"
        verbose_name = "案件证据"
        constraints = [
            models.CheckConstraint(
                condition=Q(hold="", hold_due_on=None)
                | (~Q(hold="") & Q(hold_due_on__isnull=False)),
                name="held_evidence_has_its_term",
            ),
            models.CheckConstraint(
                condition=Q(released_on=None) | ~Q(released_how=""),
                name="released_evidence_says_how",
            ),
        ]


class CasePause(OfCase):
    """Days that do not count for the case's term (扣除期间): what one officer enters by the
    paper that orders them counts once another has agreed to it, and so does the day on which they
    end. What is no suspension ends by itself when it is full."""

    class Status(TonedChoices):
        ASKED = "asked", "wait", "待批准"
        AGREED = "agreed", "good", "已批准"
        ENDING = "ending", "wait", "结束待批准"
        DECLINED = "declined", "idle", "不批准"

    # Another agreed that they do not count.
    COUNTED = (Status.AGREED, Status.ENDING)

    class Kind(models.TextChoices):
        TEST = "test", "检测检验"
        EXPERT = "expert", "鉴定、专家评审"
        HEARING = "hearing", "听证"
        ANNOUNCED = "announced", "公告"
        SUSPENDED = "suspended", "中止调查"

    case = models.ForeignKey(Case, models.PROTECT, related_name="pauses", verbose_name="案件")
    kind = models.CharField("事项", max_length=10, choices=Kind.choices)
    first_day = models.DateField("自")
    last_day = models.DateField("至", null=True)
    # "" of what was entered before the paper was asked for; that counted at once.
    paper = models.CharField("依据的文号", max_length=100, blank=True, default="", db_default="")
    paper_on = models.DateField("文书日期", null=True)
    status = status_column(Status.ASKED)
    opinion = models.CharField("意见", max_length=200, blank=True, default="", db_default="")
    added_by, added_at = first_hand("登记")
    agreed_by, agreed_at = later_hand("批准")
    # The last day as an officer puts it forward; `last_day` once another has agreed.
    ends_on = models.DateField("申请的截止日期", null=True)
    ended_by, ended_at = later_hand("申请结束")
    end_agreed_by, end_agreed_at = later_hand("批准结束")
    # Why the end was given back, the last time: of the beginning nothing is taken back by that.
    end_opinion = models.CharField(
        "退回结束的原因", max_length=200, blank=True, default="", db_default=""
    )
    end_returned_by, end_returned_at = later_hand("退回结束")

    AUDITED = ("case_id", "kind", "first_day", "last_day", "paper", "paper_on", "status", "ends_on")

    class Meta(OfCase.Meta):
        app_label = "supervision"
        verbose_name = "扣除期间"
        constraints = [
            in_order("first_day", "last_day", name="pause_days_in_order", open_end=True),
            once("case", name="one_open_pause_of_a_case", where=Q(last_day=None)),
            models.CheckConstraint(
                condition=~Q(status="asked") | ~Q(paper="") & Q(paper_on__isnull=False),
                name="pause_names_its_paper",
            ),
            models.CheckConstraint(
                condition=Q(status="asked") | Q(paper="") | Q(agreed_by__isnull=False),
                name="decided_pause_has_its_hand",
            ),
            apart("agreed_by", "added_by", name="pause_is_agreed_to_by_another"),
            models.CheckConstraint(
                condition=~Q(status="ending")
                | Q(last_day=None, ends_on__isnull=False, ended_by__isnull=False),
                name="ending_pause_says_when",
            ),
            apart("end_agreed_by", "added_by", "ended_by", name="pause_is_ended_by_two"),
        ]

    @property
    def full_on(self) -> date | None:
        """The day on which it ends by itself; None of a suspension, and of what was entered before
        a paper was asked for: that stands as it counted."""
        if self.kind == self.Kind.SUSPENDED or not self.paper:
            return None
        return self.first_day + timedelta(days=PAUSE_DAYS - 1)


class CaseNote(OfCase):
    """What was done or said on a day (办案记录); added, never changed."""

    class Kind(models.TextChoices):
        CHECK = "check", "线索核查"
        TALK = "talk", "询问"
        STATEMENT = "statement", "陈述申辩"
        WAIVED = "waived", "放弃陈述、申辩和听证"
        # Noted of a party that said nothing within its term (`supervision.words`).
        SILENT = "silent", "期满未陈述、申辩和申请听证"
        HEARING_ASKED = "asks", "申请听证"
        HEARING = "hearing", "举行听证"
        COLLECTIVE = "collective", "集体讨论"
        OTHER = "other", "其他"

    # What the party said or let pass, which the decision asks: entered as its word alone
    # (`supervision.words`).
    OF_PARTY = (Kind.STATEMENT, Kind.WAIVED, Kind.SILENT, Kind.HEARING_ASKED)

    case = models.ForeignKey(Case, models.PROTECT, related_name="notes", verbose_name="案件")
    kind = models.CharField("事项", max_length=10, choices=Kind.choices)
    happened_on = models.DateField("日期")
    words = models.CharField("情况", max_length=500)
    # Who was asked, presided over the hearing, took part in the discussion.
    who = models.CharField("参加人", max_length=120, blank=True)
    added_by, added_at = first_hand("记录")

    AUDITED = ("case_id", "kind", "happened_on")

    class Meta(OfCase.Meta):
        app_label = "supervision"
        verbose_name = "办案记录"


class Measure(OfCase):
    """What the decision orders beside money, each to be carried out: points, suspensions, a
    hand-over. The portal's own registers have their own decisions; here stands which."""

    class Kind(models.TextChoices):
        POINTS = "points", "医保支付资格记分"
        DEPARTMENT = "department", "暂停责任部门医保服务"
        INSTITUTION = "institution", "暂停服务协议"
        AGREEMENT = "agreement", "解除服务协议"
        PERSON = "person", "暂停联网结算"
        CONTRACT = "contract", "按协议扣违约金"
        POLICE = "police", "移送公安机关"
        DISCIPLINE = "discipline", "移送纪检监察机关"
        HEALTH = "health", "移送卫生健康、药品监管部门"
        ENFORCE = "enforce", "申请人民法院强制执行"
        OTHER = "other", "其他"

    case = models.ForeignKey(Case, models.PROTECT, related_name="measures", verbose_name="案件")
    kind = models.CharField("措施", max_length=12, choices=Kind.choices)
    target = models.CharField("对象", max_length=120)
    points = models.PositiveIntegerField("记分", null=True)
    amount = MoneyField("金额", null=True)
    first_day = models.DateField("自", null=True)
    last_day = models.DateField("至", null=True)
    added_by, added_at = first_hand("登记")
    done_on = models.DateField("落实日期", null=True)
    done_note = models.CharField("落实的文号、情况", max_length=120, blank=True)
    done_by = hand("落实登记人", null=True)

    AUDITED = ("case_id", "kind", "target", "points", "amount", "done_on", "done_note")

    class Meta(OfCase.Meta):
        app_label = "supervision"
        verbose_name = "处理措施"
        constraints = [
            in_order("first_day", "last_day", name="measure_days_in_order", open_end=True),
            models.CheckConstraint(
                condition=Q(done_on=None) | (~Q(done_note="") & Q(done_by__isnull=False)),
                name="done_measure_says_how",
            ),
            models.CheckConstraint(
                condition=Q(points=None) | Q(kind="points", points__range=(1, 12)),
                name="points_of_a_decision_are_1_to_12",
            ),
        ]


class FineEntry(OfCase):
    """What was paid of a fine to the treasury, or given back by it: a register entry. No book of a
    fund knows it (条例 第四十四条: 罚款上缴国库)."""

    class Kind(models.TextChoices):
        PAID = "paid", "缴入国库"
        RETURNED = "returned", "国库退还"

    case = models.ForeignKey(Case, models.PROTECT, related_name="fines", verbose_name="案件")
    kind = models.CharField("类别", max_length=8, choices=Kind.choices, default=Kind.PAID)
    amount = MoneyField("金额")
    paid_on = models.DateField("缴库日期")
    treasury_number = models.CharField("缴款书、退库书号", max_length=40)
    noted_by, noted_at = first_hand("登记")

    AUDITED = ("case_id", "kind", "amount", "paid_on", "treasury_number")

    class Meta(OfCase.Meta):
        app_label = "supervision"
        verbose_name = "罚款缴库登记"
        constraints = [
            positive("amount", name="fine_entry_is_something"),
            once(
                "treasury_number",
                name="treasury_number_once",
                told="这个缴款书号已经登记过，请核对",
                at="treasury_number",
            ),
        ]
