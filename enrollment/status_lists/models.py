"""A department's list and its job, and what it changes person by person."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from accounts.fields import SealedField
from accounts.models import Division
from desk.fields import later_hand
from desk.importing import JudgedRow, Upload, file_once, verdict_column
from desk.jobs import JobManager
from desk.tones import TonedChoices


class StatusList(Upload):
    """One uploaded list, and its job."""

    SERVICES = "enrollment.status_lists.services.STATUS_LISTS"

    class Kind(models.TextChoices):
        """Whose list it is; what each may say stands in enrollment.status_lists.kinds."""

        CIVIL_AFFAIRS = "civil_affairs", "民政：特困（五保）、低保等救助对象"
        DISABLED = "disabled", "残联：重度残疾人"
        RURAL = "rural", "乡村振兴：防止返贫监测对象"
        VETERANS = "veterans", "退役军人：重点优抚对象"
        FAMILY_PLANNING = "family_planning", "卫健：计划生育奖励扶助对象"
        STUDENTS = "students", "教育：在校学生"
        DEATHS = "deaths", "公安：死亡人员"
        EMPLOYEES = "employees", "职工医保：在保人员"

    class Shown(TonedChoices):
        SHORT = "short", "bad", "骤减待放行"

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    kind = models.CharField("名单", max_length=20, choices=Kind.choices)
    month = models.DateField("名单月份")  # its first day
    effective_on = models.DateField("生效日期")
    content = SealedField("文件", blank=True, context="enrollment.statuslist.content")  # base64
    # Digest of what the register said when it was compared; another one asks for a new check.
    state = models.CharField(max_length=64, blank=True)
    listed_count = models.PositiveIntegerField("名单人数", default=0)
    previous_count = models.PositiveIntegerField("上次名单人数", null=True)
    holder_count = models.PositiveIntegerField("系统现有人数", default=0)
    added_count = models.PositiveIntegerField("新增", default=0)
    changed_count = models.PositiveIntegerField("变更", default=0)
    dropped_count = models.PositiveIntegerField("取消", default=0)
    same_count = models.PositiveIntegerField("不变", default=0)
    unknown_count = models.PositiveIntegerField("未登记", default=0)
    held_count = models.PositiveIntegerField("暂不处理", default=0)
    # Why it looks cut short; then a second person must let it pass.
    shrunk = models.CharField("骤减说明", max_length=200, blank=True)
    released_by, released_at = later_hand("放行")
    release_reason = models.CharField("放行理由", max_length=200, blank=True)
    # Counts of holders per status before and after.
    before = models.JSONField("更新前", default=dict)
    after = models.JSONField("更新后", default=dict)

    objects = JobManager("area__code")

    AUDITED = (
        "kind",
        "month",
        "effective_on",
        "status",
        "file_name",
        "sha256",
        "listed_count",
        "added_count",
        "changed_count",
        "dropped_count",
        "unknown_count",
        "held_count",
        "shrunk",
    )

    class Meta(Upload.Meta):
        ordering = ["-id"]
        constraints = [
            # The same people next month are another list: its month is what it speaks of.
            *file_once(
                "area",
                "kind",
                "month",
                name="list_file_once_a_month",
                told="这份名单刚由别人上传，请刷新",
            ),
            models.CheckConstraint(
                condition=Q(released_by=None)
                | (~Q(released_by=F("requested_by")) & ~Q(release_reason="")),
                name="shrunk_list_released_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["applying", "done"])
                | (Q(confirmed_by__isnull=False) & (Q(shrunk="") | Q(released_by__isnull=False))),
                name="applied_list_was_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.month:%Y-%m}"

    @property
    def state_shown(self) -> Any:
        """The status as lists show it: a short list waits for somebody else."""
        waits = self.status == self.Status.CHECKED and self.needs_release
        return self.Shown.SHORT if waits else self.Status(self.status)

    @property
    def needs_release(self) -> bool:
        return bool(self.shrunk) and self.released_by_id is None

    @property
    def may_be_confirmed(self) -> bool:
        return super().may_be_confirmed and not self.needs_release

    @property
    def may_be_taken(self) -> bool:
        return self.is_judged  # the lines stay, as the snapshot of what it did


class ListLine(JudgedRow):
    """What a list says or does about one person; `line` 0: who is not on it. With the list's counts
    it is the snapshot."""

    class Verdict(TonedChoices):
        ADDED = "added", "good", "新增"
        CHANGED = "changed", "wait", "变更"
        DROPPED = "dropped", "bad", "取消"
        UNKNOWN = "unknown", "idle", "未登记"
        HELD = "held", "idle", "暂不处理"
        SAME = "same", "good", "不变"

    list = models.ForeignKey(StatusList, models.CASCADE, related_name="lines")
    verdict = verdict_column(Verdict)
    person = models.ForeignKey("enrollment.Person", models.PROTECT, null=True, related_name="+")
    # Kept, sealed, only for people who are not in the register.
    number = SealedField("身份证号", blank=True, context="enrollment.listline.number")
    number_index = models.CharField(max_length=32, blank=True)
    before = models.CharField("原登记", max_length=120, blank=True)
    after = models.CharField("名单", max_length=120, blank=True)
    # What applying writes: {"code", "category", "day", "place", "insurance"} as the kind needs.
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ["list", "line", "id"]
        indexes = [models.Index(fields=["list", "verdict"])]
