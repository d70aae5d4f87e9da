"""Statements of the collection account: imported, and their lines explained one by one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models

from accounts.audit import record, snapshot
from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from desk.importing import Importing, refuse_faults
from funds.banking.matching import Line
from funds.banking.models import BankLine, BankStatement
from funds.banking.workflow import ACTS, FLOW
from funds.services import EventLine, post_event
from lib import typed_text
from lib.money import to_fen, to_yuan, told
from lib.tables.reading import Column, Layout, Row
from lib.tables.standing import DIRECTION, MARK, STATE, SortedOut, direction, sort_out, words

LAYOUT = Layout(
    (
        Column("booked_on", "入账日期", ("交易日期", "记账日期", "日期", "交易时间"), day=True),
        Column(
            "serial",
            "流水号",
            ("交易流水号", "账户明细编号", "交易流水", "凭证号", "业务流水号"),
        ),
        Column("income", "收入", ("贷方发生额", "贷方金额", "收入金额", "存入")),
        Column("outgo", "支出", ("借方发生额", "借方金额", "支出金额", "支取")),
        Column("amount", "金额", ("发生额", "交易金额")),
        Column("summary", "摘要", ("用途", "附言", "备注", "交易摘要")),
        STATE,
        DIRECTION,
        MARK,
    ),
    required=("booked_on", "serial"),
    max_rows=50_000,
    max_bytes=10 * 1024 * 1024,
    advice="请用银行导出的原表",
    first_counts=True,
)
Kind = BankLine.Kind
# States in which a bank shows what never moved. A movement that was reversed (冲正) did move, and
# its reversal stands in the statement as a line of its own: both count, so such a word is refused
# until the officer says with the amounts what is meant.
NOT_MOVED = words(
    "失败 交易失败 支付失败 扣款失败 未成功 已撤销 撤销 已撤回 撤回 已取消 取消 已关闭 未入账"
)


@dataclass(frozen=True)
class Movement:
    line: int
    serial: str
    booked_on: date
    amount: Decimal
    summary: str

    @property
    def key(self) -> tuple[date, str]:
        """What makes it the same movement: banks may count serials anew each day."""
        return self.booked_on, self.serial


def _amount(row: Row) -> int | str:
    """Fen: income, less outgo, or the amount with its sign or direction; else what is wrong."""
    texts = (row.cells["income"], row.cells["outgo"], row.cells["amount"])
    income, outgo, amount = (typed_text.amount(text) if text else 0 for text in texts)
    way = direction(row.cells["direction"])
    if way is None:
        return f"“收支方向”为“{row.cells['direction']}”，看不懂是收入还是支出"
    if income is None or outgo is None or amount is None or not (income or outgo or amount):
        return "金额不对"
    if income or outgo:
        fen = (income - abs(outgo)) or amount
        return fen if way * fen >= 0 else "收支方向与金额所在的列不符，请与银行核对"
    if amount < 0 < way:
        return "方向为收入而金额为负（冲正），请删去方向，按进为正、出为负填写"
    return way * abs(amount) if way else amount


def _movement(row: Row, on: date) -> "Movement | str":
    """The row understood, or what is wrong with it."""
    serial = typed_text.serial(row.cells["serial"])
    if problem := LAYOUT.odd(row.cells.values()):
        return problem
    if serial is None:
        return typed_text.LOST_SERIAL
    fen, day = _amount(row), typed_text.day(row.cells["booked_on"])
    if isinstance(fen, str):
        return fen
    if day is None or day > on:
        return "日期不对"
    summary = typed_text.text_cell(row.cells["summary"])[:120]
    return Movement(row.line, serial, day, to_yuan(fen), summary)


def read_movements(rows: Iterable[Row], on: date) -> SortedOut[Movement]:
    """Every movement. Raises Refusal that names the lines."""
    found = sort_out(
        # Opening balance and totals have no number.
        (row for row in rows if typed_text.serial(row.cells["serial"]) != ""),
        lambda row: _movement(row, on),
        key=lambda movement: movement.key,
        twice="的流水号与第 {} 行相同，日期也相同",
        void=NOT_MOVED,
    )
    refuse_faults(found.problems)
    if not found.taken and not found.void:
        raise Refusal("文件里没有带流水号的收支", "file")
    return found


def refuse_changed(
    movements: Sequence[Movement], known: Mapping[tuple[date, str], Decimal]
) -> None:
    """A line that says something else than before refuses the file."""
    for movement in movements:
        was = known.get(movement.key)
        if was is not None and was != movement.amount:
            raise Refusal(
                f"第 {movement.line} 行流水 {movement.serial} 此前已导入，当时为 "
                f"{movement.booked_on} {told(was)} 元，与这次不同，请与银行核对",
                "file",
            )


def keep_new(
    statement: models.Model, rows: Iterable[Row], lines: type[models.Model], *, on: date, **of: Any
) -> dict[str, Any]:
    """Keep the movements that are no `lines` yet, and say what the file held.

    `of`: whose lines they are; with day and serial it is what a line is known by. Raises Refusal
    that names the lines.
    """
    found = read_movements(rows, on)
    movements = found.taken
    serials = [movement.serial for movement in movements]
    there = lines._default_manager.filter(**of, serial__in=serials)
    known = {
        (day, serial): amount
        for day, serial, amount in there.values_list("booked_on", "serial", "amount")
    }
    refuse_changed(movements, known)
    fresh = [movement for movement in movements if movement.key not in known]
    lines._default_manager.bulk_create(
        lines(
            **of,
            statement=statement,
            serial=movement.serial,
            booked_on=movement.booked_on,
            amount=movement.amount,
            summary=movement.summary,
        )
        for movement in fresh
    )
    return {
        "line_count": len(movements),
        "known_count": len(movements) - len(fresh),
        "void_rows": [row | {"said": f"{row['said']}，没有入账"} for row in found.void],
    }


class _Statements(Importing[BankStatement]):
    """Keep the lines that are new; half a statement is none.

    The same file adds nothing; a line known from another file is skipped.
    """

    model = BankStatement
    acts = ACTS
    flow = FLOW
    same = ("area",)
    table = LAYOUT
    asks = False

    def judge(self, upload: BankStatement, on: date) -> Mapping[str, Any]:
        return keep_new(upload, upload.table(LAYOUT).rows, BankLine, on=on, area=upload.area)


STATEMENTS = _Statements()


def lines_of(rows: Iterable[BankLine]) -> list[Line]:
    """The lines as the matching takes them, in fen."""
    return [
        Line(row.pk, row.serial, row.booked_on, to_fen(row.amount), row.summary) for row in rows
    ]


def close_lines(
    lines: Sequence[BankLine],
    *,
    kind: str,
    actor: User,
    on: date,
    voucher: str,
    settles: str = "",
    offset: BankLine | None = None,
) -> None:
    """The locked lines are explained: by what `kind` and `settles` say, booked in `voucher`."""
    for line in lines:
        line.kind, line.settled_by, line.settled_on = kind, actor, on
        line.voucher_number = voucher
        line.settles, line.offset = settles, offset
        line.save(
            update_fields=[
                "kind", "settled_by", "settled_on", "voucher_number", "settles", "offset"
            ]
        )  # fmt: skip


def open_line(line: BankLine) -> BankLine:
    """The line, locked, as long as nobody has explained it. Raises Refusal."""
    locked = (
        # A line explains one thing: two accountants at once, the second is refused.
        BankLine.objects.select_for_update(no_key=True, of=("self",))
        .select_related("area")
        .get(pk=line.pk)
    )
    if locked.kind:
        raise Refusal(f"流水 {locked.serial} 已核对为“{locked.get_kind_display()}”，不能再改")
    return locked


BY_HAND = {
    Kind.INTEREST: ("interest_received", 1, "收入户存款利息"),
    Kind.TRANSFER: ("premium_transferred", -1, "收入户划入财政专户"),
}


@all_or_nothing()
def book_line(*, actor: User, line: BankLine, kind: str, year: int, on: date) -> BankLine:
    """Interest in, or the transfer to the fiscal account out: book what the statement shows."""
    line = open_line(line)
    if kind not in BY_HAND:
        raise Refusal("请选择利息或划入财政专户", "kind")
    event, sign, summary = BY_HAND[Kind(kind)]
    if line.amount * sign <= 0:
        raise Refusal(f"{Kind(kind).label}应是{'收入' if sign > 0 else '支出'}，与流水不符", "kind")
    voucher = post_event(
        event=event,
        area=line.area,
        on=on,
        key=f"bank-line:{line.pk}",
        source=f"银行流水 {line.serial}",
        actor=actor,
        lines=[
            EventLine(
                amount=abs(line.amount),
                policy_year=year,
                purpose="collection" if kind == Kind.INTEREST else "",
                funding_level="" if kind == Kind.INTEREST else "personal",
            )
        ],
        summary=summary,
    )
    close_lines([line], kind=kind, actor=actor, on=on, voucher=voucher.label)
    audit_line(actor, line, "enrollment.book_line")
    return line


@all_or_nothing()
def offset_lines(*, actor: User, line: BankLine, other: BankLine, on: date) -> None:
    """Money that came by mistake and went back: two lines that sum to nothing."""
    first, second = sorted((line, other), key=lambda one: one.pk)
    if first.pk == second.pk:
        raise Refusal("请另选一笔流水", "other")
    line, other = open_line(first), open_line(second)
    if line.area_id != other.area_id or line.amount + other.amount:
        raise Refusal(
            f"两笔流水相加应为零，现为 {told(line.amount + other.amount)} 元，不能冲抵", "other"
        )
    close_lines([line], kind=Kind.OFFSET, actor=actor, on=on, voucher="", offset=other)
    close_lines([other], kind=Kind.OFFSET, actor=actor, on=on, voucher="", offset=line)
    audit_line(actor, line, "enrollment.offset_lines")


def audit_line(actor: User, line: BankLine, action: str) -> None:
    """The audit line of what was done with a line."""
    record(actor=actor, action=action, subject=line, after=snapshot(line))
