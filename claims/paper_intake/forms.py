"""Ticking papers, adding a page."""

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.forms import PlainForm
from claims.paper_intake.checklist import Asked
from claims.paper_intake.models import HandedPaper
from claims.paper_intake.scans import MAX_BYTES


class ChecklistForm(PlainForm):
    """One choice a paper, named by its code."""

    def __init__(self, asked: Sequence[Asked], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in asked:
            self.fields[one.rule.code] = forms.ChoiceField(
                label=one.rule.name,
                choices=[("", "未核对"), *HandedPaper.State.choices],
                initial=one.state,
                required=False,
            )


class ScanForm(PlainForm):
    file = forms.FileField(
        label="扫描件（PDF、JPEG、PNG）",
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
        error_messages={"required": "请选择文件", "empty": "文件是空的，请重新选择"},
    )
    paper = forms.ChoiceField(label="是哪种材料", required=False)

    def __init__(self, names: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["paper"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "不分"), *names]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(f"扫描件不超过 {MAX_BYTES // 1024 // 1024} MB")
        return file
