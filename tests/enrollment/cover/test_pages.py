"""The room's pages as the roles of one township and its county see them."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditLine
from enrollment.collection.receipts import take_payment
from enrollment.collection.remittances import remit
from enrollment.cover.enrolling import save_entry
from enrollment.models import Enrollment, Household, Person, Receipt, Remittance
from tests.enrollment.conftest import OCTOBER, member, resident_id, the_chens
from tests.enrollment.statuses import listed

pytestmark = pytest.mark.django_db
NEW = "/enrollment/households/new"


@pytest.fixture(autouse=True)
def _october(settings):
    settings.TODAY = OCTOBER


@pytest.fixture
def chens(cast, books, entry_of):
    entry = entry_of(the_chens(), phone="13812345678")
    return save_entry(actor=cast.clerk_a, entry=entry, on=OCTOBER).household


def typed(village, rows, *, tier="tier2", total=5, **extra):
    """What a browser sends for the window form."""
    data = {
        "division": village.pk,
        "address": "桥亭村 3 组 12 号",
        "phone": "",
        "tier": tier,
        "members-TOTAL_FORMS": total,
        "members-INITIAL_FORMS": 0,
    }
    for i in range(total):
        row = {"relationship": "0" if i == 0 else "", "residence": "rural"}
        row |= rows[i] if i < len(rows) else {}
        if code := row.pop("listed", ""):  # a department named them before they came
            listed(row["name"], row["resident_id"], [code])
        data |= {f"members-{i}-{name}": value for name, value in row.items()}
    return data | extra


FAMILY = [
    {"resident_id": resident_id("19780512"), "name": "陈国强", "listed": "dibao"},
    {"resident_id": resident_id("19800103", male=False), "name": "李桂芳", "relationship": "1"},
    {
        "resident_id": resident_id("20120901"),
        "name": "陈小明",
        "relationship": "2",
        "listed": "student",
    },
    {
        "resident_id": resident_id("19500220", male=False),
        "name": "张素珍",
        "relationship": "5",
        "listed": "wubao",
    },
]


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_from_the_empty_form_to_the_printed_receipt(cast, books, village_a, as_user):
    clerk = as_user(cast.clerk_a)
    page = clerk.get(NEW)
    assert "龙水镇桥亭村" in page.content.decode()

    saved = clerk.post(NEW, typed(village_a, FAMILY))
    household = Household.objects.get()
    assert saved.url == f"/enrollment/households/{household.pk}/payment"
    assert "应收 4 人 450.00 元" in text_of(clerk.get(saved.url))

    paid = clerk.post(saved.url, {"received": "500"})
    paper = clerk.get(paid.url)
    words = text_of(paper)
    for name in ("陈国强", "李桂芳", "陈小明", "张素珍", "LS01-00000001", "肆佰伍拾元整"):
        assert name in words
    assert "应找零 50.00 元" in words
    assert "收款人：陈秀英" in words
    assert paper["Cache-Control"] == "no-store"
    assert Enrollment.objects.active().count() == 4


def test_premium_and_facts_appear_while_typing(cast, books, village_a, as_user):
    clerk = as_user(cast.clerk_a)
    rows = [FAMILY[0], {"resident_id": "500225198001030028"}, {"resident_id": "5002251980"}]
    answer = clerk.post(NEW, typed(village_a, rows), headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert "<html" not in html
    assert "男 1978-05-12 47岁" in html
    assert "110.00" in html
    assert "第十四条" in html
    first, second, third = re.findall(r'id="problem-(?:\d)"[^>]*>([^<]*)<', html)[:3]
    assert (first, third) == ("", "")
    assert "校验不符" in second
    assert not Household.objects.exists()


def test_trial_and_more_rows_work_without_javascript(cast, books, village_a, as_user):
    clerk = as_user(cast.clerk_a)
    trial = clerk.post(NEW, typed(village_a, FAMILY, trial="1"))
    assert "450.00" in text_of(trial)
    more = clerk.post(NEW, typed(village_a, FAMILY, more_rows="1"))
    assert 'name="members-7-name"' in more.content.decode()
    assert 'value="陈国强"' in more.content.decode()
    assert not Household.objects.exists()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"resident_id": "500225198001030028"}, "末位校验不符"),
        ({"resident_id": ""}, "请填写身份证号"),
        ({"name": ""}, "请填写姓名"),
        ({"relationship": ""}, "请选择与户主关系"),
        ({"relationship": "0"}, "只有一位户主"),
        ({"resident_id": resident_id("19780512")}, "与第 1 行的身份证号相同"),
    ],
)
def test_a_bad_row_is_told_beside_the_field(cast, books, village_a, as_user, row, words):
    rows = [FAMILY[0], FAMILY[1] | row]
    answer = as_user(cast.clerk_a).post(NEW, typed(village_a, rows))
    assert words in text_of(answer)
    assert 'value="陈国强"' in answer.content.decode()  # nothing typed is lost
    assert not Household.objects.exists()


def test_a_person_of_another_township_is_only_said_to_be_there(
    cast, books, village_a, village_b, entry_of, as_user
):
    save_entry(actor=cast.clerk_b, entry=entry_of(the_chens(), division=village_b), on=OCTOBER)
    answer = as_user(cast.clerk_a).post(NEW, typed(village_a, FAMILY))
    assert "已在本县其他乡镇登记" in text_of(answer)
    assert "石庙" not in text_of(answer)
    assert Household.objects.count() == 1


def test_out_of_the_window_the_page_says_until_when(cast, books, village_a, as_user, settings):
    settings.TODAY = OCTOBER.replace(month=12)
    clerk = as_user(cast.clerk_a)
    assert "2025-10-01 至 2025-11-30" in text_of(clerk.get(NEW))
    assert clerk.post(NEW, typed(village_a, FAMILY)).status_code == 200
    assert not Household.objects.exists()


def test_strange_input_is_answered_not_crashed_on(cast, books, village_a, village_b, as_user):
    clerk = as_user(cast.clerk_a)
    for data in (
        {},
        typed(village_a, FAMILY) | {"members-TOTAL_FORMS": "many"},
        typed(village_a, FAMILY) | {"members-TOTAL_FORMS": "999", "more_rows": "1"},
        typed(village_b, FAMILY),  # another township's village
        typed(village_a, [FAMILY[0] | {"person_id": "1"}]),
        typed(village_a, [FAMILY[0] | {"name": "陈" * 200}]),
        typed(village_a, FAMILY, tier="gold"),
    ):
        assert clerk.post(NEW, data).status_code == 200
        assert clerk.post(NEW, data, headers={"HX-Request": "true"}).status_code == 200
    assert clerk.post(NEW, typed(village_a, [FAMILY[0] | {"name": "陈\x00强"}])).status_code == 400
    assert not Household.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "陈国",
        "cgq",
        "ｃｇｑ",
        "chenguo",
        "CGQ",
        resident_id("19780512"),
        "5002250101000001",
        "500225010100000101",
        " ５００２２５０１０１００００01 ",
    ],
)
def test_a_household_is_found_by_whatever_the_clerk_knows(cast, chens, as_user, text):
    found = as_user(cast.clerk_a).post("/enrollment/", {"text": text}, follow=True)
    assert "5002250101000001" in text_of(found)
    assert f"/enrollment/households/{chens.pk}/payment" in found.content.decode()
    assert "500225**********" in found.content.decode()
    assert resident_id("19780512") not in found.content.decode() or text in found.content.decode()


def test_another_township_sees_nothing_of_it(cast, chens, as_user):
    clerk_b = as_user(cast.clerk_b)
    receipt, _ = take_payment(
        actor=cast.clerk_a, household=chens, received=Decimal(450), on=OCTOBER
    )
    person = chens.members.first()
    for text in ("陈国强", "cgq", resident_id("19780512"), chens.number):
        assert "没有找到" in text_of(clerk_b.post("/enrollment/", {"text": text}, follow=True))
    for path in (
        f"households/{chens.pk}",
        f"households/{chens.pk}/edit",
        f"households/{chens.pk}/renew",
        f"households/{chens.pk}/payment",
        f"people/{person.pk}/edit",
        f"receipts/{receipt.pk}",
        f"receipts/{receipt.pk}/void",
        "progress?under=500225101",
    ):
        assert clerk_b.get(f"/enrollment/{path}").status_code == 404, path
    for path in (f"households/{chens.pk}/reveal", f"households/{chens.pk}/cancel"):
        assert clerk_b.post(f"/enrollment/{path}", {"reason": "看看"}).status_code == 404
    assert "没有收据" in text_of(clerk_b.get("/enrollment/receipts"))


def test_a_cadre_sees_the_progress_of_the_own_village_only(cast, chens, as_user):
    cadre = as_user(cast.cadre_a)
    board = text_of(cadre.get("/enrollment/progress"))
    assert "龙水镇桥亭村" in board
    for path in ("", "households/new", f"households/{chens.pk}", "receipts", "remittances"):
        assert cadre.get(f"/enrollment/{path}").status_code == 403, path
    assert cadre.get("/enrollment/progress?under=500225101").status_code == 404


def test_masked_until_a_reason_is_given(cast, chens, as_user):
    clerk = as_user(cast.clerk_a)
    url = f"/enrollment/households/{chens.pk}"
    masked = clerk.get(url).content.decode()
    assert "500225**********" in masked
    assert "138****5678" in masked
    assert masked.count("更正</a>") == 4
    assert "查看完整证件号" in masked
    assert resident_id("19780512") not in masked

    refused = clerk.post(f"{url}/reveal", {"reason": ""})
    assert resident_id("19780512") not in refused.content.decode()
    assert not AuditLine.objects.filter(action="enrollment.reveal").exists()

    shown = clerk.post(f"{url}/reveal", {"reason": "核对户口簿"}).content.decode()
    assert resident_id("19780512") in shown
    assert "13812345678" in shown
    line = AuditLine.objects.get(action="enrollment.reveal")
    assert (line.user, line.reason) == (cast.clerk_a, "核对户口簿")


def test_no_page_puts_personal_data_into_an_address(cast, chens, as_user):
    clerk = as_user(cast.clerk_a)
    html = clerk.post("/enrollment/", {"text": "陈国强"}, follow=True).content.decode()
    html += clerk.get(f"/enrollment/households/{chens.pk}").content.decode()
    for address in re.findall(r'(?:href|action|hx-post)="([^"]*)"', html):
        assert not re.search(r"\d{14,}|陈|%E9", address), address


def test_a_member_is_corrected_on_an_own_page(cast, chens, as_user):
    clerk = as_user(cast.clerk_a)
    father = Person.objects.get(name="陈国强")
    url = f"/enrollment/people/{father.pk}/edit"
    assert "低保" in text_of(clerk.get(url))
    facts = {
        "name": "陈国强",
        "relationship": "0",
        "residence": "rural",
        "statuses": ["wubao"],
    }
    wrong = clerk.post(url, facts | {"resident_id": "500225197805120018"})
    assert "校验不符" in text_of(wrong)
    done = clerk.post(url, facts | {"phone": "13900001111"})
    assert done.url == f"/enrollment/households/{chens.pk}"
    father.refresh_from_db()
    assert father.phone == "13900001111"
    assert father.statuses.get(last_day=None).code == "dibao"


def test_a_bank_account_is_kept_for_reimbursement(cast, chens, as_user):
    clerk = as_user(cast.clerk_a)
    url = f"/enrollment/households/{chens.pk}/edit"
    facts = {"address": "桥亭村 5 组", "bank_account": "6217000012345678901"}
    assert "开户人" in text_of(clerk.post(url, facts))
    clerk.post(url, facts | {"bank_account_name": "陈国强"})
    chens.refresh_from_db()
    assert (chens.bank_account, chens.address) == ("6217000012345678901", "桥亭村 5 组")
    assert chens.phone == "13812345678"


def test_renewal_is_filled_in_and_can_leave_somebody_out(cast, chens, as_user):
    clerk = as_user(cast.clerk_a)
    cancelled = clerk.post(f"/enrollment/households/{chens.pk}/cancel", {"reason": "选错档次"})
    assert cancelled.status_code == 302
    url = f"/enrollment/households/{chens.pk}/renew"
    html = clerk.get(url).content.decode()
    assert html.count("checked") == 6  # four members and two blank rows
    assert resident_id("19780512") not in html
    ids = list(chens.members.order_by("member_number").values_list("pk", flat=True))
    data = typed(chens.division, [], tier="tier1", total=6) | {"members-INITIAL_FORMS": 4}
    for i, person in enumerate(Person.objects.filter(pk__in=ids).order_by("member_number")):
        data |= {
            f"members-{i}-person_id": person.pk,
            f"members-{i}-name": person.name,
            f"members-{i}-relationship": person.relationship,
        }
        if i != 2:
            data[f"members-{i}-joins"] = "on"
    for i in (4, 5):
        data[f"members-{i}-joins"] = "on"
    assert clerk.post(url, data).status_code == 302
    live = Enrollment.objects.exclude(status="cancelled")
    assert set(live.values_list("person__name", flat=True)) == {"陈国强", "李桂芳", "张素珍"}
    assert set(live.values_list("tier", flat=True)) == {"tier1"}


def test_an_empty_row_and_a_birth_offer_the_households_own_residence(
    cast, books, village_a, entry_of, as_user
):
    """陈国强's family is registered in town; 李桂芳 joins later, when he has joined already."""
    people = the_chens()
    town = [replace(one, residence=Person.Residence.URBAN) for one in people]
    chens = save_entry(actor=cast.clerk_a, entry=entry_of(town[:1]), on=OCTOBER).household
    clerk = as_user(cast.clerk_a)
    birth = clerk.get(f"/enrollment/changes/{chens.pk}/birth").content.decode()
    assert '<option value="urban" selected>' in birth
    for grown in ("户主", "配偶", "父母", "祖父母"):
        assert f">{grown}</option>" not in birth
    page = clerk.get(f"/enrollment/households/{chens.pk}/renew")
    assert "陈国强户续保登记" in text_of(page)
    clerk.post(f"/enrollment/households/{chens.pk}/cancel", {"reason": "选错档次"})
    html = clerk.get(f"/enrollment/households/{chens.pk}/renew").content.decode()
    assert html.count('<option value="urban" selected>') == 3  # he and two empty rows
    data = typed(chens.division, [], tier="tier1", total=3) | {"members-INITIAL_FORMS": 1}
    data |= {
        "members-0-person_id": chens.members.get().pk,
        "members-0-name": "陈国强",
        "members-0-residence": "rural",  # corrected meanwhile; the empty rows keep what they had
        "members-0-joins": "on",
        "members-1-joins": "on",
        "members-2-joins": "on",
        "members-2-residence": "urban",
    }
    assert clerk.post(f"/enrollment/households/{chens.pk}/renew", data).status_code == 302
    assert chens.members.get().residence == "rural"


