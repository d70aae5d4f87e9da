"""Forms of recovery: what is asked back and why, and what the cashier took."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms

from accounts.forms import PlainForm
from claims.models import Settlement
from claims.recovery.models import Recovery, RecoveryReceipt
from claims.recovery.services import Proposal
from claims.shares import layer_name, standing_shares
from desk.reasons import reason_field
from lib.money import to_yuan
from policies.services import terms_of

Reason, Debtor, Way = Recovery.Reason, Recovery.Debtor, RecoveryReceipt.Way
OWN_REASONS = [pair for pair in Reason.choices if pair[0] != Reason.RECOMPUTED]
USAGES = [pair for pair in Recovery.Usage.choices if pair[0] != Recovery.Usage.DONE]


def date_field(label: str, **more: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **more)


def money_field(label: str, *, required: bool = True) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=required,
        max_digits=12,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 12}),
    )


class ProposalForm(PlainForm):
    """A field for each layer that paid, filled with what is left of it."""

    reason = forms.ChoiceField(label="追回原因", choices=[("", "请选择"), *OWN_REASONS])
    facts = forms.CharField(
        label="事实和依据", max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )
    debtor = forms.ChoiceField(label="向谁追回", choices=Debtor.choices)
    debtor_name = forms.CharField(label="其他责任人姓名", max_length=100, required=False)
    usage = forms.ChoiceField(
        label="年度累计", choices=USAGES, widget=forms.Select(attrs={"data-wide": ""})
    )

    def __init__(self, settlement: Settlement, *args: Any, **kwargs: Any) -> None:
        terms = terms_of(settlement.pack)
        self.left = standing_shares(settlement, terms)
        usual = (
            Debtor.INSTITUTION
            if settlement.pay_to == Settlement.PayTo.INSTITUTION
            else Debtor.HOUSEHOLD
        )
        kwargs["initial"] = {"debtor": usual} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        for layer, share in self.left.items():
            field = money_field(f"{layer_name(layer, terms)}追回（元）")
            field.initial = to_yuan(share.fen)
            self.fields[self.named(layer)] = field
        if not self.left:  # nothing was given, and nothing but the year's usage can go back
            usage: Any = self.fields["usage"]
            usage.choices = [pair for pair in USAGES if pair[0] == Recovery.Usage.PROPORTION]

    @staticmethod
    def named(layer: str) -> str:
        """The field of a layer; what a balance paid has a code that is no name."""
        return f"amount-{layer.replace('@', 'of_')}"

    def proposal(self, **about: str) -> Proposal:
        """What was typed, for the service."""
        data = self.cleaned_data
        amounts: dict[str, Decimal] = {
            layer: data[self.named(layer)] for layer in self.left if data.get(self.named(layer))
        }
        return self.typed(Proposal, amounts=amounts, **about)


class ReceiptForm(PlainForm):
    """Money that came; the hidden key makes a page that is sent twice count once. `is_returned`: a
    payment lies in the fund's account, and what it bears is taken from there."""

    amount = money_field("收款金额（元）")
    received_on = date_field("到账日期")
    way = forms.ChoiceField(
        label="收款方式",
        choices=[p for p in RecoveryReceipt.Way.choices if p[0] in (Way.BANK, Way.CASH)],
    )
    reference = forms.CharField(label="银行流水号", max_length=60, required=False)
    payer_name = forms.CharField(label="付款人", max_length=100, required=False)
    entry_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, is_returned: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_returned:
            way: Any = self.fields["way"]
            way.choices = [(Way.KEPT.value, Way.KEPT.label), *way.choices]


class StepForm(PlainForm):
    """The reason of a step that asks for one."""

    reason = reason_field("意见、依据")
