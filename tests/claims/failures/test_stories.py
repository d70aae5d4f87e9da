"""Published cases of lost fund money (audits, courts, press), each stopped or shown here.

Who and where is reworded; a figure is that of the story in the portal, worked out from 大足办法: at
the county hospital 200 yuan, then 50 %; in the city 1 000, then 35 %.
"""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.errors import Refusal
from accounts.models import AuditLine, Division
from accounts.roles import Role
from accounts.services import assign_role
from claims.clearing.work import OWED, WORK
from claims.filings.services import decide_filing, propose_filing
from claims.models import Settlement, SettlementFund
from claims.recovery.models import Recovery, RecoveryReceipt
from enrollment.models import Person
from funds.models import Book, PaymentOrder
from funds.services import EventLine, post_event
from funds.services.books import open_months_through
from institutions.models import Institution
from lib.periods import Month
from policies.services import adopt_pack, propose_pack
from supervision.models import Alert
from supervision.services import handle_alert, note_denial, screen_new_claims
from tests.claims.clearing.conftest import CHECKED, DECLARED, Month3
from tests.claims.conftest import TODAY, Register, invoice, line, paper_line, stay
from tests.claims.lives.table import source_of
from tests.claims.lives.test_lives import spent
from tests.claims.visits.conftest import Ward, charged, in_bed
from tests.conftest import make_user, past_the_guards
from tests.paying import pay

Enter = Callable[..., Settlement]
Hands = Callable[..., Client]
pytestmark = pytest.mark.django_db


def found(county: Division, rule: str) -> dict[int, str]:
    """What screening finds by a rule: settlement → words."""
    screen_new_claims(area=county)
    return dict(Alert.objects.filter(rule=rule).values_list("settlement", "finding"))


# -- 9: benefits widened on own authority ------------------------------------------------------


def test_measures_are_not_widened_by_one_person(cast: SimpleNamespace, county: Division) -> None:
    """The county hospital's 50 % made 90 %: whoever asks for it does not put it in force."""
    wide = source_of("dazu").replace(
        "{when: {level: county, age_group: adult}, ratio: 50%}",
        "{when: {level: county, age_group: adult}, ratio: 90%}",
    )
    proposed = propose_pack(actor=cast.supervisor, area=county, source=wide)
    with pytest.raises(Refusal, match="您的角色不能办理"):
        adopt_pack(actor=cast.supervisor, pack=proposed, approval="府发〔2026〕1号")
    proposed.refresh_from_db()
    assert proposed.status == "proposed"


def test_recomputing_the_year_finds_each_fen_above_the_measures(
    counter: Enter, wang: Person, register: Register, village_a: Division
) -> None:
    """One of two claims of (1 000 − 200) × 50 % = 400.00 is raised by 123.45 behind the portal."""
    other = register.person("周正", register.household(village_a))
    claim = counter(wang, line("X01", "100", "10"))
    counter(other, line("X01", "100", "10"))
    more = Decimal("123.45")
    rows = Settlement.objects.filter(pk=claim.pk)
    for column, sign in (("fund", 1), ("personal", -1), ("cash", -1)):
        new = getattr(claim, f"{column}_amount") + sign * more
        setattr(claim, f"{column}_amount", new)
    past_the_guards(SettlementFund.objects.filter(settlement=claim), amount=claim.fund_amount)
    past_the_guards(
        rows,
        fund_amount=claim.fund_amount,
        personal_amount=claim.personal_amount,
        cash_amount=claim.cash_amount,
    )
    said = io.StringIO()
    with pytest.raises(CommandError, match="有 1 张结算单重算的结果不同"):
        call_command("recompute", year=2026, area="500225", stdout=said)
    told = said.getvalue()
    assert f"结算单 {claim.number}" in told
    assert "重算 2 张，相同 1 张，不同 1 张：多支付 123.45 元，少支付 0.00 元" in told


# -- 11, 13: owed and not paid, sent to and fro ------------------------------------------------


def test_what_the_county_owes_shows_with_its_age(
    approved: Enter, cast: SimpleNamespace, as_user: Hands, settings: Any
) -> None:
    """(1 000 − 200) × 50 % and (2 000 − 200) × 50 %, half a year after the approval."""
    approved("王一", "1000")
    approved("王二", "2000")
    since = PaymentOrder.objects.latest("pk").asked_on
    settings.TODAY = since + timedelta(days=184)
    page = as_user(cast.accountant).get("/funds/payments/owed").content.decode()
    assert "400.00" in page and "900.00" in page and "1,300.00" in page
    assert "184 天" in page
    assert "会计编批" in page


