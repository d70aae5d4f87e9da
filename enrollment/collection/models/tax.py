"""Payments that the tax bureau took."""

from django.db import models
from django.db.models import Q

from accounts.fields import MoneyField, SealedField
from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from desk.fields import once, positive
from desk.importing import Upload, file_once
from desk.jobs import JobManager
from enrollment.collection.models.columns import ZERO


class TaxFile(Upload):
    """Payments that the tax bureau took (税务征收), one row a person, and its job."""

    SERVICES = "enrollment.collection.tax.TAX_FILES"

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    campaign = models.ForeignKey("enrollment.Campaign", models.PROTECT, verbose_name="参保年度")
    content = SealedField("文件", blank=True, context="enrollment.taxfile.content")  # base64
    row_count = models.PositiveIntegerField("笔数", default=0)
    known_count = models.PositiveIntegerField("此前已导入", default=0)
    amount = MoneyField("金额", default=ZERO)
    # Rows that were not collected since they say of themselves that they do not hold: line, said.
    void_rows = models.JSONField("作废、冲正的行", default=list, db_default=[])

    objects = JobManager("area__code")

    AUDITED = (
        "campaign_id",
        "status",
        "file_name",
        "sha256",
        "row_count",
        "known_count",
        "amount",
    )

    class Meta(Upload.Meta):
        ordering = ["-pk"]
        constraints = file_once(
            "campaign", name="tax_file_once", told="这份文件刚由别人导入，请刷新"
        )


class TaxRowQuerySet(ScopedQuerySet["TaxRow"]):
    division_path = "file__area__code"

    def open(self) -> "TaxRowQuerySet":
        """Money that nobody's enrolment explains and that has not gone back."""
        return self.filter(enrollment=None, returned_voucher="")

    def to_match(self) -> "TaxRowQuerySet":
        """Open, and nobody has asked for it back."""
        return self.open().exclude(refunds__status__in=("requested", "granted", "paid"))


class TaxRow(models.Model):
    """One payment. Without `enrollment` it is money that nobody's enrolment explains yet."""

    file = models.ForeignKey(TaxFile, models.PROTECT, related_name="rows")
    campaign = models.ForeignKey("enrollment.Campaign", models.PROTECT, related_name="+")
    line = models.PositiveIntegerField("行")
    name = models.CharField("姓名", max_length=40, blank=True)
    resident_id = SealedField("证件号码", context="enrollment.taxrow.resident_id")
    serial = models.CharField("税票流水号", max_length=40)
    paid_on = models.DateField("缴费日期")
    amount = MoneyField("金额")
    problem = models.CharField("未匹配原因", max_length=200, blank=True)
    enrollment = models.OneToOneField(
        "enrollment.Enrollment", models.PROTECT, null=True, related_name="tax_row"
    )
    voucher_number = models.CharField("凭证号", max_length=30, blank=True)
    # The voucher that keeps the money as 待查款 until somebody's enrolment explains it.
    suspense_voucher = models.CharField(
        "待查款凭证号", max_length=30, blank=True, default="", db_default=""
    )

    # The paid cover that this payment pays a second time.
    duplicate_of = models.ForeignKey(
        "enrollment.Enrollment", models.PROTECT, null=True, related_name="second_payments"
    )
    # The voucher with which it went back to the payer.
    returned_voucher = models.CharField(
        "退还凭证号", max_length=30, blank=True, default="", db_default=""
    )

    objects = TaxRowQuerySet.as_manager()

    class Meta:
        ordering = ["file", "line"]
        constraints = [
            once(
                "campaign",
                "serial",
                name="tax_serial_once",
                told="这份文件中有刚导入的税票流水号，请刷新后重新导入",
                at="file",
            ),
            positive("amount", name="tax_row_positive"),
            models.CheckConstraint(
                condition=Q(enrollment__isnull=False) | ~Q(problem=""),
                name="unmatched_tax_row_says_why",
            ),
        ]
