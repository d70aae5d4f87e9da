"""What the bank sends back about the transfers (银行回盘): read whole or not at all, written once.

Every fault of the file is told at once, by its row. A row that is known already is counted and left
alone, so that a bank which repeats earlier rows in its next file does no harm.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from accounts.errors import Refusal
from desk.importing import Importing, refuse_faults
from funds.models import ZERO
from funds.payments.models import PaymentBatch, PaymentReturn, Transfer
from funds.payments.services import hold, note_arrival, note_return
from funds.payments.workflow import ACTS, RETURN_FLOW
from lib import typed_text
from lib.money import to_fen, to_yuan, told
from lib.tables.reading import Column, Layout, Row

LAYOUT = Layout(
    (
        Column("reference", "付款编号", ("支付编号", "业务编号", "明细编号", "附言编号")),
        Column("amount", "金额", ("交易金额", "付款金额", "发生额")),
        Column("result", "处理结果", ("结果", "状态", "交易状态", "处理状态")),
        Column("reason", "失败原因", ("原因", "退汇原因", "失败信息", "备注")),
        Column("payee", "收款人", ("户名", "收款户名", "姓名")),
    ),
    required=("reference", "amount", "result"),
    max_rows=20_000,
    max_bytes=10 * 1024 * 1024,
    advice="请用银行导出的回盘文件，付款编号即代发文件里的编号",
)
ARRIVED = frozenset(["成功", "交易成功", "已入账", "入账成功", "支付成功", "处理成功", "已到账"])
RETURNED = frozenset(
    ["失败", "交易失败", "退汇", "已退汇", "退回", "支付失败", "处理失败", "入账失败", "退票"]
)
NO_REASON = "银行未说明原因"


@dataclass
class _File:
    arrived: list[Transfer] = field(default_factory=list)
    returned: list[tuple[Transfer, str]] = field(default_factory=list)
    known: int = 0


def _result(text: str) -> str:
    """The outcome that the words mean, "" for none."""
    plain = "".join(text.split())
    if plain in ARRIVED:
        return Transfer.Outcome.ARRIVED
    return Transfer.Outcome.RETURNED if plain in RETURNED else ""


def _problem(row: Row, transfer: Transfer | None, result: str) -> str:
    """What is wrong with the row, "" when it fits what was sent."""
    reference = row.cells["reference"]
    if transfer is None:
        return f"付款编号“{reference}”不是本县发出的付款"
    if transfer.batch.status != PaymentBatch.Status.RELEASED:
        return f"付款 {reference} 所在批次没有发出"
    fen = typed_text.amount(row.cells["amount"])
    if fen != to_fen(transfer.amount):
        was = "看不懂" if fen is None else f"{told(to_yuan(fen))} 元"
        return f"付款 {reference} 发出 {told(transfer.amount)} 元，回盘金额为{was}"
    if not result:
        return f"处理结果“{row.cells['result']}”看不懂是成功还是失败"
    return _contradiction(transfer, result)


def _contradiction(transfer: Transfer, result: str) -> str:
    """What the portal knows of the payment already and the bank says otherwise."""
    if transfer.outcome == Transfer.Outcome.TAKEN_OUT:
        return f"付款 {transfer.reference} 已移出批次，没有发出"
    if transfer.outcome == Transfer.Outcome.RETURNED and result == Transfer.Outcome.ARRIVED:
        return f"付款 {transfer.reference} 已登记为退汇，这次却为成功，请与银行核对"
    return ""


def _read(rows: Iterable[Row], upload: PaymentReturn) -> _File:
    """The file against what was sent. Raises Refusal that names every fault."""
    # The bank's own line of sums has neither number nor outcome; one with an outcome is a payment.
    rows = [row for row in rows if row.cells["reference"].strip() or row.cells["result"].strip()]
    if not any(row.cells["reference"].strip() for row in rows):
        raise Refusal("文件里没有带付款编号的行", "file")
    sent = _sent(upload, rows)
    found, problems, seen = _File(), [], dict[str, int]()
    for row in rows:
        reference = typed_text.text_cell(row.cells["reference"]).strip()
        if not reference:
            problems.append(f"第 {row.line} 行有处理结果而没有付款编号，请与银行核对是哪一笔")
            continue
        transfer, result = sent.get(reference), _result(row.cells["result"])
        if reference in seen:
            problems.append(f"第 {row.line} 行付款编号与第 {seen[reference]} 行相同")
            continue
        seen[reference] = row.line
        problem = LAYOUT.odd(row.cells.values()) or _problem(row, transfer, result)
        if problem:
            problems.append(f"第 {row.line} 行{problem}")
        elif transfer is not None and transfer.outcome == result:
            found.known += 1
        elif transfer is not None and result == Transfer.Outcome.ARRIVED:
            found.arrived.append(transfer)
        elif transfer is not None:
            reason = typed_text.text_cell(row.cells["reason"]).strip()
            found.returned.append((transfer, reason if len(reason) > 1 else NO_REASON))
    refuse_faults(problems)
    return found


def _sent(upload: PaymentReturn, rows: Iterable[Row]) -> dict[str, Transfer]:
    """Reference → line, of those that the file names, in one statement."""
    parts = [row.cells["reference"].strip().partition("-") for row in rows]
    transfers = Transfer.objects.filter(
        batch__area=upload.area, batch__number__in={number for number, _, _ in parts}
    ).select_related("batch")
    return {transfer.reference: transfer for transfer in transfers}


class _Returns(Importing[PaymentReturn]):
    """One transaction: what arrived, what came back with its vouchers, or nothing."""

    model = PaymentReturn
    acts = ACTS
    flow = RETURN_FLOW
    same = ("area",)
    table = LAYOUT
    asks = False

    def judge(self, upload: PaymentReturn, on: date) -> Mapping[str, Any]:
        found = _read(upload.table(LAYOUT).rows, upload)
        actor = upload.requested_by
        assert actor is not None
        day = upload.uploaded_on
        hold([*found.arrived, *(transfer for transfer, _ in found.returned)])
        arrived = note_arrival(actor=actor, transfers=found.arrived, on=day)
        came = note_return(actor=actor, transfers=found.returned, on=day)
        late = len(found.arrived) + len(found.returned) - arrived - len(came)
        return {
            "arrived_count": arrived,
            "returned_count": len(came),
            "known_count": found.known + late,
            "returned_amount": sum((order.amount for order in came), ZERO),
        }


RETURNS = _Returns()