def test_how_long_the_fund_can_pay_is_told_before_it_cannot(
    approved: Enter, cast: SimpleNamespace, as_user: Hands, settings: Any, county: Division
) -> None:
    """3 000.00 came in and 600.00 were paid ((1 400 − 200) × 50 %); 1 300.00 more are owed: of 2
    400.00 1 100.00 are left, 1.8 months like the only one in which something was paid. Next year
    nothing comes in and 900.00 are paid of it: 200.00 left of 1 500.00 − 1 300.00, a fifth of such
    a month; over the year 75 a month are lost, and the third month is not paid whole."""
    post_event(
        event="subsidy_received", area=county, on=TODAY, key="test:subsidy", source="补助文件",
        actor=None, lines=[EventLine(amount=Decimal("3000.00"), funding_level="county")],
    )  # fmt: skip
    settings.TODAY = TODAY
    pay(actor=cast.cashier, settlements=[approved("王零", "1400")], on=TODAY, today=TODAY)
    approved("王一", "1000")
    approved("王二", "2000")
    page = as_user(cast.accountant).get("/funds/payments/owed").text
    assert "2,400.00" in page and "1,300.00" in page and "1,100.00" in page
    assert "1.8 个月" in page and "近十二个月收支相抵有余" in page
    third = approved("王三", "2000")
    later = date(TODAY.year + 1, TODAY.month, TODAY.day + 1)
    open_months_through(Book.objects.get(area=county), Month.of(later))
    pay(actor=cast.cashier, settlements=[third], on=later, today=later)
    settings.TODAY = later
    page = as_user(cast.accountant).get("/funds/payments/owed").text
    assert "200.00" in page and "0.2 个月" in page
    assert "每月净减 75.00 元" in page and "2027年06月起不能足额支付" in " ".join(page.split())
    assert "可支付月数" not in as_user(cast.clerk_a).get("/funds/payments/owed").text


@pytest.mark.usefixtures("rule")
def test_a_clearing_has_one_owner_and_one_clock(
    month: Month3, approved: Enter, cast: SimpleNamespace
) -> None:
    """A month declared on 8 April waits with one desk at a time, and is due 20 working days after
    the 10th, on 8 May, whoever has it."""

    def waits_with() -> list[str]:
        hands = (cast.hospital_clerk, cast.reviewer, cast.approver)
        return [
            one.title
            for one in WORK
            for user in hands
            if user.may(one.permission) and one.rows(user).exists()
        ]

    approved("王一", "1000")
    assert waits_with() == ["待月结申报"]
    clearing = month.declare(on=DECLARED)
    assert waits_with() == ["月结待核对"]
    month.issue(clearing, on=CHECKED)
    assert waits_with() == ["月结待确认"]
    clearing.refresh_from_db()
    assert clearing.pay_by == date(2026, 5, 8)
    owed = [one for one in OWED if one.rows(cast.accountant).exists()]
    assert [(one.title, one.due) for one in owed] == [("机构月结，未签发、确认", "pay_by")]


# -- 14: the hospital's head is the scheme's head ----------------------------------------------


def test_nobody_works_for_the_hospital_and_for_the_county(
    cast: SimpleNamespace, county: Division, as_user: Hands
) -> None:
    """韩梅 enters the county hospital's claims; a second account would let her approve them."""
    second = make_user("han_mei_2", "韩梅", Role.VILLAGE_CADRE, county)
    given = {"division": county, "institution_code": "", "is_active": True}
    for role in (Role.APPROVER, Role.REVIEWER, Role.CASHIER, Role.TOWNSHIP_CLERK):
        with pytest.raises(Refusal, match=r"韩梅已有账号 hospital_clerk（定点机构）.*不能兼任"):
            assign_role(actor=cast.secadmin, user=second, role=role, **given)
    page = as_user(cast.secadmin).post(
        f"/accounts/users/{second.pk}",
        {"role": "approver", "division_code": county.code, "is_active": "on"},
    )
    assert "是不相容岗位，一人不能兼任" in page.content.decode()
    given["other_person"] = "县医保中心韩梅，1990 年生，非同一人"
    assign_role(actor=cast.secadmin, user=second, role=Role.APPROVER, **given)
    granted = AuditLine.objects.filter(action="accounts.assign_role").latest("pk")
    assert granted.reason == "县医保中心韩梅，1990 年生，非同一人"


