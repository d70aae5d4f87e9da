"""What the old system settled: read once, never ours, found where the bill is handed in again, and
computed anew by our measures."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import IntegrityError

from accounts.errors import Refusal
from accounts.models import Division, User
from claims.carried.models import OldFile, OldSettlement, Recount, RecountDifference
from claims.carried.old_columns import old_layout
from claims.carried.old_reading import ratio_of
from claims.carried.old_services import OLD_FILES, ask_recount, sign_recount
from claims.computation import usage_to_date
from claims.models import Settlement
from claims.services.patients import standing_of
from enrollment.carried.models import CarriedTable
from enrollment.models import AccountOpening, Enrollment, Person
from funds.models import Voucher
from institutions.models import Institution
from institutions.registry.models import RegistryChange
from policies.models import Pack
from policies.services import terms_of
from tests.application import as_owner
from tests.claims.carried.conftest import MOVED
from tests.claims.conftest import Register, invoice, line, paper_line, stay
from tests.conftest import file_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue", "as_application")]
Read = Callable[..., OldFile]
BILLED = "费用目录内费用"


def old(person: Person, number: str, **cells: str) -> dict[str, str]:
    """A stay of 8 200.00 at the county hospital as 二档 is due: (8 200 − 200) × 50 % = 4 000.00."""
    return {
        "原结算单号": number, "姓名": person.name, "身份证号": person.resident_id,
        "就诊机构": "大足县人民医院", "就医类别": "住院", "入院日期": "2026-03-01",
        "出院日期": "2026-03-09", "结算日期": "2026-03-10", "总费用": "8200", BILLED: "8200",
        "符合范围金额": "8200", "起付线": "200", "基金支付": "4000", "个人现金": "4200",
    } | cells  # fmt: skip


def content(rows: Sequence[dict[str, str]]) -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return file_of([names, *([row.get(name, "") for name in names] for row in rows)])


@pytest.fixture
def sent(
    cast: SimpleNamespace, pack: Pack, django_capture_on_commit_callbacks: Callable[..., Any]
) -> Read:
    def send(*rows: dict[str, str], **given: Any) -> OldFile:
        about = {
            "kind": "history", "system": "县新农合信息系统", "actor": cast.reviewer, "on": MOVED,
            "file_name": "结算.xlsx",
        } | given  # fmt: skip
        with django_capture_on_commit_callbacks(execute=True):
            upload, _ = OLD_FILES.upload(content=content(rows), **about)
        upload.refresh_from_db()
        return upload

    return send


@pytest.fixture
def read(
    sent: Read, cast: SimpleNamespace, django_capture_on_commit_callbacks: Callable[..., Any]
) -> Read:
    def both(*rows: dict[str, str], **given: Any) -> OldFile:
        upload = sent(*rows, **given)
        with django_capture_on_commit_callbacks(execute=True):
            OLD_FILES.confirm(actor=cast.reviewer, upload=upload, sha256=upload.sha256, on=MOVED)
        upload.refresh_from_db()
        assert upload.status == "done", upload.failure
        return upload

    return both


def notes(upload: OldFile) -> list[str]:
    return [row.note for row in upload.lines.order_by("line")]


def test_it_is_history_and_nothing_of_ours(
    wang: Person, hospital: Institution, read: Read, pack: Pack
) -> None:
    read(old(wang, "JS1"))
    row = OldSettlement.objects.get()
    assert (row.person, row.institution, row.policy_year) == (wang, hospital, 2026)
    assert (row.total_amount, row.fund_amount) == (Decimal(8200), Decimal(4000))
    assert not Settlement.objects.exists()
    assert not Voucher.objects.exists()
    cover = Enrollment.objects.select_related("household").get(person=wang)
    assert usage_to_date(cover, terms_of(pack)).get("annual_paid", 0) == 0
    told = standing_of(wang, on=MOVED, area_code="500225").counters[0]
    assert told == ("本年基金支付（含门诊）", "4,000.00 元"), "the fund's year, whoever settled"


def test_read_twice_it_doubles_nothing_and_a_corrected_file_replaces(
    wang: Person, hospital: Institution, sent: Read, read: Read
) -> None:
    read(old(wang, "JS1"), old(wang, "JS2", 入院日期="2026-05-01", 出院日期="2026-05-02"))
    again = sent(old(wang, "JS2", 入院日期="2026-05-01", 出院日期="2026-05-02"), old(wang, "JS1"))
    assert (again.new_count, again.same_count) == (0, 2)
    read(old(wang, "JS1", 基金支付="3900", 个人现金="4300"))
    was, now = OldSettlement.objects.filter(number="JS1").order_by("pk")
    assert (was.is_live, was.fund_amount) == (False, Decimal(4000))
    assert (now.is_live, now.fund_amount) == (True, Decimal(3900))
    assert OldSettlement.objects.live().count() == 2
    with as_owner(), pytest.raises(IntegrityError), transaction.atomic():
        OldSettlement.objects.filter(pk=now.pk).update(fund_amount=1)


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"身份证号": "500225197005010996"}, "登记中没有这个证件号码的人"),
        ({"姓名": "王大国"}, "姓名与登记（王建国）不一致"),
        ({"就医类别": "日间手术"}, "“就医类别”没有“日间手术”，可填：普通门诊、住院"),
        ({"就诊机构": "某市医院"}, "就诊机构不在定点机构中，请填“机构编码”或“机构级别”"),
        ({BILLED: "8000"}, "各类费用合计 8,000.00 元，与总费用 8,200.00 元不符"),
        ({"支付基本医疗统筹": "3000"}, "各层支付合计 3,000.00 元，与基金支付 4,000.00 元不符"),
        ({"出院日期": "2026-02-01"}, "出院日期 2026-02-01 早于入院日期 2026-03-01"),
        ({"入院日期": "2025-03-01", "出院日期": ""}, "此人没有 2025 年度的有效参保"),
        ({"状态": "已作废"}, "原系统标明“状态”为“已作废”，不读入"),
        ({"起付线": "二百"}, "“起付线”应是不小于 0 的金额"),
        ({"结算日期": "2099-08-01"}, "“结算日期”看不懂，或晚于今天"),
    ],
)
def test_what_cannot_be_is_refused_by_its_row(
    wang: Person, hospital: Institution, sent: Read, cells: dict[str, str], why: str
) -> None:
    upload = sent(old(wang, "JS1", **cells))
    assert upload.refused_count == 1, notes(upload)
    assert why in notes(upload)[0]


def test_the_same_invoice_is_found_there_and_here(
    wang: Person, hospital: Institution, read: Read, sent: Read,
    paper: Callable[..., Settlement],
) -> None:  # fmt: skip
    read(old(wang, "JS1", 发票号="NO1001", 入院日期="2026-02-01", 出院日期="2026-02-05"))
    with pytest.raises(Refusal, match="NO1001 已在原系统报销（原结算单 JS1，2026-02-01 就诊）"):
        paper(wang, "5000")
    paper(
        wang, "5000", visit=stay(referral="referred"), lines=[paper_line("5000")],
        invoices=[invoice("NO1002", "5000")],
    )  # fmt: skip
    late = sent(old(wang, "JS2", 发票号="NO1002"))
    assert "发票 NO1002 在本系统也报销过（2026-03-01 就诊），请核查" in notes(late)[0]


def test_a_stay_that_was_settled_there_is_not_settled_here(
    wang: Person, hospital: Institution, read: Read, counter: Callable[..., Settlement]
) -> None:
    """There from 1 to 9 March. The same days are refused; the day of the discharge is another's."""
    read(old(wang, "JS1"))
    bill = line("S03", "1", "8200")
    with pytest.raises(
        Refusal, match=r"与原系统已结算的住院.*2026-03-01 至 2026-03-09，原结算单 JS1"
    ):
        counter(wang, bill, visit=stay(date(2026, 3, 4), date(2026, 3, 12)), on=MOVED)
    assert counter(wang, bill, visit=stay(date(2026, 3, 9), date(2026, 3, 12)), on=MOVED).pk


