"""The books are whole, or the checker says which voucher was altered: live, and on a file alone."""

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from funds import verify
from funds.exports import json_lines
from funds.handing_out.program import program
from funds.models import Book, Seal, Voucher
from funds.records import book_records
from funds.services import close_period, reverse_voucher, seal_vouchers
from funds.tasks import seal_vouchers as seal_task
from tests.funds.conftest import check_now

pytestmark = pytest.mark.usefixtures("money_aside")

OCTOBER = date(2025, 10, 20)


@pytest.fixture
def story(book: Book, post: Callable[..., Voucher], cast: SimpleNamespace) -> list[Voucher]:
    """Four vouchers in October, one of them taken back, all sealed; one in November, not sealed."""
    vouchers = [
        post("subsidy_received", "1000.00", OCTOBER, funding_level="central", key="subsidy:1"),
        post("expenditure_funded", "900.00", OCTOBER, key="funding:2"),
        post("claim_paid", "600.00", OCTOBER, purpose="inpatient", tier="tier1", key="claim:1"),
    ]
    vouchers.append(
        reverse_voucher(actor=cast.accountant, voucher=vouchers[2], on=OCTOBER, reason="退票")
    )
    close_period(actor=cast.accountant, period=vouchers[0].period, on=date(2025, 11, 2))
    post("claim_paid", "15.00", date(2025, 11, 3), purpose="outpatient", key="claim:2")
    check_now()
    return vouchers


