"""What somebody with all rights in the database alters is found, and the first wrong row is named.

The county of the demonstration with yesterday's ends of the two chains and yesterday's export.
`--head` and `--earlier` are what finds somebody who computes a chain anew.
"""

import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts.audit import record
from accounts.models import AuditLine, Division
from demo.county import seed
from demo.plan import Plan
from desk import row_seals
from desk.jobs import run
from desk.models import Paper, RowSeal, RowSealMark
from desk.papers import print_paper
from enrollment.collection.papers import RECEIPT
from enrollment.models import Enrollment, Receipt
from funds import verify
from funds.exports import json_lines
from funds.models import Book, Seal, Voucher
from funds.records import content_record, voucher_record
from lib.periods import Month
from reports.services import request_report

DAY = date(2026, 11, 20)
pytestmark = [pytest.mark.django_db, pytest.mark.seconds(60)]


@pytest.fixture(scope="module")
def yesterday(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any
) -> Iterator[SimpleNamespace]:
    """500 people on 20 November 2026; all that is final is sealed. Taken back after the module."""
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        try:
            seed(Plan(500, 2026, 11, DAY))
            gap = _free_key("accounts_auditline")
            book = Book.objects.get(fund_type="resident")
            _paper_and_report(book.area)
            row_seals.seal_everything()
            export = tmp_path_factory.mktemp("yesterday") / "全账.jsonl"
            export.write_bytes(b"".join(json_lines(book)))
            last = Seal.objects.filter(book=book).order_by("sequence").last()
            yield SimpleNamespace(
                book=book,
                export=export,
                gap=gap,
                rows=row_seals.head(),
                vouchers=last.digest if last else "",
            )
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


def _free_key(table: str) -> int:
    """A key that nobody has, as a transaction that was rolled back leaves it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])
        return int(cursor.fetchone()[0])


def _paper_and_report(area: Division) -> None:
    receipt = Receipt.objects.filter(voided_at=None).earliest("pk")
    print_paper(RECEIPT, receipt, actor=receipt.issued_by, on=receipt.issued_on)
    report = request_report(actor=None, area=area, month=Month(2026, 10), on=DAY)
    run("reports.monthlyreport", report.pk, DAY)


@contextmanager
def guards_off(*tables: str) -> Iterator[Any]:
    """What only the owner of the tables can do, and a thief would."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def told(**options: Any) -> str:
    """What `verify_books` says of books that are not whole."""
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_books", stdout=out, **options)
    return out.getvalue()


def test_the_county_is_whole(yesterday: SimpleNamespace) -> None:
    out = io.StringIO()
    heads = [yesterday.rows, yesterday.vouchers]
    call_command("verify_books", stdout=out, head=heads, earlier=yesterday.export)
    assert f"行封存链末端指纹 {yesterday.rows}" in out.getvalue()
    sealed = set(RowSeal.objects.values_list("table", flat=True))
    assert {"claims_settlement", "enrollment_enrollment", "desk_paper"} <= sealed


