"""What the portal settled at an institution in some days, as the interface counts it.

A settlement that was taken back stays one row here (status withdrawn). For the hospital these are
two: the settlement on its day and, on the day of the reversal, the same below zero under the number
with REVERSAL behind it. What a correction (2601) took back was never there.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q
from django.utils import timezone

from accounts.models import AuditLine
from claims.models import Settlement, SettlementQuerySet
from claims.workflow import SETTLEMENTS
from gateway.asked import Asked
from gateway.identifiers import mdtrt_id, psn_no
from gateway.messages.models import Message
from gateway.reconciling.comparing import Line
from gateway.transactions.amounts import REVERSAL, clr_type

REVERSING = ("2208", "2305")
WITHDRAWN = Settlement.Status.WITHDRAWN
# The steps that take a settlement back, by whatever hand.
TAKING_BACK = tuple(
    f"claims.{step.event}" for step in SETTLEMENTS.steps if step.target == WITHDRAWN
)


@dataclass(frozen=True)
class Found:
    """The lines of the days, and of what else the institution may name: number → why it is not
    among them."""

    lines: list[Line]
    others: dict[str, str]


def lines_of(asked: Asked, since: date, until: date) -> Found:
    """Everything settled or taken back on these days; four statements."""
    # What is taken back was settled in this year or the last: those before are closed.
    back = date(since.year - 1, 1, 1)
    chosen = (
        Settlement.objects.visible_to(asked.actor)
        .filter(
            Q(settled_on__range=(since, until))
            | Q(settled_on__range=(back, until), status=WITHDRAWN),
            submitted_at__isnull=False,  # a draft that was thrown away was no settlement
        )
        .exclude(status=Settlement.Status.DRAFT)
        .order_by("pk")
    )
    rows = list(chosen.select_related("visit__person__household__division", "visit__division"))
    made, reversed_on, corrected = _messages(chosen)
    known = {pk: day for pk, (day, _) in reversed_on.items()}
    unknown = [row.pk for row in rows if row.status == WITHDRAWN and row.pk not in known]
    taken_back = known | _by_hand([pk for pk in unknown if pk not in corrected])
    found = Found([], {})
    for row in rows:
        line = _line(row, made.get(row.pk, ""))
        if row.pk in corrected:
            found.others[row.number] = "中心已按 2601 冲正"
            continue
        if since <= row.settled_on <= until:
            found.lines.append(line)
        else:
            found.others[row.number] = f"中心在 {row.settled_on} 结算，不在对账期"
        day = taken_back.get(row.pk)
        if day is not None and since <= day <= until:
            found.lines.append(_reversal(line, reversed_on.get(row.pk, (day, ""))[1]))
        elif day is not None:
            found.others[f"{row.number}{REVERSAL}"] = f"中心在 {day} 撤销，不在对账期"
    return found


def _messages(
    chosen: SettlementQuerySet,
) -> tuple[dict[int, str], dict[int, tuple[date, str]], set[int]]:
    """Settlement → the message that made it; → day and message of its reversal; and those that a
    correction took back."""
    made: dict[int, str] = {}
    reversed_on: dict[int, tuple[date, str]] = {}
    corrected: set[int] = set()
    messages = Message.objects.filter(
        settlement__in=chosen.order_by().values("pk"),
        is_done=True,
        infno__in=(*Message.SETTLES, *REVERSING),
    )
    for pk, infno, msgid, at, by in messages.values_list(
        "settlement", "infno", "msgid", "received_at", "reversed_by"
    ):
        if infno in REVERSING:
            reversed_on[pk] = (timezone.localdate(at), msgid)
        else:
            made[pk] = msgid
            if by is not None:
                corrected.add(pk)
    return made, reversed_on, corrected


def _by_hand(settlements: Iterable[int]) -> dict[int, date]:
    """Settlement → the day on which a page took it back, as the trail says."""
    ids = [str(pk) for pk in settlements]
    lines = AuditLine.objects.filter(
        subject_type=Settlement._meta.label_lower, subject_id__in=ids, action__in=TAKING_BACK
    )
    return {
        int(pk): timezone.localdate(at)
        for pk, at in lines.order_by("pk").values_list("subject_id", "at")
    }


def _line(row: Settlement, msgid: str) -> Line:
    held = row.account_amount + row.credit_amount
    return Line(
        setl_id=row.number,
        mdtrt_id=mdtrt_id(row.visit),
        psn_no=psn_no(row.visit.person),
        total=row.total_amount,
        fund=row.fund_amount,
        account=held,
        cash=row.total_amount - row.fund_amount - row.hospital_amount - held,
        reversal=False,
        clr_type=clr_type(row.visit),
        msgid=msgid,
    )


def _reversal(line: Line, msgid: str) -> Line:
    return replace(
        line,
        setl_id=f"{line.setl_id}{REVERSAL}",
        total=-line.total,
        fund=-line.fund,
        account=-line.account,
        cash=-line.cash,
        reversal=True,
        msgid=msgid,
    )
