"""Many households paid for at once: a cadre brings the cash of a village.

Each household gets its own receipt, as at the window and by the window's own service; void goes the
same way. One act is all or nothing: where one household cannot be taken, no number is used and
every such household is named.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from enrollment.collection.models import ZERO, Receipt
from enrollment.collection.receipts import take_payment
from enrollment.cover.listing import of_earliest_year
from enrollment.cover.models import Enrollment
from enrollment.people.models import Household
from lib.money import told

# Households of one act: a page of the list. Each takes some ten statements while other windows of
# the clerk wait for the books (docs/measurements.md).
MOST = 100
# Households that a refusal names.
NAMED = 10


@all_or_nothing()
def take_collective(
    *, actor: User, households: Sequence[Household], received: Decimal, on: date
) -> list[Receipt]:
    """Take the cash of the households, in the order of their numbers; their receipts.

    Of who owes for two years (a newborn's) the earlier one is taken, as at the window.
    `received`: the cash as counted, which must be what they owe together, to the fen: nobody is
    given change out of a village's money. Locks everything that waits in the order of the key,
    then the books, as the window. Raises Refusal; then no number is used.
    """
    if not households:
        raise Refusal("请先勾选要收款的户")
    if len(households) > MOST:
        raise Refusal(f"一次最多收 {MOST} 户，请分几次办理")
    # All covers before any book: two clerks, or a window that takes one of the households, wait
    # for each other here and never crosswise.
    locked = list(
        Enrollment.objects.select_for_update(no_key=True, of=("self",))
        .filter(household__in=households, status=Enrollment.Status.PENDING)
        .order_by("pk")
    )
    waiting = of_earliest_year(locked)
    due = sum((row.personal_amount for row in waiting), ZERO)
    owed = {one.pk: ZERO for one in households}
    for row in waiting:
        owed[row.household_id] += row.personal_amount
    receipts, problems = [], []
    for household in sorted(households, key=lambda one: one.number):
        try:
            receipt, change = take_payment(
                actor=actor, household=household, received=owed[household.pk], on=on
            )
        except Refusal as refusal:
            problems.append(f"户 {household.number}：{refusal.message}")
        else:
            receipts.append(receipt)
            if change:  # counted for more than the receipt says
                problems.append(
                    f"户 {household.number}：比收据多出 {told(change)} 元，请刷新后重收"
                )
    if problems:
        more = f"；等 {len(problems)} 户" if len(problems) > NAMED else ""
        raise Refusal("整批没有收款，没有开出收据。" + "；".join(problems[:NAMED]) + more)
    if received != due:
        raise Refusal(
            f"所选 {len(households)} 户应收 {told(due)} 元，清点为 {told(received)} 元，"
            f"相差 {told(abs(received - due))} 元：请清点或改选后再收，没有开出收据",
            "received",
        )
    return receipts
