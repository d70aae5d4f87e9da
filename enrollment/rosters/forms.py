"""What the pages of registers ask for."""

from datetime import date
from typing import Any

from django import forms

from accounts.forms import PlainForm
from accounts.models import Division, User
from enrollment.rosters.services import MAX_BYTES, too_large


class UploadForm(PlainForm):
    file = forms.FileField(
        label="名册文件",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={"required": "请选择名册文件", "empty": "文件是空的，请重新选择"},
        max_length=200,
    )

    def clean_file(self) -> Any:
        """Refused by its size before a byte of it is read."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(too_large())
        return file


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


class ConfirmForm(PlainForm):
    sha256 = forms.RegexField(regex=r"^[0-9a-f]{64}$", widget=forms.HiddenInput)
