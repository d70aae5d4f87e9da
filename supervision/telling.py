"""What was found about claims flows down to them: claims know no alerts (claims.Screened)."""

from collections import defaultdict
from collections.abc import Iterable

from claims.deciding.models import Screened
from supervision.models import Alert


def tell_claims(settlements: Iterable[int]) -> None:
    """Write down that they were looked at and what nobody has concluded on yet; two statements."""
    ids = sorted(set(settlements))
    found: dict[int, list[str]] = defaultdict(list)
    for alert in Alert.objects.open().filter(settlement__in=ids).order_by("pk"):
        found[alert.settlement_id].append(f"{alert}：{alert.finding}")
    Screened.objects.bulk_create(
        [Screened(settlement_id=pk, open=found[pk]) for pk in ids],
        update_conflicts=True,
        unique_fields=["settlement"],
        update_fields=["open"],
    )
