"""The ways of an order and of a batch. The portal takes most steps of an order: they follow from
what is done with the business it pays for, with its batch, or from what the bank says."""

from desk.importing import Acts, upload_flow
from desk.workflow import PORTAL, REASON, START, STAY, Hand, Step, Workflow
from funds.payments.models import PaymentBatch, PaymentOrder, PaymentReturn, ReturnNote

Status = PaymentOrder.Status

ORDERS = Workflow(
    PaymentOrder,
    "funds",
    (
        Step("order_payment", START, Status.WAITING, PORTAL, "提出支付"),
        Step("cancel_order", Status.WAITING, Status.CANCELLED, PORTAL, "取消支付"),
        Step("renew_order", Status.CANCELLED, Status.WAITING, PORTAL, "重新提出支付"),
        Step("batched", Status.WAITING, Status.BATCHED, PORTAL, "编入批次"),
        Step("unbatched", Status.BATCHED, Status.WAITING, PORTAL, "移出批次"),
        Step("sent", Status.BATCHED, Status.SENT, PORTAL, "发出"),
        Step("arrived", Status.SENT, Status.PAID, PORTAL, "到账"),
        Step("came_back", (Status.SENT, Status.PAID), Status.RETURNED, PORTAL, "银行退回"),
        Step(
            "correct_payee",
            Status.RETURNED,
            Status.CORRECTED,
            "funds.correct_payee",
            "更正收款账户",
            reason=REASON,
            stamps=("corrected_by", "corrected_at"),
        ),
        # Asked for without an account (`rooms.is_named_here`): named by the same two hands.
        Step(
            "name_account",
            Status.WAITING,
            Status.CORRECTED,
            "funds.correct_payee",
            "补登收款账户",
            reason=REASON,
            stamps=("corrected_by", "corrected_at"),
        ),
        Step(
            "refuse_account",
            Status.CORRECTED,
            Status.WAITING,
            "funds.confirm_payee",
            "不同意补登",
            reason=REASON,
        ),
        Step(
            "confirm_payee",
            Status.CORRECTED,
            Status.WAITING,
            "funds.confirm_payee",
            "确认更正",
            Hand.OTHER,
            stamps=("confirmed_by", "confirmed_at"),
        ),
        Step(
            "refuse_payee",
            Status.CORRECTED,
            Status.RETURNED,
            "funds.confirm_payee",
            "不同意更正",
            reason=REASON,
        ),
        # Nobody is there to be paid: by the same two hands as another account.
        Step(
            "ask_give_up",
            Status.RETURNED,
            Status.GIVING_UP,
            "funds.correct_payee",
            "申请转回基金",
            reason=REASON,
            asks="找不到收款人的经过，或本人不领的依据",
            stamps=("corrected_by", "corrected_at"),
        ),
        Step(
            "give_up",
            Status.GIVING_UP,
            Status.GIVEN_UP,
            "funds.confirm_payee",
            "批准转回基金",
            Hand.OTHER,
            stamps=("confirmed_by", "confirmed_at"),
        ),
        Step(
            "refuse_give_up",
            Status.GIVING_UP,
            Status.RETURNED,
            "funds.confirm_payee",
            "不同意转回",
            reason=REASON,
        ),
        # All of it was taken back by what was found on the business meanwhile.
        Step(
            "all_kept",
            (Status.WAITING, Status.RETURNED, Status.CORRECTED),
            Status.GIVEN_UP,
            PORTAL,
            "全部扣回，不再支付",
        ),
    ),
    called=lambda order: f"{order.source}的支付单",
    hands=("corrected_by", "confirmed_by"),
    reason_column="reason",
    related=("division", "area", "township"),
)

BATCHES = Workflow(
    PaymentBatch,
    "funds",
    (
        Step("make_batch", START, PaymentBatch.Status.MADE, "funds.make_batch", "编制批次"),
        Step(
            "take_out",
            PaymentBatch.Status.MADE,
            STAY,
            "funds.make_batch",
            "移出一笔",
            reason=REASON,
        ),
        Step(
            "discard_batch",
            PaymentBatch.Status.MADE,
            PaymentBatch.Status.DISCARDED,
            "funds.make_batch",
            "解散批次",
            reason=REASON,
        ),
        Step(
            "release_batch",
            PaymentBatch.Status.MADE,
            PaymentBatch.Status.RELEASED,
            "funds.release_batch",
            "发出支付",
            Hand.OTHER,
            stamps=("released_by", "released_at"),
        ),
    ),
    called=lambda batch: f"{batch} ",
    hands=("made_by", "released_by"),
    reason_column="reason",
    related=("area",),
)

NOTES = Workflow(
    ReturnNote,
    "funds",
    (
        Step("note_came_back", START, ReturnNote.Status.NOTED, "funds.read_returns", "登记退汇"),
        Step(
            "confirm_came_back",
            ReturnNote.Status.NOTED,
            ReturnNote.Status.CONFIRMED,
            "funds.confirm_return",
            "核对退汇属实",
            Hand.OTHER,
            stamps=("decided_by", "decided_at"),
        ),
        Step(
            "refuse_came_back",
            ReturnNote.Status.NOTED,
            ReturnNote.Status.REFUSED,
            "funds.confirm_return",
            "没有退汇",
            Hand.OTHER,
            reason=REASON,
            asks="核对的情况",
            stamps=("decided_by", "decided_at"),
        ),
    ),
    called=lambda note: f"退汇登记 {note.pk} 号",
    hands=("noted_by", "decided_by"),
    reason_column="decision",
    related=("transfer__batch", "transfer__order__division"),
)

ACTS = Acts(upload="read_returns")
RETURN_FLOW = upload_flow(
    PaymentReturn, "funds", ACTS, noun="回盘文件", permission="funds.read_returns"
)
