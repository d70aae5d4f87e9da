"""Forms of the counter, the window and the queues. They read; the services judge."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.forms import BaseFormSet, formset_factory

from accounts.forms import PlainForm
from claims.asked import MAX_ANSWER, answer_field, asked_fields, asking, questions_of
from claims.classification import line_lacks
from claims.cuts import REASONS
from claims.entries import Hospital, PaperInvoice, PaperLine, VisitFacts
from claims.models import BillLine, Visit
from claims.services.lines import TypedLine
from claims.services.visits import MAX_BABIES
from desk.reasons import ReasonForm, reason_field
from institutions.categories import CATEGORY_NAMES
from institutions.models import Level
from policies.terms import ASKED_FIELDS, ORIGINS, BillRules, Care, Question, Terms

# What only concerns bills from elsewhere, and what the portal finds out by itself.
OUTSIDE_FACTS = frozenset({"non_contracted", "working_away", "notified"})
FOUND_FACTS = frozenset({"claimed_late"})
REFERRAL_NAMES = {"none": "无需转诊", "referred": "已转诊审批", "unreferred": "未经转诊"}
# Rows of a bill on one page; Django itself refuses a form of more than 1 000 inputs.
MAX_LINES = 200


def date_field(label: str, required: bool = True) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, required=required)


class PatientForm(PlainForm):
    resident_id = forms.CharField(
        label="参保人证件号码、医疗证号或户编号",
        max_length=40,
        widget=forms.TextInput(attrs={"autofocus": True, "inputmode": "text", "size": 24}),
        error_messages={"required": "请录入证件号码"},
    )


# Of the inputs of a visit those of which several may be chosen.
CHOSEN = ("diseases", "facts", "procedures", "reasons")


class VisitForm(PlainForm):
    """The visit; choices are the words of the measures in force."""

    care = forms.ChoiceField(label="就医类别", widget=forms.Select(attrs={"autofocus": True}))
    starts = date_field("入院/就诊日期")
    ends = date_field("出院日期", required=False)
    diagnosis_code = forms.CharField(label="诊断编码", max_length=20, required=False)
    diagnosis = forms.CharField(label="诊断", max_length=100)
    referral = forms.ChoiceField(label="转诊", initial="none")
    facts = forms.MultipleChoiceField(
        label="情况", required=False, widget=forms.CheckboxSelectMultiple
    )
    diseases = forms.MultipleChoiceField(
        label="病种", required=False, widget=forms.CheckboxSelectMultiple
    )
    procedures = forms.MultipleChoiceField(
        label="诊疗项目", required=False, widget=forms.CheckboxSelectMultiple
    )
    reasons = forms.MultipleChoiceField(
        label="不予支付情形", required=False, widget=forms.CheckboxSelectMultiple
    )
    filing_document = forms.CharField(
        label="批准文书和文号",
        max_length=100,
        required=False,
        help_text="没有找到备案时填写",
    )
    # These two only where the measures ask for them; the questions of a pack follow them.
    babies = forms.IntegerField(
        label="婴儿数",
        initial=1,
        min_value=0,
        max_value=MAX_BABIES,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            f"婴儿数应为 0 至 {MAX_BABIES} 的整数，不是分娩填 1",
        ),
    )
    referred_from = forms.TypedChoiceField(
        label="转出的住院",
        required=False,
        coerce=int,
        empty_value=None,
        help_text="上转、下转时选，抵已付的起付线",
    )

    # Shown once the visit resembles another (claims/visits/alike.py).
    alike_reason = reason_field("与已有就诊相似的说明")

    hidden_facts = OUTSIDE_FACTS | FOUND_FACTS

    def __init__(
        self, terms: Terms, *args: Any, stays: Sequence[Visit] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.terms = terms
        if not terms.filings:
            del self.fields["filing_document"]
        for name in ASKED_FIELDS.keys() - asked_fields(terms):
            del self.fields[name]
        if "referred_from" in self.fields:
            known = [
                (one.pk, f"{one.institution_name} {one.starts} 至 {one.ends}") for one in stays
            ]
            self.choose("referred_from", {"": "没有"} | dict(known))
        if "babies" in self.fields:
            self.fields["babies"].help_text = _when(asking(terms, "babies"))
        for code, (question, cares) in questions_of(terms).items():
            self.fields[answer_field(code)] = question_field(question, _when(cares))
        words = terms.vocabulary
        self.choose("care", words["care"])
        usual = next((care.code for care in terms.cares.values() if care.counts_as_stay), None)
        self.fields["care"].initial = usual
        referrals = words.get("referral") or REFERRAL_NAMES
        self.choose("referral", referrals)
        facts = {c: n for c, n in words.get("fact", {}).items() if c not in self.hidden_facts}
        self.choose("facts", facts)
        self.choose("diseases", words.get("disease", {}))
        self.choose("procedures", words.get("procedure", {}))
        self.choose("reasons", _with_articles(terms))

    def choose(self, name: str, words: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(words.items())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("starts") and not data.get("ends") and "ends" not in self.errors:
            care = self.terms.cares.get(data.get("care", ""))
            if care is not None and care.bed:
                self.add_error("ends", "住院请填写出院日期")
            else:
                data["ends"] = data["starts"]
        return data

    @property
    def questions(self) -> list[forms.BoundField]:
        """The fields that the pack itself asks for, in its order."""
        return [self[answer_field(code)] for code in questions_of(self.terms)]

    def visit(self) -> VisitFacts:
        data = self.cleaned_data
        chosen = {name: frozenset(data[name]) for name in CHOSEN}
        answers = {
            code: str(data[answer_field(code)])
            for code in questions_of(self.terms)
            if data[answer_field(code)] not in {None, ""}
        }
        return self.typed(VisitFacts, answers=answers, **chosen)


def _with_articles(terms: Terms) -> dict[str, str]:
    """Code → each reason for refusing, with the article that the measures give for it."""
    articles: dict[str, str] = {}
    for rule in terms.refusals:
        for test in rule.condition.tests():
            if test.dimension == "reason":
                articles |= dict.fromkeys(test.values, rule.article)
    reasons = terms.vocabulary.get("reason", {})
    return {c: f"{n}（{articles[c]}）" if articles.get(c) else n for c, n in reasons.items()}


def question_field(question: Question, when: str) -> forms.Field:
    """The field of one question. Whether it has to be answered depends on the care: the service
    judges."""
    given: dict[str, Any] = {"label": question.name, "required": False, "help_text": when}
    if question.kind == "choice":
        return forms.ChoiceField(choices=[("", "请选择"), *question.options.items()], **given)
    if question.kind == "whole":
        return forms.IntegerField(
            min_value=0,
            max_value=10**9,
            widget=forms.TextInput(attrs={"inputmode": "numeric"}),
            error_messages=dict.fromkeys(("invalid", "min_value"), f"{question.name}应为整数"),
            **given,
        )
    return forms.CharField(max_length=MAX_ANSWER, **given)


def _when(cares: Sequence[Care]) -> str:
    return "、".join(care.name for care in cares) + "时填写"


class CounterVisitForm(VisitForm):
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)
    consent_signed = forms.BooleanField(label="目录外项目已由患者或家属签字同意", required=False)


class PaperVisitForm(VisitForm):
    hospital = forms.CharField(
        label="就诊医院", max_length=100, widget=forms.TextInput(attrs={"autofocus": True})
    )
    level = forms.ChoiceField(label="医院级别", choices=Level.choices, initial="city")
    place = forms.ChoiceField(label="就医地", initial="outside")
    extension_approved = forms.BooleanField(
        label="路途遥远，经批准延期报销（不晚于次年春节后 30 日）", required=False
    )
    late_reason = forms.CharField(label="逾期原因", max_length=200, required=False)

    hidden_facts = FOUND_FACTS

    def __init__(self, terms: Terms, *args: Any, **kwargs: Any) -> None:
        super().__init__(terms, *args, **kwargs)
        self.choose("place", terms.vocabulary["place"])
        self.fields["care"].widget.attrs.pop("autofocus", None)  # the hospital comes first here

    def where(self) -> Hospital:
        return self.typed(Hospital, name=self.cleaned_data["hospital"])


def _number(label: str, *, size: int | None = None, **bounds: Any) -> forms.DecimalField:
    """Of a bill's line; `size`: characters that the input shows."""
    shown = {"inputmode": "decimal"} | ({} if size is None else {"size": size})
    words = {"required": f"请录入{label}", "invalid": f"{label}应为数字"}
    widget = forms.TextInput(attrs=shown)
    return forms.DecimalField(label=label, widget=widget, error_messages=words, **bounds)


