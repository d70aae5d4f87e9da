"""Households with their cover, certificates, and the children who are yet to be entered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.clock import today
from accounts.models import Division, User
from desk.decision_lists import DECIDED, DecisionFilter
from desk.filters import ANY, FilterForm, chosen
from desk.listing import Column, Listing, attr, visible
from desk.tones import TonedChoices
from enrollment.cover.campaigns import latest_year
from enrollment.cover.certificates import with_members
from enrollment.cover.households import awaiting_payment, enrolled, missing
from enrollment.cover.listing import HouseholdRow, household_rows
from enrollment.cover.models import Certificate, Enrollment, ExpectedChild
from enrollment.cover.proposal_models import Proposal
from enrollment.people.models import Household

STATES = {
    "missing": ("未参保", missing),
    "pending": ("待缴费", awaiting_payment),
    "enrolled": ("已参保", enrolled),
}


class HouseholdFilter(FilterForm):
    village = chosen("乡镇、村", "")
    state = chosen("本年度", "", [(code, name) for code, (name, _) in STATES.items()])

    def offer(self) -> None:
        places = Division.objects.visible_to(self.user).filter(
            level__in=[Division.Level.TOWNSHIP, Division.Level.VILLAGE]
        )
        self.choose("village", [ANY, *places.values_list("code", "name")])

    def narrow(self, rows: Any) -> Any:
        rows = super().narrow(rows)
        place = self.asked.get("village", "")
        if place.isdecimal():  # also a place that is out of scope: nothing of it is shown
            rows = rows.within(place)
        state = self.filled().get("state")
        if not state:
            return rows
        year = latest_year(area_code=self.user.county_code, day=today())
        return STATES[state][1](rows, year)


def _with_cover(user: User, rows: list[Household]) -> Sequence[HouseholdRow]:
    return household_rows(rows, latest_year(area_code=user.county_code, day=today()))


HOUSE = (
    Column(
        "户编号",
        attr("household.number"),
        "code",
        link="enrollment:household_detail",
        link_to=attr("household.pk"),
    ),
    Column("村组", attr("household.division.place"), sort="division__code"),
    Column("户主", attr("head")),
)
MEMBERS = Column("成员", lambda row: "、".join(row.names)[:40])
HOUSEHOLDS = Listing(
    "家庭查询",
    "enrollment.view",
    visible(Household, "division__parent"),
    (
        *HOUSE,
        Column("户主身份证号", attr("head_id"), "id"),
        MEMBERS,
        Column("人数", attr("members"), "whole"),
        Column("已参保", attr("enrolled"), "whole"),
        Column("个人缴费", attr("personal"), "yuan"),
        Column("状态", attr("standing"), "status"),
        Column(
            "",
            attr("next_step"),
            template="enrollment/cover/_next_step.html",
            where="page",
            permission="enrollment.enroll",
        ),
    ),
    HouseholdFilter,
    gather=_with_cover,
    empty="没有家庭",
    hint="换个筛选条件，或从“新户参保”开始登记。",
    template="enrollment/cover/household_list.html",
)


def _expected(user: User) -> QuerySet[ExpectedChild]:
    rows = ExpectedChild.objects.visible_to(user).waiting()
    return rows.select_related("household__division", "mother", "campaign").order_by("due_on")


class Delay(TonedChoices):
    PAST = "past", "wait", "已过预产期"


def _overdue(row: ExpectedChild) -> Delay | None:
    return Delay.PAST if row.due_on < today() else None


EXPECTED = Listing(
    "出生前登记、待补登的孩子",
    "enrollment.enroll",
    _expected,
    (
        Column("暂用名", attr("working_name")),
        Column("母亲", attr("mother.name"), "name"),
        Column("村组", attr("household.division.name"), sort="household__division__code"),
        Column("户编号", attr("household.number"), "code"),
        Column("年度", lambda row: str(row.campaign.year)),
        Column("预产期", attr("due_on"), "day", hint=_overdue, sort=True),
        Column("", lambda row: "补登", link="enrollment:expected", where="page"),
    ),
    empty="没有待补登的孩子",
    hint="在家庭的“缴费期外参保”页面为孕妇登记。",
)


def _fresh(user: User) -> QuerySet[Household]:
    """The page gives those of a place that are new in the campaign."""
    return Household.objects.none()


FRESH = Listing(
    "新参保户待制证",
    "enrollment.certify",
    _fresh,
    (*HOUSE, MEMBERS, Column("已参保", attr("enrolled"), "whole")),
    gather=_with_cover,
    tick="pick",
    is_ticked=True,
    size=100,
    key="fresh",
    empty="没有待制证的新户",
    hint="新户缴费后列在这里。",
)


@dataclass(frozen=True)
class CertificateRow:
    """A certificate with the people that the cover of its year names."""

    certificate: Certificate
    members: list[Enrollment]
    head: str

    @property
    def pk(self) -> int:
        return self.certificate.pk


def _named(user: User, rows: list[Certificate]) -> Sequence[CertificateRow]:
    year = latest_year(area_code=user.county_code, day=today())
    return [CertificateRow(**one) for one in with_members(rows, year)]


def _certificates(user: User) -> QuerySet[Certificate]:
    """The page gives those of a place and a campaign."""
    return Certificate.objects.none()


CERTIFICATE = (
    Column("户编号", attr("certificate.household.number"), "code"),
    Column("村组", attr("certificate.household.division.place")),
    Column("户主", attr("head")),
)
WAITING = Listing(
    "已制证待发放",
    "enrollment.certify",
    _certificates,
    (
        *CERTIFICATE,
        Column("成员", lambda row: len(row.members), "whole"),
        Column("制证日期", attr("certificate.issued_on"), "day", sort="issued_on"),
        Column("第几次", lambda row: str(row.certificate.issue)),
        Column("补发原因", attr("certificate.reason")),
        Column("", lambda row: "打印", link="enrollment:certificate_paper", where="page"),
    ),
    gather=_named,
    tick="pick",
    size=100,
    key="waiting",
    empty="没有待发放的医疗证",
    hint="制证后列在这里，打印、签领后登记发放。",
)

HANDED = Listing(
    "已发放",
    "enrollment.certify",
    _certificates,
    (
        Column("户编号", attr("household.number"), "code", sort="household__number"),
        Column("村组", attr("household.division.place")),
        Column("第几次", lambda row: str(row.issue)),
        Column("制证日期", attr("issued_on"), "day", sort=True),
        Column("发放日期", attr("handed_on"), "day", sort=True),
        Column("领取人", attr("receiver")),
        Column("登记人", attr("handed_by.name")),
        Column(
            "",
            lambda row: "补发",
            link="enrollment:certificate_reissue",
            link_to=attr("household_id"),
            where="page",
        ),
    ),
    key="handed",
    empty="还没有发放",
)


class ProposalFilter(DecisionFilter):
    decides = "enrollment.decide_change"

    kind = chosen("申请事项", "kind", Proposal.Kind.choices)


PROPOSALS = Listing(
    "变更审批",
    "enrollment.view_changes",
    visible(Proposal, "person__household__division__parent", "proposed_by", "decided_by"),
    (
        Column("姓名", attr("person.name"), "name", link="enrollment:proposal"),
        Column("申请事项", attr("get_kind_display")),
        Column("身份", attr("get_code_display")),
        Column("村组", attr("person.household.division.place")),
        Column("申请号", lambda row: str(row.pk), "code"),
        *DECIDED,
    ),
    ProposalFilter,
    person="person",
    empty="没有变更申请",
    hint="窗口申请的更正姓名、证件和认定身份在这里审批。",
)