SOME = "id = (SELECT min(id) + 3 FROM {table})"
PAID = "id = (SELECT min(id) FROM claims_settlement WHERE status = 'paid' AND fund_amount > 0)"
# What is done (`{table}`: the table; `{some}`: its fourth row) → what is told.
TAMPERINGS = {
    # Of the books; most of it also stands in the one file that auditors take away.
    "amount": ("funds_posting", "UPDATE {table} SET debit = debit + 1 WHERE debit > 0"
        " AND id = (SELECT min(id) FROM {table} WHERE debit > 0)", "：借贷不平：借方"),
    "third account": ("funds_posting", "UPDATE {table} SET account_id = (SELECT id FROM"
        " funds_account WHERE code = '5401') WHERE {some}", "内容与记账时的指纹不符"),
    "voucher's day": ("funds_voucher", "UPDATE {table} SET occurred_on = occurred_on - 1"
        " WHERE {some}", "内容与记账时的指纹不符"),
    "posted earlier": ("funds_voucher", "UPDATE {table} SET posted_at = posted_at"
        " - interval '1 day' WHERE {some}", "与封存指纹不符（第 4 环）"),
    "preparer": ("funds_voucher", "UPDATE {table} SET preparer = '别人' WHERE {some}",
        "与封存指纹不符（第 4 环）"),
    "month opened": ("funds_period", "UPDATE {table} SET status = 'open', closed_at = NULL,"
        " closed_by_id = NULL WHERE {some}", "有结账余额而月份未结账，结账后又被打开"),
    "closing balance": ("funds_closingbalance", "UPDATE {table} SET debit = debit + 1"
        " WHERE {some}", "的结账余额与分录合计不符"),
    "account renamed": ("funds_account", "UPDATE {table} SET name = '别的' WHERE {some}",
        "funds_account 第 {key} 行{row}：封存后被改动过"),
    "reviewer": ("funds_voucherreview", "UPDATE {table} SET reviewed_by_id = (SELECT max(id)"
        " FROM accounts_user) WHERE {some}",
        "凭证复核 funds_voucherreview 第 {key} 行{row}：封存后被改动过"),
    "review removed": ("funds_voucherreview", "DELETE FROM {table} WHERE {some}",
        "凭证复核 funds_voucherreview 第 {key} 行：已封存，现在不见了"),
    "seal": ("funds_seal", "UPDATE {table} SET digest = repeat('f', 64) WHERE {some}",
        "与前一环不相接"),
    # Of what the books are made of.
    "settlement": ("claims_settlement", "UPDATE {table} SET total_amount = total_amount + 100,"
        " in_scope_amount = in_scope_amount + 100,"
        " personal_amount = personal_amount + 100, cash_amount = cash_amount + 100"
        " WHERE {paid}", "结算单 claims_settlement 第 {key} 行{row}：封存后被改动过"),
    "settlement's day": ("claims_settlement", "UPDATE {table} SET settled_on = settled_on - 31"
        " WHERE {paid}", "结算单 claims_settlement 第 {key} 行{row}：封存后被改动过"),
    "layer": ("claims_settlementfund", "UPDATE {table} SET amount = amount + 1 WHERE {some}",
        "claims_settlementfund 第 {key} 行{row}：封存后被改动过"),
    "layer's fund": ("claims_settlementfund", "UPDATE {table} SET fund_pay_type = '610100'"
        " WHERE {some}", "claims_settlementfund 第 {key} 行{row}：封存后被改动过"),
    "bill line": ("claims_billline", "UPDATE {table} SET item_name = '别的' WHERE {some}",
        "claims_billline 第 {key} 行{row}：封存后被改动过"),
    "usage removed": ("claims_usageentry", "DELETE FROM {table} WHERE {some}",
        "claims_usageentry 第 {key} 行：已封存，现在不见了"),
    "usage lowered": ("claims_usageentry", "UPDATE {table} SET amount = amount - 1 WHERE {some}",
        "claims_usageentry 第 {key} 行{row}：封存后被改动过"),
    "receipt": ("enrollment_receipt", "UPDATE {table} SET amount = amount - 10 WHERE {some}",
        "收据 enrollment_receipt 第 {key} 行{row}：封存后被改动过"),
    "receipt's payer": ("enrollment_receipt", "UPDATE {table} SET payer_name = '别人'"
        " WHERE {some}", "收据 enrollment_receipt 第 {key} 行{row}：封存后被改动过"),
    "premium": ("enrollment_enrollment", "UPDATE {table} SET premium_amount = premium_amount - 5,"
        " personal_amount = personal_amount - 5 WHERE id = (SELECT min(id)"
        " FROM {table} WHERE status = 'active')",
        "enrollment_enrollment 第 {key} 行{row}：封存后被改动过"),
    "remittance": ("enrollment_remittance", "UPDATE {table} SET amount = amount - 10"
        " WHERE {some}", "缴款单 enrollment_remittance 第 {key} 行：封存后被改动过"),
    "bank account": ("funds_transfer", "UPDATE {table} SET account_index = repeat('0', 32)"
        " WHERE {some}", "funds_transfer 第 {key} 行{row}：封存后被改动过"),
    "pack": ("policies_pack", "UPDATE {table} SET source = source || ' ' WHERE adopted_at"
        " IS NOT NULL", "policies_pack 第 {key} 行{row}：封存后被改动过"),
    "who adopted": ("policies_pack", "UPDATE {table} SET adopted_by_id = (SELECT max(id)"
        " FROM accounts_user) WHERE adopted_at IS NOT NULL",
        "policies_pack 第 {key} 行{row}：封存后被改动过"),
    "audit line": ("accounts_auditline", "UPDATE {table} SET user_name = '别人' WHERE {some}",
        "accounts_auditline 第 {key} 行{row}：封存后被改动过"),
    "audit line removed": ("accounts_auditline", "DELETE FROM {table} WHERE {some}",
        "accounts_auditline 第 {key} 行：已封存，现在不见了"),
    "paper": ("desk_paper", "UPDATE {table} SET number = '9' WHERE id = (SELECT min(id)"
        " FROM {table})", "desk_paper 第 {key} 行{row}：封存后被改动过"),
    "paper removed": ("desk_paper", "DELETE FROM {table} WHERE id NOT IN (SELECT paper_id FROM"
        " supervision_posting UNION SELECT paper_id FROM supervision_objection)",
        "desk_paper 第 {key} 行：已封存，现在不见了"),
    "report": ("reports_monthlyreport", "UPDATE {table} SET figures = jsonb_set(figures,"
        " '{{tampered}}', '1') WHERE status = 'done'",
        "月报 reports_monthlyreport 第 {key} 行{row}：封存后被改动过"),
    "link of the rows": ("desk_rowseal", "UPDATE {table} SET waiting = '{{7}}' WHERE {some}",
        "行封存链：第 4 环被改动过"),
    "link taken out": ("desk_rowseal", "DELETE FROM {table} WHERE {some}",
        "行封存链：第 4 环缺失（读到第 5 环）"),
}  # fmt: skip


