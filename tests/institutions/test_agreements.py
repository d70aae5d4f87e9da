"""Agreements: signed by two with their terms, stopped, ended and taken up again from a day on."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import AuditLine
from accounts.roles import Role
from institutions.agreements.models import AgreementStep, Signing
from institutions.agreements.reading import promised, unrenewed
from institutions.agreements.services import (
    approve_signings,
    decide_signing,
    decide_step,
    propose_renewals,
    propose_signing,
    propose_step,
)
from institutions.agreements.terms import DEPOSIT, STAY_COST, kept, shown, typed
from institutions.models import Agreement, Institution
from institutions.registry.services import propose_change
from tests.claims.test_statements import statements
from tests.conftest import in_duty

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 2)
DAY = timedelta(days=1)


def stop(cast: SimpleNamespace, agreement: Agreement, **given: Any) -> AgreementStep:
    facts: dict[str, Any] = {
        "state": "suspended", "first_day": date(2026, 3, 10), "last_day": date(2026, 4, 9),
        "evidence": "大医保〔2026〕12号", "reason": "挂床住院，暂停一个月", "on": MARCH,
    }  # fmt: skip
    return propose_step(actor=cast.supervisor, agreement=agreement, **facts | given)


def stopped(cast: SimpleNamespace, agreement: Agreement, **given: Any) -> AgreementStep:
    row = stop(cast, agreement, **given)
    return decide_step(
        actor=cast.approver, row=row, event="approve_agreement_step", on=given.get("on", MARCH)
    )


@pytest.fixture
def agreement(hospital: Institution) -> Agreement:
    return Agreement.objects.get(institution=hospital)


def holds(day: date) -> bool:
    """As the counter asks, and as the page reads it: both say the same."""
    one = Agreement.objects.with_steps().get()
    asked = Institution.objects.contracted_on(day).exists()
    assert asked == (one.first_day <= day <= one.last_day and one.state_on(day) == "signed")
    return asked


@pytest.mark.usefixtures("as_application")
def test_suspended_from_its_day_to_its_day(cast: SimpleNamespace, agreement: Agreement) -> None:
    row = stop(cast, agreement)
    assert holds(date(2026, 3, 10))  # one hand decides nothing
    with pytest.raises(Refusal, match="您的角色不能办理"):
        decide_step(actor=cast.supervisor, row=row, event="approve_agreement_step", on=MARCH)
    with pytest.raises(Refusal, match="不同的人"):
        same = in_duty(cast.supervisor, Role.APPROVER)
        decide_step(actor=same, row=row, event="approve_agreement_step", on=MARCH)
    decide_step(actor=cast.approver, row=row, event="approve_agreement_step", on=MARCH)
    assert holds(date(2026, 3, 9))
    assert not holds(date(2026, 3, 10))
    assert not holds(date(2026, 4, 9))
    assert holds(date(2026, 4, 10))
    assert holds(date(2026, 12, 31))
    assert not holds(date(2027, 1, 1))
    assert AuditLine.objects.filter(action="institutions.approve_agreement_step").count() == 1


def test_an_appeal_gives_it_back_from_its_day_and_both_lines_stay(
    cast: SimpleNamespace, agreement: Agreement
) -> None:
    stopped(cast, agreement)
    with pytest.raises(Refusal, match="2026-03-09 有效，不需要恢复"):
        stop(cast, agreement, state="resumed", first_day=date(2026, 3, 9), last_day=None)
    later = date(2026, 3, 25)
    stopped(cast, agreement, state="resumed", first_day=date(2026, 3, 20), last_day=None, on=later)
    assert not holds(date(2026, 3, 19))
    assert holds(date(2026, 3, 20))
    assert AgreementStep.objects.decided().count() == 2


def test_an_appeal_lifts_what_it_is_against_and_not_a_later_termination(
    cast: SimpleNamespace, agreement: Agreement
) -> None:
    """Stopped from 10 March to 30 April, ended from 1 June; the appeal is against the first."""
    stopped(cast, agreement, last_day=date(2026, 4, 30))
    stopped(cast, agreement, state="ended", first_day=date(2026, 6, 1), last_day=None)
    given = {"state": "resumed", "last_day": None, "on": date(2026, 6, 20)}
    stopped(cast, agreement, first_day=date(2026, 3, 10), **given)
    assert holds(date(2026, 3, 10)) and holds(date(2026, 5, 31))
    assert not holds(date(2026, 6, 1)) and not holds(date(2026, 12, 31))
    stopped(cast, agreement, first_day=date(2026, 7, 1), **given)  # another, against the second
    assert not holds(date(2026, 6, 30)) and holds(date(2026, 7, 1))
    stopped(cast, agreement, first_day=date(2026, 8, 1), last_day=date(2026, 8, 31))
    assert not holds(date(2026, 8, 31)) and holds(date(2026, 9, 1))


def test_an_institution_hears_what_two_decided_and_not_what_one_put_forward(
    cast: SimpleNamespace, hospital: Institution, agreement: Agreement, as_user: Any, settings: Any
) -> None:
    settings.TODAY = MARCH
    row = stop(cast, agreement)
    pages = [
        reverse("institutions:agreement", args=[agreement.pk]),
        reverse("institutions:institution", args=[hospital.pk]),
        "/institutions/agreements/steps",
    ]
    clerk, approver = as_user(cast.hospital_clerk), as_user(cast.approver)

    def told(client: Any) -> list[bool]:
        texts = [client.get(page).content.decode() for page in pages]
        return ["大医保〔2026〕12号" in text or "协议处理待审批" in text for text in texts]

    assert told(approver) == [True, True, True]
    assert told(clerk) == [False, False, False]
    assert "挂床住院" not in clerk.get(pages[0]).content.decode()
    decide_step(actor=cast.approver, row=row, event="approve_agreement_step", on=MARCH)
    assert told(clerk) == [True, False, True]


def test_what_is_no_accusation_is_read_by_the_institution_while_it_waits(
    cast: SimpleNamespace, hospital: Institution, as_user: Any, settings: Any
) -> None:
    """It signs the agreement itself, and what is registered of it is its own."""
    settings.TODAY = MARCH
    signing = asked(cast, hospital)
    changed = propose_change(
        actor=cast.supervisor, institution=hospital, column="beds", becomes="120",
        first_day=MARCH, evidence="卫医准〔2026〕7号", reason="扩建后核定", on=MARCH,
    )  # fmt: skip
    clerk = as_user(cast.hospital_clerk)
    place = clerk.get(reverse("institutions:institution", args=[hospital.pk])).content.decode()
    assert signing.number in place and "核定床位" in place
    for address in (
        reverse("institutions:signing", args=[signing.pk]),
        reverse("institutions:change", args=[changed.pk]),
    ):
        page = clerk.get(address)
        assert page.status_code == 200 and "待审批" in page.content.decode()
    assert signing.number in clerk.get("/institutions/agreements/signings").content.decode()


def test_ended_for_good_and_another_agreement_signed_meanwhile(
    cast: SimpleNamespace, agreement: Agreement, hospital: Institution
) -> None:
    stopped(cast, agreement, state="ended", first_day=date(2026, 7, 1), last_day=None)
    assert holds(date(2026, 6, 30)) and not holds(date(2026, 7, 1))
    with pytest.raises(Refusal, match="已是“终止”"):
        stop(cast, agreement, first_day=date(2026, 8, 1), last_day=date(2026, 8, 31))
    with pytest.raises(Refusal, match="协议期重叠"):
        asked(cast, hospital, first_day=date(2026, 6, 30), last_day=date(2026, 12, 31))
    row = asked(cast, hospital, first_day=date(2026, 10, 1), last_day=date(2026, 12, 31))
    decide_signing(actor=cast.approver, row=row, event="approve_signing", on=MARCH)
    contracted = Institution.objects.contracted_on
    assert not contracted(date(2026, 9, 30)).exists()
    assert contracted(date(2026, 10, 1)).exists()
    with pytest.raises(Refusal, match="已另签协议 XY2026-9"):
        stop(cast, agreement, state="resumed", first_day=date(2026, 8, 1), last_day=None)


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"first_day": MARCH - DAY}, "first_day", "不能早于今天（2026-03-02）"),
        ({"first_day": date(2027, 1, 1)}, "first_day", "应在协议期 2025-01-01 至 2026-12-31"),
        ({"last_day": None}, "last_day", "暂停须填截止日期"),
        ({"last_day": date(2026, 3, 9)}, "last_day", "2026-03-10 至 2026-12-31 之间"),
        ({"last_day": date(2027, 1, 1)}, "last_day", "2026-03-10 至 2026-12-31 之间"),
        ({"state": "ended"}, "last_day", "终止、恢复不填截止日期"),
        ({"evidence": ""}, "evidence", "文号"),
    ],
)
def test_what_is_refused_at_its_input(
    cast: SimpleNamespace, agreement: Agreement, given: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(Refusal) as refused:
        stop(cast, agreement, **given)
    assert words in refused.value.message and refused.value.at == (field,)


def test_a_day_that_passed_before_the_second_hand_is_put_forward_anew(
    cast: SimpleNamespace, agreement: Agreement
) -> None:
    row = stop(cast, agreement)
    with pytest.raises(Refusal, match="起始日期 2026-03-10 已过"):
        decide_step(
            actor=cast.approver, row=row, event="approve_agreement_step", on=date(2026, 3, 11)
        )
    with pytest.raises(Refusal, match="已有一项处理待审批"):
        stop(cast, agreement)
    assert holds(date(2026, 3, 11))


def test_what_was_put_forward_stays(cast: SimpleNamespace, agreement: Agreement) -> None:
    row = stopped(cast, agreement)
    for columns in ({"first_day": date(2026, 4, 1)}, {"state": "resumed", "last_day": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            AgreementStep.objects.filter(pk=row.pk).update(**columns)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.delete()


# -- signing --------------------------------------------------------------------------------------


def asked(cast: SimpleNamespace, hospital: Institution, **given: Any) -> Signing:
    facts: dict[str, Any] = {
        "number": "XY2026-9", "first_day": date(2027, 1, 1), "last_day": date(2027, 12, 31),
        "terms": kept({"deposit": Decimal(5), "stay_cost": Decimal("4800.50")}),
        "evidence": "2027 年度服务协议", "reason": "续签", "on": MARCH,
    }  # fmt: skip
    return propose_signing(actor=cast.supervisor, institution=hospital, **facts | given)


@pytest.mark.usefixtures("as_application")
def test_signed_by_two_and_then_never_changed(
    cast: SimpleNamespace, hospital: Institution, agreement: Agreement
) -> None:
    row = asked(cast, hospital)
    assert not Institution.objects.contracted_on(date(2027, 1, 1)).exists()
    assert promised(hospital, date(2027, 1, 1), DEPOSIT) is None
    decide_signing(actor=cast.approver, row=row, event="approve_signing", on=MARCH)
    assert Institution.objects.contracted_on(date(2027, 12, 31)).exists()
    assert promised(hospital, date(2027, 1, 1), DEPOSIT) == 500
    assert promised(hospital, date(2027, 1, 1), STAY_COST) == 480_050
    assert promised(hospital, date(2026, 12, 31), DEPOSIT) is None
    signed = Agreement.objects.get(signing=row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.filter(pk=signed.pk).update(last_day=date(2028, 12, 31))
    with pytest.raises(IntegrityError), transaction.atomic():
        signed.delete()


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"last_day": date(2026, 12, 31)}, "last_day", "截止日期不能早于起始日期"),
        ({"last_day": date(2030, 1, 1)}, "last_day", "协议期不超过 3 年"),
        ({"number": "DZ-2025-001"}, "number", "已经使用"),
        ({"number": " "}, "number", "请填写协议编号"),
        ({"first_day": date(2026, 12, 31)}, "first_day", "与协议 DZ-2025-001（2025-01-01"),
    ],
)
def test_what_of_a_signing_is_refused(
    cast: SimpleNamespace, hospital: Institution, given: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(Refusal) as refused:
        asked(cast, hospital, **given)
    assert words in refused.value.message and refused.value.at == (field,)


def test_a_years_agreements_are_renewed_at_once(
    cast: SimpleNamespace, hospital: Institution, township_hospital: Institution
) -> None:
    november = date(2026, 11, 2)
    first, second = Agreement.objects.order_by("institution__code")
    Agreement.objects.filter(pk=first.pk).update(terms={"deposit": 500})

    def waiting() -> list[str]:
        rows = unrenewed(Agreement.objects.visible_to(cast.supervisor), november)
        return [one.institution.name for one in rows.order_by("number")]

    assert waiting() == ["大足县人民医院", "龙水镇卫生院"]
    rows = propose_renewals(
        actor=cast.supervisor, agreements=[first.pk, second.pk], series="XY2027-",
        first_day=date(2027, 1, 1), last_day=date(2027, 12, 31),
        evidence="2027 年度服务协议", reason="2027 年度续签", on=november,
    )  # fmt: skip
    assert [row.number for row in rows] == ["XY2027-H50022500001", "XY2027-H50022500101"]
    assert waiting() == []  # it waits with the approver now
    decide_signing(
        actor=cast.approver, row=rows[1], event="refuse_signing", on=november, reason="考核未过"
    )
    assert waiting() == ["龙水镇卫生院"]
    done = approve_signings(actor=cast.approver, signings=[rows[0].pk], on=november)
    assert len(done) == 1
    new = Agreement.objects.get(number="XY2027-H50022500001")
    assert (new.terms, new.first_day) == ({"deposit": 500}, date(2027, 1, 1))


def test_renewing_is_all_or_nothing(
    cast: SimpleNamespace, hospital: Institution, township_hospital: Institution
) -> None:
    asked(cast, hospital)
    with pytest.raises(Refusal, match="已有一份协议待审批"):
        propose_renewals(
            actor=cast.supervisor, agreements=list(Agreement.objects.values_list("pk", flat=True)),
            series="N", first_day=date(2027, 1, 1), last_day=date(2027, 12, 31),
            evidence="协议", reason="续签", on=MARCH,
        )  # fmt: skip
    assert Signing.objects.count() == 1


# -- terms ----------------------------------------------------------------------------------------


def test_terms_are_kept_in_hundredths_and_read_back() -> None:
    terms = kept({"deposit": Decimal(5), "stay_days": Decimal("8.5"), "drugs": None})
    assert terms == {"deposit": 500, "stay_days": 850}
    assert shown(terms) == [("质量保证金", "5 %"), ("平均住院日", "8.5 天")]
    assert kept(typed(terms)) == terms


@pytest.mark.parametrize(
    ("code", "value"),
    [("deposit", "5.5"), ("deposit", "31"), ("drugs", "100.01"), ("stay_days", "8.555")],
)
def test_a_number_that_cannot_be_kept_names_its_term(code: str, value: str) -> None:
    with pytest.raises(ValueError, match=code):
        kept({code: Decimal(value)})


# -- pages ----------------------------------------------------------------------------------------


def test_signed_and_stopped_on_the_pages(
    cast: SimpleNamespace, hospital: Institution, agreement: Agreement, as_user: Any, settings: Any
) -> None:
    settings.TODAY = MARCH
    supervisor, approver = as_user(cast.supervisor), as_user(cast.approver)
    page = reverse("institutions:institution", args=[hospital.pk])
    given = {
        "number": "XY2027-1", "first_day": "2027-01-01", "last_day": "2027-12-31",
        "evidence": "2027 年度服务协议", "reason": "续签", "deposit": "5.5",
    }  # fmt: skip
    sign = reverse("institutions:sign", args=[hospital.pk])
    assert "质量保证金应为整数" in supervisor.post(sign, given).content.decode()
    supervisor.post(sign, given | {"deposit": "5"})
    row = Signing.objects.get()
    assert "XY2027-1" in approver.get(page).content.decode()
    one = reverse("institutions:signing", args=[row.pk])
    assert "5 %" in approver.get(one).content.decode()
    act = reverse("institutions:signing_act", args=[row.pk, "approve_signing"])
    assert as_user(cast.hospital_clerk).post(act).status_code == 403
    assert "已办理“同意”" in approver.post(act, follow=True).content.decode()
    path = reverse("institutions:agreement_step", args=[agreement.pk])
    given = {
        "state": "suspended", "first_day": "2026-03-10", "last_day": "2026-04-09",
        "evidence": "大医保〔2026〕12号", "reason": "挂床住院",
    }  # fmt: skip
    supervisor.post(path, given)
    step = AgreementStep.objects.get()
    shown_to = approver.get(reverse("institutions:agreement", args=[agreement.pk]))
    assert "此前入院的照常结算到出院" in shown_to.content.decode()
    approver.post(
        reverse("institutions:agreement_step_act", args=[step.pk, "approve_agreement_step"])
    )
    settings.TODAY = date(2026, 3, 10)
    assert "暂停" in as_user(cast.hospital_clerk).get(page).content.decode()
    assert as_user(cast.other_officer).get(page).status_code == 404
    assert as_user(cast.other_officer).get(one).status_code == 404


def test_the_page_costs_the_same_for_many(
    cast: SimpleNamespace, hospital: Institution, agreement: Agreement, as_user: Any, settings: Any
) -> None:
    settings.TODAY = MARCH
    client, page = as_user(cast.supervisor), reverse("institutions:institution", args=[hospital.pk])
    client.get(page)
    few = statements(lambda: client.get(page))
    for year in range(2010, 2025):
        Agreement.objects.create(
            institution=hospital, number=f"DZ-{year}", first_day=date(year, 1, 1),
            last_day=date(year, 12, 31),
        )  # fmt: skip
    assert statements(lambda: client.get(page)) == few


def tile(client: Any) -> tuple[int, str]:
    """What the first page says of agreements that end: how many, in which colour."""
    tiles = client.get("/").context["tiles"]
    found = [(one.number, one.tone) for one in tiles if one.work.title == "定点协议将到期"]
    return found[0] if found else (0, "")


def test_the_supervisors_first_page_is_red_from_november_on(
    cast: SimpleNamespace, hospital: Institution, as_user: Any, settings: Any
) -> None:
    client = as_user(cast.supervisor)
    settings.TODAY = date(2026, 10, 31)
    assert tile(client) == (0, "")
    settings.TODAY = date(2026, 11, 1)
    assert tile(client) == (1, "bad")
    asked(cast, hospital)
    assert tile(client) == (0, "")