def test_the_day_is_closed_from_receipt_to_voucher(cast, chens, as_user):
    clerk, accountant = as_user(cast.clerk_a), as_user(cast.accountant)
    clerk.post(f"/enrollment/households/{chens.pk}/payment", {"received": "450"})
    assert "450.00" in text_of(clerk.get("/enrollment/remittances"))
    campaign = Receipt.objects.get().campaign_id
    slip = {"slip_number": "SL-2025-001", "slip_date": "2025-10-15", "amount": "440"}
    wrong = clerk.post(f"/enrollment/remittances/hand-in/{campaign}", slip)
    assert "相差 10.00 元" in text_of(wrong)
    clerk.post(f"/enrollment/remittances/hand-in/{campaign}", slip | {"amount": "450"})
    row = Remittance.objects.get()

    assert clerk.post(f"/enrollment/remittances/{row.pk}/confirm").status_code == 403
    page = f"/enrollment/remittances/{row.pk}"
    assert "相差" in text_of(accountant.post(f"{page}/confirm", {"bank_amount": "45"}, follow=True))
    done = accountant.post(f"{page}/confirm", {"bank_amount": "450"}, follow=True)
    assert "凭证 2025-10-0001" in text_of(done)
    assert as_user(cast.clerk_b).get("/enrollment/remittances").content.decode().count("SL-") == 0
    board = text_of(accountant.get("/enrollment/progress"))
    assert "龙水镇" in board
    assert board.count("450.00") >= 3


