"""The pages: each role's part of the way, and nobody else's."""

import re
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import clock
from accounts.models import AuditLine, Division, User
from claims.models import Settlement
from enrollment.models import Person
from funds.models import Book, PaymentBatch
from institutions.models import CatalogueItem
from tests.claims.conftest import TODAY, Register, line
from tests.paying import orders_of, provide

Enter = Callable[..., Settlement]
SignIn = Callable[[User], Client]
COUNTER, PAPER = reverse("claims:enter_counter"), reverse("claims:enter_paper")


@pytest.fixture(autouse=True)
def the_twentieth_of_march(settings: Any) -> None:
    settings.TODAY = TODAY
    assert clock.today() == TODAY


def body(response: Any) -> str:
    assert response.status_code == 200, response
    return response.content.decode()


def found(client: Client, url: str, person: Person) -> str:
    """Look the patient up; the page, with its token."""
    return body(client.post(url, {"action": "find", "resident_id": person.resident_id}))


def token(page: str) -> str:
    match = re.search(r'name="patient" value="([^"]+)"', page)
    assert match, page
    return match.group(1)


def rows(prefix: str, *rows: dict[str, str]) -> dict[str, str]:
    data = {f"{prefix}-TOTAL_FORMS": str(len(rows) + 2), f"{prefix}-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data


def bill(*lines: tuple[str, str, str]) -> dict[str, str]:
    return rows("lines", *({"code": c, "quantity": q, "unit_price": p} for c, q, p in lines))


STAY = {
    "care": "inpatient",
    "starts": "2026-03-01",
    "ends": "2026-03-09",
    "diagnosis": "肺炎",
    "referral": "none",
    "facts": ["special_approved"],
}
V1 = bill(("X01", "30", "130"), ("X09", "1", "300"), ("S01", "1", "800")) | {"consent_signed": "on"}


@pytest.fixture
def at_counter(
    as_user: SignIn, cast: SimpleNamespace, wang: Person, catalogue: Any
) -> Callable[..., Any]:
    client = as_user(cast.hospital_clerk)
    sealed = token(found(client, COUNTER, wang))

    def post(action: str, lines: dict[str, str] = V1, **changes: Any) -> Any:
        return client.post(COUNTER, {"patient": sealed, "action": action} | STAY | lines | changes)

    return post


def test_patient_is_shown_masked_and_the_look_up_is_kept(
    as_user: SignIn, cast: SimpleNamespace, wang: Person, catalogue: Any
) -> None:
    page = found(as_user(cast.hospital_clerk), COUNTER, wang)
    assert "王建国" in page
    assert wang.resident_id not in page
    assert wang.resident_id[:6] + "*" in page
    assert "2026 年度" in page
    assert "40.00 元" in page  # the household's account
    looked = AuditLine.objects.get(action="claims.look_up")
    assert (looked.user_name, looked.subject_id) == ("韩梅", str(wang.pk))
    assert "王建国" not in str(looked.after)


@pytest.mark.parametrize(
    ("number", "message"),
    [("500225197005010028", "校验"), ("123", "18 位"), ("11010519491231002X", "没有这个号码")],
)
def test_unknown_patient(
    as_user: SignIn, cast: SimpleNamespace, wang: Person, number: str, message: str
) -> None:
    client = as_user(cast.hospital_clerk)
    page = body(client.post(COUNTER, {"action": "find", "resident_id": number}))
    assert message in page
    assert "费用清单" not in page


def test_trial_shows_everything_and_saves_nothing(at_counter: Callable[..., Any]) -> None:
    page = body(at_counter("preview"))
    for text in (
        "试算结果",
        "二档住院",
        "5,000.00",
        "200.00",
        "50%",
        "2,050.00",
        "2,950.00",
        "第二十三条(三)",
    ):
        assert text in page, text
    assert not Settlement.objects.exists()


def test_submit_leads_to_the_claim(at_counter: Callable[..., Any]) -> None:
    response = at_counter("submit")
    claim = Settlement.objects.get()
    assert response.url == reverse("claims:claim", args=[claim.pk])
    assert (claim.status, str(claim.fund_amount)) == ("submitted", "2050.00")


def test_a_page_sent_twice_settles_once(
    as_user: SignIn, cast: SimpleNamespace, wang: Person, catalogue: Any
) -> None:
    """A hasty second Alt+S, a second tab, the back button: the account is charged once."""
    client = as_user(cast.hospital_clerk)
    page = found(client, COUNTER, wang)
    key = re.search(r'name="key" value="([0-9a-f-]{36})"', page)
    assert key, page
    visit = STAY | {"care": "outpatient", "starts": "2026-03-09", "diagnosis": "感冒"}
    data = {"patient": token(page), "key": key.group(1), "action": "submit"} | visit
    data |= bill(("X01", "1", "25"))
    first, second = client.post(COUNTER, data), client.post(COUNTER, data)
    claim = Settlement.objects.get()
    assert first.url == reverse("claims:claim", args=[claim.pk])
    assert "这张单已经录入，没有重复结算" in body(second)
    assert key.group(1) != re.search(
        r'name="key" value="([0-9a-f-]{36})"', found(client, COUNTER, wang)
    ).group(1), "the next page enters another visit"


def test_codes_may_be_typed_as_initials(at_counter: Callable[..., Any]) -> None:
    at_counter("submit", bill(("amxljn", "30", "130"), ("头孢", "1", "100")))
    names = Settlement.objects.get().visit.lines.values_list("item_name", flat=True)
    assert list(names) == ["阿莫西林胶囊", "头孢曲松钠注射液"]


def test_refusals_stand_beside_their_field(at_counter: Callable[..., Any]) -> None:
    page = body(at_counter("submit", ends="2026-02-01"))
    assert "出院日期早于入院日期" in page
    page = body(at_counter("submit", bill(("X01", "30", "130"), ("Z99", "1", "1"))))
    assert "“Z99”目录中没有" in page
    page = body(at_counter("submit", bill(("X01", "three", "130"))))
    assert "数量应为数字" in page
    page = body(at_counter("submit", bill()))
    assert "费用清单是空的" in page
    assert not Settlement.objects.exists()


def test_more_rows_keep_what_is_typed(at_counter: Callable[..., Any]) -> None:
    page = body(at_counter("more-lines"))
    assert 'name="lines-10-code"' in page
    assert 'value="X09"' in page


def test_fragments_of_a_line(
    as_user: SignIn, cast: SimpleNamespace, catalogue: Any, pack: Any
) -> None:
    client = as_user(cast.hospital_clerk)
    told = reverse("claims:line_shown")
    page = body(
        client.get(
            told,
            {
                "lines-3-code": "amx",
                "lines-3-quantity": "3",
                "lines-3-unit_price": "0.335",
                "starts": "2026-03-01",
            },
        )
    )
    assert "阿莫西林胶囊" in page
    assert "1.01" in page
    assert "目录中没有“zzz”" in body(client.get(told, {"lines-3-code": "zzz"}))
    assert "由" not in body(client.get(told, {"lines-3-code": ""}))
    options = body(client.get(reverse("claims:suggest"), {"lines-3-code": "s"}))
    assert 'data-value="S02"' in options and 'id="lines-3-code-1"' in options
    assert "X01" not in options


def test_what_is_asked_before_it_is_submitted(at_counter: Callable[..., Any]) -> None:
    """The patient, the sums, and what costs more than its limit; nothing is written by asking."""
    asked = at_counter("ask")
    assert asked["Content-Type"].startswith("text/plain")
    assert asked.content.decode() == (
        "王建国：总费用 5,000.00 元，基金支付 2,050.00 元，个人现金 2,950.00 元。"
        "提交后金额不能再改，确认提交？"
    )
    CatalogueItem.objects.filter(code="X01").update(price_limit=Decimal("120.00"))
    dear = body(at_counter("ask"))
    assert dear.splitlines()[1:] == ["第 1 项 阿莫西林胶囊：单价高出限价 10.00 元，请核对"]
    wrong = at_counter("ask", diagnosis="")
    assert wrong["Content-Type"].startswith("text/html") and "请填写诊断" in body(wrong)
    assert not Settlement.objects.exists()


def test_a_claim_without_a_trail_still_says_whose_hands_it_went_through(
    as_user: SignIn, cast: SimpleNamespace, counter: Enter, agree: Enter, wang: Person
) -> None:
    """As the demo's and those taken over from another system: written past the services."""
    claim = agree(counter(wang, line("X01", "100", "10")))
    page = reverse("claims:claim", args=[claim.pk])
    whole = body(as_user(cast.auditor).get(page))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE accounts_auditline DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM accounts_auditline WHERE subject_type = 'claims.settlement'")
        cursor.execute("ALTER TABLE accounts_auditline ENABLE TRIGGER USER")
    told = body(as_user(cast.auditor).get(page))
    for title, name in (("结算提交", "韩梅"), ("初审通过", "周文静"), ("复核通过", "吴国栋")):
        row = re.compile(rf"<td>{title}</td>\s*<td>{name}</td>")
        assert row.search(whole) and row.search(told), title


def test_token_belongs_to_who_looked_up(
    as_user: SignIn, cast: SimpleNamespace, wang: Person, catalogue: Any
) -> None:
    sealed = token(found(as_user(cast.clerk_a), PAPER, wang))
    client = as_user(cast.hospital_clerk)
    assert client.post(COUNTER, {"patient": sealed, "action": "preview"}).status_code == 404
    assert client.post(COUNTER, {"patient": "forged", "action": "preview"}).status_code == 404


PAPER_STAY = STAY | {
    "facts": [],
    "referral": "referred",
    "hospital": "重庆市第一医院",
    "level": "city",
    "place": "outside",
}
PAPER_BILL = rows(
    "lines", {"name": "住院费用", "category": "other", "bill_class": "in_scope", "amount": "6000"}
) | rows("invoices", {"number": "NO1", "issued_on": "2026-03-09", "amount": "6000"})


def test_paper_claim_from_trial_to_submission(
    as_user: SignIn, cast: SimpleNamespace, wang: Person
) -> None:
    client = as_user(cast.clerk_a)
    data = {"patient": token(found(client, PAPER, wang))} | PAPER_STAY | PAPER_BILL
    assert "1,750.00" in body(client.post(PAPER, data | {"action": "preview"}))
    wrong = client.post(PAPER, data | {"action": "submit", "invoices-0-amount": "5999"})
    assert "5,999.00 元与费用合计 6,000.00 元不符" in body(wrong)
    client.post(PAPER, data | {"action": "submit"})
    claim = Settlement.objects.get()
    assert claim.visit.invoices.get().issuer == "重庆市第一医院"


def test_township_clerk_finds_only_own_people(
    as_user: SignIn, cast: SimpleNamespace, wang: Person
) -> None:
    page = found(as_user(cast.clerk_b), PAPER, wang)
    assert "本乡镇没有这个号码" in page


def test_draft_is_corrected_from_its_page(
    as_user: SignIn, cast: SimpleNamespace, at_counter: Callable[..., Any]
) -> None:
    at_counter("draft")
    draft = Settlement.objects.get()
    client = as_user(cast.hospital_clerk)
    page = body(client.get(COUNTER, {"from": draft.pk}))
    assert 'value="X09"' in page
    assert "更正结算单" in page
    client.post(
        COUNTER,
        {"patient": token(page), "replaces": draft.pk, "action": "submit"} | STAY | V1,
    )
    draft.refresh_from_db()
    assert draft.status == "withdrawn"
    assert Settlement.objects.get(status="submitted").fund_amount == 2050
    other = as_user(cast.clerk_a).get(PAPER, {"from": draft.pk})
    assert other.status_code == 404


def test_the_way_through_the_offices(
    as_user: SignIn, cast: SimpleNamespace, counter: Enter, wang: Person, book: Book
) -> None:
    claim = counter(wang, line("X01", "100", "10"))
    page = reverse("claims:claim", args=[claim.pk])

    def press(user: User, event: str, **data: str) -> Any:
        return as_user(user).post(reverse("claims:act", args=[claim.pk, event]), data)

    assert claim.number in body(as_user(cast.reviewer).get(reverse("claims:review_queue")))
    assert press(cast.approver, "reviewed").status_code == 403
    press(cast.reviewer, "reviewed")
    assert claim.number in body(as_user(cast.approver).get(reverse("claims:approval_queue")))
    assert "只有录入人" not in body(as_user(cast.approver).get(page))
    press(cast.approver, "approved")
    provide(book.area)
    accountant, (order,) = as_user(cast.accountant), orders_of([claim])
    assert claim.number in body(accountant.get(reverse("funds:payment_queue")))
    make = reverse("funds:make_batch")
    answer = accountant.post(make, {"orders": [order.pk]}, follow=True)
    assert "已编支付批次 202600001：1 笔，400.00 元" in body(answer)
    again = accountant.post(make, {"orders": [order.pk]})
    assert "现为“已编批”，不在待付之列" in body(again)
    batch = PaymentBatch.objects.get()
    cashier = as_user(cast.cashier)
    shown = body(cashier.get(reverse("funds:payment_batch", args=[batch.pk])))
    assert "发出支付批次 202600001：1 笔，合计 400.00 元" in shown
    form = {"paid_on": "2026-03-20", "number_of": "1", "total": "400.00"}
    release = reverse("funds:release_batch", args=[batch.pk])
    answer = cashier.post(release, form, follow=True)
    assert "已发出：1 笔，400.00 元" in body(answer)
    assert "2026-03-0001" in body(cashier.get(page))
    again = as_user(cast.cashier2).post(release, form)
    assert "现为“已发出”" in body(again)


def test_same_person_in_another_chair_is_refused_in_the_portal(
    as_user: SignIn, cast: SimpleNamespace, counter: Enter, wang: Person
) -> None:
    """The reviewer becomes approver overnight: the page offers no button, the post is refused."""
    claim = counter(wang, line("X01", "100", "10"))
    url = reverse("claims:act", args=[claim.pk, "reviewed"])
    as_user(cast.reviewer).post(url)
    User.objects.filter(pk=cast.reviewer.pk).update(role="approver")
    both = as_user(User.objects.get(pk=cast.reviewer.pk))
    assert "复核通过" not in body(both.get(reverse("claims:claim", args=[claim.pk])))
    answer = both.post(reverse("claims:act", args=[claim.pk, "approved"]))
    assert "必须由不同的人办理" in body(answer)
    claim.refresh_from_db()
    assert claim.status == "reviewed"


def test_reviewer_cuts_a_line(
    as_user: SignIn, cast: SimpleNamespace, counter: Enter, wang: Person
) -> None:
    claim = counter(wang, line("X01", "120", "10"), line("X02", "1", "100"))
    client = as_user(cast.reviewer)
    page = body(client.get(reverse("claims:claim", args=[claim.pk]), {"cut": "1"}))
    assert 'name="cuts-2-approved_amount"' in page
    url = reverse("claims:cut", args=[claim.pk])
    same = {"cuts-1-approved_amount": "1200.00", "cuts-2-approved_amount": "100.00"}
    assert "没有填写核减金额" in body(client.post(url, same))
    no_reason = body(client.post(url, same | {"cuts-2-approved_amount": "40"}))
    assert "请写明核减原因" in no_reason
    client.post(url, same | {"cuts-2-approved_amount": "40", "cuts-2-reason": "超量"})
    again = Settlement.objects.get(status="reviewed")
    assert str(again.fund_amount) == "520.00"


def test_sending_back_wants_a_reason_in_the_portal(
    as_user: SignIn, cast: SimpleNamespace, counter: Enter, wang: Person
) -> None:
    claim = counter(wang, line("X01", "100", "10"))
    url = reverse("claims:act", args=[claim.pk, "returned"])
    assert "请写明退回的原因" in body(as_user(cast.reviewer).post(url, {"reason": ""}))
    as_user(cast.reviewer).post(url, {"reason": "缺出院小结"})
    page = body(as_user(cast.hospital_clerk).get(reverse("claims:claim", args=[claim.pk])))
    assert "缺出院小结" in page
    assert "照此重新录入" in page


@pytest.mark.parametrize("event", ["cut", "paid", "entered", "nonsense"])
def test_no_back_door_through_the_address(
    as_user: SignIn, cast: SimpleNamespace, counter: Enter, wang: Person, event: str
) -> None:
    claim = counter(wang, line("X01", "100", "10"))
    answer = as_user(cast.reviewer).post(f"/claims/{claim.pk}/{event}x")
    assert answer.status_code == 404
    get = as_user(cast.reviewer).get(f"/claims/{claim.pk}/{event}")
    assert get.status_code == 405


def test_sheet_can_be_read_aloud(
    as_user: SignIn, cast: SimpleNamespace, at_counter: Callable[..., Any], wang: Person
) -> None:
    at_counter("submit")
    claim = Settlement.objects.get()
    page = body(as_user(cast.hospital_clerk).get(reverse("claims:sheet", args=[claim.pk])))
    assert "贰仟零伍拾元整" in page
    assert "西药费" in page
    assert "起付线200.00元" in page
    assert wang.resident_id not in page


def test_who_sees_which_claim(
    as_user: SignIn,
    cast: SimpleNamespace,
    counter: Enter,
    paper: Enter,
    register: Register,
    wang: Person,
    village_b: Division,
) -> None:
    """A hospital its own patients, a township its own people, another county nothing."""
    here = counter(wang, line("X01", "100", "10"))
    zhou = register.person("周万古", register.household(village_b))
    there = paper(zhou, "6000.00", actor=cast.clerk_b)
    seen = {
        "hospital_clerk": {here},
        "clerk_a": {here},
        "clerk_b": {there},
        "reviewer": {here, there},
        "approver": {here, there},
        "cashier": {here, there},
        "auditor": {here, there},
        "supervisor": {here, there},
        "other_officer": set(),
    }
    for name, expected in seen.items():
        client = as_user(getattr(cast, name))
        listed = body(client.get(reverse("claims:list")))
        for claim in (here, there):
            inside = claim in expected
            assert (claim.number in listed) == inside, name
            for route in ("claim", "sheet"):
                answer = client.get(reverse(f"claims:{route}", args=[claim.pk]))
                assert answer.status_code == (200 if inside else 404), (name, route)
    for name in ("cadre_a", "sysadmin", "secadmin", "auditadmin"):
        assert as_user(getattr(cast, name)).get(reverse("claims:list")).status_code == 403


def test_acts_out_of_scope_are_404(
    as_user: SignIn, cast: SimpleNamespace, counter: Enter, agree: Enter, wang: Person
) -> None:
    claim = counter(wang, line("X01", "100", "10"))
    stranger = as_user(cast.other_officer)
    assert stranger.post(reverse("claims:act", args=[claim.pk, "reviewed"])).status_code == 404
    assert stranger.post(reverse("claims:cut", args=[claim.pk])).status_code == 404
    (order,) = orders_of([agree(claim)])
    User.objects.filter(pk=cast.other_officer.pk).update(role="accountant")
    accountant = as_user(User.objects.get(pk=cast.other_officer.pk))
    answer = accountant.post(reverse("funds:make_batch"), {"orders": [order.pk]})
    assert answer.status_code == 404
    page = reverse("funds:payment_order", args=[order.pk])
    assert accountant.get(page).status_code == 404


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"status": "submitted"}, True),
        ({"status": "paid"}, False),
        ({"source": "counter"}, True),
        ({"source": "paper"}, False),
        ({"institution": "人民"}, True),
        ({"institution": "中医"}, False),
        ({"since": "2026-03-20", "until": "2026-03-20"}, True),
        ({"until": "2026-03-19"}, False),
        ({"number": "5002252026"}, True),
        ({"number": "500226"}, False),
        ({"visit__person__name": "李"}, True),
    ],
)
def test_filters(
    as_user: SignIn,
    cast: SimpleNamespace,
    counter: Enter,
    wang: Person,
    query: dict[str, str],
    shown: bool,
) -> None:
    claim = counter(wang, line("X01", "100", "10"))
    page = body(as_user(cast.auditor).get(reverse("claims:list"), query))
    assert (claim.number in page) == shown


