"""The registers of a township, and the rows of one with their verdicts."""

from django.db.models import QuerySet

from accounts.models import User
from desk.listing import Column, Listing, attr, sent_files, state
from enrollment.rosters.models import RegisterHousehold, RegisterImport, RegisterRow


def _registers(user: User) -> QuerySet[RegisterImport]:
    rows = RegisterImport.objects.visible_to(user).defer("content", "assessments")
    return rows.select_related("township", "campaign", "requested_by")


REGISTER_LIST = sent_files(
    "名册导入",
    "enrollment.enroll",
    _registers,
    (
        Column("文件", attr("file_name"), link="enrollment:register_detail"),
        Column("年度", lambda row: str(row.campaign.year) if row.campaign else "转入"),
    ),
    {
        "行数": "row_count",
        "错误": "error_count",
        "提醒": "warning_count",
        "新参保人次": "new_enrollments",
    },
    empty="还没有上传过名册",
    hint="先下载本村名册，填好后上传",
    template="enrollment/rosters/list.html",
)


def _rows(user: User) -> QuerySet[RegisterRow]:
    return RegisterRow.objects.filter(register__in=RegisterImport.objects.visible_to(user))


def _problems(row: RegisterRow) -> str:
    return "；".join(problem[2] for problem in row.problems)


def _with_places(user: User, rows: list[RegisterRow]) -> list[RegisterRow]:
    """The rows of a page with their uploads, and each with its household's place: as it is
    registered or will be, "" where what the file says is not known."""
    uploads = {row.register_id for row in rows}
    registers = RegisterImport.objects.defer("content", "assessments").in_bulk(uploads)
    seqs = {row.seq for row in rows}
    homes = RegisterHousehold.objects.filter(register__in=uploads, seq__in=seqs)
    places = {
        (home.register_id, home.seq): home.division.place
        for home in homes.select_related("division__parent")
        if home.division
    }
    for row in rows:
        row.register = registers[row.register_id]
        row.place = places.get((row.register_id, row.seq), "")  # type: ignore[attr-defined]
    return rows


REGISTER_ROWS = Listing(
    "判定",
    "enrollment.enroll",
    _rows,
    (
        Column("行", lambda row: row.register.said(row.line)),
        Column("户次", attr("seq"), "whole"),
        Column("村组", attr("place")),
        Column("姓名", attr("name")),
        Column("判定", state("verdict"), "status"),
        Column("原因和办法", _problems),
    ),
    empty="没有这种判定的行",
    gather=_with_places,
    key="lines",
    template="enrollment/rosters/detail.html",
)