class CounterLineForm(PlainForm):
    """One line of the bill: code or pinyin initials, quantity, price; the amount follows."""

    code = forms.CharField(
        label="编码或拼音首字母", max_length=30, error_messages={"required": "请录入编码"}
    )
    quantity = _number("数量", max_digits=12, decimal_places=4)
    unit_price = _number("单价", max_digits=14, decimal_places=6)
    origin = forms.ChoiceField(
        label="产地", required=False, choices=[("", "目录"), *ORIGINS.items()]
    )

    # A year's supply is more than any measures allow; beyond it somebody typed a quantity.
    supply_days = forms.IntegerField(
        label="用药天数",
        min_value=1,
        max_value=366,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 3}),
        error_messages={
            "invalid": "用药天数应为整数",
            "min_value": "用药天数应为 1 至 366",
            "max_value": "用药天数应为 1 至 366",
        },
    )

    def __init__(self, *args: Any, rules: BillRules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["self_pay"] = self_pay_field()
        for name in {"origin", "self_pay"} - asked_of_lines(rules):
            del self.fields[name]

    def line(self) -> TypedLine:
        return self.typed(TypedLine, text=self.cleaned_data["code"])


def days_typed(form: forms.Form) -> int | None:
    """How long the medicine of a line lasts, as far as it is typed and can be read."""
    try:
        days: int | None = form.fields["supply_days"].clean(form["supply_days"].value())
    except forms.ValidationError:
        return None
    return days


def self_pay_field() -> forms.DecimalField:
    """What the bill shows as paid first; which classes ask for it, the service judges."""
    return forms.DecimalField(
        label="其中先自付",
        max_digits=12,
        decimal_places=2,
        min_value=0,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 8}),
        error_messages={"invalid": "先自付应为数字", "min_value": "先自付不能为负数"},
    )


