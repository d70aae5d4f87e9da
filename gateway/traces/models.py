"""What was sold, with the code of each pack; what has no code."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import Division
from accounts.scoping import ScopedManager, ScopedQuerySet
from claims.models import Settlement, Visit
from desk.fields import first_hand, in_order, later_hand, once
from institutions.models import Institution


class DrugSale(models.Model):
    """One line of a sale as an institution tells it (商品销售), never changed.

    `visit`, `settlement`: of the insured; of who pays alone nothing personal is kept. A negative
    quantity is a return, which frees the codes that it names.
    """

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+")
    visit = models.ForeignKey(
        Visit, models.PROTECT, null=True, related_name="drug_sales", verbose_name="就诊"
    )
    settlement = models.ForeignKey(
        Settlement, models.PROTECT, null=True, related_name="+", verbose_name="结算单"
    )
    code = models.CharField("医疗目录编码", max_length=50)
    own_code = models.CharField("机构项目编码", max_length=30)
    name = models.CharField("名称", max_length=200)
    lot = models.CharField("生产批号", max_length=30, blank=True)
    made_on = models.DateField("生产日期", null=True)
    expires_on = models.DateField("有效期止", null=True)
    barcode = models.CharField("条形码", max_length=500, blank=True)
    is_prescribed = models.BooleanField("处方药")
    prescription = models.CharField("处方号", max_length=40, blank=True)
    doctor_code = models.CharField("开方医师代码", max_length=50, blank=True)
    pharmacist_code = models.CharField("药师代码", max_length=50, blank=True)
    is_split = models.BooleanField("拆零")
    quantity = models.DecimalField("数量", max_digits=16, decimal_places=4)
    price = models.DecimalField("成交单价", max_digits=16, decimal_places=6)
    document = models.CharField("零售单据号", max_length=40)
    sold_at = models.DateTimeField("销售时间")
    recorded_by, recorded_at = first_hand("上传")

    objects = ScopedManager("institution__division__code", "institution__code")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(quantity=0), name="sale_or_return_of_something"),
        ]

    @property
    def number(self) -> str:
        """商品销售流水号."""
        return f"XS{self.pk:020d}"


class TraceCodeQuerySet(ScopedQuerySet["TraceCode"]):
    division_path = "area__code"
    institution_path = "sale__institution__code"

    def live(self) -> Self:
        """Sold, and neither returned nor taken back."""
        return self.filter(freed_at=None)

    def again(self) -> Self:
        """Sold although it was sold already."""
        return self.filter(again_of__isnull=False)


class TraceCode(models.Model):
    """A code that a sale names. Of all live rows of one code in the county one is the first, which
    the database decides however many sell at once; what comes after it is a lead (`again_of`),
    unless it is a further part of a pack that was opened (拆零)."""

    sale = models.ForeignKey(DrugSale, models.PROTECT, related_name="codes", verbose_name="销售")
    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    code = models.CharField("药品追溯码", max_length=100)
    position = models.PositiveSmallIntegerField("第几个")
    # Of the sale's quantity: what of an opened pack was sold.
    units = models.DecimalField("数量", max_digits=16, decimal_places=4)
    is_first = models.BooleanField("首次售出")
    again_of = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", verbose_name="此前已售出"
    )
    # When supervision was told of it; None while there is no settlement to tell it of.
    told_at = models.DateTimeField("告知监管时间", null=True)
    freed_by, freed_at = later_hand("释放")

    objects = TraceCodeQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            once("sale", "position", name="trace_code_of_a_sale_once"),
            once(
                "area", "code", name="trace_code_first_once",
                where=Q(is_first=True, freed_at=None),
            ),
            models.CheckConstraint(
                condition=Q(freed_at=None, freed_by=None)
                | Q(freed_at__isnull=False, freed_by__isnull=False),
                name="freed_trace_code_says_by_whom",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["area", "code"], name="trace_code_of_area"),
            models.Index(
                fields=["id"],
                condition=Q(again_of__isnull=False, told_at=None),
                name="trace_code_untold",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class NoCodeItemQuerySet(ScopedQuerySet["NoCodeItem"]):
    division_path = "area__code"

    def valid_on(self, day: date) -> Self:
        rows = self.filter(first_day__lte=day)
        return rows.filter(Q(last_day=None) | Q(last_day__gte=day))


class NoCodeItem(models.Model):
    """A medicine that bears no trace code (无码药品目录): it is settled without one."""

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    code = models.CharField("医保编码", max_length=30)
    name = models.CharField("名称", max_length=120)
    first_day = models.DateField("启用日期")
    last_day = models.DateField("停用日期", null=True, blank=True)

    objects = NoCodeItemQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            in_order("first_day", "last_day", name="no_code_days_in_order", open_end=True),
            once("area", "code", "first_day", name="no_code_item_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
