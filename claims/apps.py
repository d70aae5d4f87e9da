"""What claims have to say before a premium is given back; enrollment may not ask them itself."""

from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from enrollment.models import Enrollment


class ClaimsConfig(AppConfig):
    name = "claims"

    def ready(self) -> None:
        from enrollment.collection.refunds import object_to_refunds

        object_to_refunds(benefits_drawn)


def benefits_drawn(enrollment: "Enrollment") -> str | None:
    """Why the premium stays: benefits were settled on this cover and not taken back; else None.

    Benefits claimed after a death or beside another insurance are recovered first.
    """
    from claims.models import Settlement

    rows = Settlement.objects.effective().filter(visit__enrollment=enrollment).order_by("pk")
    drawn = [row for row in rows if row.payable_amount]
    if not drawn:
        return None
    amount = sum(row.payable_amount for row in drawn)
    return (
        f"此人本年度已报销 {len(drawn)} 笔共 {amount:.2f} 元（结算单 {drawn[0].number}），"
        "请先撤回或追回已报销的待遇，再办理退费"
    )