@pytest.mark.parametrize("kind", TAMPERINGS)
def test_an_alteration_is_named(yesterday: SimpleNamespace, kind: str) -> None:
    table, statement, expected = TAMPERINGS[kind]
    given = {"table": table, "some": SOME.format(table=table), "paid": PAID}
    with guards_off(table) as cursor:
        cursor.execute(statement.format(**given))
        assert cursor.rowcount > 0
    found = told()
    key, row = _first_named(found, table)
    assert expected.format(key=key, row=row) in found, found
    where = re.split(
        r" WHERE (?=id |debit |adopted_at |status )", statement.format(**given), maxsplit=1
    )[-1]
    if key and "DELETE" not in statement:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT min(id) FROM {table} WHERE {where}")
            assert key == str(cursor.fetchone()[0])


def _first_named(found: str, table: str) -> tuple[str, str]:
    """Key and name of the row that is told of this table; empty where none is."""
    named = re.search(rf"{table} 第 (\d+) 行(“.*?”)?：", found)
    return (named[1], named[2] or "") if named else ("", "")


LOWER = (
    "UPDATE enrollment_enrollment SET premium_amount = premium_amount - 5,"
    " personal_amount = personal_amount - 5 WHERE id = %s"
)


def test_a_receipt_that_is_said_to_be_void_hides_no_premium(yesterday: SimpleNamespace) -> None:
    """Only what the trail says was void frees a cover of its receipt."""
    cover = Enrollment.objects.filter(status="active", receipt__isnull=False).earliest("pk")
    with guards_off("enrollment_receipt", "enrollment_enrollment") as cursor:
        cursor.execute(
            "UPDATE enrollment_receipt SET voided_at = now(), voided_by_id = issued_by_id,"
            " void_reason = '误开', remittance_id = NULL WHERE id = %s",
            [cover.receipt_id],
        )
        cursor.execute(LOWER, [cover.pk])
    assert f"enrollment_enrollment 第 {cover.pk} 行" in told()


