"""Assessments of the years, and the forms that the county assesses by."""

from accounts.models import User
from desk.columns import state
from desk.filters import FilterForm, chosen, typed, whole
from desk.listing import Column, Listing, attr, visible
from institutions.listings import of_institution
from supervision.assessment.models import Assessment, AssessmentQuerySet, FormAdoption
from supervision.assessment.scoring import TOLD, verdict

VIEW = "supervision.view_assessments"


def told(row: Assessment) -> str:
    """What follows from its score, once that is final."""
    final = row.status == Assessment.Status.FINAL and row.score is not None
    return TOLD[verdict(row.score)] if final and row.score is not None else ""


class AssessmentFilter(FilterForm):
    status = chosen("状态", "status", Assessment.Status.choices)
    year = whole("年度", "year")
    institution = typed("机构代码或名称", of_institution)


def assessments_of(user: User) -> AssessmentQuerySet:
    rows = Assessment.objects.visible_to(user)
    return rows.select_related("institution", "adoption").order_by("-year", "institution__code")


ASSESSMENTS = Listing(
    "年度考核",
    VIEW,
    assessments_of,
    (
        Column("定点机构", attr("institution.name"), link="supervision:assessment",
               sort="institution__code"),
        Column("年度", attr("year"), sort=True),
        Column("考核表", attr("adoption.get_form_display")),
        Column("自评", attr("self_score"), "whole", sort=True),
        Column("考核得分", lambda row: row.score if row.is_told else None, "whole"),
        Column("申诉期限", attr("appeal_by"), "day"),
        Column("确定日期", attr("finished_on"), "day"),
        Column("结果", told),
        Column("状态", state(), "status"),
    ),
    AssessmentFilter,
    template="supervision/assessment/list.html",
    empty="还没有发起考核",
    hint="70 分以上合格，65 至 69 分限期整改，60 至 64 分暂停协议半年，不满 60 分暂停一年以上",
)  # fmt: skip


def _deposit(row: FormAdoption) -> str:
    return row.said.deposit_told


ADOPTIONS = Listing(
    "考核办法",
    VIEW,
    visible(FormAdoption, "proposed_by", "decided_by"),
    (
        Column("考核表", attr("get_form_display"), link="supervision:form"),
        Column("自考核年度", attr("first_year")),
        Column("质量保证金", _deposit),
        Column("申诉期限（工作日）", attr("days_to_appeal"), "whole"),
        Column("依据文件", attr("evidence")),
        Column("申请人", attr("proposed_by.name")),
        Column("审批人", lambda row: row.decided_by.name if row.decided_by else ""),
        Column("状态", state(), "status"),
    ),
    template="supervision/assessment/forms.html",
    empty="县里还没有采用考核表",
)
