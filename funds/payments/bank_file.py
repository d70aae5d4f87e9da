"""The file that takes a released batch to the bank, and the line that says it left."""

import hashlib
from typing import Any

from accounts.audit import record, record_export
from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from funds.payments.models import PaymentBatch, PaymentFile, Transfer, is_exchanged
from lib.tables.writing import Heading, Sheet, workbook_bytes

COLUMNS = (
    Heading("序号", "whole"),
    Heading("付款编号", "code"),
    Heading("收款人", "text", width=24),
    Heading("开户行", "text", width=24),
    Heading("收款账号", "code", width=26),
    Heading("金额", "yuan"),
    Heading("附言", "text", width=30),
)


@all_or_nothing()
def take_bank_file(*, actor: User, batch: PaymentBatch, reason: str) -> tuple[bytes, str]:
    """The workbook for the bank and its name: full account numbers, so that it is kept who took it,
    what for, and the fingerprint of its bytes. Raises Refusal before the release."""
    if batch.status != PaymentBatch.Status.RELEASED:
        raise Refusal("批次还没有发出，不能下载代发文件")
    rows: Any = (
        Transfer.objects.standing().filter(batch=batch).select_related("order").order_by("position")
    )
    rows = list(rows)
    for row in rows:
        if is_exchanged(row.account, row.account_index):
            raise Refusal(f"付款 {row.order.source} 的账号与编批时不符，请报审计人员核查")
    lines = [
        (
            row.position,
            f"{batch.number}-{row.position:04d}",
            row.payee,
            row.bank,
            row.account,
            row.amount,
            row.order.source,
        )
        for row in rows
    ]
    content = workbook_bytes([Sheet(f"代发{batch.number}", COLUMNS, lines)])
    name = f"代发文件-{batch.number}.xlsx"
    PaymentFile.objects.create(
        batch=batch,
        file_name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        number_of=len(lines),
        total=sum((row.amount for row in rows), start=0),
        taken_by=actor,
    )
    record(actor=actor, action="funds.take_bank_file", subject=batch, reason=reason)
    record_export(
        actor=actor,
        what="bank_file",
        rows=len(lines),
        criteria={"batch": batch.number},
        reason=reason,
    )
    return content, name
