"""Usage to date from the old system, by hand to the fen.

Special outpatient (第二十三条(二)): deductible 200.00 in the year, then 50 %, within 60 000.00 a
year together with stays. 1 380.00: (1 380 − 200) × 50 % = 590.00 with nothing used, 690.00 with the
deductible borne.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import IntegrityError
from django.utils import timezone

from accounts.errors import Refusal
from accounts.models import Division, User
from claims.carried.handing_over import usage_rows
from claims.carried.models import CarriedAmount, CarriedFile, CarriedRow, CarriedUsage
from claims.carried.services import CARRIED_FILES
from claims.computation import usage_to_date
from claims.dependence.models import Dependent, Supplement
from claims.models import Settlement
from claims.recovery.models import Recovery
from claims.services import approve, review
from claims.services.patients import standing_of
from desk.worklist import counts
from enrollment.carried.models import CarriedTable
from enrollment.collection.refunds import _refuse_drawn
from enrollment.models import AccountOpening, Enrollment, Person
from funds.models import Book, Period
from policies.models import Pack
from policies.services import terms_of
from tests.application import as_owner
from tests.claims.carried.conftest import COUNTED_TO, MOVED, used_row
from tests.claims.conftest import Register, line, stay
from tests.conftest import past_the_guards
from tests.paying import pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue", "as_application")]
PAID, DEDUCTIBLE = "年累计报销额", "特殊病种门诊年累计起付额"
STAYS, ACCOUNT = "年内住院次数", "家庭门诊账户余额"
Send = Callable[..., CarriedFile]


def special(counter: Callable[..., Settlement], person: Person, day: int = 5) -> Settlement:
    when = date(2026, 7, day)
    visit = stay(when, when, care="special", diseases={"dialysis"})
    return counter(person, line("S03", "1", "1380"), visit=visit, on=when)


def notes(upload: CarriedFile) -> list[str]:
    return [row.note for row in upload.lines.order_by("line")]


def used(person: Person, pack: Pack) -> dict[str, int]:
    cover = Enrollment.objects.select_related("household").get(person=person)
    return usage_to_date(cover, terms_of(pack))


def test_nothing_counts_before_another_has_agreed(
    wang: Person, pack: Pack, cast: SimpleNamespace, sent: Send, agreed: Send,
    counter: Callable[..., Settlement],
) -> None:  # fmt: skip
    upload = sent(
        used_row(wang, PAID, "1280.00"), used_row(wang, DEDUCTIBLE, "200"),
        used_row(wang, STAYS, "2"), used_row(wang, ACCOUNT, "15.50"),
    )  # fmt: skip
    assert (upload.people_count, upload.ready_count, upload.refused_count) == (1, 1, 0)
    assert upload.sums == {PAID: 128_000, DEDUCTIBLE: 20_000, STAYS: 2, ACCOUNT: 1_550}
    nothing = used(wang, pack)
    assert nothing["household_account"] == 4_000
    assert nothing.get("annual_paid", 0) == 0
    with pytest.raises(Refusal, match="上传、确认必须由不同的人办理"):
        CARRIED_FILES.confirm(actor=cast.reviewer, upload=upload, sha256=upload.sha256, on=MOVED)
    assert counts(cast.approver, MOVED)["claims:carried_list"].number == 1
    assert "claims:carried_list" not in counts(cast.reviewer, MOVED)
    agreed(upload)
    assert "claims:carried_list" not in counts(cast.approver, MOVED)
    counted = used(wang, pack)
    assert counted["annual_paid"] == 128_000
    assert counted["special_deductible"] == 20_000
    assert counted["inpatient_visits"] == 2
    assert counted["household_account"] == 4_000 - 1_550
    told = dict(standing_of(wang, on=MOVED, area_code="500225").counters)
    assert told["其中原系统已用：年累计报销额（截至 2026-06-30）"] == "1,280.00 元"
    assert told["年累计报销额（计入封顶的）"] == "1,280.00 元"
    assert special(counter, wang).fund_amount == Decimal("690.00")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (["王建国", "500225197005010996", PAID, "", "", "1"], "登记中没有这个证件号码的人"),
        (["王建国", "", PAID, "", "", "1"], "没有姓名或身份证号"),
        (["王大国", "{wang}", PAID, "", "", "1"], "姓名与登记（王建国）不一致"),
        (["王建国", "{wang}", "大病累计", "", "", "1"], "办法没有“大病累计”这一累计项目"),
        (["王建国", "{wang}", PAID, "", "", "60000.01"], "超过办法的封顶 60,000.00 元"),
        (["王建国", "{wang}", ACCOUNT, "", "", "40.01"], "多于划入的 40.00 元"),
        (["王建国", "{wang}", STAYS, "", "", "1.5"], "“已用”应是不小于 0 的整数（次）"),
        (["王建国", "{wang}", PAID, "", "", "-3"], "“已用”应是不小于 0 的金额"),
        (["王建国", "{wang}", PAID, "县级", "", "3"], "不分项，请把“分项”留空"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_its_row(
    wang: Person, sent: Send, row: list[str], why: str
) -> None:
    upload = sent([cell.replace("{wang}", wang.resident_id) for cell in row])
    assert (upload.ready_count, upload.refused_count) == (0, 1)
    assert why in notes(upload)[0]


def test_a_year_without_cover_and_another_county_are_refused(
    register: Register, village_a: Division, wang: Person, sent: Send
) -> None:
    li = register.person("李无保", register.household(village_a), covered=False)
    upload = sent(used_row(li, PAID, "10"), used_row(wang, PAID, "10"))
    assert notes(upload) == ["此人没有 2026 年度的有效参保", ""]


def test_one_wrong_row_keeps_its_person_out_and_nobody_else(
    register: Register, village_a: Division, wang: Person, sent: Send, agreed: Send, pack: Pack
) -> None:
    li = register.person("李秀兰", wang.household)
    upload = sent(
        used_row(wang, PAID, "10"), used_row(wang, STAYS, "x"), used_row(li, PAID, "20"),
        used_row(wang, ACCOUNT, "5"), used_row(li, ACCOUNT, "6"),
    )  # fmt: skip
    assert notes(upload) == [
        "同一人有另一行不能转入，整人不转入",
        "“已用”应是不小于 0 的整数（次）",
        "同一人有另一行不能转入，整人不转入",
        "同一人有另一行不能转入，整人不转入",
        "同一户的这一项在第 5 行已经填过",
    ]
    with pytest.raises(Refusal, match="没有一个人可以转入"):
        agreed(upload)
    upload = agreed(sent(used_row(wang, STAYS, "x"), used_row(li, PAID, "20")))
    assert [one.person.name for one in CarriedUsage.objects.all()] == ["李秀兰"]
    assert used(li, pack)["annual_paid"] == 2_000


def test_the_same_twice_is_refused_and_a_correction_takes_its_place(
    wang: Person, pack: Pack, sent: Send, agreed: Send
) -> None:
    agreed(sent(used_row(wang, PAID, "1280")))
    assert "已经转入，要改请按“更正”上传" in notes(sent(used_row(wang, PAID, "99")))[0]
    other = sent(used_row(wang, PAID, "5"), correction="漏项", counted_to=date(2026, 5, 31))
    assert "没有截至 2026-05-31 的已用情况可以更正" in notes(other)[0]
    agreed(sent(used_row(wang, PAID, "980"), correction="原系统 6 月退费 300 元未冲减"))
    first, second = CarriedUsage.objects.order_by("version")
    assert (first.version, first.is_live, first.replaced_by) == (1, False, second)
    assert [one.amount for one in first.amounts.all()] == [128_000]
    assert (second.version, second.is_live) == (2, True)
    assert used(wang, pack)["annual_paid"] == 98_000


def test_a_day_after_the_first_settlement_here_is_refused(
    wang: Person, sent: Send, counter: Callable[..., Settlement]
) -> None:
    special(counter, wang, 5)
    late = sent(used_row(wang, PAID, "5"), counted_to=date(2026, 7, 5), on=date(2026, 7, 9))
    assert "此人 2026-07-05 已在本系统结算，已用情况只能算到这一天之前" in notes(late)[0]


@pytest.mark.parametrize("closed", [True, False])
def test_a_day_to_come_and_a_year_that_is_closed_are_refused(
    wang: Person, sent: Send, book: Book, cast: SimpleNamespace, closed: bool
) -> None:
    if closed:
        december = Period.objects.create(book=book, year=2026, month=12)
        past_the_guards(
            Period.objects.filter(pk=december.pk), status=Period.Status.CLOSED,
            closed_by=cast.accountant, closed_at=timezone.now(),
        )  # fmt: skip
        with pytest.raises(Refusal, match="2026 年度已经结账"):
            sent(used_row(wang, PAID, "5"))
    else:
        with pytest.raises(Refusal, match="应是今天以前的一天"):
            sent(used_row(wang, PAID, "5"), counted_to=MOVED)


def test_a_correction_settles_anew_what_is_not_paid(
    wang: Person, pack: Pack, sent: Send, agreed: Send, counter: Callable[..., Settlement]
) -> None:
    """Brought: the deductible borne in full. It was not: 200.00 are the patient's."""
    agreed(sent(used_row(wang, DEDUCTIBLE, "200")))
    claim = special(counter, wang)
    assert claim.fund_amount == Decimal("690.00")
    upload = agreed(sent(used_row(wang, DEDUCTIBLE, "0"), correction="起付线记错"))
    assert upload.followed_count == 1
    row = Dependent.objects.get()
    assert (row.settlement, row.because_of) == (claim, claim)
    assert row.reason == "所依据的原系统已用情况更正"
    assert (row.old_amount, row.new_amount) == (Decimal("690.00"), Decimal("590.00"))
    anew = Settlement.objects.effective().get()
    assert (anew.fund_amount, anew.status) == (Decimal("590.00"), "submitted")


