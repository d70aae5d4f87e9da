"""Confirming that a patient got the money back."""

from django import forms

from accounts.forms import PlainForm
from claims.forms import date_field


class GivenForm(PlainForm):
    given_on = date_field("退款日期")
    evidence = forms.CharField(label="患者签收收据号或转账流水号", max_length=100, required=False)