@pytest.mark.parametrize(
    ("has", "wants"), [("reviewer", Role.APPROVER), ("cashier", Role.ACCOUNTANT)]
)
def test_two_hands_of_one_claim_are_two_people(
    cast: SimpleNamespace, county: Division, has: str, wants: Role
) -> None:
    first = getattr(cast, has)
    second = make_user("second", first.name, Role.AUDITOR, county)
    given = {"division": county, "institution_code": "", "is_active": True}
    with pytest.raises(Refusal, match="不相容岗位"):
        assign_role(actor=cast.secadmin, user=second, role=wants, **given)
    assign_role(actor=cast.secadmin, user=second, role=Role.SUPERVISOR, **given)


# -- 17: villagers' identities in beds that are not there ---------------------------------------


def test_more_patients_than_beds_show_on_each_of_them(
    counter: Enter, register: Register, village_a: Division, village_b: Division,
    hospital: Institution, county: Division,
) -> None:  # fmt: skip
    """Two beds. Two in the night of 2 March are in order; the third is to be asked whether he
    lay there, and who came into an empty bed is not."""
    hospital.beds = 2
    hospital.save()
    villages = (village_a, village_b, village_b, village_b)
    days = ((1, 5), (2, 9), (2, 3), (9, 12))
    people = [register.person(f"邹{at}", register.household(each)) for at, each in
              zip("一二三四", villages, strict=True)]  # fmt: skip
    for at, (person, (first, last)) in enumerate(zip(people, days, strict=True)):
        visit = stay(date(2026, 3, first), date(2026, 3, last))
        counter(person, line("X01", f"{100 + at}", "10"), visit=visit)
        if at == 1:
            assert found(county, "A22") == {}
    said = found(county, "A22")
    third = Settlement.objects.get(visit__person=people[2])
    assert said == {
        third.pk: "2026-03-02 当晚大足县人民医院有 3 人住院，核定床位 2 张；请与参保人核实是否住院"
    }


def test_who_never_lay_there_says_so_and_nothing_is_paid(
    counter: Enter, agree: Callable[[Settlement], Settlement], wang: Person,
    cast: SimpleNamespace, as_user: Hands, book: Book,
) -> None:  # fmt: skip
    """(1 000 − 200) × 50 % = 400.00 is approved when 王建国 sees it at the window among the claims
    of his household. It waits; he was mistaken, the supervisor dismisses it, and it is paid."""
    claim = agree(counter(wang, line("X01", "100", "10")))
    clerk, other = as_user(cast.clerk_a), as_user(cast.clerk_b)
    where, page = f"/supervision/denials/{claim.pk}", f"/claims/{claim.pk}"
    told = {"reason": "王建国持身份证到窗口说明"}
    assert "登记本人否认" in clerk.get(page).text
    assert "登记本人否认" not in as_user(cast.reviewer).get(page).text
    assert as_user(cast.reviewer).post(where, told).status_code == 403
    assert other.post(where, told).status_code == 404
    assert "谁来说明" in clerk.post(where, {"reason": ""}, follow=True).text
    assert not Alert.objects.exists()
    shown = clerk.post(where, told, follow=True).text
    alert = Alert.objects.get(settlement=claim)
    said = "本人说明没有在大足县人民医院就诊：王建国持身份证到窗口说明"
    assert (alert.rule, alert.certainty, alert.finding) == ("A23", "certain", said)
    hospital = as_user(cast.hospital_clerk).get(page).text
    for text in (shown, hospital):  # the accused hospital sees the claim, not who denied the visit
        assert "暂停支付：本人否认就诊</div>" in text and "王建国持身份证" not in text
    assert "已登记过本人否认（等待基金监管核查）" in clerk.post(where, told, follow=True).text
    assert Alert.objects.count() == 1
    assert said in as_user(cast.reviewer).get(page).text  # beside the claim
    with pytest.raises(Refusal, match="暂停支付：本人否认就诊") as refused:
        pay(actor=cast.cashier, settlements=[claim], on=TODAY, today=TODAY)
    assert "王建国" not in refused.value.message
    handle_alert(
        actor=cast.supervisor, alert=alert, event="dismiss_alert", reason="核对病历签名，本人忘记"
    )
    after = clerk.get(page).text
    assert (
        '<div class="alert alert-danger hz-alert">暂停支付' not in after and "解除暂停支付" in after
    )
    pay(actor=cast.cashier, settlements=[claim], on=TODAY, today=TODAY)
    assert spent() == {"5001-inpatient": Decimal("400.00")}
    trail = AuditLine.objects.filter(action="supervision.note_denial").get()
    assert (trail.user_name, trail.reason) == (cast.clerk_a.name, "王建国持身份证到窗口说明")


