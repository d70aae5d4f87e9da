"""The rows of photos and scanned pages: what they are, wherever they belong (`supervision.photos`
keeps and reads the bytes)."""

from collections.abc import Sequence
from uuid import uuid4

from django.apps import apps
from django.db import models

from desk.fields import first_hand


class ProofFile(models.Model):
    """A row for a file: what its bytes were when they came, and who brought them. Each model of its
    own says what it belongs to, and to which place. Added, never changed."""

    file = models.UUIDField("文件编号", default=uuid4, editable=False)
    kind = models.CharField("格式", max_length=4)
    size = models.PositiveIntegerField("字节数")
    sha256 = models.CharField("文件指纹", max_length=64)
    added_by, added_at = first_hand("上传")

    AUDITED: Sequence[str] = ("kind", "size", "sha256")

    class Meta:
        abstract = True
        app_label = "supervision"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


def proof_models() -> list[type[ProofFile]]:
    """All whose files are looked at each night."""
    return [one for one in apps.get_models() if issubclass(one, ProofFile)]
