"""A county invents six layers over two books and a care of its own; the portal carries them.

From the file that is adopted to the what-if, every page by the hand whose work it is, with the
amounts of tests/claims/test_layers.py: 刘翠芬's day surgery of 20000.00, of which the funds bear
19000.00 (居民 16399.90, 救助 2600.10).
"""

import io
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from claims.models import Settlement
from desk.jobs import run
from enrollment.models import Person
from funds.models import Book
from policies.models import Pack
from reports.models import MonthlyReport
from reports.whatif.models import Simulation
from tests.claims.conftest import TODAY
from tests.claims.test_layers import PAID, SIX, debits, paid
from tests.claims.test_pages import COUNTER, bill, body, found, token
from tests.paying import pay

pytestmark = pytest.mark.django_db
NAMES = ["共济统筹", "大额互补", "邻里互济", "仁济救助", "暖灯补助", "丰年补助", "堤岸兜底"]
AMOUNTS = [f"{float(amount):,.2f}" for amount in PAID.values()]
SURGERY = {
    "care": "day_surgery",
    "starts": "2026-03-02",
    "ends": "2026-03-02",
    "diagnosis": "腹股沟疝",
    "referral": "none",
}
LINES = bill(("X01", "200", "100"))


@pytest.fixture(autouse=True)
def the_twentieth_of_march(settings: Any) -> None:
    settings.TODAY = TODAY


@pytest.fixture
def hands(cast: SimpleNamespace, as_user: Callable[[User], Client]) -> SimpleNamespace:
    """Everybody's signed-in browser."""
    return SimpleNamespace(
        **{name: as_user(user) for name, user in vars(cast).items() if isinstance(user, User)}
    )


def propose(hands: SimpleNamespace, text: str) -> Pack:
    file = SimpleUploadedFile("六层.yaml", text.encode())
    sent = hands.supervisor.post("/policies/propose", {"file": file}, follow=True)
    assert "已提出" in body(sent), body(sent)
    pack = Pack.objects.latest("pk")
    assert pack.source == text
    return pack


@pytest.fixture
def pack(hands: SimpleNamespace) -> Pack:
    pack = propose(hands, SIX)
    signed = {"approval": "府发〔2026〕6号"}
    body(hands.approver.post(f"/policies/{pack.pk}/adopt", signed, follow=True))
    pack.refresh_from_db()
    assert pack.status == Pack.Status.ADOPTED
    return pack


@pytest.fixture
def liu(register: Any, village_a: Any) -> Person:
    person: Person = register.person("刘翠芬", register.household(village_a), statuses=["dibao"])
    return person


def test_six_layers_from_the_file_to_the_what_if(
    cast: SimpleNamespace, hands: SimpleNamespace, pack: Pack, liu: Person, catalogue: Any
) -> None:
    open_books(hands)
    claim = settle(hands, liu)
    paid_by(cast, hands, claim)
    assert paid(claim) == PAID
    resident, aid = (Book.objects.get(fund_type=fund) for fund in ("resident", "assistance"))
    assert debits(resident) == {
        "5001-outpatient": "12767.90",
        "5101-own": "3120.00",
        "5001-other": "512.00",
    }
    assert debits(aid) == {"5001-outpatient": "2168.10", "5001-other": "432.00"}
    for book, total in ((resident, "16,399.90"), (aid, "2,600.10")):
        assert total in body(hands.accountant.get(f"/funds/?book={book.pk}"))
    sheet = body(hands.hospital_clerk.get(f"/claims/{claim.pk}/sheet"))
    for name, amount in zip(NAMES, AMOUNTS, strict=True):
        assert f"{name} {amount} 元" in sheet
    report(hands)
    try_out(hands)


def open_books(hands: SimpleNamespace) -> None:
    """The accountant opens the first book, and on the page of its months the other one."""
    for fund, offered in (("resident", True), ("assistance", False)):
        page = body(hands.accountant.get("/funds/periods"))
        assert "城乡医疗救助基金</option>" in page
        assert ("城乡居民基本医疗保险基金</option>" in page) is offered
        data = {"first_month": "2026-01", "fund_type": fund}
        assert "账套已建立" in body(hands.accountant.post("/funds/books/open", data, follow=True))
    assert "另建一个账套" not in body(hands.accountant.get("/funds/periods"))