@pytest.mark.usefixtures("money_aside", "book")
def test_what_was_paid_before_the_usage_came_is_owed_or_asked_back(
    wang: Person, pack: Pack, cast: SimpleNamespace, sent: Send, agreed: Send,
    counter: Callable[..., Settlement],
) -> None:  # fmt: skip
    """Settled and paid from zero, 590.00; the usage comes late: 690.00, so 100.00 is owed. Then a
    correction says that 59 800.00 of the cap are used: 200.00 are left, 390.00 are asked back."""
    claim = special(counter, wang)
    assert claim.fund_amount == Decimal("590.00")
    review(actor=cast.reviewer, settlement=claim)
    approve(actor=cast.approver, settlement=claim)
    pay(actor=cast.cashier, settlements=[claim], on=date(2026, 7, 6), today=date(2026, 7, 6))
    agreed(sent(used_row(wang, DEDUCTIBLE, "200")), on=date(2026, 7, 8))
    assert Supplement.objects.get(status="to_pay").amount == Decimal("100.00")
    agreed(
        sent(
            used_row(wang, DEDUCTIBLE, "200"), used_row(wang, PAID, "59800"),
            correction="补报销额",
        )
    )  # fmt: skip
    assert not Supplement.objects.filter(status="to_pay").exists()
    assert Recovery.objects.get().amount == Decimal("390.00")


