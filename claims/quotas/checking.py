"""Whether what each township was given sums to what was shared out: asked by `verify_books`."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Sum

from accounts.models import Division
from claims.quotas.models import Allotment
from lib.money import told


def book_problems(area: Division) -> Iterator[str]:
    rows: Any = Allotment.objects.filter(area=area).order_by("pk")
    for row in rows.annotate(given=Sum("quotas__amount")):
        asked = row.raised - row.reserved - row.accounts
        if not row.given == row.pool == asked:
            yield (
                f"{row}：统筹额度 {told(row.pool)} 元，筹资减风险基金和门诊账户为 "
                f"{told(asked)} 元，各街镇合计 {told(row.given or 0)} 元，应当相等"
            )