def settle(hands: SimpleNamespace, liu: Person) -> Settlement:
    """At the counter: tried out, then handed in; the page of the claim names every layer."""
    client = hands.hospital_clerk
    entry = {"patient": token(found(client, COUNTER, liu))} | SURGERY | LINES
    tried = body(client.post(COUNTER, entry | {"action": "preview"}))
    handed_in = body(client.post(COUNTER, entry | {"action": "submit"}, follow=True))
    for page in (tried, handed_in):
        for name, amount in zip(NAMES, AMOUNTS, strict=True):
            assert f"其中 {name}</dt><dd>{amount}</dd>" in page
        assert "日间手术" in page and "19,000.00" in page
    claim = Settlement.objects.get()
    (answer,) = client.get("/claims/api/settlements").json()["results"]
    assert [(one["name"], one["amount"]) for one in answer["funds"]] == list(
        zip(NAMES, PAID.values(), strict=True)
    )
    assert answer["funds"][3] | {"amount": ""} == {
        "layer": "kindness",
        "name": "仁济救助",
        "fund_pay_type": "610100",
        "fund_pay_type_name": "医疗救助基金",
        "book": "assistance",
        "amount": "",
    }
    return claim


def paid_by(cast: SimpleNamespace, hands: SimpleNamespace, claim: Settlement) -> None:
    """Reviewed and approved on their pages; a batch of one, made and released."""
    hands.reviewer.post(f"/claims/{claim.pk}/reviewed")
    hands.approver.post(f"/claims/{claim.pk}/approved")
    claim.refresh_from_db()
    pay(actor=cast.cashier, settlements=[claim], on=TODAY, today=TODAY)
    claim.refresh_from_db()
    assert claim.status == Settlement.Status.PAID
    assert claim.payable_amount == Decimal("19000.00")
    assert "2026-03-0001；城乡医疗救助基金 2026-03-0001" in claim.voucher_number


def report(hands: SimpleNamespace) -> None:
    """大病 by national code: 3120.00 + 512.00; 医疗救助 1152.00; every layer under its name."""
    hands.supervisor.post("/reports/request", {"month": "2026-03"})
    row = MonthlyReport.objects.get()
    assert run("reports.monthlyreport", row.pk, TODAY)
    page = body(hands.auditor.get(f"/reports/{row.pk}"))
    row.refresh_from_db()
    assert row.figures is not None
    told = {one["name"]: one["month"] for one in row.figures["indicators"] if "month" in one}
    assert (told["大病保险受益人次"], told["大病保险支付"]) == (1, "3632.00")
    assert (told["医疗救助人次"], told["次均救助"]) == (1, "1152.00")
    layers = {one["name"]: one["month"] for one in row.figures["layers"]}
    assert list(layers.items()) == list(zip(NAMES, PAID.values(), strict=True))
    for name, amount in zip(NAMES, AMOUNTS, strict=True):
        assert name in page and amount in page
    export = hands.auditor.post(f"/reports/{row.pk}/export", {"reason": "核对"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(export)))["支付层次"]
    rows = list(sheet.iter_rows(min_row=2, max_col=3, values_only=True))
    found = [(name, f"{amount:.2f}") for _, name, amount in rows]
    assert found == [*layers.items(), ("合计", "19000.00")]


def try_out(hands: SimpleNamespace) -> None:
    """丰年补助 50 % instead of 33.33 %: 3024 × 50 % = 1512.00, and 堤岸 has only 512.00 to lift."""
    draft = propose(hands, SIX.replace("ratio: 33.33%", "ratio: 50%"))
    asked = {"year": "2026", "policy": f"pack-{draft.pk}"}
    hands.supervisor.post("/reports/whatif/request", asked)
    row = Simulation.objects.get()
    assert run("reports.simulation", row.pk, TODAY)
    row.refresh_from_db()
    assert row.figures is not None, row.failure
    assert row.figures["check"]["differing"] == 0
    layers = {one["name"]: (one["before"], one["after"]) for one in row.figures["layers"]}
    before = [int(amount.replace(".", "")) for amount in PAID.values()]
    assert [layers[name][0] for name in NAMES] == before
    changed = {name: after for name, (was, after) in layers.items() if was != after}
    assert changed == {"丰年补助": 151_200, "堤岸兜底": 51_200}
    page = body(hands.auditor.get(f"/reports/whatif/{row.pk}"))
    assert "1,512.00" in page and "504.10" in page