def test_what_was_paid_for_a_stay_that_was_not_comes_back(
    counter: Enter, paid: Enter, ask: Callable[..., Recovery],
    take: Callable[..., RecoveryReceipt], wang: Person, cast: SimpleNamespace, book: Book,
) -> None:  # fmt: skip
    """The 400.00 are gone when he says so: the supervisor finds it true, the hospital pays back."""
    claim = paid(counter(wang, line("X01", "100", "10")))
    alert = note_denial(actor=cast.clerk_a, settlement=claim, told="王建国说当时在外务工")
    handle_alert(
        actor=cast.supervisor, alert=alert, event="confirm_alert", reason="考勤证明当日在深圳"
    )
    with pytest.raises(Refusal, match="已登记过本人否认（考勤证明当日在深圳）"):
        note_denial(actor=cast.clerk_a, settlement=claim, told="再说一次")
    take(ask(claim, reason="invented", facts="本人否认住院，属实"), "400.00")
    assert spent() == {}


def test_of_what_was_never_settled_nothing_is_denied(
    counter: Enter, wang: Person, cast: SimpleNamespace
) -> None:
    draft = counter(wang, line("X01", "100", "10"), submit_now=False)
    with pytest.raises(Refusal, match="没有款项要停付"):
        note_denial(actor=cast.clerk_a, settlement=draft, told="没有去过")


# -- 19: own prices, double charges ------------------------------------------------------------


def test_above_the_limit_and_twice_are_not_paid_and_shown(
    ward: Ward, wang: Person, county: Division
) -> None:
    """Ten beds at 50.00 with a limit of 30.00 for eight nights: 300 of 500 count; CT twice on one
    day, not approved; drugs of 760: (760 + 300 − 200) × 50 %. A line number comes once."""
    visit = ward.admit(wang)
    ward.bill(
        visit,
        charged("F01", "10", "50", 2),
        charged("X01", "76", "10", 2),
        charged("S01", "1", "300", 3, number="1"),
        charged("S01", "1", "300", 3, number="2"),
    )
    with pytest.raises(Refusal, match="明细号 1 已用于“CT平扫”"):
        ward.bill(visit, charged("X01", "76", "10", 2, number="1"))
    ward.leave(visit)
    claim = ward.settle(visit)
    assert (claim.over_limit_amount, claim.fund_amount) == (Decimal(200), Decimal("430.00"))
    (said,) = found(county, "A08").values()
    assert "“CT平扫”在 2026-03-03 收费 2 次" in said
    assert "床位收费 10 天，住院只有 9 天" in said
    assert "“普通床位”等 1 行收费超过限价，共超 200.00 元" in said


# -- 28, 30, 34: false papers ------------------------------------------------------------------


def far(paper: Enter, person: Person, number: int, day: int, yuan: str, **given: Any) -> Settlement:
    """A stay of 8 days in the city from so many days after 9 February, with an invoice of its last
    day."""
    first = date(2026, 2, 9) + timedelta(days=day)
    last = first + timedelta(days=8)
    one = replace(invoice(f"{number:08d}", yuan), issued_on=last)
    facts = {"visit": stay(first, last, referral="referred"), "invoices": [one]}
    return paper(person, yuan, **facts | given)


