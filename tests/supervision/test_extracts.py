"""飞检数据提取: five tables in the printed order, to the fen, for whoever may see them."""

import csv
import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.errors import Refusal
from accounts.models import AuditLine, Division, User
from claims.clearing.models import Clearing, ClearingClaim, PaymentMethod
from claims.models import BillLine, Invoice, Settlement, Visit
from claims.services import withdraw
from claims.services.drawn import recount
from desk import written_files
from desk.jobs import run
from enrollment.models import Person
from funds.exports import json_lines
from funds.models import Book
from funds.services import open_book
from lib.periods import Month
from policies.models import Pack
from policies.services import adopt_pack, propose_pack
from supervision.extracts import writing
from supervision.extracts.cells import CELLS
from supervision.extracts.codes import CLR_WAY
from supervision.extracts.columns import REASONS, TABLES
from supervision.extracts.models import Extract, ExtractPiece
from supervision.extracts.services import Asked, ask_extract, take_extract
from tests.claims.conftest import (  # noqa: F401 - fixtures
    TODAY,
    Register,
    agree,
    book,
    catalogue,
    counter,
    line,
    paper,
    stay,
)
from tests.claims.test_layers import PAID, SIX
from tests.conftest import make_division, make_user, past_the_guards
from tests.paying import pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_worker")]
MARCH = {"since": date(2026, 3, 1), "until": date(2026, 3, 31)}
SURGERY = stay(date(2026, 3, 2), date(2026, 3, 2), care="day_surgery")
# Of every "table.column" in the printed order, a line each.
PRINTED = "eec0a8e0ea1721c5d916321c2a9f68fa0614eb6b76fd37b8900c614f1747cdb6"
LIST = "HEZUO_INSPECTOR_COLUMNS"  # where the printed list itself lies
Rows = list[dict[str, str]]
Ask = Callable[..., Extract]


@pytest.fixture
def pack(cast: SimpleNamespace, county: Division) -> Pack:
    proposed = propose_pack(actor=cast.supervisor, area=county, source=SIX)
    return adopt_pack(actor=cast.approver, pack=proposed, approval="府发〔2026〕1号")


@pytest.fixture
def liu(register: Register, village_a: Division) -> Person:
    return register.person("刘翠芬", register.household(village_a), statuses=["dibao"])


@pytest.fixture
def spring(
    cast: SimpleNamespace,
    register: Register,
    liu: Person,
    wang: Person,
    counter: Callable[..., Settlement],  # noqa: F811
    agree: Callable[..., Settlement],  # noqa: F811
    settled: Callable[..., Settlement],
    other_county: Division,
    pack: Pack,
    book: Book,  # noqa: F811
) -> SimpleNamespace:
    """刘翠芬's day surgery of 20000.00, seven layers, paid; 王建国's 200.00, withdrawn; a claim of
    the other county on the same day."""
    open_book(
        actor=cast.accountant, area=book.area, first_month=Month(2026, 1), fund_type="assistance"
    )
    claim = agree(counter(liu, line("X01", "200", "100"), visit=SURGERY))
    pay(actor=cast.cashier, settlements=[claim], on=TODAY, today=TODAY)
    claim.refresh_from_db()
    taken = counter(wang, line("X01", "2", "100"), visit=SURGERY)
    withdrawn = withdraw(actor=cast.hospital_clerk, settlement=taken, reason="录错人")
    far = make_division(
        "500226101201", "荣昌县某村", make_division("500226101", "某镇", other_county)
    )
    stranger = Register(other_county, cast.clerk_a, pack)
    other = settled(stranger.person("外县人", stranger.household(far), sequence=77), 19, 20)
    recount(other_county.code)
    return SimpleNamespace(claim=claim, withdrawn=withdrawn, other=other)


@pytest.fixture
def asked(cast: SimpleNamespace, county: Division) -> Ask:
    """Asked for by the auditor, and written."""

    def ask(actor: User | None = None, **given: Any) -> Extract:
        facts = {"area": county, "institutions": (), "form": "utf8"} | MARCH | given
        row = ask_extract(actor=actor or cast.auditor, asked=Asked(**facts), reason="省级飞行检查")
        assert run("supervision.extract", row.pk, TODAY)
        row.refresh_from_db()
        assert (row.status, row.failure) == ("done", "")
        return row

    return ask


def files_of(extract: Extract) -> dict[str, bytes]:
    assert extract.requested_by is not None
    with zipfile.ZipFile(take_extract(actor=extract.requested_by, extract=extract)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def tables_of(extract: Extract, encoding: str = "utf-8-sig") -> dict[str, Rows]:
    return {
        name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(content.decode(encoding))))
        for name, content in files_of(extract).items()
        if name.endswith(".csv")
    }


