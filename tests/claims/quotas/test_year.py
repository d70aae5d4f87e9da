"""A year of 龙水镇 (王建国, 李秀兰) and 万古镇 (张大山), tier 2, each granted 40.00.

Raised 1,220.00; reserves 61.00 each; accounts 120.00: 978.00 to share out, 326.00 a head. 王建国 is
paid 1,400.00 at the county hospital, (3,000.00 − 200.00) × 50 %; 张大山 350.00 at 龙水镇卫生院,
(530.00 − 30.00) × 70 %, in another township than his own.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import Division, User
from accounts.roles import Role
from claims.models import Settlement
from claims.quotas.board import Row, rows_of
from claims.quotas.checking import book_problems as of_quotas
from claims.quotas.models import Allotment, TownshipQuota
from claims.quotas.services import propose_allotment
from claims.quotas.workflow import ALLOTMENTS
from claims.services import approve, review
from funds.drafts.services import enter_draft, make_draft, make_reversal, take_step
from funds.law.checking import book_problems as of_law
from funds.law.services import make_by_law
from funds.law.workings import work_out
from funds.models import Book, Posting, Voucher, VoucherDraft
from funds.services import EventLine, account_balances, post_event
from institutions.models import Institution
from tests.at_once import at_once
from tests.claims.conftest import Register, line, stay
from tests.conftest import make_user
from tests.funds.by_law import by_law
from tests.funds.conftest import check_now, legs, through_all_hands
from tests.paying import pay

pytestmark = pytest.mark.django_db
MARCH, END = date(2026, 3, 20), date(2026, 12, 31)
Counter = Callable[..., Settlement]


@pytest.fixture
def money(book: Book, cast: SimpleNamespace) -> None:
    def post(event: str, amount: str, key: str, **about: object) -> None:
        post_event(
            event=event, area=book.area, on=date(2026, 1, 5), key=key, source="回单",
            actor=cast.accountant, lines=[EventLine(Decimal(amount), **about)],  # type: ignore[arg-type]
        )  # fmt: skip

    post("subsidy_received", "9000.00", "old", funding_level="county", policy_year=2025)
    post("subsidy_received", "1220.00", "now", funding_level="county", policy_year=2026)
    post("expenditure_funded", "5000.00", "funded")


@pytest.fixture
def people(
    register: Register, money: None, village_a: Division, village_b: Division
) -> SimpleNamespace:
    home = register.household(village_a)
    return SimpleNamespace(
        wang=register.person("王建国", home),
        li=register.person("李秀兰", home),
        zhang=register.person("张大山", register.household(village_b)),
    )


@pytest.fixture
def care(
    counter: Counter,
    people: SimpleNamespace,
    cast: SimpleNamespace,
    township_hospital: Institution,
) -> list[Settlement]:
    nurse = make_user("centre", "刘护士", Role.INSTITUTION_CLERK,
                      institution_code=township_hospital.code)  # fmt: skip
    return [
        counter(people.wang, line("X01", "30", "100.00"), visit=stay()),
        counter(people.zhang, line("X01", "53", "10.00"), visit=stay(), actor=nurse,
                institution=township_hospital),
    ]  # fmt: skip


def paid(cast: SimpleNamespace, *claims: Settlement) -> None:
    for one in claims:
        review(actor=cast.reviewer, settlement=one)
        approve(actor=cast.approver, settlement=one)
        one.refresh_from_db()
        pay(actor=cast.cashier, settlements=[one], on=MARCH, today=MARCH)


def share_out(cast: SimpleNamespace, county: Division) -> Allotment:
    row = propose_allotment(
        actor=cast.accountant, area=county, year=2026, on=MARCH, evidence="县医保〔2026〕3号",
        reason="年度分配",
    )  # fmt: skip
    return ALLOTMENTS.decide(row, "approve_allotment", actor=cast.approver, on=MARCH)


def rows(county: Division) -> dict[str, Row]:
    allotment = Allotment.objects.in_force(county, 2026)
    return {row.township.name: row for row in rows_of(county, 2026, allotment)}


def yuan(*amounts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(one) for one in amounts)


def test_nobody_is_beyond_a_quota_before_it_is_shared_out(
    care: list[Settlement], cast: SimpleNamespace, county: Division
) -> None:
    """1,750.00 are used, and no township is told of an overspend nor of a rate."""
    paid(cast, *care)
    found = rows(county)
    assert sum(row.used for row in found.values()) == Decimal("1750.00")
    assert {(row.overspend, row.share, row.status) for row in found.values()} == {
        (Decimal(0), None, Row.Status.NOTHING)
    }


def test_shared_out_by_head_by_two_people(
    people: SimpleNamespace, pack: object, cast: SimpleNamespace, county: Division
) -> None:
    with pytest.raises(Refusal, match="街镇额度由会计提出分配"):
        propose_allotment(actor=cast.supervisor, area=county, year=2026, on=MARCH,
                          evidence="文", reason="年度分配")  # fmt: skip
    row = share_out(cast, county)
    assert (row.raised, row.reserved, row.accounts, row.pool) == yuan("1220", "122", "120", "978")
    assert row.law == "《大足县城乡居民合作医疗保险办法》第二十六条(三)"
    assert list(row.quotas.values_list("township__name", "insured", "amount")) == [
        ("龙水镇", 2, Decimal("652.00")),
        ("万古镇", 1, Decimal("326.00")),
    ]
    with pytest.raises(IntegrityError), transaction.atomic():
        TownshipQuota.objects.update(amount=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Allotment.objects.update(pool=1)


def test_care_in_another_township_moves_the_quota(
    care: list[Settlement], cast: SimpleNamespace, county: Division
) -> None:
    share_out(cast, county)
    here = rows(county)["龙水镇"]
    assert (here.used, here.waiting, here.overspend) == yuan("0", "1400", "0")
    paid(cast, *care)
    found = rows(county)
    here, there = found["龙水镇"], found["万古镇"]
    assert (here.given, here.moved_in, here.quota, here.used, here.overspend) == yuan(
        "652", "350", "1002", "1750", "748"
    )
    assert (there.given, there.moved_out, there.quota, there.used, there.overspend) == yuan(
        "326", "350", "-24", "0", "24"
    )
    assert (here.office, here.of_institutions) == yuan("299.20", "448.80")
    assert here.institutions == {"H50022500001": Decimal("448.80")}
    assert (there.office, there.institutions) == (
        Decimal("9.60"), {"H50022500101": Decimal("14.40")},
    )  # fmt: skip
    assert (here.status.label, there.status.label) == ("超支", "超支")


@pytest.fixture
def charged(care: list[Settlement], cast: SimpleNamespace, county: Division, book: Book) -> Voucher:
    share_out(cast, county)
    paid(cast, *care)
    return by_law(cast, book, "overspend_charged", 2026, END)


def owed(book: Book) -> dict[str, Decimal]:
    balances = account_balances(area=book.area, through=END)
    return {one.code: one.closing for one in balances if "overspend" in one.code}


def test_charged_at_the_years_end_with_its_dimensions_and_no_income(
    charged: Voucher, book: Book, town_a: Division, town_b: Division
) -> None:
    check_now()
    told = charged.postings.filter(account__code="1101-overspend").values_list(
        "township", "funding_level", "institution_code", "debit", "policy_year"
    )
    assert set(told) == {
        (town_a.pk, "township", "", Decimal("299.20"), 2026),
        (town_a.pk, "institution", "H50022500001", Decimal("448.80"), 2026),
        (town_b.pk, "township", "", Decimal("9.60"), 2026),
        (town_b.pk, "institution", "H50022500101", Decimal("14.40"), 2026),
    }
    assert charged.summary == (
        "街镇超支分担挂账（《大足县城乡居民合作医疗保险办法》第二十六条(三)）"
    )
    assert charged.source == "2026年度街镇超支 772.00 元"
    assert owed(book) == {
        "1101-overspend": Decimal("772.00"),
        "2001-overspend": Decimal("772.00"),
        "4501-overspend": Decimal("0.00"),
    }
    assert "已全部挂账" in work_out("overspend_charged", book, 2026, END).problem


def test_not_before_the_year_is_over_and_not_without_quotas(
    care: list[Settlement], cast: SimpleNamespace, county: Division, book: Book
) -> None:
    day = date(2026, 12, 30)
    with pytest.raises(Refusal) as said:
        by_law(cast, book, "overspend_charged", 2026, day)
    assert said.value.message == (
        "2026年度还没有结束，超支不能挂账；2026年度还没有分配街镇额度，请先在“街镇额度”分配"
    )


def receive(
    book: Book, cast: SimpleNamespace, town: Division, level: str, amount: str, payer: str = ""
) -> VoucherDraft:
    return make_draft(
        actor=cast.accountant, book=book, event="overspend_received", on=END, today=END,
        document=f"回单 {level} {amount}", key=f"receive:{level}:{amount}",
        lines=[EventLine(Decimal(amount), township=town, funding_level=level, policy_year=2026,
                         institution_code=payer)],
    )  # fmt: skip


def test_what_is_paid_clears_it_and_a_red_letter_brings_it_back(
    charged: Voucher, book: Book, cast: SimpleNamespace, town_a: Division, county: Division
) -> None:
    """500.00 of the institutions: 448.80 were charged, the rest is income and clears nothing."""
    got = through_all_hands(receive(book, cast, town_a, "institution", "500.00"), cast, END)
    check_now()
    assert got.summary == ("收到超支分担款（《大足县城乡居民合作医疗保险办法》第二十六条(三)）")
    cleared = Voucher.objects.get(event="overspend_cleared")
    assert legs(cleared) == [
        ("2001-overspend", "448.80", "0.00"),
        ("1101-overspend", "0.00", "448.80"),
    ]
    assert owed(book) == dict(zip(
        ("1101-overspend", "2001-overspend", "4501-overspend"), yuan("323.20", "323.20", "500"),
        strict=True,
    ))  # fmt: skip
    row = rows(county)["龙水镇"]
    assert (row.charged, row.received) == yuan("748.00", "500.00")
    with pytest.raises(Refusal, match=r"这张挂账已收到 448\.80 元，不能红冲；请先红冲收款"):
        make_reversal(actor=cast.accountant, voucher=charged, on=END, today=END, reason="算错")

    def take_back(voucher: Voucher) -> None:
        red = make_reversal(
            actor=cast.accountant, voucher=voucher, on=END, today=END, reason="退回"
        )
        through_all_hands(red, cast, END)

    take_back(got)
    assert owed(book)["1101-overspend"] == Decimal("772.00")
    take_back(charged)
    check_now()
    assert set(owed(book).values()) == {Decimal("0.00")}
    assert by_law(cast, book, "overspend_charged", 2026, END).amount == Decimal("772.00")


def test_what_was_paid_before_is_not_charged(
    care: list[Settlement], cast: SimpleNamespace, county: Division, book: Book, town_a: Division
) -> None:
    share_out(cast, county)
    paid(cast, *care)
    through_all_hands(receive(book, cast, town_a, "township", "99.20"), cast, END)
    assert by_law(cast, book, "overspend_charged", 2026, END).amount == Decimal("672.80")
    assert Posting.objects.filter(
        account__code="1101-overspend", township=town_a, funding_level="township"
    ).get().debit == Decimal("200.00")
    assert "已全部挂账" in work_out("overspend_charged", book, 2026, END).problem


def test_verify_looks_at_what_is_worked_out(
    charged: Voucher, book: Book, county: Division, capsys: pytest.CaptureFixture[str]
) -> None:
    check_now()
    assert list(of_law(county)) == list(of_quotas(county)) == []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE claims_townshipquota DISABLE TRIGGER USER")
        cursor.execute("UPDATE claims_townshipquota SET amount = amount + 1")
        cursor.execute("ALTER TABLE claims_townshipquota ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    for event, about in (("reserve_drawn", {"purpose": "risk_reserve"}), ("overspend_cleared", {})):
        post_event(
            event=event, area=county, on=END, key=event, source="一人登记", actor=None,
            lines=[EventLine(Decimal(5), policy_year=2026, **about)],
        )  # fmt: skip
    assert [one.partition("，各")[2] for one in of_quotas(county)] == [
        "街镇合计 980.00 元，应当相等"
    ]
    (alone,) = of_law(county)
    assert alone.endswith("（提取风险基金）没有经计算、复核的手工凭证")


def test_what_another_institution_paid_before_is_still_owed(
    care: list[Settlement], cast: SimpleNamespace, county: Division, book: Book, town_a: Division
) -> None:
    """龙水镇卫生院 pays 100.00 by mistake: 人民医院 owes its 448.80 all the same. What nobody is
    named for is the township's institutions' together: 48.80 of it less."""
    share_out(cast, county)
    paid(cast, *care)
    wrong = receive(book, cast, town_a, "institution", "100.00", "H50022500101")
    through_all_hands(wrong, cast, END)
    through_all_hands(receive(book, cast, town_a, "institution", "48.80"), cast, END)
    assert by_law(cast, book, "overspend_charged", 2026, END).amount == Decimal("723.20")
    assert Posting.objects.filter(
        account__code="1101-overspend", township=town_a, funding_level="institution"
    ).get().debit == Decimal("400.00")


def due_back(book: Book, on: date, event: str = "overspend_returned") -> list[tuple[str, Decimal]]:
    """Who is owed back what."""
    lines = work_out(event, book, 2026, on).lines
    return [(line.institution_code or line.funding_level, line.amount) for line in lines]


def test_what_was_paid_too_much_goes_back_and_never_more(
    charged: Voucher, book: Book, cast: SimpleNamespace, town_a: Division, county: Division
) -> None:
    """人民医院 pays 500.00 of 448.80, 龙水镇 its 299.20: 51.20 go back to the hospital."""
    got = through_all_hands(
        receive(book, cast, town_a, "institution", "500.00", "H50022500001"), cast, END
    )
    through_all_hands(receive(book, cast, town_a, "township", "299.20"), cast, END)
    working = work_out("overspend_returned", book, 2026, END)
    (step,) = working.steps
    assert (step.what, step.how) == (
        "龙水镇的大足县人民医院多缴", "已缴 500.00 元，已退还 0.00 元，应承担 448.80 元",
    )  # fmt: skip
    back = by_law(cast, book, "overspend_returned", 2026, END)
    check_now()
    assert legs(back) == [("4501-overspend", "51.20", "0.00"), ("1004", "0.00", "51.20")]
    assert back.postings.first().institution_code == "H50022500001"  # type: ignore[union-attr]
    assert back.summary == "退还超支分担（《大足县城乡居民合作医疗保险办法》第二十六条(三)）"
    with pytest.raises(Refusal, match="2026年度没有多缴的超支分担"):
        by_law(cast, book, "overspend_returned", 2026, END)
    assert rows(county)["龙水镇"].received == Decimal("748.00")
    assert owed(book) == dict(zip(
        ("1101-overspend", "2001-overspend", "4501-overspend"), yuan("24", "24", "748"), strict=True
    ))  # fmt: skip
    assert "已全部挂账" in work_out("overspend_charged", book, 2026, END).problem
    assert list(of_law(county)) == []
    with pytest.raises(
        Refusal, match=r"这笔收款已退还 51\.20 元，不能红冲；请先红冲“退还超支分担”"
    ):
        make_reversal(actor=cast.accountant, voucher=got, on=END, today=END, reason="记错")
    red = make_reversal(actor=cast.accountant, voucher=back, on=END, today=END, reason="未付出")
    through_all_hands(red, cast, END)
    assert due_back(book, END) == [("H50022500001", Decimal("51.20"))]


def test_what_came_in_a_year_that_is_over_goes_back_as_another_expense(
    charged: Voucher, book: Book, cast: SimpleNamespace, town_a: Division
) -> None:
    """Of 500.00 in December and 10.00 in January 61.20 are too much: 10.00 out of the income of
    January, 51.20 as another expense."""
    new_year = date(2027, 1, 11)
    through_all_hands(
        receive(book, cast, town_a, "institution", "500.00", "H50022500001"), cast, END
    )
    more = make_draft(
        actor=cast.accountant, book=book, event="overspend_received", on=new_year, today=new_year,
        document="回单 1月", key="january",
        lines=[EventLine(Decimal(10), township=town_a, funding_level="institution",
                         policy_year=2026, institution_code="H50022500001")],
    )  # fmt: skip
    through_all_hands(more, cast, new_year)
    earlier = "earlier_overspend_returned"
    assert due_back(book, new_year) == [("H50022500001", Decimal("10.00"))]
    assert due_back(book, new_year, earlier) == [("H50022500001", Decimal("51.20"))]
    back = by_law(cast, book, earlier, 2026, new_year)
    assert legs(back) == [("5401", "51.20", "0.00"), ("1004", "0.00", "51.20")]
    assert (due_back(book, new_year, earlier), due_back(book, new_year)) == (
        [], [("H50022500001", Decimal("10.00"))],
    )  # fmt: skip
    by_law(cast, book, "overspend_returned", 2026, new_year)
    assert due_back(book, new_year) == due_back(book, new_year, earlier) == []


def test_an_overspend_that_became_less_gives_back_what_was_paid_of_it(
    charged: Voucher, book: Book, cast: SimpleNamespace, town_a: Division, county: Division
) -> None:
    """120.00 more are raised and shared out: 362.00 a head, 龙水镇 is 676.00 beyond 1,074.00, of
    which the institutions bear 405.60. Of 448.80 that nobody was named for 43.20 go back, and so
    much is charged no more; nothing of what 龙水镇 has not paid."""
    through_all_hands(receive(book, cast, town_a, "institution", "448.80"), cast, END)
    assert due_back(book, END) == []
    post_event(
        event="subsidy_received", area=county, on=END, key="more", source="回单", actor=None,
        lines=[EventLine(Decimal(120), funding_level="county", policy_year=2026)],
    )  # fmt: skip
    share_out(cast, county)
    assert due_back(book, END) == [("institution", Decimal("43.20"))]
    by_law(cast, book, "overspend_returned", 2026, END)
    steps = work_out("overspend_charged", book, 2026, END).steps
    told = [one.amount for one in steps if one.what == "龙水镇多挂账"]
    assert told == [Decimal("28.80")]
    assert rows(county)["龙水镇"].received == Decimal("405.60")
    assert due_back(book, END) == []


def test_an_institution_that_names_no_township_is_asked(
    charged: Voucher, book: Book, cast: SimpleNamespace, town_a: Division
) -> None:
    """It would clear nothing of the 448.80 that 人民医院 owes for 龙水镇; of the county's own pool
    somebody says so. Who owes nothing is not asked."""

    def paying(code: str, summary: str = "", town: Division | None = None) -> VoucherDraft:
        return make_draft(
            actor=cast.accountant, book=book, event="overspend_received", on=END, today=END,
            document=f"回单 {code} {summary} {town}", key=f"{code}{summary}{town}", summary=summary,
            lines=[EventLine(Decimal("448.80"), township=town, funding_level="institution",
                             policy_year=2026, institution_code=code)],
        )  # fmt: skip

    said = (
        r"没有填写乡镇，收款不会核销挂账；现有应收街镇超支分担：龙水镇 448\.80 元（H50022500001）。"
    )
    with pytest.raises(Refusal, match=said):
        paying("H50022500001")
    with pytest.raises(Refusal, match=r"龙水镇 448\.80 元.*、万古镇 14\.40 元"):
        paying("")
    paying("H50022500999")
    through_all_hands(paying("H50022500001", "县级统筹超支，机构承担部分"), cast, END)
    assert owed(book)["1101-overspend"] == Decimal("772.00")
    through_all_hands(paying("H50022500001", town=town_a), cast, END)
    assert owed(book)["1101-overspend"] == Decimal("323.20")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_given_back_while_the_receipt_is_taken_back(
    care: list[Settlement], cast: SimpleNamespace, county: Division, book: Book, town_a: Division,
    _round: int,
) -> None:  # fmt: skip
    """51.20 go back, or the 500.00 never came: never both."""
    share_out(cast, county)
    paid(cast, *care)
    by_law(cast, book, "overspend_charged", 2026, END)
    got = through_all_hands(
        receive(book, cast, town_a, "institution", "500.00", "H50022500001"), cast, END
    )
    drafts = [
        make_by_law(
            actor=cast.accountant, event="overspend_returned", book=book, year=2026, on=END,
            today=END,
        ),
        make_reversal(actor=cast.accountant, voucher=got, on=END, today=END, reason="记错"),
    ]  # fmt: skip
    for one in drafts:
        take_step(actor=cast.supervisor, draft=one, event="review_voucher")
    done = at_once(
        [partial(enter_draft, actor=cast.accountant2, draft=one, today=END) for one in drafts]
    )
    assert sorted(isinstance(one, Refusal) for one in done) == [False, True]
    assert list(of_law(county)) == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_paid_while_it_is_charged(
    care: list[Settlement], cast: SimpleNamespace, county: Division, book: Book, town_a: Division,
    _round: int,
) -> None:  # fmt: skip
    """Whoever comes first: what 人民医院 has paid is not owed. A charge that comes second goes
    back, since less is due."""
    share_out(cast, county)
    paid(cast, *care)
    drafts = [
        make_by_law(
            actor=cast.accountant, event="overspend_charged", book=book, year=2026, on=END,
            today=END,
        ),
        receive(book, cast, town_a, "institution", "448.80", "H50022500001"),
    ]  # fmt: skip
    for draft in drafts:
        take_step(actor=cast.supervisor, draft=draft, event="review_voucher")
    charge, receipt = at_once(
        [partial(enter_draft, actor=cast.accountant2, draft=one, today=END) for one in drafts]
    )
    assert not isinstance(receipt, Refusal)
    owes = Decimal(0) if isinstance(charge, Refusal) else Decimal("323.20")
    assert owed(book)["1101-overspend"] == owes


def test_a_township_reads_nothing_of_what_the_county_shares_out(
    people: SimpleNamespace, cast: SimpleNamespace, county: Division,
    as_user: Callable[[User], Client],
) -> None:  # fmt: skip
    """Nobody was treated and nothing is shared out yet: no row that is another's."""
    place = reverse("claims:quotas") + "?year=2026"
    clerk = as_user(cast.clerk_b)
    for _ in range(2):
        shown = clerk.get(place).content.decode()
        assert "1,220.00" not in shown and "龙水镇" not in shown
        assert "1,220.00" in as_user(cast.accountant).get(place).content.decode()
        if not Allotment.objects.exists():
            propose_allotment(
                actor=cast.accountant, area=county, year=2026, on=MARCH,
                evidence="县医保〔2026〕3号", reason="年度分配",
            )  # fmt: skip


def test_each_township_sees_its_own_and_two_decide_on_the_page(
    care: list[Settlement],
    cast: SimpleNamespace,
    county: Division,
    as_user: Callable[[User], Client],
) -> None:
    place = reverse("claims:quotas") + "?year=2026"
    accountant, approver = as_user(cast.accountant), as_user(cast.approver)
    assert "652.00" in accountant.get(place).content.decode()
    data = {"year": "2026", "evidence": "县医保〔2026〕3号", "reason": "年度分配"}
    accountant.post(reverse("claims:allot"), data)
    row = Allotment.objects.get()
    act = reverse("claims:allotment_act", args=[row.pk, "approve_allotment"])
    assert accountant.post(act).status_code == 403
    assert "额度分配待审批" in approver.get(reverse("accounts:home")).content.decode()
    assert "待审批的分配" in approver.get(place).content.decode()
    approver.post(act)
    row.refresh_from_db()
    assert row.status == "approved"
    whole = as_user(cast.supervisor).get(place).content.decode()
    own = as_user(cast.clerk_b).get(place).content.decode()
    assert "龙水镇" in whole and "万古镇" in whole
    assert "万古镇" in own and "龙水镇" not in own and "1,220.00" not in own