def computed(actor: User, area: Any, capture: Callable[..., Any], **given: Any) -> Recount:
    with capture(execute=True):
        row = ask_recount(actor=actor, area=area, year=2026, **given)
    row.refresh_from_db()
    assert row.status == "done", row.failure
    return row


def test_computed_anew_it_is_told_by_cause_and_signed_by_two(
    register: Register, wang: Person, hospital: Institution, read: Read, cast: SimpleNamespace,
    county: Any, django_capture_on_commit_callbacks: Callable[..., Any],
    as_user: Callable[[User], Any],
) -> None:  # fmt: skip
    """王建国 is paid as here. 李秀兰 at 45 %: 3 600.00 instead of 4 000.00. 赵福 as if in a
    township: (8 200 − 30) × 70 % = 5 719.00 instead of 4 000.00. 孙礼's bill has no classes."""
    li, zhao, sun = (
        register.person(name, register.household(wang.household.division))
        for name in ("李秀兰", "赵福", "孙礼")
    )
    read(
        old(wang, "JS1"),
        old(li, "JS2", 基金支付="3600", 个人现金="4600"),
        old(zhao, "JS3", 基金支付="5719", 起付线="30", 个人现金="2481",
            机构级别="乡镇(社区)卫生院"),
        old(sun, "JS4", **{BILLED: ""}),
    )  # fmt: skip
    row = computed(cast.reviewer, county, django_capture_on_commit_callbacks)
    assert (row.claims, row.differing, row.uncomputed) == (4, 2, 1)
    assert (row.theirs_amount, row.ours_amount) == (Decimal("17319.00"), Decimal("16000.00"))
    told = {
        one.old.number: (one.cause_name, one.what, one.theirs, one.ours, one.fund_amount)
        for one in RecountDifference.objects.all()
    }
    assert told == {
        "JS2": ("报销比例", "基本医疗统筹", "3,600.00", "4,000.00", Decimal("400.00")),
        "JS3": ("机构级别", "起付线", "30.00", "200.00", Decimal("-1719.00")),
        "JS4": ("不能重算", "", "", "", Decimal("0.00")),
    }
    assert RecountDifference.objects.get(old__number="JS2").article == "第二十三条(二)2"
    page = as_user(cast.reviewer).get(f"/claims/recounts/{row.pk}").content.decode()
    assert "机构级别" in page
    assert "已看过差异，签字" in page
    narrowed = as_user(cast.reviewer).get(f"/claims/recounts/{row.pk}?cause=level")
    assert "JS3" in narrowed.content.decode()
    assert "JS2" not in narrowed.content.decode()
    book = as_user(cast.reviewer).post(
        f"/claims/recounts/{row.pk}/export", {"reason": "交原系统核对"}
    )
    assert b"".join(book.streaming_content if book.streaming else [book.content])[:2] == b"PK"
    sign_recount(actor=cast.reviewer, recount=row)
    with pytest.raises(Refusal, match="两次签字必须由不同的人办理"):
        sign_recount(actor=cast.reviewer, recount=row)
    assert sign_recount(actor=cast.approver, recount=row).signatures == "两人已签"
    with pytest.raises(Refusal, match="两人都已签字"):
        sign_recount(actor=cast.supervisor, recount=row)
    assert not Settlement.objects.exists()


