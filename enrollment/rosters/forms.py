"""What the pages of registers ask for."""

from datetime import date
from typing import Any

from django import forms

from accounts.forms import PlainForm
from accounts.models import Division, User
from desk.import_pages import UploadForm


class RegisterForm(UploadForm):
    noun = "名册"
    carried = forms.BooleanField(label="原系统转入（只登记户和人，不办参保）", required=False)


class VillageForm(PlainForm):
    village = forms.ModelChoiceField(
        label="村",
        queryset=Division.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择村", "invalid_choice": "请选择本乡镇的村"},
    )

    def __init__(self, *args: Any, user: User, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["village"].queryset = (  # type: ignore[attr-defined]
            Division.objects.visible_to(user).valid_on(on).villages().order_by("code")
        )
