"""The funnel of a measure, drawn on the server."""

from collections.abc import Mapping, Sequence

from django.utils.safestring import SafeString, mark_safe

from lib.charts import Curve, Dot, funnel_chart
from supervision.profiles.funnel import Sums, limits
from supervision.profiles.measures import Measure, told
from supervision.profiles.reading import Figure

# Through so many numbers of visits a curve of limits is drawn.
STEPS = 40


def funnel(
    measure: Measure, rows: Sequence[Figure], peers: Sums, names: Mapping[int, str], own: int
) -> SafeString:
    """The institutions of a level with the peers' figure and the limits; "" without any."""
    dots = [
        Dot(names[one.institution], one.n, one.value, one.institution == own)
        for one in rows
        if one.value is not None
    ]
    if not dots:
        return SafeString("")
    most = max(dot.across for dot in dots)
    counts = sorted({max(1, most * step // STEPS) for step in range(1, STEPS + 1)})
    around = [(n, found) for n in counts if (found := limits(peers, n, measure.most)) is not None]
    curves = [
        Curve(name, [(n, round(getattr(one, column) * measure.scale)) for n, one in around])
        for name, column in (
            ("同级", "centre"), ("控制线", "far_high"), ("警戒线", "high"),
        )
    ] if around else []  # fmt: skip
    lower = [
        Curve(name, [(n, round(getattr(one, column) * measure.scale)) for n, one in around])
        for name, column in (("下控制线", "far_low"),)
    ] if around else []  # fmt: skip
    drawn = funnel_chart(
        measure.name, [*curves, *lower], dots, label=lambda value: told(measure, value), height=320
    )
    return mark_safe(drawn)  # noqa: S308 - names are escaped where they are drawn