def test_it_is_computed_by_the_levels_of_its_day(
    register: Register, wang: Person, hospital: Institution, read: Read, cast: SimpleNamespace,
    county: Any, django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:  # fmt: skip
    """From 5 March the county hospital bears the deductible of a central one, 100.00 instead of
    200.00: (8 200 − 100) × 50 % = 4 050.00. 王建国 of 1 March stays at 4 000.00; 李秀兰 of the 6th
    is paid so too; the old system did not know it for 赵福 and paid 4 000.00."""
    li, zhao = (
        register.person(name, register.household(wang.household.division))
        for name in ("李秀兰", "赵福")
    )
    given = {"proposed_by": cast.supervisor, "proposed_on": date(2026, 3, 1)}
    decided = {"decided_by": cast.approver, "decided_on": date(2026, 3, 1), "status": "approved"}
    RegistryChange.objects.create(
        institution=hospital, column="deductible_level", was="own", becomes="central",
        first_day=date(2026, 3, 5), evidence="批复", reason="等级评审", **given, **decided,
    )  # fmt: skip
    late = {"入院日期": "2026-03-06"}
    read(
        old(wang, "JS1"),
        old(li, "JS2", 起付线="100", 基金支付="4050", 个人现金="4150", **late),
        old(zhao, "JS3", **late),
    )
    row = computed(cast.reviewer, county, django_capture_on_commit_callbacks)
    told = {
        one.old.number: (one.cause_name, one.what, one.theirs, one.ours, one.fund_amount)
        for one in RecountDifference.objects.all()
    }
    assert told == {"JS3": ("机构级别", "起付线", "200.00", "100.00", Decimal("50.00"))}
    assert (row.claims, row.theirs_amount, row.ours_amount) == (
        3, Decimal("12050.00"), Decimal("12100.00"),
    )  # fmt: skip


def test_an_account_that_came_with_its_balance_begins_with_what_it_paid_since(
    register: Register, village_a: Division, hospital: Institution, read: Read,
    cast: SimpleNamespace, county: Division,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:  # fmt: skip
    """钱贵's account held 25.00 on 30 June, after 15.00 and 20.00 were drawn: 60.00 on 1 January.
    The last visit cost 30.00, of which the account had 25.00 left; the old system paid 24.00."""
    home = register.household(village_a)
    qian = register.person("钱贵", home, covered=False)
    register.cover(qian, grant=Decimal(0))
    table = CarriedTable.objects.create(
        area=county, kind="accounts", file_name="余额.xlsx", sha256="0" * 64, status="done",
        requested_by=cast.reviewer, confirmed_by=cast.approver, uploaded_on=MOVED,
        as_of=date(2026, 6, 30),
    )  # fmt: skip
    AccountOpening.objects.create(
        household=home, division=village_a, year=2025, amount=Decimal(25),
        opened_on=date(2026, 6, 30), carried=table,
    )  # fmt: skip

    def clinic(number: str, day: str, yuan: str, fund: str) -> dict[str, str]:
        return old(
            qian, number, 就医类别="普通门诊", 入院日期=day, 出院日期=day, 结算日期=day,
            总费用=yuan, 费用目录内费用=yuan, 符合范围金额=yuan, 起付线="0", 基金支付=fund,
            个人现金="",
        )  # fmt: skip

    read(
        clinic("M1", "2026-02-03", "15", "15"), clinic("M2", "2026-04-03", "20", "20"),
        clinic("M3", "2026-07-02", "30", "24"), on=date(2026, 7, 10),
    )  # fmt: skip
    row = computed(cast.reviewer, county, django_capture_on_commit_callbacks)
    assert row.differing == 1, list(row.differences.values_list("old__number", "sentence"))
    found = row.differences.get()
    assert (found.old.number, found.cause_name, found.theirs, found.ours) == (
        "M3", "家庭账户", "24.00", "25.00",
    )  # fmt: skip


def test_a_day_of_the_parallel_weeks_is_compared_by_itself(
    register: Register, wang: Person, hospital: Institution, read: Read, sent: Read,
    cast: SimpleNamespace, as_user: Callable[[User], Any],
) -> None:  # fmt: skip
    """The history differs in March; of 29 June only what was settled on that day is told."""
    li = register.person("李秀兰", register.household(wang.household.division))
    read(old(wang, "JS1", 基金支付="3600", 个人现金="4600"))
    june = {"入院日期": "2026-06-20", "出院日期": "2026-06-28", "结算日期": "2026-06-29"}
    both = sent(old(li, "JS8", **june), old(li, "JS9"), kind="parallel")
    assert "并行期一份文件只含一天的结算" in both.failure
    read(
        old(li, "JS8", **june), old(wang, "JS9", 基金支付="3990.50", 个人现金="4209.50", **june),
        kind="parallel",
    )  # fmt: skip
    row = Recount.objects.get(day=date(2026, 6, 29))
    assert (row.claims, row.differing) == (2, 1), row.failure
    assert row.change == Decimal("9.50")
    page = as_user(cast.supervisor).get("/claims/recounts/parallel").content.decode()
    assert "50.0%" in page
    assert OldSettlement.objects.live().count() == 3


def test_pages_of_files(
    wang: Person, hospital: Institution, read: Read, sent: Read, cast: SimpleNamespace,
    as_user: Callable[[User], Any], pack: Pack,
) -> None:  # fmt: skip
    upload = read(old(wang, "JS1"), old(wang, "JS2", 姓名="王二"))
    officer = as_user(cast.reviewer)
    listed = officer.get("/claims/old/").content.decode()
    assert "不记账、不支付" in listed
    assert BILLED in listed
    detail = officer.get(f"/claims/old/{upload.pk}").content.decode()
    assert "姓名与登记（王建国）不一致" in detail
    shown = officer.get("/claims/old/settlements").content.decode()
    assert "原系统（县新农合信息系统）" in shown
    assert officer.get("/claims/old/upload/blank/0").status_code == 200
    home = as_user(cast.clerk_a).get(f"/claims/households/{wang.household_id}").content.decode()
    assert "原系统结算（不计入上面的合计）" in home
    taken = officer.post(f"/claims/old/{upload.pk}/verdict", {"reason": "交原系统核对"})
    assert taken.status_code == 200
    titles = [column.title for column in old_layout(terms_of(pack)).columns]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize(
    ("typed", "ratio"), [("70%", 7000), ("70", 7000), ("0.7", 7000), ("56.255", 5626), ("", None)]
)
def test_one_ratio_however_it_is_written(typed: str, ratio: int | None) -> None:
    """Of 10 000; 56.255 % is half a point more than 5625 and goes up."""
    assert ratio_of(typed) == ratio
