"""Grades of institutions and practitioners, and the county's bands."""

from accounts.models import User
from desk.columns import state
from desk.decision_lists import DECIDED, DecisionFilter
from desk.filters import chosen, typed, whole
from desk.listing import Column, Listing, attr, visible
from institutions.listings import of_institution
from institutions.trust.models import Grade, TrustBands, TrustGrade, TrustGradeQuerySet

VIEW = "institutions.view_trust"


class BandsFilter(DecisionFilter):
    decides = "institutions.decide_trust"


def _whose(rows: TrustGradeQuerySet, value: str) -> TrustGradeQuerySet:
    return rows.filter(practitioner__isnull=value == "institution")


class GradeFilter(DecisionFilter):
    decides = "institutions.decide_trust"
    grade = chosen("信用等级", "grade", Grade.choices)
    whose = chosen("评定对象", _whose, [("institution", "机构"), ("practitioner", "医师")])
    year = whole("评定年度", "year")
    institution = typed("机构代码或名称", of_institution)


def _grades(user: User) -> TrustGradeQuerySet:
    rows = TrustGrade.objects.visible_to(user)
    return rows.select_related(
        "institution__division", "practitioner", "bands", "proposed_by", "decided_by"
    )


def _prepaid(row: TrustGrade) -> int | None:
    return row.prepaid if row.practitioner_id is None else None


GRADE_LIST = Listing(
    "信用等级",
    VIEW,
    _grades,
    (
        Column("评定对象", attr("whose"), link="institutions:trust_grade"),
        Column("机构", attr("institution.name"), sort="institution__code"),
        Column("评定年度", attr("year"), sort=True),
        Column("得分（记分）", attr("score"), "whole", sort=True),
        Column("信用等级", state("grade"), "status"),
        Column("预付（%）", _prepaid, "whole"),
        *DECIDED,
    ),
    GradeFilter,
    template="institutions/trust/grades.html",
    empty="没有评定信用等级",
    hint="机构按年度考核得分、医师按年度记分评定，次年有效；机构的在年度考核页面提出",
)
BANDS_LIST = Listing(
    "信用等级办法",
    VIEW,
    visible(TrustBands, "proposed_by", "decided_by"),
    (
        Column("依据文件", attr("evidence"), link="institutions:trust_bands_one"),
        Column("自年度", attr("first_year")),
        Column("A 级自", attr("a_from"), "whole"),
        Column("B 级自", attr("b_from"), "whole"),
        Column("C 级自", attr("c_from"), "whole"),
        Column("申请人", attr("proposed_by.name")),
        Column("审批人", lambda row: row.decided_by.name if row.decided_by else ""),
        Column("状态", state(), "status"),
    ),
    BandsFilter,
    template="institutions/trust/bands.html",
    empty="县里还没有信用等级办法，不能评定",
    hint="监督管理条例第三十三条：根据信用评价等级分级分类监督管理；各级界限由县里确定",
)