def test_a_remittance_is_returned_with_a_reason(cast, chens, as_user):
    clerk, accountant = as_user(cast.clerk_a), as_user(cast.accountant)
    clerk.post(f"/enrollment/households/{chens.pk}/payment", {"received": "450"})
    slip = {"slip_number": "SL-2025-001", "slip_date": "2025-10-15", "amount": "450"}
    clerk.post(f"/enrollment/remittances/hand-in/{Receipt.objects.get().campaign_id}", slip)
    url = f"/enrollment/remittances/{Remittance.objects.get().pk}/return"
    assert "请写明退回原因" in text_of(accountant.post(url, follow=True))
    accountant.post(url, {"reason": "缴款单看不清"})
    assert "缴款单看不清" in text_of(clerk.get("/enrollment/remittances"))
    assert Receipt.objects.unremitted().count() == 1


def test_a_receipt_is_voided_and_stays_on_the_list(cast, chens, as_user):
    clerk = as_user(cast.clerk_a)
    clerk.post(f"/enrollment/households/{chens.pk}/payment", {"received": "450"})
    receipt = Receipt.objects.get()
    url = f"/enrollment/receipts/{receipt.pk}/void"
    assert "请写明作废原因" in text_of(clerk.post(url, {"reason": ""}))
    assert clerk.post(url, {"reason": "打印错位"}).url.endswith("/payment")
    assert "已 作 废" in text_of(clerk.get(f"/enrollment/receipts/{receipt.pk}"))
    for kind, shown in (("void", True), ("cash", False), ("unremitted", False), ("", True)):
        listed = text_of(clerk.get(f"/enrollment/receipts?kind={kind}&day=2025-10-15"))
        assert ("LS01-00000001" in listed) is shown


