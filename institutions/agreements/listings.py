"""Agreements that run out, those that wait for the second person, and what is done to them."""

from accounts.clock import today
from accounts.models import User
from desk.columns import state
from desk.decision_lists import DecisionFilter
from desk.filters import FilterForm, chosen, typed
from desk.listing import Column, Listing, attr
from institutions.agreements.models import (
    AgreementStep,
    AgreementStepQuerySet,
    Signing,
    SigningQuerySet,
)
from institutions.agreements.reading import unrenewed
from institutions.listings import of_institution
from institutions.models import Agreement, AgreementQuerySet, Level

DECIDES = "institutions.decide_agreement"


class RenewalFilter(FilterForm):
    level = chosen("级别", "institution__level", Level.choices)


def to_renew(user: User) -> AgreementQuerySet:
    """In force today, over before the next year begins, nothing signed or put forward for it."""
    rows = unrenewed(Agreement.objects.visible_to(user), today())
    return rows.select_related("institution__division").order_by("institution__code")


RENEWALS = Listing(
    "协议续签",
    "institutions.propose_agreement",
    to_renew,
    (
        Column("机构代码", attr("institution.code"), "code", sort=True),
        Column(
            "机构", attr("institution.name"), link="institutions:institution",
            link_to=attr("institution_id"),
        ),
        Column("级别", attr("institution.get_level_display")),
        Column("现行协议", attr("number"), "code", link="institutions:agreement"),
        Column("起始", attr("first_day"), "day"),
        Column("截止", attr("last_day"), "day", sort=True),
    ),
    RenewalFilter,
    tick="agreements",
    empty="明年的协议都已签订或已提出",
    template="institutions/agreements/renewals.html",
    route="institutions:renewals",
)  # fmt: skip


class SigningFilter(DecisionFilter):
    decides = DECIDES
    institution = typed("机构代码或名称", of_institution)


def signings_of(user: User) -> SigningQuerySet:
    rows = Signing.objects.visible_to(user)
    return rows.select_related("institution__division", "proposed_by", "decided_by")


SIGNINGS = Listing(
    "协议签订",
    "institutions.view",
    signings_of,
    (
        Column("协议编号", attr("number"), "code", link="institutions:signing", sort=True),
        Column("机构", attr("institution.name"), sort="institution__code"),
        Column("起始", attr("first_day"), "day", sort=True),
        Column("截止", attr("last_day"), "day"),
        Column("协议文本", attr("evidence")),
        Column("提出人", attr("proposed_by.name")),
        Column("提出日期", attr("proposed_on"), "day", sort=True),
        Column("审批人", attr("decided_by.name")),
        Column("状态", state(), "status", hint=attr("decision")),
    ),
    SigningFilter,
    tick="signings",
    empty="没有符合条件的协议",
    hint="审批人同意后协议生效，各期就诊按当日有效的协议结算",
    template="institutions/agreements/signings.html",
)


class StepFilter(DecisionFilter):
    decides = DECIDES
    state = chosen("处理", "state", AgreementStep.State.choices)


def steps_of(user: User) -> AgreementStepQuerySet:
    rows = AgreementStep.objects.visible_to(user)
    return rows.select_related("agreement__institution__division", "proposed_by", "decided_by")


STEPS = Listing(
    "协议暂停与终止",
    "institutions.view",
    steps_of,
    (
        Column(
            "协议编号", attr("agreement.number"), "code", link="institutions:agreement",
            link_to=attr("agreement_id"),
        ),
        Column("机构", attr("agreement.institution.name")),
        Column("处理", state("state"), "status"),
        Column("自", attr("first_day"), "day", sort=True),
        Column("至", attr("last_day"), "day"),
        Column("文号", attr("evidence")),
        Column("提出人", attr("proposed_by.name")),
        Column("审批人", attr("decided_by.name")),
        Column("状态", state(), "status", hint=attr("decision")),
    ),
    StepFilter,
    empty="没有暂停、终止或恢复的协议",
    hint="自当日起的就诊按处理后的协议办理；此前入院的结算到出院",
)  # fmt: skip