def amount_field(label: str = "金额") -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        max_digits=12,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={"required": "请录入金额", "invalid": "金额应为数字，如 120.50"},
    )


class PaperLineForm(PlainForm):
    name = forms.CharField(label="项目", max_length=120)
    category = forms.ChoiceField(
        label="费用类别", choices=[("", "请选择"), *CATEGORY_NAMES.items()]
    )
    bill_class = forms.ChoiceField(label="报销类别")
    quantity = _number("数量", size=6, max_digits=10, decimal_places=2, required=False)
    origin = forms.ChoiceField(label="产地", required=False, choices=[("", "—"), *ORIGINS.items()])
    amount = amount_field()
    self_pay = self_pay_field()

    def __init__(self, *args: Any, rules: BillRules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        payable = [each for each in rules.classes.values() if each.kind != "institution"]
        field = self.fields["bill_class"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "请选择"), *((each.code, each.name) for each in payable)]
        for name in PAPER_DETAILS - asked_of_lines(rules):
            del self.fields[name]

    def line(self) -> PaperLine:
        return PaperLine(**self.cleaned_data)


# What a paper bill need not say unless the measures judge single lines by it.
PAPER_DETAILS = frozenset({"quantity", "origin", "self_pay"})


def asked_of_lines(rules: BillRules) -> frozenset[str]:
    """ "quantity", "origin", "self_pay", as far as some class of the measures asks for them."""
    shown = [(False, "domestic", True), (True, "", True), (True, "domestic", False)]
    lacks = {
        line_lacks(rule, counted=counted, origin=origin, self_pay=self_pay)
        for rule in rules.classes.values()
        for counted, origin, self_pay in shown
    }
    return PAPER_DETAILS & lacks