def test_what_was_brought_says_so_for_ever(wang: Person, sent: Send, agreed: Send) -> None:
    agreed(sent(used_row(wang, PAID, "1280")))
    for rows, values in (
        (CarriedAmount.objects.all(), {"amount": 1}),
        (CarriedUsage.objects.all(), {"counted_to": date(2026, 1, 1)}),
        (CarriedFile.objects.all(), {"status": "waiting"}),
    ):
        with as_owner(), pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**values)


def test_an_account_whose_balance_came_along_has_no_use_brought_in(
    wang: Person, county: Division, cast: SimpleNamespace, sent: Send
) -> None:
    table = CarriedTable.objects.create(
        area=county, kind="accounts", file_name="余额.xlsx", sha256="0" * 64, status="done",
        requested_by=cast.reviewer, confirmed_by=cast.approver, uploaded_on=MOVED,
        as_of=COUNTED_TO,
    )  # fmt: skip
    AccountOpening.objects.create(
        household=wang.household, division=wang.household.division, year=2025,
        amount=Decimal(25), opened_on=COUNTED_TO, carried=table,
    )  # fmt: skip
    upload = sent(used_row(wang, ACCOUNT, "15.00"))
    assert "余额已转入（期初转入），余额里已扣除用去的，请不要再填这一项" in notes(upload)[0]


def test_a_premium_is_not_given_back_of_a_year_that_was_used_there(
    wang: Person, sent: Send, agreed: Send
) -> None:
    cover = Enrollment.objects.get(person=wang)
    _refuse_drawn(cover)
    agreed(sent(used_row(wang, PAID, "1280")))
    with pytest.raises(Refusal, match=r"在原系统已享受待遇（年累计报销额 1,280\.00 元"):
        _refuse_drawn(cover)


def test_handed_over_and_brought_in_again_it_reads_the_same(
    wang: Person, pack: Pack, county: Division, sent: Send, agreed: Send
) -> None:
    rows = [used_row(wang, PAID, "1280.00"), used_row(wang, ACCOUNT, "15.50")]
    agreed(sent(*rows))
    handed = list(usage_rows(county.code, 2026, terms_of(pack)))
    assert sorted(map(list, handed)) == sorted(rows)


def test_pages(
    wang: Person, cast: SimpleNamespace, sent: Send, agreed: Send,
    as_user: Callable[[User], Any], counter: Callable[..., Settlement],
) -> None:  # fmt: skip
    upload = sent(used_row(wang, PAID, "1280.00"), ["无名", "x", PAID, "", "", "1"])
    page = as_user(cast.reviewer).get("/claims/carried/").content.decode()
    assert "特殊病种门诊年累计起付额" in page
    assert "原系统已用只按本文件计入" in page
    assert "全户" in page
    detail = as_user(cast.approver).get(f"/claims/carried/{upload.pk}").content.decode()
    assert "同意转入 1 人的已用情况" in detail
    assert "登记中没有这个证件号码的人" in detail
    assert "年累计报销额合计" in detail
    blank = as_user(cast.reviewer).get("/claims/carried/upload/blank/0")
    assert blank["Content-Type"].startswith("application/vnd.openxml")
    taken = as_user(cast.reviewer).post(
        f"/claims/carried/{upload.pk}/verdict", {"reason": "交原系统核对"}
    )
    assert taken.status_code == 200
    agreed(upload)
    listed = as_user(cast.auditor).get("/claims/carried/usage").content.decode()
    assert "年累计报销额 1,280.00 元" in listed
    assert CarriedRow.objects.count() == 2


def test_what_others_do_with_a_day_meanwhile(
    wang: Person, sent: Send, agreed: Send, cast: SimpleNamespace
) -> None:
    """Two files of the same person wait; the second that is agreed to finds the first written."""
    first = sent(used_row(wang, PAID, "10"))
    second = sent(used_row(wang, PAID, "20"))
    agreed(first)
    again = agreed(second)
    assert (again.ready_count, again.refused_count) == (0, 1)
    assert "刚由另一份文件转入" in notes(again)[0]
    assert COUNTED_TO < MOVED