def test_the_list_narrows_by_village_and_state(cast, chens, entry_of, as_user):
    clerk = as_user(cast.clerk_a)
    other = save_entry(
        actor=cast.clerk_a,
        entry=entry_of([member(0, "王强", resident_id("19790909"), "0")]),
        on=OCTOBER,
    ).household
    take_payment(actor=cast.clerk_a, household=other, received=Decimal(120), on=OCTOBER)
    for query, names in (
        ("", {"陈国强", "王强"}),
        ("?state=pending", {"陈国强"}),
        ("?state=enrolled", {"王强"}),
        ("?state=missing", set()),
        ("?village=500225102", set()),
        ("?village=50022510'--&page=x", {"陈国强", "王强"}),
    ):
        listed = text_of(clerk.get(f"/enrollment/{query}"))
        assert {name for name in ("陈国强", "王强") if name in listed} == names, query


def test_lists_take_the_same_number_of_statements_however_long(cast, books, entry_of, as_user):
    clerk = as_user(cast.clerk_a)

    def add(n):
        entry = entry_of([member(0, "王强", resident_id("19790909", n), "0")])
        household = save_entry(actor=cast.clerk_a, entry=entry, on=OCTOBER).household
        take_payment(actor=cast.clerk_a, household=household, received=Decimal(120), on=OCTOBER)
        return household

    def statements():
        counts = []
        clerk.get("/enrollment/progress")  # the first look counts what changed since the last
        for path in ("", "receipts", "progress", f"households/{first.pk}"):
            with CaptureQueriesContext(connection) as captured:
                assert clerk.get(f"/enrollment/{path}").status_code == 200
            counts.append(len(captured))
        with CaptureQueriesContext(connection) as captured:
            clerk.post("/enrollment/", {"text": "王强强"}, follow=True)
        return [*counts, len(captured)]

    first = add(1)
    few = statements()
    for n in range(2, 12):
        add(n)
    assert statements() == few
    assert max(few) <= 17, few


