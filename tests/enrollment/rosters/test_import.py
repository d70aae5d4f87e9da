"""陈秀英 uploads the register of 桥亭村, reads the verdict and confirms."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from accounts.errors import Refusal
from accounts.models import AuditLine
from enrollment.collection.receipts import take_payment
from enrollment.collection.remittances import remit
from enrollment.models import Enrollment, Household, IdentityStatus, Person, Receipt, ReceiptBook
from enrollment.rosters.models import RegisterHousehold, RegisterImport, RegisterRow
from enrollment.rosters.services import REGISTERS
from tests.conftest import past_the_guards
from tests.enrollment.rosters.conftest import (
    HEADER,
    OCTOBER,
    PAID,
    number,
    the_chens,
    the_yangs,
    told,
    xlsx,
)

Upload = Callable[..., RegisterImport]
Confirm = Callable[[RegisterImport], RegisterImport]


def test_two_households_become_people_and_pending_cover(
    uploaded: Upload, confirmed: Confirm
) -> None:
    register = uploaded(xlsx([HEADER, *the_chens(), *the_yangs()]))
    assert told(register) == {2: [], 3: [], 4: [], 5: [], 6: []}
    assert register.status == "checked"
    assert (register.row_count, register.right_count, register.household_count) == (5, 5, 2)
    assert (register.open_households, register.open_people) == (2, 4)
    assert Household.objects.count() == 0

    register = confirmed(register)
    assert register.status == "done"
    assert (register.new_households, register.new_people, register.new_enrollments) == (2, 5, 4)
    chens, yangs = Household.objects.order_by("number")
    assert (chens.number, yangs.number) == ("5002250101000001", "5002250101000002")
    father, mother, son = chens.members.all()
    assert (father.name, father.pinyin, father.initials) == ("陈国强", "chenguoqiang", "cgq")
    assert father.resident_id == number("19780512")
    assert [one.member_number for one in (father, mother, son)] == [1, 2, 3]
    assert [one.relationship for one in (father, mother, son)] == ["0", "1", "2"]
    assert list(son.statuses.values_list("code", "source")) == [("student", "民政局")]
    rows = Enrollment.objects.of_year(2026)
    assert set(rows.values_list("status", flat=True)) == {"pending"}
    assert sum(row.personal_amount for row in rows) == register.open_amount
    assert rows.get(person=father).personal_amount == Decimal("120.00")
    assert not rows.filter(person__name="周玉兰").exists()
    assert Person.objects.get(name="周玉兰").household == yangs


def test_what_the_register_enrolled_is_paid_at_the_window(
    uploaded: Upload, confirmed: Confirm, cast: SimpleNamespace, book_a: ReceiptBook
) -> None:
    confirmed(uploaded(xlsx([HEADER, *the_chens()])))
    receipt, change = take_payment(
        actor=cast.clerk_a,
        household=Household.objects.get(),
        received=Decimal("400.00"),
        on=OCTOBER,
    )
    assert receipt.amount == Decimal("360.00")
    assert change == Decimal("40.00")


def test_cash_collected_in_the_village_comes_with_its_receipts(
    uploaded: Upload, confirmed: Confirm, cast: SimpleNamespace, book_a: ReceiptBook, campaign: Any
) -> None:
    rows = [[*row, 120, "ls01" if i == 0 else "", 7 if i == 0 else ""]
            for i, row in enumerate(the_chens())]  # fmt: skip
    register = confirmed(uploaded(xlsx([PAID, *rows])))
    receipt = Receipt.objects.get()
    assert (receipt.full_number, receipt.amount) == ("LS01-00000007", Decimal("360.00"))
    assert (receipt.payer_name, receipt.issued_by, receipt.channel) == (
        "陈国强", cast.clerk_a, "cash",
    )  # fmt: skip
    assert set(Enrollment.objects.values_list("status", "receipt")) == {("active", receipt.pk)}
    book_a.refresh_from_db()
    assert book_a.next_number == 8
    remittance = remit(
        actor=cast.clerk_a,
        campaign=campaign,
        slip_number="JK-0001",
        slip_date=OCTOBER,
        amount=register.open_amount,
        on=OCTOBER,
    )
    assert remittance.receipt_count == 1


def test_the_same_file_twice_adds_nothing(
    uploaded: Upload, confirmed: Confirm, cast: SimpleNamespace
) -> None:
    content = xlsx([HEADER, *the_chens()])
    first = confirmed(uploaded(content))
    again = REGISTERS.upload(actor=cast.clerk_a2, file_name="b.xlsx", content=content, on=OCTOBER)
    assert again == (first, True)
    # Saved anew the file has another fingerprint; the rows still add nothing.
    other = uploaded(xlsx([HEADER, *the_chens(), ["合计", "", "", "3 人"]]))
    assert other.open_people == 0
    assert "已登记参保（待缴费），不重复登记" in told(other)[2][0]
    with pytest.raises(Refusal, match="没有可以导入的户"):
        REGISTERS.confirm(actor=cast.clerk_a, upload=other, sha256=other.sha256, on=OCTOBER)
    assert (Person.objects.count(), Enrollment.objects.count()) == (3, 3)


def test_a_household_with_one_wrong_row_waits_as_a_whole(
    uploaded: Upload, confirmed: Confirm
) -> None:
    chens = the_chens()
    chens[1][4] = chens[1][4][:-1] + ("0" if chens[1][4][-1] != "0" else "1")
    register = uploaded(xlsx([HEADER, *chens, *the_yangs()]))
    assert register.error_count == 3
    problems = told(register)
    assert "末位校验不符" in problems[3][0]
    assert problems[2] == [
        "error household_number: 本户第 3 行（李桂芳）有错误，更正后整户一起导入"
    ]
    assert register.open_households == 1
    confirmed(register)
    assert [one.name for one in Person.objects.order_by("member_number")] == ["杨大山", "周玉兰"]
    # Corrected and uploaded again: only the household that waited is added.
    better = confirmed(uploaded(xlsx([HEADER, *the_chens(), *the_yangs()])))
    assert (better.new_households, better.new_people) == (1, 3)


def test_a_registered_household_is_corrected_and_renewed_by_its_number(
    uploaded: Upload, confirmed: Confirm
) -> None:
    confirmed(uploaded(xlsx([HEADER, *the_chens()])))
    Enrollment.objects.update(status="cancelled")
    home = Household.objects.get()
    chens = the_chens()
    chens[0][1] = home.number
    chens[0][3] = "陈国祥"
    chens[2][7] = ""  # the portal knows that he is at school
    chens.append(
        ["", "", "", "陈小芳", number("20150601", male=False), "女儿", "农村", "", "", "是"]
    )
    register = uploaded(xlsx([HEADER, *chens]))
    problems = told(register)
    assert problems[2] == ["warning name: 系统中姓名为“陈国强”，确认后改为“陈国祥”"]
    assert problems[4] == ["warning statuses: 部门名单中有身份“在校学生”，名册未列，按名单计"]
    register = confirmed(register)
    assert (register.new_households, register.new_people, register.new_enrollments) == (0, 1, 4)
    daughter = Person.objects.get(name="陈小芳")
    assert (daughter.household, daughter.member_number) == (home, 4)
    assert Person.objects.get(name="陈国祥").initials == "cgx"
    assert IdentityStatus.objects.filter(last_day=None).count() == 1
    line = AuditLine.objects.filter(action="enrollment.apply_register").first()
    assert line.before["people"][0]["name"] == "陈*强"
    assert number("19780512") not in str(line.after)


def test_somebody_enrolled_in_the_other_township_is_stopped_with_the_place(
    uploaded: Upload,
    confirmed: Confirm,
    cast: SimpleNamespace,
    village_b: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    rows = the_chens()
    rows[0][0] = "石庙村"
    other = uploaded(xlsx([HEADER, *rows]), actor=cast.clerk_b)
    with django_capture_on_commit_callbacks(execute=True):
        REGISTERS.confirm(actor=cast.clerk_b, upload=other, sha256=other.sha256, on=OCTOBER)
    register = uploaded(xlsx([HEADER, *the_chens()]))
    message = (
        "error resident_id: 此证件号码已在本县其他乡镇登记，不能重复登记；"
        "请核对证件，确属迁入的由原登记地办理转户"
    )
    # The village's own name may carry the township's.
    assert told(register)[2][0].replace("万古镇万古镇", "万古镇") == message
    assert register.open_households == 0


def test_a_window_between_check_and_confirmation_is_noticed(
    uploaded: Upload, cast: SimpleNamespace, village_a: Any, entry_of_window: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    register = uploaded(xlsx([HEADER, *the_chens(), *the_yangs()]))
    entry_of_window("陈国强", number("19780512"))
    with django_capture_on_commit_callbacks(execute=True):
        REGISTERS.confirm(actor=cast.clerk_a, upload=register, sha256=register.sha256, on=OCTOBER)
    register.refresh_from_db()
    assert (register.status, register.held_households, register.new_households) == ("done", 1, 1)
    assert "检查之后窗口已为本户成员办理" in told(register)[2][0]
    assert Person.objects.filter(name="陈国强").count() == 1
    assert not Person.objects.filter(name="李桂芳").exists()


def test_confirmation_is_bound_to_the_file_and_its_uploader(
    uploaded: Upload, cast: SimpleNamespace
) -> None:
    register = uploaded(xlsx([HEADER, *the_chens()]))
    with pytest.raises(Refusal, match="确认的不是这份文件"):
        REGISTERS.confirm(actor=cast.clerk_a, upload=register, sha256="0" * 64, on=OCTOBER)
    with pytest.raises(Refusal, match="上传人本人"):
        REGISTERS.confirm(actor=cast.clerk_a2, upload=register, sha256=register.sha256, on=OCTOBER)


def test_nothing_personal_lies_open_and_giving_up_clears_it(
    uploaded: Upload, cast: SimpleNamespace
) -> None:
    register = uploaded(xlsx([HEADER, *the_chens()]))
    row = RegisterRow.objects.raw(
        "SELECT id, resident_id || '' AS sealed FROM enrollment_registerrow LIMIT 1"
    )[0]
    assert number("19780512") not in row.sealed
    assert row.resident_id == number("19780512")
    REGISTERS.discard(actor=cast.clerk_a, upload=register)
    register.refresh_from_db()
    assert (register.content, register.status) == ("", "discarded")
    assert not RegisterRow.objects.exists()
    assert not RegisterHousehold.objects.exists()
    assert uploaded(xlsx([HEADER, *the_chens()])).pk != register.pk


def test_a_receipt_reported_lost_and_a_closed_day_hold_the_household_back(
    uploaded: Upload, cast: SimpleNamespace, book_a: ReceiptBook, campaign: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    chens = [[*row, "", "LS01", 7] for row in the_chens()]
    yangs = [[*row, "", "", ""] for row in the_yangs()]
    register = uploaded(xlsx([PAID, *chens, *yangs]))
    assert register.open_households == 2
    book_a.events.create(
        kind="loss", first_number=7, last_number=9, holder=cast.clerk_a, on=OCTOBER,
        reason="遗失", recorded_by=cast.accountant,
    )  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        REGISTERS.confirm(actor=cast.clerk_a, upload=register, sha256=register.sha256, on=OCTOBER)
    register.refresh_from_db()
    assert (register.status, register.held_households, register.new_households) == ("done", 1, 1)
    assert "挂失" in told(register)[2][0]
    assert not Receipt.objects.exists()
    again = uploaded(xlsx([PAID, *chens]))
    assert "票号 7 已经用过或已挂失" in told(again)[2][0]


def test_what_the_database_refuses_is_held_back_alone(
    uploaded: Upload, confirmed: Confirm, monkeypatch: Any
) -> None:
    register = uploaded(xlsx([HEADER, *the_chens(), *the_yangs()]))
    # A mishap that no recheck knows of: the household's number is taken by a stranger.
    taken = Household.objects.create(number="5002250101000002", division_id=register.township_id)
    free = "5002250101000001"

    def numbers(*, division_code: str, count: int) -> list[str]:
        if count == 2:
            return [free, taken.number]
        return [taken.number if Household.objects.filter(number=free).exists() else free]

    monkeypatch.setattr("enrollment.rosters.writing.next_household_numbers", numbers)
    register = confirmed(register)
    assert (register.status, register.held_households) == ("done", 1)
    assert Person.objects.filter(name="陈国强").exists()
    assert "与系统中的登记冲突" in told(register)[5][0]


def test_the_tier_beside_a_head_who_does_not_join_counts_for_the_household(
    uploaded: Upload, confirmed: Confirm
) -> None:
    chens = the_chens()
    chens[0][9] = "否"
    register = confirmed(uploaded(xlsx([HEADER, *chens])))
    assert (register.new_people, register.new_enrollments) == (3, 2)
    assert set(Enrollment.objects.values_list("tier", flat=True)) == {"tier2"}


def test_a_household_of_which_nobody_joins_is_left_alone(
    uploaded: Upload,
) -> None:
    chens = [[*row[:9], "否"] for row in the_chens()]
    register = uploaded(xlsx([HEADER, *chens, *the_yangs()]))
    assert (register.error_count, register.open_households) == (0, 1)


def test_the_tier_is_locked_for_two_years_and_years_in_a_row_are_counted(
    uploaded: Upload, confirmed: Confirm, book_a: ReceiptBook
) -> None:
    confirmed(uploaded(xlsx([PAID, *[[*row, "", "LS01", 7] for row in the_chens()]])))
    past_the_guards(Enrollment.objects.all(), year=2025)  # a year later
    lower = [[*row[:8], "一档" if row[8] else "", row[9]] for row in the_chens()]
    register = uploaded(xlsx([HEADER, *lower]))
    assert "2年内不得变更" in told(register)[2][0]
    confirmed(uploaded(xlsx([HEADER, *the_chens()])))
    assert set(Enrollment.objects.of_year(2026).values_list("consecutive_years", flat=True)) == {2}


def test_a_roster_confirmed_while_old_files_are_forgotten_is_written(
    uploaded: Upload, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nightly forgetting looks again, under the lock, before it takes anything away."""
    one, two = uploaded(xlsx([HEADER, *the_chens()])), uploaded(xlsx([HEADER, *the_yangs()]))
    RegisterImport.objects.update(requested_at=datetime(2025, 9, 1, tzinfo=UTC))
    forget = REGISTERS._forget

    def meanwhile(upload: RegisterImport) -> None:
        other = two if upload.pk == one.pk else one
        REGISTERS.confirm(actor=cast.clerk_a, upload=other, sha256=other.sha256, on=OCTOBER)
        forget(upload)

    monkeypatch.setattr(REGISTERS, "_forget", meanwhile)
    assert REGISTERS.forget(on=OCTOBER) == 1
    assert sorted(RegisterImport.objects.values_list("status", "forgotten")) == [
        ("applying", False), ("checked", True),
    ]  # fmt: skip
    gone = RegisterImport.objects.get(forgotten=True)
    with pytest.raises(Refusal, match="文件已按期清除，请放弃后重新上传"):
        REGISTERS.confirm(actor=cast.clerk_a, upload=gone, sha256=gone.sha256, on=OCTOBER)
    assert not gone.may_be_confirmed


# A guard that speaks without a code, which arrives as InternalError, and one that speaks with it.
@pytest.mark.parametrize("how", ["", "USING ERRCODE = 'integrity_constraint_violation'"])
def test_what_a_guard_refuses_is_held_back_and_the_rest_is_imported(
    how: str, uploaded: Upload, confirmed: Confirm
) -> None:
    register = uploaded(xlsx([HEADER, *the_chens(), *the_yangs()]))
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION no_yang() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF NEW.name = '杨大山' THEN RAISE EXCEPTION 'no' {how}; END IF; RETURN NEW; END $$;"
            " CREATE TRIGGER no_yang BEFORE INSERT ON enrollment_person"
            " FOR EACH ROW EXECUTE FUNCTION no_yang()"
        )
    register = confirmed(register)
    assert (register.status, register.new_people, register.held_households) == ("done", 3, 1)
    assert told(register)[5] == [
        "error household_number: 与系统中的登记冲突，本户未导入，请在窗口核对后办理"
    ]
