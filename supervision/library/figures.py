"""What each kind of point is worth: how many there are, what they found, what became of it, and
what they could not judge."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, Q, Sum

from accounts.models import User
from supervision.library.models import MISSING, LibraryGap, LibraryPoint
from supervision.library.reading import kinds_off
from supervision.library.rows import KIND_NAMES
from supervision.models import Alert
from supervision.rules.library import KIND_OF, RULE_OF
from supervision.rules.points import Kind


@dataclass
class KindFigures:
    """`gaps`: (what bills do not carry, points not judged, of how many settlements)."""

    kind: Kind
    is_off: bool
    points: int = 0
    off: int = 0
    open: int = 0
    confirmed: int = 0
    dismissed: int = 0
    gaps: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def rule(self) -> str:
        return RULE_OF[self.kind].code

    @property
    def title(self) -> str:
        return RULE_OF[self.kind].title

    @property
    def gaps_told(self) -> str:
        return "；".join(f"{what} {number} 点 {bills} 单" for what, number, bills in self.gaps)

    @property
    def switch_told(self) -> str:
        return "启用…" if self.is_off else "停用…"

    @property
    def name(self) -> str:
        return KIND_NAMES[self.kind]


def kind_figures(user: User) -> list[KindFigures]:
    """Of every kind, in a fixed number of statements."""
    off = kinds_off(user.county_code)
    found = {kind: KindFigures(kind, kind in off) for kind in Kind}
    points = LibraryPoint.objects.visible_to(user).current().order_by().values("kind")
    for row in points.annotate(number=Count("pk"), off=Count("pk", filter=Q(is_on=False))):
        one = found[Kind(row["kind"])]
        one.points, one.off = row["number"], row["off"]
    alerts = Alert.objects.visible_to(user).filter(rule__in=KIND_OF).order_by()
    for rule, status, number in alerts.values_list("rule", "status").annotate(Count("pk")):
        setattr(found[KIND_OF[rule]], status, number)
    for kind, gaps in _gaps(user).items():
        found[kind].gaps = gaps
    return list(found.values())


def _gaps(user: User) -> dict[Kind, list[tuple[str, int, int]]]:
    names = dict(MISSING)
    rows = LibraryGap.objects.visible_to(user).order_by().values("kind", "missing")
    found: dict[Kind, list[tuple[str, int, int]]] = defaultdict(list)
    for row in rows.annotate(number=Sum("points"), bills=Count("pk")).order_by("kind", "missing"):
        found[Kind(row["kind"])].append((names[row["missing"]], row["number"], row["bills"]))
    return found