def focused(html):
    """Names of the fields with the cursor."""
    return re.findall(r'name="([^"]+)"[^>]*\sautofocus', html)


def test_the_cursor_goes_on_where_the_clerk_works(cast, books, village_a, as_user):
    clerk = as_user(cast.clerk_a)
    sent = typed(village_a, FAMILY)
    rows = int(sent["members-TOTAL_FORMS"])
    html = clerk.post(NEW, sent | {"trial": "1"}).content.decode()
    assert "450.00" in html
    assert focused(html) == ["members-4-resident_id"]
    half = typed(village_a, [*FAMILY, {"resident_id": resident_id("20150601")}])
    html = clerk.post(NEW, half | {"more_rows": "1"}).content.decode()
    assert focused(html) == ["members-5-resident_id"]
    assert "is-invalid" not in html  # nothing was to be saved yet
    assert f"members-{rows + 2}-resident_id" in html
    html = clerk.post(NEW, half).content.decode()
    assert focused(html) == ["members-4-name"]  # what must be mended comes first


def test_an_empty_household_is_not_saved(cast, books, village_a, as_user):
    page = as_user(cast.clerk_a).post(NEW, typed(village_a, []))
    assert "请至少录入一人" in text_of(page)
    assert not Household.objects.exists()


def test_a_receipt_can_be_voided_from_the_households_page(cast, chens, as_user):
    receipt, _ = take_payment(
        actor=cast.clerk_a, household=chens, received=Decimal(450), on=OCTOBER
    )
    page, link = f"/enrollment/households/{chens.pk}", f"/enrollment/receipts/{receipt.pk}/void"
    assert link in as_user(cast.clerk_a).get(page).content.decode()
    assert link not in as_user(cast.clerk_a2).get(page).content.decode()  # not her receipt
    assert link not in as_user(cast.accountant).get(page).content.decode()


def test_a_wrong_amount_from_the_bank_is_told_beside_it(cast, campaign, chens, as_user):
    take_payment(actor=cast.clerk_a, household=chens, received=Decimal(450), on=OCTOBER)
    row = remit(
        actor=cast.clerk_a, campaign=campaign, slip_number="JK-0001", slip_date=OCTOBER,
        amount=Decimal(450), on=OCTOBER,
    )  # fmt: skip
    accountant = as_user(cast.accountant)
    confirm = f"/enrollment/remittances/{row.pk}/confirm"
    for sent, words in (("", "请填写银行到账金额"), ("440", "440.00")):
        html = accountant.post(confirm, {"bank_amount": sent}).content.decode()
        (told,) = re.findall(r'id="confirm-problem" role="alert">([^<]+)<', html)
        assert words in told
        assert focused(html) == ["bank_amount"]
    back = accountant.post(f"/enrollment/remittances/{row.pk}/return", {"reason": ""})
    assert 'id="return-problem"' in back.content.decode()
    assert accountant.post(confirm, {"bank_amount": "450"}).status_code == 302
