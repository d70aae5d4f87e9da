"""The notice of points (记分告知书), as the person and his institution get it."""

from accounts.templatetags.hezuo import day
from desk.papers import Facts, PaperKind, paper_route
from institutions.points.listings import VIEW
from institutions.points.models import PointRecord
from institutions.points.services import lines_of
from institutions.points.views import one_record


def _effect(row: PointRecord) -> str:
    held = row.effect
    if held is None:
        return "未满 9 分，支付资格不受影响"
    if held.last_day is not None:
        return f"自 {day(held.first_day)} 起暂停医保支付资格，至 {day(held.last_day)}"
    return f"自 {day(held.first_day)} 起终止医保支付资格，{day(held.barred_until)} 以前不得重新登记"


def notice_facts(row: PointRecord) -> Facts:
    who = row.practitioner
    year = (row.decided_on or row.proposed_on).year
    return {
        "area": who.institution.division.name,
        "person": who.name,
        "code": who.code,
        "institution": who.institution.name,
        "paper": row.evidence,
        "handled": f"{row.handled_paper}（{day(row.handled_on)}）",
        "ground": row.get_ground_display(),
        "band": row.band,
        "degree": row.get_degree_display(),
        "points": row.points,
        "year": year,
        "total": sum(line.left for line in lines_of(who, year)),
        "effect": _effect(row),
        "reason": row.reason,
        "decided_on": day(row.decided_on),
        "appeal_by": day(row.appeal_by),
        "is_draft": row.status != row.Status.APPROVED,
    }


def _marks(row: PointRecord) -> list[str]:
    rows = row.appeals.filter(status="decided", points_back__gt=0).order_by("pk")
    return [
        f"{day(one.decided_on)} {one.get_kind_display()}减 {one.points_back} 分" for one in rows
    ]


POINT_NOTICE = PaperKind(
    "institutions.point_notice",
    "医保支付资格记分告知书",
    "institutions/points/notice.html",
    VIEW,
    notice_facts,
    is_final=lambda row: row.status == row.Status.APPROVED,
    marks=_marks,
    series="记分告知书",
)

ROUTES = [paper_route("points/<int:pk>/notice", POINT_NOTICE, one_record, name="point_notice")]
