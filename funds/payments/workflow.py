"""The ways of an order and of a batch. The portal takes most steps of an order: they follow from
what is done with the business it pays for, with its batch, or from what the bank says."""

from desk.importing import Acts, upload_flow
from desk.workflow import PORTAL, START, STAY, Hand, Step, Workflow, by_another, with_reason
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
        with_reason(
            "correct_payee",
            Status.RETURNED,
            Status.CORRECTED,
            "funds.correct_payee",
            "更正收款账户",
            stamp="corrected",
        ),
        # Asked for without an account (`rooms.is_named_here`): named by the same two hands.
        with_reason(
            "name_account",
            Status.WAITING,
            Status.CORRECTED,
            "funds.correct_payee",
            "补登收款账户",
            stamp="corrected",
        ),
        with_reason(
            "refuse_account", Status.CORRECTED, Status.WAITING, "funds.confirm_payee", "不同意补登"
        ),
        by_another(
            "confirm_payee",
            Status.CORRECTED,
            Status.WAITING,
            "funds.confirm_payee",
            "确认更正",
            stamp="confirmed",
        ),
        with_reason(
            "refuse_payee", Status.CORRECTED, Status.RETURNED, "funds.confirm_payee", "不同意更正"
        ),
        # Nobody is there to be paid: by the same two hands as another account.
        with_reason(
            "ask_give_up",
            Status.RETURNED,
            Status.GIVING_UP,
            "funds.correct_payee",
            "申请转回基金",
            asks="找不到收款人的经过，或本人不领的依据",
            stamp="corrected",
        ),
        by_another(
            "give_up",
            Status.GIVING_UP,
            Status.GIVEN_UP,
            "funds.confirm_payee",
            "批准转回基金",
            stamp="confirmed",
        ),
        with_reason(
            "refuse_give_up", Status.GIVING_UP, Status.RETURNED, "funds.confirm_payee", "不同意转回"
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
        with_reason("take_out", PaymentBatch.Status.MADE, STAY, "funds.make_batch", "移出一笔"),
        with_reason(
            "discard_batch",
            PaymentBatch.Status.MADE,
            PaymentBatch.Status.DISCARDED,
            "funds.make_batch",
            "解散批次",
        ),
        by_another(
            "release_batch",
            PaymentBatch.Status.MADE,
            PaymentBatch.Status.RELEASED,
            "funds.release_batch",
            "发出支付",
            stamp="released",
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
        by_another(
            "confirm_came_back",
            ReturnNote.Status.NOTED,
            ReturnNote.Status.CONFIRMED,
            "funds.confirm_return",
            "核对退汇属实",
            stamp="decided",
        ),
        with_reason(
            "refuse_came_back",
            ReturnNote.Status.NOTED,
            ReturnNote.Status.REFUSED,
            "funds.confirm_return",
            "没有退汇",
            asks="核对的情况",
            stamp="decided",
            hand=Hand.OTHER,
        ),
    ),
    hands=("noted_by", "decided_by"),
    reason_column="decision",
    related=("transfer__batch", "transfer__order__division"),
)

ACTS = Acts(upload="read_returns")
RETURN_FLOW = upload_flow(
    PaymentReturn, "funds", ACTS, noun="回盘文件", permission="funds.read_returns"
)