def test_a_cover_paid_again_is_sealed_again(
    yesterday: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its receipt was void it says otherwise, and is for ever what it says then."""
    cover = Enrollment.objects.filter(status="active", receipt__isnull=False).earliest("pk")
    assert cover.receipt is not None
    record(
        actor=cover.receipt.issued_by, action="enrollment.void_receipt", subject=cover.receipt,
        after={"enrollments": [cover.pk]},
    )  # fmt: skip
    with guards_off("enrollment_enrollment") as cursor:
        cursor.execute(LOWER, [cover.pk])
    assert list(row_seals.row_problems()) == []
    later = timezone.now() + timedelta(hours=2)
    with monkeypatch.context() as clock:
        clock.setattr(timezone, "now", lambda: later)
        assert row_seals.seal_everything() >= 1
    assert list(row_seals.row_problems()) == []
    with guards_off("enrollment_enrollment") as cursor:
        cursor.execute(LOWER, [cover.pk])
    assert f"enrollment_enrollment 第 {cover.pk} 行" in told()


@pytest.mark.parametrize("key", [None, 0, -7])
def test_a_row_that_slips_in_later_is_named(yesterday: SimpleNamespace, key: int | None) -> None:
    """An audit line of an earlier day, under a key that was left free or that no row ever has."""
    key = yesterday.gap if key is None else key
    names = ", ".join(
        f'"{field.column}"' for field in AuditLine._meta.concrete_fields if not field.primary_key
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO accounts_auditline (id, {names}) SELECT %s, {names}"
            " FROM accounts_auditline ORDER BY id LIMIT 1",
            [key],
        )
    assert f"accounts_auditline 第 {key} 行" in told()
    assert "是封存之后才插入的" in told()


def test_rows_sealed_anew_are_told_by_yesterdays_head(yesterday: SimpleNamespace) -> None:
    """A receipt is altered and the whole chain computed again: whole in itself."""
    with guards_off("enrollment_receipt", "desk_rowseal") as cursor:
        cursor.execute("UPDATE enrollment_receipt SET amount = amount - 10 WHERE amount > 100")
        cursor.execute("DELETE FROM desk_rowseal")
    row_seals.seal_everything()
    assert list(row_seals.row_problems()) == []
    assert f"先前记下的末端 {yesterday.rows} 不在封存链中" in told(head=[yesterday.rows])


def test_a_tail_cut_off_is_told_by_yesterdays_head(yesterday: SimpleNamespace) -> None:
    """The last month's report goes, and the links of the chain from there on."""
    with guards_off("reports_monthlyreport", "desk_rowseal") as cursor:
        cursor.execute("DELETE FROM reports_monthlyreport")
        cursor.execute(
            "DELETE FROM desk_rowseal WHERE sequence >="
            " (SELECT min(sequence) FROM desk_rowseal WHERE \"table\" = 'reports_monthlyreport')"
        )
    assert list(row_seals.row_problems()) == []
    assert "链被重算或截断过" in told(head=[yesterday.rows])


def remove(voucher: Voucher) -> None:
    """A voucher with its lines and its link, leaving no trace beside it that could be avoided."""
    beside = ("funds_posting", "funds_paymentvoucher", "funds_voucherreview", "funds_seal")
    with guards_off(*BOOKS, *beside[1:3]) as cursor:
        for table in beside:
            cursor.execute(f"DELETE FROM {table} WHERE voucher_id = %s", [voucher.pk])
        cursor.execute("DELETE FROM funds_voucher WHERE id = %s", [voucher.pk])


BOOKS = ("funds_posting", "funds_voucher", "funds_seal", "funds_period", "funds_closingbalance")


def test_a_voucher_gone_from_the_middle_is_named(yesterday: SimpleNamespace) -> None:
    gone = Voucher.objects.filter(book=yesterday.book, number=2).earliest("pk")
    remove(gone)
    found = told()
    assert f"{gone.label}：缺号：凭证不见了" in found and "封存链：第" in found


def test_a_voucher_gone_from_the_end_is_named(yesterday: SimpleNamespace) -> None:
    """Its number is free again and its link was the last: the books alone do not show it."""
    last = Seal.objects.filter(book=yesterday.book).order_by("sequence").last()
    assert last is not None
    gone = last.voucher
    remove(gone)
    with guards_off("funds_period") as cursor:
        cursor.execute(
            "UPDATE funds_period SET next_number = next_number - 1 WHERE id = %s", [gone.period_id]
        )
    found = told(head=[yesterday.vouchers], earlier=yesterday.export)
    assert f"funds_voucher 第 {gone.pk} 行：已封存，现在不见了" in found
    assert f"先前记下的末端 {yesterday.vouchers} 不在封存链中" in found
    assert f"{gone.label}：先前的导出中有这张凭证，现在没有" in found


def test_both_chains_computed_anew_are_told(
    yesterday: SimpleNamespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A voucher says another source, with every digest after it as it then has to be. Nothing in
    the database shows it; yesterday's heads do, and yesterday's export says which."""
    first = Voucher.objects.filter(book=yesterday.book).with_postings().in_order().first()
    assert first is not None
    first.source = "另一份文件"
    digest = verify.content_digest(content_record(first, first.postings.all()))
    with guards_off("funds_voucher", "funds_seal", "desk_rowseal") as cursor:
        cursor.execute(
            "UPDATE funds_voucher SET source = %s, content_digest = %s WHERE id = %s",
            [first.source, digest, first.pk],
        )
        cursor.execute("DELETE FROM desk_rowseal")
        previous = verify.FIRST_LINK
        for seal in Seal.objects.filter(book=yesterday.book).order_by("sequence"):
            voucher = Voucher.objects.with_postings().get(pk=seal.voucher_id)
            said = verify.voucher_digest(voucher_record(voucher))
            link = verify.seal_digest(previous, seal.sequence, said)
            cursor.execute(
                "UPDATE funds_seal SET previous = %s, digest = %s WHERE id = %s",
                [previous, link, seal.pk],
            )
            previous = link
    row_seals.seal_everything()
    assert list(row_seals.row_problems()) == []
    assert f"先前记下的末端 {yesterday.rows}" in told(head=[yesterday.rows, yesterday.vouchers])

    now = tmp_path / "今天.jsonl"
    now.write_bytes(b"".join(json_lines(yesterday.book)))
    assert verify.main([str(now)]) == 0, capsys.readouterr().out
    capsys.readouterr()
    assert verify.main([str(now), "--head", yesterday.vouchers]) == 1
    assert "不在链中，链被重算或截断过" in capsys.readouterr().out
    assert verify.main([str(now), "--earlier", str(yesterday.export)]) == 1
    assert f"{first.label}：与先前的导出不同：source 原为" in capsys.readouterr().out
    assert verify.main([str(now), "--head"]) == 2


def test_an_earlier_export_tells_of_a_month_opened_and_an_account_renamed(
    yesterday: SimpleNamespace,
) -> None:
    records = [json.loads(line) for line in yesterday.export.read_text("utf-8").splitlines()]
    now = [dict(one) for one in records]
    now[0] = now[0] | {"accounts": now[0]["accounts"] | {"1004": "别的"}}
    for one in now:
        if one["kind"] == "period" and one["month"] == "2026-03":
            one["status"] = "open"
    found = [str(one) for one in verify.changes_since(records, now)]
    assert found == [
        "科目 1004：先前的导出中叫“支出户存款”，现在是“别的”",
        "2026-03：先前已结账，现在未结账",
    ]


def test_rows_are_sealed_once_they_are_final(yesterday: SimpleNamespace) -> None:
    """Not before every transaction that may still bring a lower key has ended."""
    assert row_seals.seal_rows() == 0  # what is new is only noted
    receipt = Receipt.objects.filter(voided_at=None).latest("pk")
    print_paper(RECEIPT, receipt, actor=receipt.issued_by, on=receipt.issued_on)
    RowSealMark.objects.update(noted_at=timezone.now() - row_seals.SETTLES * 2)
    assert row_seals.seal_rows() == 0  # ours has not ended
    RowSealMark.objects.update(next_transaction=0, upto=Paper.objects.latest("pk").pk)
    assert row_seals.seal_rows() >= 1
    assert list(row_seals.row_problems()) == []
