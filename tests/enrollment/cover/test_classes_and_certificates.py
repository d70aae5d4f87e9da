"""Classes of a school and certificates of a household: what cannot be, and what follows."""

from decimal import Decimal

import pytest

from enrollment.collection.receipts import take_payment, void_receipt
from enrollment.cover.certificates import (
    hand_out,
    issue_certificates,
    new_households,
    reissue_certificate,
    with_members,
)
from enrollment.cover.enrolling import cancel_pending
from enrollment.cover.models import Certificate, SchoolClass
from enrollment.cover.students import Student, enroll_class
from enrollment.models import Enrollment, Person
from tests.enrollment.conftest import OCTOBER, member, resident_id
from tests.enrollment.refusals import refuses

pytestmark = pytest.mark.django_db
LI = Student("李远航", resident_id("20100901", 11))
WU = Student("吴思远", resident_id("20101112", 12, male=False))


def enroll(cast, village, *students, name="高一(3)班", on=OCTOBER, tier="tier2"):
    return enroll_class(
        actor=cast.clerk_a, division=village, school="龙水中学", name=name, contact="邓老师",
        students=students, tier=tier, on=on,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (
            Student("吴思远", LI.resident_id),
            "第 2 名 吴思远：与第 1 名的身份证号相同，请删去一行或改正",
        ),
        (Student("吴", WU.resident_id), "第 2 名 吴：姓名应为 2 至 40 个汉字或字母，可含间隔点"),
    ],
)
def test_a_wrong_student_is_named_and_the_class_is_not_entered(
    cast, campaign, village_a, second, message
):
    with refuses(message, ("file",)):
        enroll(cast, village_a, LI, second)


def test_a_class_needs_a_tier_a_village_and_an_open_window(cast, campaign, village_a, town_a):
    with refuses("请选择缴费档次", ("tier",)):
        enroll(cast, village_a, LI, tier="")
    with refuses("请选择到村或组", ("division",)):
        enroll(cast, town_a, LI)
    with refuses(
        "现在不在缴费期：2026 年度缴费期为 2025-10-01 至 2025-11-30，过期不再收取，"
        "请在下一年度缴费期办理"
    ):
        enroll(cast, village_a, LI, on=OCTOBER.replace(month=12))


def test_a_class_is_entered_once_and_another_class_beside_it(cast, books, village_a):
    first, _ = enroll(cast, village_a, LI)
    with refuses("这个班已经登记过，续保请在家庭查询中打开这个集体户办理", ("name",)):
        enroll(cast, village_a, WU)
    with refuses(
        f"第 1 名 李远航：此证件号码已在龙水镇桥亭村登记（户编号 {first.household.number}），"
        "不能重复登记；请打开该户办理参保，要转到别的户的在该户办理婚嫁、转户，"
        "同一人登记了两次的在该户办理“重复登记”",
        ("file",),
    ):
        enroll(cast, village_a, LI, name="高一(4)班")
    enroll(cast, village_a, WU, name="高一(4)班")
    assert SchoolClass.objects.count() == 2
    assert set(Enrollment.objects.values_list("personal_amount", flat=True)) == {200}


def test_a_class_that_is_withdrawn_pays_nothing(cast, books, village_a):
    row, cover = enroll(cast, village_a, LI, WU)
    assert sum(one.personal_amount for one in cover) == 400
    facts = {"actor": cast.clerk_a, "household": row.household}
    receipt, _ = take_payment(received=Decimal(400), on=OCTOBER, **facts)
    assert receipt.payer_name == "李远航"  # a class has no head
    void_receipt(actor=cast.clerk_a, receipt=receipt, reason="学校撤回", on=OCTOBER)
    assert cancel_pending(year=2026, reason="学校撤回", **facts) == 2
    assert not Enrollment.objects.exclude(status="cancelled").exists()
    assert Person.objects.filter(residence="outside").count() == 2  # they stay registered


# -- certificates ----------------------------------------------------------------------------------


def issue(cast, campaign, *households):
    return issue_certificates(
        actor=cast.clerk_a, campaign=campaign, households=households, on=OCTOBER
    )


def reissue(cast, campaign, household, reason="遗失"):
    return reissue_certificate(
        actor=cast.clerk_a, campaign=campaign, household=household, reason=reason, on=OCTOBER
    )


def give(cast, *rows, receiver="杨大山"):
    return hand_out(actor=cast.clerk_a, certificates=rows, receiver=receiver, on=OCTOBER)


def test_only_a_new_paid_household_is_issued_one(autumn, campaign, cast):
    with refuses("请至少选择一户"):
        issue(cast, campaign)
    for household in (autumn.zhous, autumn.yangs, autumn.luos):  # owes, not enrolled, elsewhere
        with refuses(
            f"户 {household.number} 不是新参保户或已经制证，请刷新后重选；证件遗失的办理补发"
        ):
            issue(cast, campaign, autumn.chens, household)
    (row,) = issue(cast, campaign, autumn.chens)
    assert (row.issue, row.household) == (1, autumn.chens)
    assert not new_households(user=cast.clerk_a, campaign=campaign).exists()


def test_a_reissue_follows_a_first_one_or_an_old_one(autumn, campaign, cast, covered_last_year):
    with refuses("请写明补发原因，如遗失、损毁、成员变动", ("reason",)):
        reissue(cast, campaign, autumn.chens, "丢")
    with refuses("这户是新参保户，还没有发过证，请在“新户制证”中办理"):
        reissue(cast, campaign, autumn.chens)
    with refuses("这户没有 2026 年度的有效参保，不能补发医疗证"):
        reissue(cast, campaign, autumn.zhous)
    covered_last_year(Person.objects.get(name="陈国强"))  # holds one from before the portal
    numbers = [reissue(cast, campaign, autumn.chens, reason).issue for reason in ("遗失", "损毁")]
    assert numbers == [2, 3]


def test_a_certificate_is_handed_out_once_all_or_none(autumn, campaign, cast, enter):
    other = enter([member(0, "王强", resident_id("19790909"), "0")])
    first, second = issue(cast, campaign, autumn.chens, other)
    with refuses("请填写领取人（或按签领表发放的村干部）", ("receiver",)):
        give(cast, first, receiver="  ")
    with refuses("请至少选择一本医疗证"):
        give(cast)
    assert give(cast, first) == 1
    with refuses("有的医疗证已于 2025-10-15 发放，请刷新后重选"):
        give(cast, first, second)
    second.refresh_from_db()
    assert second.handed_on is None
    assert give(cast, second, receiver=" 谭明芳 ") == 1
    assert set(Certificate.objects.values_list("receiver", flat=True)) == {"杨大山", "谭明芳"}


def test_what_stands_on_the_list_to_sign(autumn, campaign, cast):
    """The head's name and who is covered; after the receipt is void, nobody."""
    rows = issue(cast, campaign, autumn.chens)
    (shown,) = with_members(rows, 2026)
    assert shown["head"] == "陈国强"
    assert [one.person.name for one in shown["members"]] == ["陈国强", "李桂芳", "陈小明", "张素珍"]
    receipt = Enrollment.objects.filter(household=autumn.chens).first().receipt
    void_receipt(actor=cast.clerk_a, receipt=receipt, reason="全家退保", on=OCTOBER)
    (shown,) = with_members(rows, 2026)
    assert (shown["head"], shown["members"]) == ("", [])