def read_me(extract: Extract) -> str:
    return files_of(extract)[writing.READ_ME].decode("utf-8-sig")


def digest(names: list[str]) -> str:
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


OURS = [f"{table}.{one.name}" for table, columns in TABLES.items() for one in columns]


def test_columns_keep_their_names_and_order() -> None:
    assert [len(columns) for columns in TABLES.values()] == [100, 106, 82, 23, 31]
    assert digest(OURS) == PRINTED


def test_columns_are_those_of_the_inspectors() -> None:
    if not os.environ.get(LIST):
        pytest.skip(f"the printed list is not here: {LIST} names a CSV with table, order, name")
    with Path(os.environ[LIST]).open(encoding="utf-8", newline="") as file:
        printed = [f"{row['table']}.{row['name']}" for row in csv.DictReader(file)]
    assert printed == OURS and digest(printed) == PRINTED


def test_each_column_is_filled_or_says_why_not() -> None:
    for table, columns in TABLES.items():
        filled = {one.name for one in columns if not one.empty}
        assert filled == set(CELLS[table]), table
        assert {one.empty for one in columns if one.empty} <= set(REASONS)
        assert all(one.title for one in columns)


def test_a_claim_of_seven_layers_to_the_fen(
    spring: SimpleNamespace, asked: Ask, liu: Person
) -> None:
    """20000.00: the pool and 丰年补助 … by their national codes; one fund is one column."""
    tables = tables_of(asked())
    first, second = tables["setl_d"]
    assert list(first) == [one.name for one in TABLES["setl_d"]]
    said = {
        "setl_id": spring.claim.number,
        "psn_no": str(liu.pk),
        "psn_name": "刘*芬",
        "psn_cert_type": "01",
        "certno": "500225************",
        "gend": liu.sex,
        "brdy": "",
        "age": "55",
        "insutype": "390",
        "psn_type": "15",
        "sp_psn_type": "2",
        "clct_grde": "2",
        "insu_admdvs": "500225",
        "pay_loc": "2",
        "hosp_lv": "13",
        "dedc_hosp_lv": "2",
        "fix_blng_admdvs": "500225",
        "begndate": "2026-03-02",
        "setl_time": "2026-03-20 00:00:00",
        "med_type": "28",
        "setl_type": "2",
        "clr_type": "28",
        "year": "2026",
        "vali_flag": "1",
        "refd_setl_flag": "0",
        "memo": "已支付",
    }
    assert {name: first[name] for name in said} == said
    amounts = {
        "medfee_sumamt": "20000.00",
        "inscp_amt": "20000.00",
        "fulamt_ownpay_amt": "0.00",
        "fund_pay_sumamt": "19000.00",
        "psn_pay": "1000.00",
        "cash_payamt": "1000.00",
        "ownpay_hosp_part": "0.00",
    }
    assert {name: first[name] for name in amounts} == amounts
    columns = {"pool": "hifp_pay", "deep_water": "hifmi_pay", "kindness": "maf_pay"}
    for layer, column in columns.items():
        assert first[column] == PAID[layer]
    rest = sum(Decimal(PAID[one]) for one in PAID if one not in columns)
    assert Decimal(first["othfund_pay"]) == rest == Decimal("2968.00")
    funds = [name for name in first if name.endswith("_pay") and name[:2] in {"hi", "ma", "ot"}]
    funds.append("cvlserv_pay")
    assert sum(Decimal(first[name]) for name in funds) == Decimal("19000.00")
    assert (second["setl_id"], second["vali_flag"], second["refd_setl_flag"]) == (
        spring.withdrawn.number, "0", "1",
    )  # fmt: skip
    assert spring.other.number not in {row["setl_id"] for row in tables["setl_d"]}


def test_the_bill_adds_up_and_the_withdrawn_has_none(spring: SimpleNamespace, asked: Ask) -> None:
    tables = tables_of(asked())
    (only,) = tables["fee_list_d"]
    said = {
        "setl_id": spring.claim.number,
        "cnt": "200.0000",
        "pric": "100.000000",
        "det_item_fee_sumamt": "20000.00",
        "inscp_amt": "20000.00",
        "overlmt_selfpay": "0.00",
        "fulamt_ownpay_amt": "0.00",
        "chrgitm_lv": "01",
        "hilist_code": "X01",
        "list_type": "101",
        "med_chrgitm_type": "09",
        "medins_list_name": "阿莫西林胶囊",
    }
    assert {name: only[name] for name in said} == said
    assert [row["setl_id"] for row in tables["setl_list_diag_d"]] == [
        spring.claim.number, spring.withdrawn.number,
    ]  # fmt: skip
    assert tables["setl_list_oprn_d"] == []
    assert [row["vali_flag"] for row in tables["mdtrt_d"]] == ["1", "0"]


