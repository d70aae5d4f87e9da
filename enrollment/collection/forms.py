"""What people type about money. Forms check that it can be read; the rules are in the services."""

from decimal import Decimal
from typing import Any, cast

from django import forms

from accounts.forms import NameField, PlainForm
from accounts.models import Division, User
from accounts.roles import Role
from desk.import_pages import UploadForm
from desk.reasons import reason_field
from enrollment.collection.books import BOOK_CODE, BOOK_CODE_RULE, MAX_NUMBER
from enrollment.collection.models import Receipt, Refund, SponsorFund
from enrollment.collection.sponsored import balance
from enrollment.people.forms import date_input
from enrollment.people.models import IdentityStatus, Person
from enrollment.people.search import bearers
from funds.banking.models import BankLine
from funds.banking.statements import LAYOUT
from lib.money import told

REFERENCE = r"^[0-9A-Za-z-]{2,40}$"
REFERENCE_WRONG = {"invalid": "流水号为 2 至 40 位字母、数字或短横"}
# Lines of twenty characters: people whom a sponsor names one by one, a village and no township.
MAX_NAMED = 500


def amount_field(label: str, **options: Any) -> forms.DecimalField:
    """Yuan with at most two decimals."""
    widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "hz-amount"})
    return forms.DecimalField(
        label=label,
        min_value=Decimal(0),
        max_digits=12,
        decimal_places=2,
        widget=widget,
        error_messages={"invalid": "请填写金额（元），如 440.00"},
        **options,
    )


def recounted() -> forms.BooleanField:
    """Ticked when cash was counted again of which a whole note would go back."""
    return forms.BooleanField(label="已复点，实收无误", required=False)


