"""Measures adopted in format 1, and claims settled when layers were columns, stay what they were.

The old text says of its layers only what format 1 did. By hand, for a stay of 20000.00:
(20000 − 400) × 60 % = 11760.00; (8240 − 2000) × 50 % = 3120.00; 5120 × 25 % = 1280.00; the last
layer lifts to 95 %: 19000 − 16160 = 2840.00. All of it came from the one book.
"""

import ast
import hashlib
import re
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from django.db import connection

from accounts.models import Division
from claims.models import Settlement
from funds.models import Book
from policies.loading.format_one import BASE_LAYER, LAYERS
from policies.models import Pack
from tests.claims.conftest import TODAY, line
from tests.claims.test_layers import committed, debits, liu, paid
from tests.paying import pay

__all__ = ["liu"]
ROOT = Path(__file__).resolve().parents[2]
MIGRATION = import_module("claims.migrations.0008_settlement_funds")
OLD = """\
format: 1
area: {code: "500225", name: 大足县}
title: 大足县老办法
version: 1
source: 自拟
valid: {from: 2025-01-01, to: 2026-12-31}
year: {starts: "01-01", article: 第一条}
cover: {article: 第一条}
vocabulary:
  care: {inpatient: 住院}
  level: {township: 乡镇卫生院, county: 县级医院, city: 市级医院}
  tier: {tier1: 一档, tier2: 二档}
  status: {dibao: 低保对象}
bill:
  article: 第二条
  classes: [{code: in_scope, name: 目录内, kind: covered, first_self_pay: 0%}]
benefits:
  - {code: stay, name: 住院, article: 第三条, kind: scheme, deductible: {amounts: 400}, ratio: 60%}
otherwise: {name: 没有规定, article: 第三条}
layers:
  - code: serious
    name: 大病保险
    article: 第四条
    base: in_scope_rest
    deductible: {amounts: 2000}
    ratio: 50%
  - {code: assistance, name: 医疗救助, article: 第六条, base: personal, ratio: 25%}
  - code: further  # 兜底
    name: 再救助
    article: 第九条
    base: personal
    top_up: {base: total, ratio: 95%}
"""
PAID = {
    "basic": "11760.00",
    "serious": "3120.00",
    "assistance": "1280.00",
    "further": "2840.00",
}


@pytest.fixture
def pack(cast: SimpleNamespace, county: Division) -> Pack:
    """As a database of that time holds it: the text itself, adopted long ago."""
    return Pack.objects.create(
        area=county,
        name="大足县老办法",
        version=1,
        first_day="2025-01-01",
        last_day="2026-12-31",
        source=OLD,
        sha256=hashlib.sha256(OLD.encode()).hexdigest(),
        status=Pack.Status.ADOPTED,
        proposed_by=cast.supervisor,
        adopted_by=cast.approver,
        adopted_at="2025-01-01T08:00:00+08:00",
    )


@pytest.fixture
def claim(counter, liu) -> Settlement:
    settlement: Settlement = counter(liu, line("X01", "200", "100"))
    committed()
    return settlement


def test_settled_and_paid_as_it_was(claim, agree, cast, book):
    assert paid(claim) == PAID
    assert set(claim.funds.values_list("book", flat=True)) == {"resident"}
    (done,) = pay(actor=cast.cashier, settlements=[agree(claim)], on=TODAY, today=TODAY)
    assert done.voucher_number == "2026-03-0001"
    assert debits(book) == {"5001-inpatient": "15880.00", "5101-own": "3120.00"}
    assert not Book.objects.filter(fund_type="assistance").exists()


def test_the_migration_says_what_format_one_says():
    """A migration never changes with the code, so the two are compared."""
    rows = re.findall(r"\((\d), '(\w+)', '(\d+)', '(\w*)', s\.(\w+)_amount\)", MIGRATION.FILL)
    assert [(place, column) for place, _, _, _, column in rows] == [
        (str(at), layer) for at, layer in enumerate(PAID, start=1)
    ]
    base = yaml.safe_load(BASE_LAYER)["base_layer"]
    known = {base["code"]: base} | {
        layer: yaml.safe_load("\n".join(words)) for layer, words in LAYERS.items()
    }
    for _, layer, fund_pay_type, booked_as, _ in rows:
        assert known[layer]["fund_pay_type"] == fund_pay_type
        assert known[layer].get("booked_as", "") == booked_as
        assert known[layer]["book"] == "resident"


def test_there_and_back_to_the_fen(claim):
    """The statements of the migration on real rows; all of it is taken back afterwards."""
    columns = ", ".join(f"{layer}_amount" for layer in PAID)
    before = list(claim.funds.values_list("layer", "fund_pay_type", "book", "booked_as", "amount"))
    with connection.cursor() as cursor:
        for layer in PAID:
            cursor.execute(
                f"ALTER TABLE claims_settlement ADD {layer}_amount numeric(14,2) NOT NULL DEFAULT 0"
            )
        for statement in MIGRATION.RunSQL(MIGRATION.REFILL).sql:
            cursor.execute(statement)
        cursor.execute(f"SELECT {columns} FROM claims_settlement WHERE id = %s", [claim.pk])
        assert [f"{amount:.2f}" for amount in cursor.fetchone()] == list(PAID.values())
        cursor.execute("ALTER TABLE claims_settlementfund DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM claims_settlementfund")
        cursor.execute(MIGRATION.FILL)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE claims_settlementfund ENABLE TRIGGER USER")
        for layer in PAID:
            cursor.execute(f"ALTER TABLE claims_settlement DROP {layer}_amount")
    after = list(claim.funds.values_list("layer", "fund_pay_type", "book", "booked_as", "amount"))
    assert after == before


def test_no_room_above_the_books_knows_a_layer_by_its_name():
    """Layers are words of the measures; their old names stand in format_one.py alone."""
    words = set(PAID)
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.value}"
        for room in ("claims", "supervision", "reports/whatif", "demo")
        for path in (ROOT / room).rglob("*.py")
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in words
    ]
    assert found == []
