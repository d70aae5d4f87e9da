"""A file that a hospital handed in or that it may take away, until its day is over."""

import zlib
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.fields import SealedField
from accounts.models import Division
from desk.fields import once
from desk.kept_files import as_text, given_back
from institutions.models import Institution


class StoredFileQuerySet(models.QuerySet["StoredFile"]):
    def for_institution(self, institution: Institution) -> Self:
        """Its own, and what every institution of its pooling area may read."""
        area = institution.division.county_code
        return self.filter(Q(institution=institution) | Q(institution=None, area__code=area))

    def standing(self, day: date) -> Self:
        """Those that may still be taken on the day."""
        return self.filter(valid_until__gte=day)


class StoredFile(models.Model):
    """One file under the number by which it is asked for (文件查询号).

    Without an institution it is for all of the area, holds nobody's data and lies compressed; an
    institution's own lies compressed and sealed.
    """

    file_qury_no = models.CharField("文件查询号", max_length=40, unique=True)
    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    institution = models.ForeignKey(
        Institution, models.PROTECT, null=True, related_name="+", verbose_name="机构"
    )
    infno = models.CharField("交易编号", max_length=8)
    file_name = models.CharField("文件名", max_length=200)
    # Of what is made once for all: which state of the data it is (a catalogue's version).
    edition = models.CharField("版本", max_length=60, blank=True, default="")
    rows = models.PositiveIntegerField("行数", null=True)
    size = models.PositiveIntegerField("字节数")
    sha256 = models.CharField("文件指纹", max_length=64)
    content: Any = models.BinaryField("内容", default=b"")
    sealed = SealedField("加密内容", blank=True, context="gateway.storedfile.sealed")
    stored_at = models.DateTimeField("存入时间", auto_now_add=True)
    valid_until = models.DateField("保留至")

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        verbose_name = "接口文件"
        constraints = [
            once("area", "infno", "edition", name="edition_stored_once", where=~Q(edition="")),
            models.CheckConstraint(
                condition=Q(institution=None) | Q(content=b""),
                name="institution_s_file_is_sealed",
            ),
        ]
        indexes = [models.Index(fields=["valid_until"], name="gateway_file_until")]

    def __str__(self) -> str:
        return self.file_name

    def hold(self, content: bytes) -> None:
        """Put the bytes where they belong."""
        packed = zlib.compress(content)
        if self.institution_id is None:
            self.content = packed
        else:
            self.sealed = as_text(packed)

    @property
    def opened(self) -> bytes:
        """The bytes as they came."""
        packed = bytes(self.content) if self.institution_id is None else given_back(self.sealed)
        return zlib.decompress(packed)