@pytest.mark.parametrize(("text", "shown"), [("王建", True), ("李", None), ("赵大", False)])
def test_person_is_searched_by_post(
    as_user: SignIn,
    cast: SimpleNamespace,
    counter: Enter,
    wang: Person,
    text: str,
    shown: bool | None,
) -> None:
    claim = counter(wang, line("X01", "100", "10"))
    client = as_user(cast.auditor)
    page = body(client.post(reverse("claims:list"), {"person": text}, follow=True))
    if shown is None:
        assert "至少" in page
    else:
        assert (claim.number in page) == shown
    by_number = body(client.post(reverse("claims:list"), {"person": wang.resident_id}, follow=True))
    assert claim.number in by_number


def test_list_costs_the_same_for_few_and_many(
    as_user: SignIn,
    cast: SimpleNamespace,
    counter: Enter,
    register: Register,
    village_a: Division,
) -> None:
    home = register.household(village_a)
    client = as_user(cast.reviewer)

    def cost(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            body(client.get(url))
        return len(captured)

    counter(register.person("甲", home), line("X01", "100", "10"))
    pages = [reverse("claims:list"), reverse("claims:review_queue")]
    cost(pages[0])  # the measures are read once for all
    few = [cost(page) for page in pages]
    for name in "乙丙丁戊己":
        counter(register.person(name, home), line("X01", "100", "10"))
    assert [cost(page) for page in pages] == few
    # The menu asks for what waits and for the measures; the queue also asks those in force (kinds
    # of care), the townships, the rules of reviewing and the days off.
    assert few[0] <= 7
    assert few[1] <= 11
