"""Forms of a case: the clue, what each step asks, what is added on the way."""

from typing import Any

from django import forms

from accounts.forms import PlainForm
from accounts.models import User
from accounts.roles import PERMISSIONS
from claims.recovery.forms import date_field, money_field
from desk.reasons import ReasonField
from enrollment.models import Person
from institutions.looked_up import InstitutionField
from institutions.models import Institution
from supervision.cases.causes import causes
from supervision.cases.delivering import ANNOUNCED_DAYS, CARRIED, ENTRY_WORKDAYS, Served
from supervision.cases.models import (
    Case,
    CaseNote,
    CasePause,
    Evidence,
    FineEntry,
    Measure,
)
from supervision.cases.parties import address_of
from supervision.cases.services import Clue, Filing, Finding, officers_of
from supervision.cases.workflow import WORK
from supervision.inspections.forms import read_all, scans_field

SOURCES = [pair for pair in Case.Source.choices if pair[0] != Case.Source.ALERT]
# Household 16, member 2 (enrollment.people.models.Person.certificate_number).
CERTIFICATE_DIGITS = 18
# What the party says is entered as its word, on a page of its own (`supervision.words`).
NOTES = [pair for pair in CaseNote.Kind.choices if pair[0] not in CaseNote.OF_PARTY]


def _text(label: str, rows: int = 2, most: int = 300, **more: Any) -> ReasonField:
    return ReasonField(
        label=label,
        max_length=most,
        required=False,
        widget=forms.Textarea(attrs={"rows": rows}),
        **more,
    )


def _word(label: str, most: int = 120, size: int = 28, **more: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"size": size})
    return forms.CharField(label=label, max_length=most, widget=widget, **more)


def _later(label: str) -> forms.DateField:
    field = date_field(label)
    field.required = False
    return field


class ClueForm(PlainForm):
    """A clue that somebody brought; its party an institution, a number of the book, or a name."""

    source = forms.ChoiceField(label="线索来源", choices=SOURCES)
    source_note = _word("来源说明", required=False, help_text="如 移送函文号、检查编号")
    institution = InstitutionField(
        label="定点机构",
        required=False,
        widget=forms.TextInput(attrs={"size": 24}),
        help_text="当事人是定点机构的填写：名称、拼音首字母或代码",
    )
    certificate = _word("医疗证号", 24, 20, required=False, help_text="当事人是参保人的填写")
    party_name = _word(
        "其他当事人", 100, 24, required=False, help_text="既不是定点机构也不是参保人的填写"
    )
    told = _text("线索内容", 3)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)
        self.fields["institution"].rows = Institution.objects.visible_to(user)  # type: ignore[attr-defined]

    def clean_certificate(self) -> Person | None:
        number = self.cleaned_data["certificate"].strip()
        if not number:
            return None
        if not number.isdecimal() or len(number) != CERTIFICATE_DIGITS:
            raise forms.ValidationError(f"医疗证号是 {CERTIFICATE_DIGITS} 位数字，请核对")
        found = Person.objects.visible_to(self.user).search(number)[:2]
        if len(found) != 1:
            raise forms.ValidationError("本县没有这个医疗证号，请核对")
        return found[0]

    def clue(self) -> Clue:
        data = self.cleaned_data
        return Clue(
            source=data["source"],
            source_note=data["source_note"],
            told=data["told"],
            institution=data["institution"],
            person=None if data["institution"] else data["certificate"],
            party_name=data["party_name"],
        )


class FilingForm(PlainForm):
    """立案审批表."""

    cause = forms.ChoiceField(label="案由", widget=forms.Select(attrs={"data-wide": ""}))
    act_ended_on = date_field("违法行为终了日期")
    is_grave = forms.BooleanField(
        label="涉及生命健康安全、金融安全且有危害后果（追责时效 5 年）", required=False
    )
    opinion = _text("立案意见", 2)

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fits = [
            one
            for one in causes().values()
            if one.subject == case.party or one.subject not in {"institution", "person"}
        ]
        field: Any = self.fields["cause"]
        field.choices = [("", "请选择"), *((one.code, f"{one}（{one.article}）") for one in fits)]

    def said(self) -> dict[str, Any]:
        return {"filing": self.typed(Filing)}


class FindingForm(PlainForm):
    """调查终结报告."""

    facts = _text("查明的事实和证据", 4, 1000)
    outcome = forms.ChoiceField(label="处理意见", choices=Case.Outcome.choices)
    loss = money_field("造成的基金损失（元）")
    times = forms.DecimalField(
        label="罚款倍数",
        required=False,
        max_digits=5,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 6}),
    )
    fine = money_field("罚款（元）", required=False)
    lighter = _word("减轻处罚的理由", 200, 40, required=False, help_text="低于法定幅度时填写")

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cause = case.cause
        if cause is None or not cause.times:
            del self.fields["times"]
        if cause is None or not cause.sums:
            del self.fields["fine"]
        if cause is None or not (cause.times or cause.sums):
            del self.fields["lighter"]
            field: Any = self.fields["outcome"]
            field.choices = [pair for pair in Case.Outcome.choices if pair[0] != "penalty"]

    def said(self) -> dict[str, Any]:
        data = self.cleaned_data
        times = data.get("times")
        finding = Finding(
            facts=data["facts"],
            outcome=data["outcome"],
            loss=data["loss"],
            factor=int(times * 100) if times is not None else None,
            fine=data.get("fine"),
            lighter=data.get("lighter", ""),
        )
        return {"finding": finding}