def test_what_it_says_of_itself_agrees_with_the_books(
    spring: SimpleNamespace,
    asked: Ask,
    book: Book,  # noqa: F811
) -> None:
    row = asked()
    text = read_me(row)
    records = (json.loads(one) for one in json_lines(book))
    (month,) = [one for one in records if one["kind"] == "settled"]
    assert f"  2026-03：{month['count']}，{month['total']}，{month['fund']}" in text
    assert (month["count"], month["total"], month["fund"]) == (1, "20000.00", "19000.00")
    assert "  已撤回：1，200.00，" in text and "  已支付：1，20000.00，19000.00" in text
    assert "  2026-03：1，19000.00" in text  # paid
    assert "hifmi_pay）：3120.00" in text
    assert row.counts == {
        "setl_d": 2, "mdtrt_d": 2, "fee_list_d": 1, "setl_list_diag_d": 2, "setl_list_oprn_d": 0,
    }  # fmt: skip
    assert "13 brdy 出生日期：空，未申请完整身份信息" in text
    assert "2 clr_optins 清算经办机构：空，清算机构编号由国家平台编配，本系统没有" in text


def test_people_in_full_only_with_the_right_and_a_reason(
    spring: SimpleNamespace, asked: Ask, cast: SimpleNamespace, county: Division, liu: Person
) -> None:
    facts: Any = {"area": county, "institutions": (), "form": "utf8", "full": True, **MARCH}
    with pytest.raises(Refusal, match="理由"):
        ask_extract(actor=cast.auditor, asked=Asked(**facts), reason="省级飞行检查")
    facts["full_reason"] = "入户核实"
    with pytest.raises(Refusal, match="不能查看完整身份信息"):
        ask_extract(actor=cast.supervisor, asked=Asked(**facts), reason="省级飞行检查")
    row = asked(full=True, full_reason="入户核实")
    first = tables_of(row)["setl_d"][0]
    assert (first["psn_name"], first["certno"], first["brdy"]) == (
        "刘翠芬", liu.resident_id, "1970-05-01",
    )  # fmt: skip
    noted = AuditLine.objects.filter(user=cast.auditor).order_by("pk")
    assert [one.action for one in noted] == ["supervision.ask_extract", "export"]
    assert noted[0].after["full_reason"] == "入户核实"
    assert noted[1].after["criteria"]["full"] is True
    assert "刘翠芬" not in str([one.after for one in noted])
    with connection.cursor() as cursor:  # the file lies sealed
        cursor.execute("SELECT content FROM supervision_extractpiece")
        assert not cursor.fetchone()[0].startswith("UEs")


def test_the_other_forms_hold_the_same(spring: SimpleNamespace, asked: Ask) -> None:
    utf8 = tables_of(asked())
    assert tables_of(asked(form="gb18030"), "gb18030") == utf8
    files = files_of(asked(form="xlsx"))
    sheet = openpyxl.load_workbook(io.BytesIO(files["setl_d.xlsx"]))["setl_d"]
    names, first, _ = sheet.iter_rows(values_only=True)
    said = dict(zip(names, first, strict=True))
    assert (said["medfee_sumamt"], said["insutype"], said["setl_id"]) == (
        20000, "390", spring.claim.number,
    )  # fmt: skip
    assert set(files) == {*(f"{table}.xlsx" for table in TABLES), writing.READ_ME}


