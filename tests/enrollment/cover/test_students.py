"""A school enrols students from elsewhere by the class; each pays the whole premium."""

import io
import re
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.errors import Refusal
from enrollment.collection.receipts import take_payment
from enrollment.cover.models import SchoolClass
from enrollment.cover.students import LAYOUT, Student, enroll_class, read_students
from enrollment.models import Enrollment, Household, Person
from tests.conftest import file_of
from tests.enrollment.conftest import OCTOBER, resident_id, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_october")]
LI = Student("李远航", resident_id("20100901", 11))
WU = Student("吴思远", resident_id("20101112", 12, male=False))
HEADER = tuple(LAYOUT.titles[name] for name in LAYOUT.required)


def enroll(cast, village, *students, name="高一(3)班"):
    return enroll_class(
        actor=cast.clerk_a, division=village, school="龙水中学", name=name, contact="邓老师",
        students=students, tier="tier2", on=OCTOBER,
    )  # fmt: skip


def test_one_receipt_for_the_class_and_nobody_subsidizes(books, cast, village_a):
    row, cover = enroll(cast, village_a, LI, WU)
    assert [one.personal_amount for one in cover] == [Decimal(200), Decimal(200)]
    assert {one.subsidy_amount for one in cover} == {Decimal(0)}
    receipt, _ = take_payment(
        actor=cast.clerk_a, household=row.household, received=Decimal(400), on=OCTOBER
    )
    assert receipt.amount == Decimal(400)
    li = Person.objects.get(name="李远航")
    assert (li.residence, li.member_number, li.statuses.count()) == ("outside", 1, 0)


def test_a_student_of_the_county_belongs_to_the_family(autumn, campaign, cast, village_a):
    local = Student("陈小明", resident_id("20120901"))
    with pytest.raises(Refusal, match=r"第 2 名 陈小明：此证件号码已在.*桥亭村登记"):
        enroll(cast, village_a, LI, local)
    with pytest.raises(Refusal, match="第 2 名 吴思远：身份证号末位校验不符"):
        enroll(cast, village_a, LI, Student("吴思远", "500225201011120031"))
    assert not SchoolClass.objects.exists()
    assert not Household.objects.filter(address__contains="龙水中学").exists()


def test_everybody_who_cannot_be_entered_is_named_at_once(autumn, campaign, cast, village_a):
    local = Student("陈小明", resident_id("20120901"))
    mistyped = Student("吴思远", "500225201011120031")
    with pytest.raises(Refusal) as refused:
        enroll(cast, village_a, local, LI, mistyped, LI, Student("", WU.resident_id))
    told = refused.value.message
    assert re.findall(r"第 \d 名 \w*：", told) == [
        "第 1 名 陈小明：", "第 3 名 吴思远：", "第 4 名 李远航：", "第 5 名 ：",
    ]  # fmt: skip
    assert "第 4 名 李远航：与第 2 名的身份证号相同，请删去一行或改正；" in told
    assert not SchoolClass.objects.exists()


def test_who_has_left_the_school_is_named(db):
    rows = [(*HEADER, "学籍状态"), (LI.name, LI.resident_id, "在读"), (WU.name, "x", "休学")]
    with pytest.raises(Refusal, match="第 3 行 吴思远：“状态”为“休学”"):
        read_students(io.BytesIO(file_of(rows)))


def test_a_class_is_entered_once(books, cast, village_a):
    enroll(cast, village_a, LI)
    with pytest.raises(Refusal, match="这个班已经登记过"):
        enroll(cast, village_a, WU)
    assert Enrollment.objects.count() == 1


def test_the_table_of_a_class(db):
    def table(*rows):
        return io.BytesIO(file_of(rows))

    found = read_students(table(("序号", *HEADER), (1, LI.name, LI.resident_id), ("", "", "")))
    assert found == [LI]
    with pytest.raises(Refusal, match="找不到表头"):
        read_students(table(("学生", "号码")))
    with pytest.raises(Refusal, match="表头下面没有数据"):
        read_students(table(HEADER))
    many = [(f"学生{n}", "x") for n in range(100)]
    with pytest.raises(Refusal, match="表中有 100 名，请按班分开"):
        read_students(table(HEADER, *many))
    with pytest.raises(Refusal, match="只能读取"):
        read_students(io.BytesIO(b"%PDF-"))


def test_the_page_takes_a_class_to_the_till(books, cast, village_a, as_user):
    clerk = as_user(cast.clerk_a)
    file = SimpleUploadedFile("班.xlsx", file_of([HEADER, (LI.name, LI.resident_id)]))
    facts = {"division": village_a.code, "school": "龙水中学", "name": "高一(3)班",
             "contact": "邓老师", "tier": "tier2"}  # fmt: skip
    assert "请选择学生表" in text_of(clerk.post("/enrollment/watch/classes", facts))
    done = clerk.post("/enrollment/watch/classes", facts | {"file": file})
    row = SchoolClass.objects.get()
    assert done.url == f"/enrollment/households/{row.household_id}/payment"
    assert "龙水中学 高一(3)班" in text_of(clerk.get("/enrollment/watch/classes"))
    assert "龙水中学" not in text_of(as_user(cast.clerk_b).get("/enrollment/watch/classes"))


def test_the_page_offers_the_table_of_a_class(books, cast, as_user, settings):
    settings.TODAY = OCTOBER
    client = as_user(cast.clerk_a)
    page = client.get("/enrollment/watch/classes").content.decode()
    assert "/enrollment/watch/classes/blank" in page and "姓名*、身份证号*" in page
    assert client.get("/enrollment/watch/classes/blank").getvalue().startswith(b"PK")