def test_an_invoice_is_paid_once_and_a_village_with_one_far_hospital_shows(
    paper: Enter, register: Register, village_a: Division, county: Division
) -> None:
    people = [register.person(f"罗{at}", register.household(village_a)) for at in "一二三"]
    first = far(paper, people[0], 12345601, 1, "21000.00")
    assert first.fund_amount == Decimal("7000.00")  # (21 000 − 1 000) × 35 %
    with pytest.raises(Refusal, match="已经报销、正在办理或不予支付"):
        far(paper, people[1], 12345601, 3, "21000.00")
    far(paper, people[1], 12349807, 3, "18000.00")
    assert found(county, "A19") == {}
    third = far(paper, people[2], 12351133, 5, "30000.00")
    assert found(county, "A19") == {
        third.pk: "同村 3 人在 180 天内持重庆市第一医院的发票报销，请向该院核实"
    }


def test_the_same_bill_under_two_names_shows(
    paper: Enter, register: Register, village_a: Division, county: Division
) -> None:
    """Four of five lines agree; three lines of which one agrees do not count."""

    def bill(*yuan: str) -> dict[str, Any]:
        names = ("西药费", "检查费", "化验费", "护理费", "床位费")
        lines = [paper_line(each, name=name) for each, name in zip(yuan, names, strict=False)]
        return {"lines": lines}

    people = [register.person(f"韦{at}", register.household(village_a)) for at in "一二三"]
    same = ("8000.00", "2000.00", "600.00", "400.00")
    first = far(paper, people[0], 11110001, 1, "12000.00", **bill(*same, "1000.00"))
    far(paper, people[1], 22220001, 2, "9000.00", **bill("8000.00", "500.00", "500.00"))
    assert found(county, "A20") == {}
    second = far(paper, people[2], 33330001, 3, "12100.00", **bill(*same, "1100.00"))
    assert found(county, "A20") == {
        second.pk: "重庆市第一医院的清单共 5 行，其中 4 行与另一人的"
        f"结算单 {first.number} 项目、数量、金额完全相同"
    }


def test_monthly_invoices_whose_numbers_do_not_run_show(
    paper: Enter, wang: Person, county: Division
) -> None:
    """The second was issued later and has the smaller number; the third is in order."""
    far(paper, wang, 52000417, 1, "5000.00")
    assert found(county, "A21") == {}
    second = far(paper, wang, 51888123, 9, "6000.00")
    assert found(county, "A21") == {
        second.pk: "重庆市第一医院的发票 52000417（2026-02-18）与 51888123（2026-02-26）："
        "日期在后的号码反而在前"
    }
    far(paper, wang, 52000981, 17, "7000.00")
    assert list(found(county, "A21")) == [second.pk]


# -- 32, 33: accidents that others pay ---------------------------------------------------------

FALL = stay(diagnosis="股骨颈骨折", diagnosis_code="S72.0", facts={"trauma", "trauma_certified"})


def filed(cast: SimpleNamespace, person: Person, liable: str, proof: str) -> None:
    filing = propose_filing(
        actor=cast.clerk_a,
        person=person,
        kind="accident",
        about="摔伤",
        starts=date(2026, 2, 20),
        ends=None,
        evidence="证明 3 号",
        liable=liable,
        proof=proof,
        on=date(2026, 3, 1),
    )
    decide_filing(actor=cast.reviewer, filing=filing, event="approve_filing", on=date(2026, 3, 2))


def test_an_injury_without_a_statement_is_not_paid_before_somebody_looked(
    counter: Enter, agree: Callable[[Settlement], Settlement], wang: Person, county: Division,
    cast: SimpleNamespace, book: Book,
) -> None:  # fmt: skip
    """(26 240.31 − 200) × 50 % = 13 020.155; the community certifies a fall at home."""
    claim = agree(counter(wang, line("S03", "1", "26240.31"), visit=FALL))
    assert claim.fund_amount == Decimal("13020.16")
    (said,) = found(county, "A15").values()
    assert said.startswith("外伤住院（S72.0 股骨颈骨折），没有经批准的外伤备案，谁应负责没有声明")
    with pytest.raises(Refusal, match="外伤无第三方责任声明"):
        pay(actor=cast.cashier, settlements=[claim], on=TODAY, today=TODAY)
    alert = Alert.objects.get(rule="A15")
    handle_alert(
        actor=cast.supervisor, alert=alert, event="dismiss_alert", reason="派出所证明自己跌倒"
    )
    pay(actor=cast.cashier, settlements=[claim], on=TODAY, today=TODAY)
    assert spent() == {"5001-inpatient": Decimal("13020.16")}