class InvoiceForm(PlainForm):
    number = forms.CharField(label="发票号", max_length=30)
    issuer = forms.CharField(
        label="开票单位", max_length=100, required=False, help_text="空白即就诊医院"
    )
    issued_on = date_field("开票日期")
    amount = amount_field()

    def invoice(self, hospital: str) -> PaperInvoice:
        return self.typed(PaperInvoice, issuer=self.cleaned_data["issuer"] or hospital)


class RowSet(BaseFormSet):  # type: ignore[type-arg]
    """Rows of a bill; blank ones are left out. Services count the filled rows only."""

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        """Whoever does not see the head of the table hears the row and the column."""
        super().add_fields(form, index)
        for field in form.fields.values():
            row = "" if index is None else f"第 {index + 1} 行"
            field.widget.attrs.setdefault("aria-label", f"{row}{field.label}")

    def filled(self) -> list[Any]:
        return [form for form in self.forms if form.has_changed()]


def _rows(form: type[forms.Form]) -> Any:
    return formset_factory(form, formset=RowSet, extra=0, max_num=MAX_LINES, absolute_max=MAX_LINES)


CounterLines = _rows(CounterLineForm)
PaperLines = _rows(PaperLineForm)
Invoices = _rows(InvoiceForm)


class ReturnForm(ReasonForm):
    """Why a claim goes back to who entered it, and which papers it lacks."""

    missing = forms.MultipleChoiceField(
        label="缺少的材料", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, names: Mapping[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["missing"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(names.items())


class DenialForm(PlainForm):
    """On which article nothing is paid, and what was found."""

    code = forms.ChoiceField(label="不予支付的情形")
    words = forms.CharField(label="查明的事实", max_length=200, required=False)

    def __init__(self, reasons: Mapping[str, tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        assert isinstance(field, forms.ChoiceField)
        told = [(code, f"{name}（{article}）") for code, (name, article) in reasons.items()]
        field.choices = [("", "请选择"), *told]


def cut_choices() -> list[Any]:
    """The reasons, under who bears what is cut for them."""
    grouped = [
        (f"由{bearer.label}承担", [(one.code, one.name) for one in REASONS if one.bearer == bearer])
        for bearer in BillLine.Bearer
    ]
    return [("", "请选择"), *grouped]


class CutForm(PlainForm):
    approved_amount = forms.DecimalField(
        label="认可金额",
        max_digits=12,
        decimal_places=2,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 9}),
    )
    code = forms.ChoiceField(label="核减原因", choices=cut_choices, required=False)
    reason = forms.CharField(label="说明", max_length=80, required=False)

    def __init__(self, *args: Any, amount: Decimal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.amount = amount

    @property
    def is_cut(self) -> bool:
        """Whether the reviewer allows another amount than what was billed."""
        approved = self.cleaned_data.get("approved_amount")
        return approved is not None and approved != self.amount


def initial_visit(visit: Visit) -> dict[str, Any]:
    """A visit as the form shows it, for entering a corrected claim."""
    names = ("care", "starts", "ends", "diagnosis_code", "diagnosis", "referral", "facts",
             "diseases", "procedures", "reasons", "babies", "level", "place",
             "consent_signed", "alike_reason")  # fmt: skip
    return {name: getattr(visit, name) for name in names} | {
        "referred_from": visit.referred_from_id,
        "hospital": visit.institution_name,
        **{answer_field(code): answer for code, answer in visit.answers.items()},
    }
