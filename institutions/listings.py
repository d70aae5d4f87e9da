"""Designated institutions with their agreements, and the catalogues of the area."""

from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Least

from accounts.clock import today
from accounts.models import User
from accounts.scoping import ScopedQuerySet
from desk.columns import state
from desk.decision_lists import DecisionFilter
from desk.filters import FilterForm, chosen, typed
from desk.listing import Column, Listing, attr
from institutions.agreements.models import AgreementStep, Signing
from institutions.bank_accounts.models import BankAccount
from institutions.models import (
    CatalogueItem,
    CatalogueQuerySet,
    Eligibility,
    EligibilityQuerySet,
    Institution,
    InstitutionQuerySet,
    Level,
)
from institutions.practice.models import PracticePlace
from institutions.registry.models import RegistryChange
from institutions.sent_models import Department


def waiting(rows: InstitutionQuerySet) -> InstitutionQuerySet:
    """Institutions of which a second person has something to decide, with `waits_since`: a signing,
    what is done to an agreement, a change of what is registered, an account, another place of
    practice."""
    mine, proposed = OuterRef("pk"), Signing.Status.PROPOSED
    kinds = (
        Signing.objects.filter(institution=mine),
        AgreementStep.objects.filter(agreement__institution=mine),
        RegistryChange.objects.filter(institution=mine),
        BankAccount.objects.filter(institution=mine),
        PracticePlace.objects.filter(institution=mine),
    )
    days = [
        Subquery(kind.filter(status=proposed).order_by("proposed_on").values("proposed_on")[:1])
        for kind in kinds
    ]
    # LEAST of PostgreSQL passes over what is not there.
    return rows.annotate(waits_since=Least(*days)).filter(waits_since__isnull=False)


class InstitutionFilter(FilterForm):
    level = chosen("级别", "level", Level.choices)
    contract = chosen(
        "定点协议",
        lambda rows, value: rows.by_contract(value, today()),
        [("yes", "今日有效"), ("no", "今日无有效协议")],
    )
    only = chosen("范围", lambda rows, value: waiting(rows), [("waits", "协议、登记待审批")])


def _institutions(user: User) -> InstitutionQuerySet:
    rows = Institution.objects.visible_to(user).with_agreements()
    return rows.order_by("division__code", "code")


def _name(row: Institution) -> str:
    return row.name if row.is_active else f"{row.name}（停业）"


def _agreement(row: Institution) -> str:
    found = row.agreement_on(today())
    return found.number if found else ""


def _term(row: Institution) -> str:
    found = row.agreement_on(today())
    return f"{found.first_day} 至 {found.last_day}" if found else ""


INSTITUTIONS = Listing(
    "定点机构",
    "institutions.view",
    _institutions,
    (
        Column("机构代码", attr("code"), "code", sort=True),
        Column("名称", _name, sort="name", link="institutions:institution"),
        Column("级别", attr("get_level_display")),
        Column("类别", attr("get_kind_display")),
        Column("核定床位", attr("beds"), "whole"),
        Column("所在区划", attr("division.name"), sort="division__code"),
        Column("协议编号", _agreement, "code"),
        Column("协议期", _term, "code"),
        Column("协议状态", lambda row: row.standing(today()), "status"),
    ),
    InstitutionFilter,
    empty="没有符合条件的机构",
    template="institutions/list.html",
)


class CatalogueFilter(FilterForm):
    text = typed("编码、名称或拼音首字母", lambda rows, value: rows.matching(value))
    catalogue = chosen("目录", "catalogue", CatalogueItem.Catalogue.choices)
    payment = chosen("支付类别", "payment_class", CatalogueItem.PaymentClass.choices)


def area_of_user(user: User) -> str:
    """The code of the pooling area whose catalogue is asked; an institution's code holds it."""
    return user.county_code or user.institution_code[1:7]


def _catalogue(user: User) -> CatalogueQuerySet:
    """What is listed today in the pooling area."""
    return CatalogueItem.objects.valid_on(today()).filter(area__code=area_of_user(user))


