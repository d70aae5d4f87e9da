"""Cases by state and term."""

import re
from typing import Any

from django.db.models import Exists, OuterRef

from accounts.clock import today
from accounts.models import User
from accounts.templatetags.hezuo import mask_name
from desk.filters import FilterForm, chosen
from desk.listing import Column, Listing, attr, state
from supervision.cases.archive_models import CaseArchive
from supervision.cases.causes import causes
from supervision.cases.models import Case, CaseQuerySet

ALL_OPEN, LATE, TO_ARCHIVE = "unfinished", "late", "to_archive"


# How the name of a unit ends, an addition in brackets left out. Whatever ends otherwise is taken to
# be a person; so is what is as short as a name.
UNIT = re.compile(
    r".{3,}(院|店|房|室|所|站|心|司|厂|部|局|会|社|校|厅|处|科|队|行|馆|委|府|园|组)(（.*）)?"
)


def party_of(case: Case) -> str:
    """A person's name masked, as on every list, also of a person whom no register knows."""
    name = case.party_name
    is_unit = case.party == Case.Party.INSTITUTION or (
        case.party == Case.Party.OTHER and UNIT.fullmatch(name)
    )
    return name if is_unit else mask_name(name)


def cases_of(user: User) -> CaseQuerySet:
    return Case.objects.visible_to(user).order_by("-pk")


def _standing(rows: Any, value: str) -> Any:
    if value == LATE:
        return rows.filter(due_on__lt=today()).exclude(status__in=Case.OVER)
    if value == TO_ARCHIVE:
        away = CaseArchive.objects.filter(case=OuterRef("pk"), opened_at=None)
        return rows.filter(~Exists(away), status__in=Case.OVER)
    if value == ALL_OPEN:
        return rows.exclude(status__in=Case.OVER)
    return rows.filter(status=value)


class CaseFilter(FilterForm):
    status = chosen(
        "状态",
        _standing,
        [(ALL_OPEN, "未结"), (LATE, "已逾期"), (TO_ARCHIVE, "待归档"), *Case.Status.choices],
        initial=ALL_OPEN,
    )
    cause = chosen("案由", "cause_code", [(one.code, str(one)) for one in causes().values()])
    source = chosen("线索来源", "source", Case.Source.choices)


CASE_LIST = Listing(
    "稽核案件",
    "supervision.view_cases",
    cases_of,
    (
        Column("案号", attr("number"), "code", link="supervision:case"),
        Column("当事人", party_of),
        Column("案由", lambda row: row.cause.name if row.cause else "待定"),
        Column("来源", attr("get_source_display")),
        Column("线索日期", attr("found_on"), "day", sort=True),
        Column("造成损失", attr("loss_amount"), "yuan", sort=True, total="loss_amount"),
        Column("罚款", attr("fine_amount"), "yuan", sort=True, total="fine_amount"),
        Column("本环节期限", attr("due_on"), "day", sort=True),
        Column("状态", state(), "status"),
    ),
    CaseFilter,
    template="supervision/cases/list.html",
    empty="没有符合条件的案件",
    hint="线索由疑点、检查、投诉举报或移送而来；期限按规定扣除检测、鉴定、听证、公告和中止的时间",
)
