"""Second compensations of two records that are one person.

The measures give one person one floor and one cap a year: of both records' own pay together the
rule's share above the floor, at most the cap. One floor less is more for the person, which the next
list gives; what both got beyond one cap is asked back by the way of every debt, and goes to nobody
who was right to get it. Refusing the merger instead would keep two covers of one person for as long
as the debt lasts.
"""

from collections.abc import Iterator
from decimal import Decimal

from accounts.models import User
from claims.models import Settlement
from claims.recovery.models import Recovery
from claims.second.computing import own_of, rule_of
from claims.second.falling import ask_back_of
from claims.second.models import SecondPayment
from claims.second.rules import due_of
from enrollment.models import Person
from lib.money import to_yuan, told


def foretold(kept: Person, given_up: Person) -> Iterator[str]:
    """Before the merger: each year of which both records were given one, the payments, their sum,
    and what one person is due."""
    given = SecondPayment.objects.given().filter(person__in=(kept, given_up))
    rows = list(given.select_related("run__pack").order_by("run__year", "pk"))
    for year in sorted({row.run.year for row in rows}):
        mine = [row for row in rows if row.run.year == year]
        if len({row.person_id for row in mine}) == 1:
            continue
        rule = rule_of(mine[-1].run.pack)
        own = sum(own_of(rule, year, (kept, given_up)).values())
        each = "、".join(
            f"{row} {told(row.amount)} 元（{row.get_status_display()}）" for row in mine
        )
        yield (
            f"{year} 年度两条登记都有年终二次补偿：{each}，"
            f"合计 {told(sum((row.amount for row in mine), Decimal(0)))} 元；"
            f"按一人自付 {told(to_yuan(own))} 元应补偿 {told(to_yuan(due_of(rule, own)))} 元。"
            "合并后多支付的提出追回，少支付的列入下次试算"
        )


def as_one(person: Person, *, what: str, actor: User) -> list[Recovery]:
    """What the person was paid beyond one person's due of each year is asked back; what the portal
    had found before and nobody acted on is counted anew. The covers are locked."""
    paid = SecondPayment.objects.filter(person=person, status=SecondPayment.Status.PAID)
    found = []
    for year in sorted(set(paid.values_list("run__year", flat=True))):
        claims = Settlement.objects.filter(visit__person=person, policy_year=year)
        last = claims.exclude(status=Settlement.Status.DRAFT).order_by("-pk").first()
        if last is not None:
            found += ask_back_of({(person.pk, year)}, fall=last, what=what, actor=actor)
    return found