@contextmanager
def guards_off(table: str) -> Iterator[Any]:
    """What only the owner of the database can do, and a thief would."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def findings(book: Book) -> list[str]:
    return [str(finding) for finding in verify.verify(book_records(book)).findings]


def test_whole_books(book: Book, story: list[Voucher]) -> None:
    out = io.StringIO()
    call_command("verify_books", stdout=out)

    assert (
        "500225/resident 账目完整：凭证 5 张，分录 10 条，已封存 4 张，待封存 1 张"
        in out.getvalue()
    )
    assert Seal.objects.last().digest in out.getvalue()


def test_one_altered_amount_is_traced_to_its_voucher(book: Book, story: list[Voucher]) -> None:
    with guards_off("funds_posting") as cursor:
        cursor.execute(
            "UPDATE funds_posting SET debit = 6000.00 WHERE voucher_id = %s AND debit > 0",
            [story[2].pk],
        )

    assert findings(book) == [
        "2025-10-0003：借贷不平：借方 6000.00，贷方 600.00",
        "2025-10-0003：分录合计 6000.00 与凭证金额 600.00 不符",
        "2025-10-0003：内容与记账时的指纹不符，凭证或其分录被改动过",
        "2025-10-0003：与封存指纹不符（第 3 环），封存后被改动过",
        "2025-10-0004：与所红冲的凭证 2025-10-0003 不是逐行相反",
        "2025-10：科目 5001-inpatient 的结账余额与分录合计不符",
    ]
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_books", "--area", "500225", stdout=out)
    assert "发现 6 处问题" in out.getvalue()


@pytest.mark.parametrize(
    ("table", "statement", "expected"),
    [
        (
            "funds_posting",
            "UPDATE funds_posting SET tier = 'tier2' WHERE voucher_id = %(claim)s",
            "2025-10-0003：内容与记账时的指纹不符，凭证或其分录被改动过",
        ),
        (
            "funds_posting",
            "UPDATE funds_posting SET account_id = (SELECT id FROM funds_account"
            " WHERE code = '5401') WHERE voucher_id = %(claim)s AND debit > 0",
            "2025-10：科目 5401 的结账余额与分录合计不符",
        ),
        (
            "funds_voucher",
            "UPDATE funds_voucher SET summary = '改过' WHERE id = %(claim)s",
            "2025-10-0003：内容与记账时的指纹不符，凭证或其分录被改动过",
        ),
        (
            "funds_voucher",
            "UPDATE funds_voucher SET preparer = '别人' WHERE id = %(claim)s",
            "2025-10-0003：与封存指纹不符（第 3 环），封存后被改动过",
        ),
        (
            "funds_seal",
            "UPDATE funds_seal SET digest = repeat('f', 64) WHERE sequence = 2",
            "封存链：第 3 环（凭证 2025-10-0003）与前一环不相接",
        ),
        (
            "funds_seal",
            "DELETE FROM funds_seal WHERE sequence = 4",
            "2025-10-0004：月份已结账而凭证未封存，可能是后来插入的",
        ),
        (
            "funds_seal",
            "DELETE FROM funds_seal WHERE sequence = 2",
            "封存链：第 2 环缺失（读到第 3 环）",
        ),
        (
            "funds_closingbalance",
            "UPDATE funds_closingbalance SET debit = debit + 5 WHERE account_id ="
            " (SELECT id FROM funds_account WHERE code = '1004')",
            "2025-10：科目 1004 的结账余额与分录合计不符",
        ),
        (
            "funds_period",
            "UPDATE funds_period SET next_number = 7 WHERE month = 10",
            "2025-10-0006：缺号：凭证不见了",
        ),
    ],
)
def test_every_kind_of_tampering_is_named(
    book: Book, story: list[Voucher], table: str, statement: str, expected: str
) -> None:
    with guards_off(table) as cursor:
        cursor.execute(statement, {"claim": story[2].pk})

    assert expected in findings(book)


def test_a_removed_voucher_leaves_a_gap_and_a_link_to_nothing(
    book: Book, story: list[Voucher]
) -> None:
    with guards_off("funds_posting") as postings:
        postings.execute("DELETE FROM funds_posting WHERE voucher_id = %s", [story[1].pk])
    records = [r for r in book_records(book) if r.get("label") != "2025-10-0002"]

    found = [str(finding) for finding in verify.verify(records).findings]
    assert "2025-10-0002：已封存（第 2 环），但凭证不见了" in found
    assert "2025-10-0002：缺号：凭证不见了" in found


def test_an_export_is_checked_by_the_program_alone(
    book: Book, story: list[Voucher], tmp_path: Path
) -> None:
    """python verify.py FILE: another directory, no site packages, no portal."""
    export = tmp_path / "全账.jsonl"
    export.write_bytes(b"".join(json_lines(book)))
    lone = tmp_path / "verify.py"
    lone.write_text(program(), "utf-8")

    def run(*names: Path) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(lone), *map(str, names)],
            capture_output=True,
            check=False,
            cwd=tmp_path,
            env={"PYTHONIOENCODING": "utf-8"},
        )
        return done.returncode, (done.stdout + done.stderr).decode()

    code, text = run(export)
    assert (code, "账目完整：凭证 5 张" in text) == (0, True)

    forged = tmp_path / "forged.jsonl"
    forged.write_text(export.read_text("utf-8").replace('"tier1"', '"tier2"'), "utf-8")
    code, text = run(forged)
    assert code == 1
    assert "2025-10-0003：与封存指纹不符" in text

    assert run(tmp_path / "nothing.jsonl")[0] == 2


def test_a_recomputed_chain_is_caught_by_an_earlier_export(
    book: Book, story: list[Voucher], tmp_path: Path
) -> None:
    """Somebody rewrites a voucher and every digest after it: whole in itself, but not the same."""
    earlier = tmp_path / "earlier.jsonl"
    earlier.write_bytes(b"".join(json_lines(book)))
    records = [json.loads(line) for line in earlier.read_text("utf-8").splitlines()]
    digests: dict[str, str] = {}
    head = verify.FIRST_LINK
    for record in records:
        if record["kind"] == "voucher":
            if record["label"] == "2025-10-0001":
                record["source"] = "另一份文件"
                record["content_digest"] = verify.content_digest(record)
            digests[record["label"]] = verify.voucher_digest(record)
        elif record["kind"] == "seal":
            record["previous"] = head
            head = verify.seal_digest(head, record["sequence"], digests[record["voucher"]])
            record["digest"] = head
    forged = tmp_path / "forged.jsonl"
    forged.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in records), "utf-8")

    assert verify.main([str(forged)]) == 0
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_books", file=forged, earlier=earlier, stdout=out)
    assert "2025-10-0001：与先前的导出不同：source 原为 '测试'，现为 '另一份文件'" in out.getvalue()
    assert "第 1 环与先前的导出不同，链被重算过" in out.getvalue()


def test_later_vouchers_are_no_change_since_an_earlier_export(
    book: Book, story: list[Voucher], post: Callable[..., Voucher], tmp_path: Path
) -> None:
    earlier = tmp_path / "earlier.jsonl"
    earlier.write_bytes(b"".join(json_lines(book)))
    post("claim_paid", "20.00", date(2025, 11, 5), purpose="other")
    seal_vouchers(book=book)

    call_command("verify_books", earlier=earlier, stdout=io.StringIO())


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda lines: lines[:-1], "没有结尾一行，文件被截断"),
        (lambda lines: [*lines, b"not json\n"], "有一行不认识的内容"),
        (lambda lines: [*lines, b'{"kind": "voucher", "label": "2025-10-0009"}\n'], "记录残缺"),
        (lambda lines: lines[1:], "缺少账套一行"),
        (lambda lines: [line for line in lines if b'"kind": "period"' not in line], "不在账上"),
    ],
)
def test_damaged_files_are_reported_not_believed(
    book: Book,
    story: list[Voucher],
    tmp_path: Path,
    change: Callable[[list[bytes]], list[bytes]],
    expected: str,
) -> None:
    export = tmp_path / "export.jsonl"
    export.write_bytes(b"".join(change(list(json_lines(book)))))

    outcome = verify.verify(verify.read_export(export))

    assert expected in "\n".join(outcome.lines())


def test_wrong_paths_and_areas_are_said(book: Book, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="找不到文件"):
        call_command("verify_books", file=tmp_path / "none.jsonl")
    with pytest.raises(CommandError, match="没有可核验的账套"):
        call_command("verify_books", area="999999")
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    with pytest.raises(CommandError, match="不在要核验的账套里"):
        call_command("verify_books", earlier=empty)


def test_sealing_twice_adds_nothing(book: Book, story: list[Voucher]) -> None:
    assert seal_task() == 1
    assert seal_task() == 0
    sequences = list(Seal.objects.filter(book=book).values_list("sequence", flat=True))
    assert sequences == [1, 2, 3, 4, 5]
    assert findings(book) == []


def test_a_voucher_of_an_unknown_event_is_named(story: list[Voucher]) -> None:
    with guards_off("funds_voucher") as cursor:
        cursor.execute(
            "UPDATE funds_voucher SET event = 'money_found' WHERE id = %s", [story[0].pk]
        )
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_books", stdout=out)
    assert f"凭证 {story[0].label}：事项“money_found”不在事项表中" in out.getvalue()


def test_no_voucher_waits_long_for_its_seal(settings: Any) -> None:
    """What is altered before that, the chain does not show: a minute, as ever."""
    every = [
        entry["schedule"]
        for entry in settings.CELERY_BEAT_SCHEDULE.values()
        if entry["task"] == seal_task.name
    ]
    assert every == [60]
