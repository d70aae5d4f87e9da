"""A question is answered and kept; who settles all the same says why."""

import hashlib
from collections.abc import Sequence

import simplejson

from claims.models import Visit
from desk.kept import Kept, given
from desk.reasons import given_reason
from gateway.asked import Asked
from gateway.local import extra_of
from gateway.prechecks.models import PreCheck
from lib.money import to_yuan
from supervision.pending import Bill
from supervision.rules import Hit

DURING = "3102"
# Key of exp_content in 2207 and 2304.
REASON = "precheck_reason"
CERTAIN = "certain"


def keep(asked: Asked, bill: Bill, mdtrt_id: str, hits: Sequence[Hit]) -> PreCheck:
    """The answer, without anybody's name."""
    return PreCheck.objects.create(
        client=asked.client,
        institution=asked.institution,
        infno=asked.infno,
        mdtrt_id=mdtrt_id,
        visit=bill.visit,
        digest=_digest(asked),
        hits=[
            {
                "rule": hit.rule,
                "certainty": str(hit.certainty),
                "amount": str(to_yuan(amount_of(hit, bill))),
            }
            for hit in hits
        ],
        asked_at=asked.at,
    )


def amount_of(hit: Hit, bill: Bill) -> int:
    """The fen in question: what the rule says, the whole bill where it is about the stay."""
    return hit.amount or bill.total


def _digest(asked: Asked) -> str:
    text = simplejson.dumps(asked.input, use_decimal=True, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


LAST = Kept(
    lambda: PreCheck.objects.filter(visit_id=given("visit"), infno=DURING).order_by("-pk")[:1]
)


def note_reason(asked: Asked, visit: Visit) -> None:
    """At a settlement: what the last 3102 found, and why it is settled nevertheless.

    Nothing is stopped here: the rules find, people conclude, and a definite finding holds the
    payment. What was found and not answered is told with the answer. One statement, where nothing
    was found.
    """
    last = LAST.first(visit=visit.pk)
    if last is None or not last.hits:
        return
    row = asked.row()
    is_ours = row.get("exp_content", "").lstrip().startswith("{")
    why = extra_of(asked, row).get(REASON, "") if is_ours else ""
    if why and not last.reason:
        last.reason = given_reason(why, asks="继续结算的理由", at=("data", "exp_content"))
        last.reasoned_by = f"{asked.head['opter_name']}（{asked.head['opter']}）"[:60]
        last.reasoned_at = asked.at
        last.save(update_fields=["reason", "reasoned_by", "reasoned_at"])
    rules = [hit["rule"] for hit in last.hits if hit["certainty"] == CERTAIN]
    if rules and not last.reason:
        asked.warn(
            f"事中审核【3102】提示 {len(rules)} 条明确违规（{'、'.join(rules)}），"
            f"结算时没有写明理由（exp_content 的 {REASON}），支付前须经核查"
        )