def _marks(row: CatalogueItem) -> str:
    marks = (
        ("基本药物", row.is_essential),
        ("中医药", row.is_traditional),
        ("抗菌药物", row.is_antibiotic),
        ("限制使用", row.is_limited),
    )
    return " ".join(name for name, holds in marks if holds)


CATALOGUE = Listing(
    "三个目录",
    "institutions.view",
    _catalogue,
    (
        Column("编码", attr("code"), "code", sort=True, link="institutions:item"),
        Column("名称", attr("name"), sort=True),
        Column("目录", attr("get_catalogue_display")),
        Column("支付类别", attr("get_payment_class_display")),
        Column("单位", attr("unit")),
        Column("限价", attr("price_limit"), "yuan", sort=True),
        Column("产地", attr("get_origin_display")),
        Column("标记", _marks),
        Column("启用日期", attr("first_day"), "day", sort=True),
    ),
    CatalogueFilter,
    empty="目录中没有符合条件的项目",
    hint="不在目录内的项目按目录外（自费）处理",
    template="institutions/catalogue.html",
)


class EligibilityFilter(DecisionFilter):
    decides = "institutions.decide_eligibility"
    code = typed("医师代码", "practitioner__code", longest=20)
    state = chosen("支付资格", "state", Eligibility.State.choices)


def eligibilities_of(user: User) -> EligibilityQuerySet:
    rows = Eligibility.objects.visible_to(user)
    return rows.select_related("practitioner__institution", "proposed_by", "decided_by")


ELIGIBILITIES = Listing(
    "医师支付资格",
    "institutions.view_eligibility",
    eligibilities_of,
    (
        Column("医师代码", attr("practitioner.code"), "code", link="institutions:eligibility"),
        Column("姓名", attr("practitioner.name")),
        Column("机构", attr("practitioner.institution.name")),
        Column("支付资格", lambda row: Eligibility.State(row.state), "status"),
        Column("自", attr("first_day"), "day", sort=True),
        Column("至", attr("last_day"), "day"),
        Column("文号", attr("evidence")),
        Column("状态", state(), "status"),
    ),
    EligibilityFilter,
    template="institutions/eligibilities.html",
    empty="没有暂停或终止支付资格的医师",
    hint="自暂停、终止之日起，该医师开具的费用不予支付，急诊、抢救除外",
)


def of_institution(rows: Any, value: str) -> Any:
    """Of institutions with this code or a name like it: what a filter narrows by."""
    return rows.filter(Q(institution__code=value) | Q(institution__name__contains=value))


def _department_named(rows: Any, value: str) -> Any:
    return rows.filter(Q(code__startswith=value) | Q(name__contains=value))


class DepartmentFilter(FilterForm):
    institution = typed("机构代码或名称", of_institution)
    text = typed("科室编码或名称", _department_named)


def _departments(user: User) -> ScopedQuerySet[Department]:
    rows = Department.objects.visible_to(user).select_related("institution")
    return rows.order_by("institution__code", "code", "pk")


def _department(row: Department) -> str:
    return row.name if row.withdrawn_at is None else f"{row.name}（已撤销）"


DEPARTMENTS = Listing(
    "科室",
    "institutions.view",
    _departments,
    (
        Column("机构", attr("institution.name"), sort="institution__code"),
        Column("科室编码", attr("code"), "code", sort=True),
        Column("科室名称", _department, sort="name"),
        Column("科别", attr("caty"), "code", sort=True),
        Column("负责人", attr("head")),
        Column("开始", attr("starts_at"), "day", sort=True),
        Column("批准床位", attr("beds"), "whole", total="beds"),
        Column("医保认可床位", attr("insured_beds"), "whole", total="insured_beds"),
        Column("医师", attr("doctors"), "whole", total="doctors"),
        Column("药师", attr("pharmacists"), "whole", total="pharmacists"),
        Column("护士", attr("nurses"), "whole", total="nurses"),
        Column("技师", attr("technicians"), "whole", total="technicians"),
    ),
    DepartmentFilter,
    empty="还没有机构上传科室",
    hint="由定点机构的系统上传、变更和撤销（【3401】至【3403】）",
)
