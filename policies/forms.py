"""Uploading a policy pack."""

from django import forms

from accounts.forms import PlainForm


class ProposeForm(PlainForm):
    file = forms.FileField(label="办法文本（.yaml）")

    def clean_file(self) -> str:
        """The text of the upload."""
        try:
            text: str = self.cleaned_data["file"].read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError(
                "文件不是 UTF-8 编码的文本，请另存为 UTF-8 后上传"
            ) from None
        return text
