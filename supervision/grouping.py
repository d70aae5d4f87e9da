"""Alerts of one event are handled as one (同一事件的疑点): a leading alert and its members.

What is found on one settlement is one event, and so is what is found on stays that a rule sets
beside each other as one stay cut into pieces (`Hit.beside`). A group takes in what is found until
somebody has given a first opinion; what comes after it begins another group, so that nobody
concludes on what they did not see. Until then one finding may be set apart, for good
(supervision/splitting.py). What is not the hospital's doing, or a person's word, joins no
group: one answer does not decide it with the rest (`APART`).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Exists, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from accounts.fields import MoneyField
from claims.models import Settlement
from desk.seen import fingerprint
from desk.tones import TonedChoices
from supervision.models import Alert, AlertQuerySet
from supervision.rules import RULES, Certainty, Hit

# Cover, premium aid, the patient's word, the office's own work.
APART = ("A14", "A18", "A23", "A26")
# Of each alert in the first column, and what it led, the second is to lead from now on.
JOIN = """
UPDATE supervision_alert a SET lead_id = nullif(n.head, a.id),
    due_on = CASE WHEN a.id = n.head THEN n.due_on ELSE a.due_on END
FROM unnest(%(led)s::bigint[], %(heads)s::bigint[], %(due)s::date[]) n (led, head, due_on)
WHERE n.led = coalesce(a.lead_id, a.id)
    AND (a.id = ANY (%(led)s) OR a.lead_id = ANY (%(led)s) AND n.led <> n.head)
"""


def join_alerts(hits: Iterable[Hit]) -> None:
    """The open alerts of these hits' events become one each. A definite one leads, else the first;
    what was found first says until when. Two statements, a third where any is to join."""
    ties = [(hit.settlement, *hit.beside) for hit in hits if hit.rule not in APART]
    if not ties:
        return
    leads = _locked_leads({settlement for tie in ties for settlement in tie})
    groups = [group for group in _groups(ties, leads) if len(group) > 1]
    rows = []
    for group in groups:
        head = first_of(group)
        first = min((one.due_on for one in group if one.due_on), default=None)
        rows += [(one.pk, head.pk, first) for one in group]
    if rows:
        led, heads, due = (list(column) for column in zip(*rows, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(JOIN, {"led": led, "heads": heads, "due": due})


def first_of(alerts: Sequence[Alert]) -> Alert:
    """Which of them leads: a definite one, else the first."""
    return min(alerts, key=lambda one: (one.certainty != Certainty.CERTAIN, one.pk))


def _locked_leads(settlements: set[int]) -> dict[int, list[Alert]]:
    """Settlement → leading alerts of what is open on it and reviewed by nobody. Locked first and
    asked then: a review that began meanwhile is seen (supervision/reviewing)."""
    found = Alert.objects.open().filter(settlement__in=settlements, split_by=None)
    found = found.exclude(rule__in=APART).order_by()
    heads = Alert.objects.filter(pk__in=found.values(head=Coalesce("lead", "pk"))).order_by("pk")
    by_pk = {one.pk: one for one in heads.select_for_update(no_key=True)}
    unreviewed = Alert.objects.unreviewed().leading().filter(pk=OuterRef("head"))
    rows = found.annotate(head=Coalesce("lead", "pk")).filter(Exists(unreviewed))
    leads: dict[int, list[Alert]] = defaultdict(list)
    for settlement, head in rows.order_by("pk").values_list("settlement", "head"):
        if head in by_pk and by_pk[head] not in leads[settlement]:
            leads[settlement].append(by_pk[head])
    return leads


def _groups(ties: Sequence[tuple[int, ...]], leads: dict[int, list[Alert]]) -> list[list[Alert]]:
    """Leading alerts that belong together. Of one place alone, so that who sees one sees all."""
    group_of: dict[int, list[Alert]] = {}
    for tie in ties:
        by_place: dict[int, list[Alert]] = defaultdict(list)
        for alert in (one for settlement in tie for one in leads.get(settlement, ())):
            by_place[alert.division_id].append(alert)
        for together in by_place.values():
            merged = {one.pk: one for alert in together for one in group_of.get(alert.pk, [alert])}
            whole = list(merged.values())
            group_of.update(dict.fromkeys(merged, whole))
    unique = {id(group): group for group in group_of.values()}
    return list(unique.values())


def _head(alert: str, deep: int) -> Any:
    """The leading alert of the one at `alert` ("" for itself) of a row so many queries outside."""
    lead: Any = f"{alert}__lead" if alert else "lead"
    itself: Any = alert or "pk"
    for _ in range(deep):
        lead, itself = OuterRef(lead), OuterRef(itself)
    return Coalesce(lead, itself)


def stake(alert: str = "") -> Any:
    """What the fund pays on all settlements of the event that count, in yuan, as an expression over
    a row that has an alert of it at `alert` ("" for itself)."""
    event = Alert.objects.filter(Q(pk=_head(alert, 2)) | Q(lead=_head(alert, 2))).order_by()
    rows = Settlement.objects.counted().filter(pk__in=event.values("settlement")).order_by()
    summed = rows.annotate(all=Value(1)).values("all").annotate(fund=Sum("fund_amount"))
    fund = Subquery(summed.values("fund"), output_field=MoneyField())
    return Coalesce(fund, Value(Decimal(0)), output_field=MoneyField())


def stake_of(settlements: Iterable[Settlement]) -> Decimal:
    """The same of settlements that were read: yuan of each that counts, once."""
    by_pk = {one.pk: one for one in settlements}
    counted = (one for one in by_pk.values() if one.status not in Settlement.NOT_COUNTED)
    return sum((one.fund_amount for one in counted), Decimal(0))


class Late(TonedChoices):
    """What a list says beside a term that has passed."""

    LATE = "late", "bad", "已逾期"
    UNSERVED = "unserved", "wait", "待送达"


def event_rules(alert: str = "") -> Any:
    """The rule of each finding of the event of the alert at `alert` ("" for itself), as an
    expression."""
    event = Alert.objects.filter(Q(pk=_head(alert, 1)) | Q(lead=_head(alert, 1)))
    return ArraySubquery(event.order_by("pk").values("rule"))


def codes_of(rules: Sequence[str]) -> str:
    """The rules of all findings of the event, each once."""
    return "、".join(sorted(set(rules)))


def titles_of(rules: Sequence[str]) -> str:
    """The same by their titles; the code of a rule that is no longer in the house."""
    return "、".join(RULES[one].title if one in RULES else one for one in sorted(set(rules)))


def of_rule(rows: AlertQuerySet, rule: str) -> AlertQuerySet:
    """Events of which one finding is this rule's."""
    members = Alert.objects.filter(lead=OuterRef("pk"), rule=rule)
    return rows.filter(Q(rule=rule) | Exists(members))


def events_of(rows: AlertQuerySet, alerts: AlertQuerySet) -> AlertQuerySet:
    """Those leading alerts among `rows` whose event has one of `alerts`."""
    return rows.filter(pk__in=alerts.order_by().values(head=Coalesce("lead", "pk")))


def event_of(alert: Alert) -> list[Alert]:
    """All alerts of its event, the leading one first, as they stand now."""
    head = alert.lead_id or alert.pk
    rows = Alert.objects.of_event(head).select_related(
        "settlement__visit__person", "handled_by", "split_by", "version"
    )
    return sorted(rows, key=lambda one: (one.lead_id is not None, one.pk))


def seen_of(event: Sequence[Alert]) -> str:
    """What a page showed of it: who concludes agrees to these findings (desk/seen.py)."""
    return fingerprint(*sorted(one.pk for one in event))