class PlainStepForm(PlainForm):
    """A step whose inputs are its service's arguments."""

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def said(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class DeliveryForm(PlainForm):
    """送达回证: all but the signatures."""

    served_on = date_field(
        "送达日期",
        help_text=f"签收、邮件回执或公告期满（发出之日起经过 {ANNOUNCED_DAYS} 日）的日期，"
        "期限从这一天起算",
    )
    way = forms.ChoiceField(label="送达方式", choices=CARRIED)
    place = _word("送达地点", 100, 36)
    receiver = _word("签收人", 40, 16, required=False, help_text="直接、委托送达必填")
    relation = _word(
        "与受送达人的关系", 40, 20, required=False, help_text="如 法定代表人、同住成年家属"
    )
    refusal = _word("拒收的理由", 120, 36, required=False, help_text="留置送达必填")
    witness = _word("见证人及单位", 60, 30, required=False, help_text="留置送达必填")
    reference = _word(
        *("凭据编号", 60, 30),
        required=False,
        help_text="邮件号、委托函号、公告载体；邮寄、委托、公告送达必填",
    )
    server = _word("送达人一", 40, 12)
    other_server = _word("送达人二", 40, 12)
    late_reason = _word(
        *("迟登记的原因", 100, 40),
        required=False,
        help_text=f"送达后超过 {ENTRY_WORKDAYS} 个工作日才登记的填写",
    )

    def said(self) -> dict[str, Any]:
        return {"served": self.typed(Served)}


class CaseDeliveryForm(DeliveryForm):
    """The same of a case: its officers go to where its party is."""

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [one.user.name for one in officers_of(case).select_related("user")[:2]]
        for field, name in zip(("server", "other_server"), names, strict=False):
            self.fields[field].initial = name
        self.fields["place"].initial = address_of(case)


class PartyForm(PlainStepForm):
    """当事人基本情况, beside what a register says."""

    code = _word("统一社会信用代码", 40, 24, required=False)
    address = _word("地址", 100, 40)
    head = _word("法定代表人（负责人）", 40, 16, required=False)

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(case, *args, **kwargs)
        if case.party == Case.Party.PERSON:
            del self.fields["code"], self.fields["head"]


class ExtendForm(PlainStepForm):
    days = forms.IntegerField(
        label="延长天数", min_value=1, max_value=60, widget=forms.TextInput(attrs={"size": 5})
    )
    reason = _text("延长的原因", 2, 200)


class CaseClaimForm(PlainStepForm):
    number = _word("结算单号", 40, 22)
    amount = money_field("涉案金额（元）")


class OfficerForm(PlainStepForm):
    user = forms.ModelChoiceField(label="办案人员", queryset=User.objects.none())

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(case, *args, **kwargs)
        rows = User.objects.filter(
            is_active=True,
            role__in=PERMISSIONS[WORK],
            division__code__startswith=case.area.code[:6],
        )
        field: Any = self.fields["user"]
        field.queryset = rows.exclude(pk__in=case.officers.values("user")).order_by("name")
        field.label_from_instance = lambda user: user.name


class EvidenceForm(PlainStepForm):
    kind = forms.ChoiceField(label="证据种类", choices=Evidence.Kind.choices)
    title = _word("名称、数量")
    origin = _word("来源、提供人")
    obtained_on = date_field("取得日期")
    hold = forms.ChoiceField(label="保全措施", choices=Evidence.Hold.choices, required=False)
    scans = scans_field(required=False)

    def said(self) -> dict[str, Any]:
        return super().said() | {"scans": read_all(self.cleaned_data["scans"])}


class EvidenceScansForm(PlainForm):
    scans = scans_field(required=True)


class PauseForm(PlainStepForm):
    kind = forms.ChoiceField(label="扣除事项", choices=CasePause.Kind.choices)
    first_day = date_field("自")
    last_day = _later("至（未结束的不填）")
    paper = _word("依据的文号", 100, 36, help_text="委托书、听证通知书、公告、中止依据的文号")
    paper_on = date_field("文书日期", help_text="批准以后才不计入办案期限")


class PauseEndForm(PlainForm):
    last_day = date_field("截止日期", help_text="不计入办案期限的最后一天，如收到鉴定意见那天")


class NoteForm(PlainStepForm):
    kind = forms.ChoiceField(label="事项", choices=NOTES)
    happened_on = date_field("日期")
    who = _word("参加人", required=False)
    words = _text("情况", 3, 500)


class MeasureForm(PlainStepForm):
    kind = forms.ChoiceField(label="措施", choices=Measure.Kind.choices)
    target = _word("对象", help_text="如 责任医师、科室、机关")
    points = forms.IntegerField(
        label="记分",
        required=False,
        min_value=1,
        max_value=12,
        widget=forms.TextInput(attrs={"size": 4}),
    )
    amount = money_field("金额（元）", required=False)
    first_day = _later("自")
    last_day = _later("至")


class FineForm(PlainStepForm):
    kind = forms.ChoiceField(label="类别", choices=FineEntry.Kind.choices)
    amount = money_field("金额（元）")
    paid_on = date_field("缴库日期")
    number = _word("缴款书号", 40, 22)