def test_more_rows_than_a_sheet_holds_go_on(
    spring: SimpleNamespace, asked: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MOST_ROWS", 1)
    files = files_of(asked(form="xlsx"))
    assert openpyxl.load_workbook(io.BytesIO(files["setl_d.xlsx"])).sheetnames == [
        "setl_d1", "setl_d2",
    ]  # fmt: skip


def test_span_institution_and_place_narrow_it(
    spring: SimpleNamespace, asked: Ask, cast: SimpleNamespace, village_b: Division
) -> None:
    assert asked(since=date(2026, 3, 21)).rows == 0
    assert asked(until=date(2026, 3, 19)).rows == 0
    assert asked(institutions=("H50022599999",)).rows == 0
    code = spring.claim.visit.institution.code
    assert asked(institutions=(code,)).counts["setl_d"] == 2
    town = Division.objects.get(code=village_b.township_code)
    elsewhere = make_user("auditor_b", "沈乡", cast.auditor.role, town)
    assert asked(elsewhere).rows == 0


def test_what_leads_to_the_patient_is_masked_and_the_year_of_death_stays(
    spring: SimpleNamespace, asked: Ask, liu: Person
) -> None:
    """Who has the hospital's number, the invoice or the day of a death knows the name."""
    visit = spring.claim.visit
    past_the_guards(Visit.objects.filter(pk=visit.pk), admission_number="ZY20260302")
    Invoice.objects.create(visit=visit, number="NO8801", amount=20000, issued_on=MARCH["until"])
    past_the_guards(Person.objects.filter(pk=liu.pk), death_date=date(2026, 3, 25))

    def said(**given: Any) -> tuple[str, ...]:
        tables = tables_of(asked(**given))
        (stay,) = [one for one in tables["mdtrt_d"] if one["mdtrt_id"] == str(visit.pk)]
        bill = tables["setl_d"][0]
        return stay["ipt_otp_no"], stay["die_date"], bill["invono"], bill["clr_way"]

    assert said() == ("ZY****", "2026", "NO****", "")
    full = said(full=True, full_reason="入户核实")
    assert full == ("ZY20260302", "2026-03-25", "NO8801", "")


def test_how_it_was_cleared_is_the_method_of_its_month(
    spring: SimpleNamespace, asked: Ask, county: Division, cast: SimpleNamespace
) -> None:
    """In a month without a method by item; of what fell out of it nothing is said."""
    hospital = spring.claim.visit.institution
    month = Clearing.objects.create(
        number="5002252026Q00001", area=county, institution=hospital, month=MARCH["since"],
        claims_count=1, claimed_amount=19000, paid_amount=19000, declared_by=cast.reviewer,
        declared_on=MARCH["until"], pay_by=MARCH["until"],
    )  # fmt: skip
    place = ClearingClaim.objects.create(clearing=month, settlement=spring.claim, amount=19000)
    assert tables_of(asked())["setl_d"][0]["clr_way"] == "1"
    ClearingClaim.objects.filter(pk=place.pk).update(is_live=False, fell_reason="停付")
    Clearing.objects.filter(pk=month.pk).update(claims_count=0, claimed_amount=0, paid_amount=0)
    assert tables_of(asked())["setl_d"][0]["clr_way"] == ""
    assert set(CLR_WAY) == set(PaymentMethod.Way), "every way has its code"


def test_statements_do_not_grow_with_the_claims(
    spring: SimpleNamespace, asked: Ask, register: Register, settled: Callable[..., Settlement],
    village_a: Division, cast: SimpleNamespace,
) -> None:  # fmt: skip
    """Entered by a township's clerk, whose place is a division, as by a hospital's."""

    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            asked()
        return len(found)

    before = statements()
    for at in range(20):
        person = register.person(f"许{at}", register.household(village_a))
        claim = settled(person, 3, 9, by=cast.clerk_a)
        BillLine.objects.create(
            visit=claim.visit, line_number=1, item_name="床位", category="bed", quantity=1,
            bill_class="in_scope", unit_price=5000, amount=5000, approved_amount=5000,
        )  # fmt: skip
    assert statements() == before


def test_the_page_asks_hands_out_and_shows_the_own_alone(
    spring: SimpleNamespace, cast: SimpleNamespace, county: Division,
    as_user: Callable[[User], Client],
) -> None:  # fmt: skip
    client = as_user(cast.auditor)
    sent = {
        "area": county.pk, "since": "2026-03-01", "until": "2026-03-31", "form": "utf8",
        "reason": "省级飞行检查",
    }  # fmt: skip
    url = reverse("supervision:ask_extract")
    page = client.post(url, sent | {"until": "2026-02-01"}).content.decode()
    assert "截止日期早于起始日期" in page
    assert "请写明导出用途" in client.post(url, sent | {"reason": ""}).content.decode()
    client.post(url, sent)
    assert "还没有写好" in client.post(url, sent).content.decode()
    row = Extract.objects.get()
    assert run("supervision.extract", row.pk, TODAY)
    listed = client.get(reverse("supervision:extracts")).content.decode()
    take = reverse("supervision:take_extract", args=[row.pk])
    assert take in listed and "省级飞行检查" in client.get(take).content.decode()
    response = client.post(take)
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    supervisor = as_user(cast.supervisor)
    assert "完整身份信息</label>" not in supervisor.get(url.replace("/ask", "")).content.decode()
    assert supervisor.get(take).status_code == 404
    assert take not in supervisor.get(reverse("supervision:extracts")).content.decode()


def test_after_its_days_the_file_is_forgotten(spring: SimpleNamespace, asked: Ask) -> None:
    row = asked()
    assert written_files.forget_old_files() == 0
    Extract.objects.filter(pk=row.pk).update(finished_at=timezone.now() - timedelta(days=8))
    row.refresh_from_db()
    with pytest.raises(Refusal, match="保存期"):
        files_of(row)
    assert written_files.forget_old_files() == 1
    assert not ExtractPiece.objects.exists()
