"""What the door asks for."""

from django import forms

from accounts.forms import PlainForm


class AskForm(PlainForm):
    receipt = forms.CharField(
        label="缴费收据号", max_length=40, help_text="印在收据右上角，如 DZ2026-00000001"
    )
    number = forms.CharField(label="身份证号", max_length=30)


class CodeForm(PlainForm):
    code = forms.CharField(label="手机收到的 6 位验证码", max_length=10)


class VoucherForm(PlainForm):
    token = forms.CharField(
        label="医保电子凭证",
        max_length=200,
        help_text="在手机上打开凭证，用扫码枪扫二维码；没有扫码枪的，输入条形码下面的数字",
    )