def test_whoever_calls_the_injury_an_illness_is_found_by_its_code(
    counter: Enter, wang: Person, county: Division
) -> None:
    """Nobody ticked an injury: the diagnosis tells it."""
    hidden = stay(diagnosis="股骨颈骨折", diagnosis_code="S72.0")
    claim = counter(wang, line("X01", "100", "10"), visit=hidden)
    assert list(found(county, "A15")) == [claim.pk]


@pytest.mark.parametrize("liable", ["nobody", "third", "hospital", "open"])
def test_what_the_filing_says_decides(
    counter: Enter, wang: Person, county: Division, cast: SimpleNamespace, liable: str
) -> None:
    """Somebody else's is refused at the counter; undecided waits; nobody's is paid."""
    filed(cast, wang, liable, "police")
    if liable in {"third", "hospital"}:
        with pytest.raises(Refusal, match="基金不予支付"):
            counter(wang, line("X01", "100", "10"), visit=FALL)
        refused = replace(FALL, reasons=frozenset({"other_liability"}))
        assert counter(wang, line("X01", "100", "10"), visit=refused).fund_amount == 0
        return
    claim = counter(wang, line("X01", "100", "10"), visit=FALL)
    assert claim.fund_amount == Decimal("400.00")
    assert list(found(county, "A15")) == ([claim.pk] if liable == "open" else [])


def test_what_the_driver_owes_comes_back(
    counter: Enter, paid: Enter, ask: Callable[..., Recovery],
    take: Callable[..., RecoveryReceipt], wang: Person, book: Book,
) -> None:  # fmt: skip
    """Paid as an illness; the court then finds the driver wholly liable for 13 020.16."""
    claim = paid(counter(wang, line("S03", "1", "26240.31")))
    driver = {"debtor": "person", "debtor_name": "李某（肇事方）", "reason": "liable"}
    debt = ask(claim, facts="民事判决书（2026）0225 民初 88 号", **driver)
    assert (debt.amount, debt.debtor_name) == (Decimal("13020.16"), "李某（肇事方）")
    take(debt, "13020.16")
    assert spent() == {}


# -- 35, 36: care after death ------------------------------------------------------------------


def test_a_death_list_closes_the_cover_from_its_day_and_shows_each_use_after(
    counter: Enter, paid: Enter, ask: Callable[..., Recovery],
    take: Callable[..., RecoveryReceipt], register: Register, village_a: Division,
    county: Division, ward: Ward, uploaded: Any, confirmed: Any, book: Book,
) -> None:  # fmt: skip
    """The wife died on 3 February. Her chronic drugs of 1 February are in order, those of 10 and 20
    February, 600 × 50 % and 400 × 50 %, paid before anybody knew, are found, and come back."""
    wife = register.person("姜秀兰", register.household(village_a))

    def drugs(day: int, yuan: str) -> Settlement:
        when = date(2026, 2, day)
        visit = stay(when, when, care="chronic", diseases={"diabetes"}, facts={"chronic_certified"})
        return counter(wife, line("X01", "1", yuan), visit=visit)

    before, *after = [
        paid(drugs(day, yuan)) for day, yuan in ((1, "300"), (10, "600"), (20, "400"))
    ]
    assert found(county, "A01") == {}
    rows = [["姓名", "身份证号", "死亡日期"], ["姜秀兰", wife.resident_id, "2026-02-03"]]
    confirmed(uploaded(rows, "deaths"))
    wife.refresh_from_db()
    assert wife.death_date == date(2026, 2, 3)
    for use in (lambda: drugs(25, "100"), lambda: ward.admit(wife, in_bed(date(2026, 2, 25)))):
        with pytest.raises(Refusal, match="登记的死亡日期是 2026-02-03，此后的医疗费不能结算"):
            use()
    assert set(found(county, "A01")) == {one.pk for one in after}
    for alert in Alert.objects.filter(rule="A01"):
        assert alert.certainty == "certain"
    for claim, yuan in zip(reversed(after), ("200.00", "300.00"), strict=True):
        take(ask(claim, reason="death", facts="公安死亡名单"), yuan)
    assert spent() == {"5001-outpatient": Decimal("150.00")}
    assert before.fund_amount == Decimal("150.00")
