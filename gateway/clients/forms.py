"""What the security administrator types of a client."""

import re
from datetime import timedelta
from typing import Any

from django import forms

from accounts.clock import today
from accounts.forms import PlainForm
from gateway.clients.models import LARGEST, PER_MINUTE, Client
from gateway.clients.services import MAX_OVERLAP
from gateway.clients.signing import SIGNERS
from institutions.models import Institution

# An old secret goes on for so long if nobody says otherwise: a programmer's week.
USUAL_OVERLAP = timedelta(days=7)
BETWEEN = re.compile(r"[\s,，;；、]+")


class TermsForm(PlainForm):
    """How a client signs, from where it calls, how much and how often."""

    name = forms.CharField(
        label="名称", max_length=40, help_text="程序和用途，如“HIS 门诊”“一楼自助机”"
    )
    kind = forms.ChoiceField(label="类型", choices=Client.Kind.choices)
    signing = forms.ChoiceField(
        label="签名方式",
        choices=[one for one in Client.Signing.choices if one[0] in SIGNERS],
        initial=Client.Signing.HMAC,
        help_text="机构的程序能签名的选 HMAC；换方式后原方式立即不能用",
    )
    cipher = forms.ChoiceField(
        label="报文加密", choices=Client.Cipher.choices, initial=Client.Cipher.NONE
    )
    per_minute = forms.IntegerField(label="每分钟最多报文数", initial=PER_MINUTE)
    largest = forms.IntegerField(label="报文最大字节数", initial=LARGEST)
    addresses = forms.CharField(
        label="允许的来源地址",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="每行一个地址或网段，如 10.20.1.5 或 10.20.1.0/24；不填则不限",
    )
    public_key = forms.CharField(
        label="SM2 公钥",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="签名方式选 SM2 时填写：机构自己生成密钥对，只交公钥",
    )

    def clean_addresses(self) -> list[str]:
        """As a list; whether each is one, the service says."""
        return [one for one in BETWEEN.split(self.cleaned_data["addresses"]) if one]

    @classmethod
    def said(cls, client: Client) -> dict[str, Any]:
        """What is set of a client, as the form shows it."""
        columns = ("name", "kind", "signing", "public_key", "cipher", "per_minute", "largest")
        facts: dict[str, Any] = {name: getattr(client, name) for name in columns}
        return facts | {"addresses": "\n".join(client.addresses)}


class ClientForm(TermsForm):
    """A new client."""

    institution_code = forms.CharField(
        label="机构代码",
        max_length=12,
        help_text="输入名称可查代码",
        widget=forms.TextInput(attrs={"list": "institutions", "autofocus": True}),
    )
    field_order = ("institution_code",)

    def clean_institution_code(self) -> Institution:
        """The institution itself."""
        code = self.cleaned_data["institution_code"].strip()
        found = Institution.objects.filter(code=code).select_related("division").first()
        if found is None:
            raise forms.ValidationError(f"没有代码为 {code} 的机构，请先在“定点机构”中核对")
        if not found.is_active:
            raise forms.ValidationError(f"{found.name}已停业，不能接入")
        return found


class RotationForm(PlainForm):
    """Until when the old secret goes on."""

    old_until = forms.DateField(
        label="原密钥用到",
        initial=lambda: today() + USUAL_OVERLAP,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=f"这一天结束前两把都能用，最长 {MAX_OVERLAP.days} 天；密钥外传的请直接作废",
    )