class LossForm(PlainForm):
    """`township`: of the book; the village that kept it may be named."""

    first_number = forms.IntegerField(label="起号", min_value=1, max_value=MAX_NUMBER)
    last_number = forms.IntegerField(label="止号", min_value=1, max_value=MAX_NUMBER)
    lost_on = forms.DateField(label="遗失日期", widget=date_input())
    village = forms.ModelChoiceField(
        label="保管村",
        queryset=Division.objects.none(),
        required=False,
        empty_label="乡镇保管",
        help_text="由村里保管时丢失的，选择该村，计入该村扣款",
    )
    reason = reason_field("遗失经过")

    def __init__(self, *args: Any, township: Division, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(Any, self.fields["village"])
        villages = Division.objects.villages().filter(code__startswith=township.code)
        field.queryset = villages.order_by("code")
        field.label_from_instance = lambda division: division.name


class FoundForm(PlainForm):
    first_number = forms.IntegerField(label="起号", min_value=1, max_value=MAX_NUMBER)
    last_number = forms.IntegerField(label="止号", min_value=1, max_value=MAX_NUMBER)
    found_on = forms.DateField(label="找回日期", widget=date_input())
    reason = reason_field("找回经过")


class HandBackForm(PlainForm):
    reason = reason_field()


class TransferForm(PlainForm):
    clerk = forms.ModelChoiceField(
        label="新领用人", queryset=User.objects.none(), empty_label="请选择"
    )
    reason = reason_field()

    def __init__(self, *args: Any, township: Division, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(Any, self.fields["clerk"])
        field.queryset = User.objects.in_role(Role.TOWNSHIP_CLERK).filter(division=township)
        field.label_from_instance = lambda user: user.name


class CloseForm(PlainForm):
    day = forms.DateField(widget=forms.HiddenInput)
    counted = amount_field("实点现金（元）")
    explanation = forms.CharField(
        label="差额说明", max_length=200, required=False, help_text="实点与应有不符时写明原因"
    )


class StatementForm(UploadForm):
    noun = "流水"
    max_bytes = LAYOUT.max_bytes


class BookLineForm(PlainForm):
    kind = forms.ChoiceField(
        label="用途",
        choices=[
            (BankLine.Kind.INTEREST.value, "收入户利息"),
            (BankLine.Kind.TRANSFER.value, "划入财政专户"),
        ],
    )
    year = forms.IntegerField(label="所属年度", min_value=2000, max_value=2100)


class OtherWayForm(PlainForm):
    """Payment that is not all cash."""

    sponsor = forms.ModelChoiceField(
        label="资助资金",
        queryset=SponsorFund.objects.none(),
        required=False,
        empty_label="不使用资助",
    )
    channel = forms.ChoiceField(
        label="其余部分",
        choices=[
            (Receipt.Channel.BANK.value, "银行转账"),
            (Receipt.Channel.CASH.value, "现金"),
        ],
    )
    received = amount_field("本户实付（元）")
    reference = forms.RegexField(
        label="转账流水号",
        regex=REFERENCE,
        required=False,
        error_messages=REFERENCE_WRONG,
        help_text="转账时填写回单上的流水号",
    )
    sure = recounted()

    def __init__(self, *args: Any, funds: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(Any, self.fields["sponsor"])
        field.queryset = funds
        field.label_from_instance = lambda fund: f"{fund.name}（余 {told(balance(fund))} 元）"
        field.widget.attrs["autofocus"] = True


class SponsorForm(PlainForm):
    name = forms.CharField(
        label="资助方", max_length=60, widget=forms.TextInput(attrs={"autofocus": True})
    )
    kind = forms.ChoiceField(label="类别", choices=SponsorFund.Kind.choices)
    division = forms.ModelChoiceField(
        label="资助范围", queryset=Division.objects.none(), empty_label="请选择"
    )
    status = forms.ChoiceField(
        label="限定身份",
        required=False,
        choices=[("", "不限"), *IdentityStatus.Code.choices],
    )
    purpose = forms.CharField(
        label="资助约定", max_length=200, help_text="按资助方原意，如“资助桥亭村低保户”"
    )
    numbers = forms.CharField(
        label="限定人员证件号码",
        required=False,
        max_length=MAX_NAMED * 20,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        help_text="只资助指定的人时填写，每行一个",
    )

    def __init__(self, *args: Any, user: User, on: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.on = user, on
        field = cast(Any, self.fields["division"])
        field.queryset = (
            Division.objects.visible_to(user)
            .valid_on(on)
            .exclude(level=Division.Level.GROUP)
            .select_related("parent")
            .order_by("code")
        )
        field.label_from_instance = lambda one: (
            f"{one.parent.name} {one.name}"
            if one.level == Division.Level.VILLAGE and one.parent
            else one.name
        )

    def clean_numbers(self) -> list[Person]:
        """The people behind the numbers, all of them or an error that says which line is wrong."""
        lines = self.cleaned_data["numbers"].split()
        found = bearers(lines, Person.objects.visible_to(self.user))
        missing = [str(place) for place, text in enumerate(lines, start=1) if text not in found]
        if missing:
            raise forms.ValidationError(
                f"第 {'、'.join(missing)} 个号码没有查到登记的人，请核对证件号码，未登记的先登记"
            )
        return list({one.person.pk: one.person for one in found.values()}.values())


class SponsorMoneyForm(PlainForm):
    amount = amount_field("金额（元）")
    received_on = forms.DateField(label="到账日期", widget=date_input())
    reference = forms.RegexField(
        label="银行流水号", regex=REFERENCE, error_messages=REFERENCE_WRONG
    )


class RefundForm(PlainForm):
    ground = forms.ChoiceField(label="退费事由", choices=[("", "请选择"), *Refund.Ground.choices])
    ground_date = forms.DateField(
        label="事由发生日期", widget=date_input(), help_text="如死亡日期、外地参保日期"
    )
    evidence = forms.CharField(label="依据材料", max_length=200, help_text="名称和编号")
    payee = NameField(label="收款人", max_length=40)
    bank_account = forms.RegexField(
        label="收款账号",
        regex=r"^[0-9]{10,30}$",
        required=False,
        error_messages={"invalid": "账号为 10 至 30 位数字"},
    )


class RefundPayForm(PlainForm):
    paid_on = forms.DateField(label="付款日期", widget=date_input())


class CashDaysForm(PlainForm):
    cash_days = forms.IntegerField(
        label="现金缴存时限（天）",
        min_value=0,
        max_value=60,
        help_text="收款后第几天之前必须缴存；1 即现金不过夜",
    )


class PaymentForm(PlainForm):
    received = amount_field("实收现金（元）")
    sure = recounted()


class RemittanceForm(PlainForm):
    slip_number = forms.RegexField(
        label="缴款单号",
        regex=r"^[0-9A-Za-z-]{4,40}$",
        widget=forms.TextInput(attrs={"autofocus": True}),
        error_messages={"invalid": "缴款单号为 4 至 40 位字母、数字或短横"},
    )
    slip_date = forms.DateField(label="缴款日期", widget=date_input())
    amount = amount_field("缴款单金额（元）")


class ConfirmForm(PlainForm):
    bank_amount = amount_field("银行到账金额（元）")


class CampaignForm(PlainForm):
    year = forms.IntegerField(
        label="参保年度",
        min_value=2000,
        max_value=2100,
        help_text="缴费期、缴存期限按当年已采用的办法",
    )


class BookForm(PlainForm):
    year = forms.IntegerField(label="参保年度", min_value=2000, max_value=2100)
    clerk = forms.ModelChoiceField(
        label="领用人", queryset=User.objects.none(), empty_label="请选择"
    )
    code = forms.RegexField(
        label="票据本号",
        regex=BOOK_CODE,
        error_messages={"invalid": BOOK_CODE_RULE},
    )
    first_number = forms.IntegerField(label="起号", min_value=1, max_value=MAX_NUMBER)
    last_number = forms.IntegerField(label="止号", min_value=1, max_value=MAX_NUMBER)

    def __init__(self, *args: Any, county_code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clerks = User.objects.in_role(Role.TOWNSHIP_CLERK)
        field = cast(Any, self.fields["clerk"])
        field.queryset = clerks.filter(division__code__startswith=county_code).select_related(
            "division"
        )
        field.label_from_instance = lambda user: f"{user.division.name} {user.name}"
