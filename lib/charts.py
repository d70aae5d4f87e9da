"""Charts as SVG text, drawn on the server: columns, bars and lines with Chinese labels.

Pure integers in, one `<svg>` out; no script, no font files. Every mark carries its value as a
tooltip, the whole chart a title and a description for those who cannot see it, and series differ
in lightness and dash so that a black-and-white print still tells them apart.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from lib.money import half_up

COLOURS = ("#1f4e79", "#c55a11", "#7f9db9", "#5f7a1f")
DASHES = ("", "6 3", "2 3", "8 3 2 3")
INK, GRID, PAPER = "#333333", "#d9d9d9", "#ffffff"
FONT = "'Noto Sans CJK SC','Microsoft YaHei','SimSun',sans-serif"
TEXT = 12
MARGIN = 10

Label = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Series:
    """One named row of values, one per category; None is a gap, not a zero."""

    name: str
    values: Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Curve:
    """One named line through (across, up) points, from left to right."""

    name: str
    points: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Dot:
    """One named point; `is_own`: the one that the chart is about."""

    name: str
    across: int
    up: int
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale of values: round ticks from `low` to `high`, both included."""

    low: int
    high: int
    ticks: tuple[int, ...]

    def place(self, value: int, length: int) -> int:
        """How many pixels from the low end `value` lies on an axis `length` pixels long."""
        return half_up((value - self.low) * length, self.high - self.low)


def axis(values: Sequence[int | None], most: int = 5) -> Axis:
    """A scale around zero and all values with at most `most` + 1 ticks of 1, 2 or 5 times 10^k."""
    known = [value for value in values if value is not None]
    low, high = min([0, *known]), max([0, *known])
    if low == high:
        high = low + 1
    step = next(
        candidate
        for exponent in range(20)
        for candidate in (10**exponent, 2 * 10**exponent, 5 * 10**exponent)
        if -(-high // candidate) - low // candidate <= most
    )
    bottom, top = low // step * step, -(-high // step) * step
    return Axis(bottom, top, tuple(range(bottom, top + 1, step)))


def column_chart(
    title: str, categories: Sequence[str], series: Sequence[Series], *, label: Label, height: int
) -> str:
    """Groups of upright columns, one group per category. `label` writes a value for people."""
    width = 720
    scale, frame, body = _upright(categories, series, label, width, height)
    room = frame.width // max(len(categories), 1)
    thick = max(2, min(28, room * 7 // 10 // max(len(series), 1)))
    zero = frame.bottom - scale.place(0, frame.height)
    for number, one in enumerate(series):
        for index, value in enumerate(one.values):
            if value is None:
                continue
            left = frame.left + index * room + (room - thick * len(series)) // 2 + number * thick
            level = frame.bottom - scale.place(value, frame.height)
            tip = f"{categories[index]} {one.name}：{label(value)}"
            size = (thick - 1, abs(zero - level))
            body.append(_block((left, min(zero, level)), size, COLOURS[number], tip))
    return _svg(title, _spoken(categories, series, label), width, height, body)


def line_chart(
    title: str, categories: Sequence[str], series: Sequence[Series], *, label: Label, height: int
) -> str:
    """Lines over the categories; a missing value interrupts its line."""
    width = 720
    scale, frame, body = _upright(categories, series, label, width, height)
    room = frame.width // max(len(categories), 1)
    for number, one in enumerate(series):
        runs: list[list[str]] = [[]]
        marks = []
        for index, value in enumerate(one.values):
            if value is None:
                runs.append([])
                continue
            across = frame.left + index * room + room // 2
            down = frame.bottom - scale.place(value, frame.height)
            runs[-1].append(f"{across},{down}")
            tip = escape(f"{categories[index]} {one.name}：{label(value)}")
            marks.append(
                f'<circle cx="{across}" cy="{down}" r="3" fill="{COLOURS[number]}">'
                f"<title>{tip}</title></circle>"
            )
        dash = f' stroke-dasharray="{DASHES[number]}"' if DASHES[number] else ""
        body += [
            f'<polyline points="{" ".join(run)}" fill="none" stroke="{COLOURS[number]}" '
            f'stroke-width="2"{dash}/>'
            for run in runs
            if len(run) > 1
        ]
        body += marks
    return _svg(title, _spoken(categories, series, label), width, height, body)


def curve_chart(
    title: str, curves: Sequence[Curve], *, label: Label, mark: int, height: int
) -> str:
    """Lines over a scale of numbers (payment over cost) with a dashed upright at `mark`. Both
    scales are written by `label`."""
    width = 720
    across = axis([point[0] for one in curves for point in one.points])
    up = axis([point[1] for one in curves for point in one.points])
    left = 12 + TEXT * max(_width(label(tick)) for tick in up.ticks)
    top = _legend_height(curves) + MARGIN
    frame = _Frame(left, height - 24, width - left - 4 * MARGIN, height - 24 - top)
    body = _legend(curves, width)
    for tick in up.ticks:
        down = frame.bottom - up.place(tick, frame.height)
        body.append(_line(left, down, left + frame.width, down, INK if tick == 0 else GRID))
        body.append(_text(left - 6, down + 4, label(tick), "end"))
    for tick in across.ticks:
        place = left + across.place(tick, frame.width)
        body.append(_text(place, height - 8, label(tick), "middle"))
    body.append(_upright_mark(left + across.place(mark, frame.width), top, frame.bottom))
    body += [_polyline(one, number, frame, across, up) for number, one in enumerate(curves)]
    told = "；".join(
        f"{one.name}：" + "，".join(f"{label(x)} 时 {label(y)}" for x, y in one.points)
        for one in curves
    )
    return _svg(title, told, width, height, body)


def funnel_chart(
    title: str, curves: Sequence[Curve], dots: Sequence[Dot], *, label: Label, height: int
) -> str:
    """Named points between curves of limits, over a scale of counts; `label` writes what stands
    up. The scale begins at the lowest value, not at zero: what is compared are distances. At most
    four curves."""
    width = 720
    across = axis([dot.across for dot in dots])
    up = _between([dot.up for dot in dots] + [y for one in curves for _, y in one.points])
    left = 12 + TEXT * max(_width(label(tick)) for tick in up.ticks)
    top = _legend_height(curves) + MARGIN
    frame = _Frame(left, height - 24, width - left - 4 * MARGIN, height - 24 - top)
    body = _legend(curves, width)
    for tick in up.ticks:
        down = frame.bottom - up.place(tick, frame.height)
        body.append(_line(left, down, left + frame.width, down, GRID))
        body.append(_text(left - 6, down + 4, label(tick), "end"))
    for tick in across.ticks:
        place = left + across.place(tick, frame.width)
        body.append(_text(place, height - 8, f"{tick} 例", "middle"))
    body += [_polyline(one, number, frame, across, up) for number, one in enumerate(curves)]
    for dot in sorted(dots, key=lambda one: one.is_own):
        x = left + across.place(dot.across, frame.width)
        y = frame.bottom - up.place(dot.up, frame.height)
        radius, colour = (7, COLOURS[1]) if dot.is_own else (4, INK)
        body.append(
            f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{colour}" stroke="{PAPER}">'
            f"<title>{escape(f'{dot.name}：{label(dot.up)}（{dot.across} 例）')}</title></circle>"
        )
        if dot.is_own:
            body.append(_text(min(x, width - 120), y - 10, dot.name, "middle"))
    told = "；".join(f"{dot.name} {label(dot.up)}（{dot.across} 例）" for dot in dots)
    return _svg(title, told, width, height, body)


def _between(values: Sequence[int]) -> Axis:
    """A scale from below the least value to above the greatest."""
    low, high = min(values, default=0), max(values, default=1)
    whole = axis([0, max(high - low, 1)])
    step = whole.ticks[1] - whole.ticks[0]
    bottom, top = low // step * step, -(-high // step) * step
    if bottom == top:
        top += step
    return Axis(bottom, top, tuple(range(bottom, top + 1, step)))


def _polyline(curve: Curve, number: int, frame: "_Frame", across: Axis, up: Axis) -> str:
    places = [
        f"{frame.left + across.place(x, frame.width)},{frame.bottom - up.place(y, frame.height)}"
        for x, y in curve.points
    ]
    dash = f' stroke-dasharray="{DASHES[number]}"' if DASHES[number] else ""
    return (
        f'<polyline points="{" ".join(places)}" fill="none" stroke="{COLOURS[number]}" '
        f'stroke-width="2"{dash}><title>{escape(curve.name)}</title></polyline>'
    )


def bar_chart(
    title: str, categories: Sequence[str], series: Sequence[Series], *, label: Label
) -> str:
    """Lying bars, one row per category with its name on the left and the value behind the bar."""
    width, thick = 720, 14
    values = [value for one in series for value in one.values]
    scale = axis(values)
    names = 12 + TEXT * max((_width(name) for name in categories), default=0)
    behind = 12 + TEXT * max((_width(label(v)) for v in values if v is not None), default=0)
    top = _legend_height(series) + MARGIN
    row = thick * len(series) + 8
    length = width - names - behind - MARGIN
    zero = names + scale.place(0, length)
    body = _legend(series, width)
    for index, category in enumerate(categories):
        upper = top + index * row
        body.append(_text(names - 6, upper + (row - 8) // 2 + 4, category, "end"))
        for number, one in enumerate(series):
            value = one.values[index]
            if value is None:
                continue
            end = names + scale.place(value, length)
            down = upper + number * thick
            tip = f"{category} {one.name}：{label(value)}"
            size = (abs(end - zero), thick - 2)
            body.append(_block((min(zero, end), down), size, COLOURS[number], tip))
            body.append(_text(max(zero, end) + 4, down + 10, label(value), "start"))
    height = top + row * len(categories) + MARGIN
    body.append(_line(zero, top - 4, zero, height - MARGIN, INK))
    return _svg(title, _spoken(categories, series, label), width, height, body)


@dataclass(frozen=True, slots=True)
class _Frame:
    left: int
    bottom: int
    width: int
    height: int


def _upright(
    categories: Sequence[str], series: Sequence[Series], label: Label, width: int, height: int
) -> tuple[Axis, _Frame, list[str]]:
    """Scale, inner frame and background (legend, grid, axis labels) of an upright chart."""
    scale = axis([value for one in series for value in one.values])
    left = 12 + TEXT * max(_width(label(tick)) for tick in scale.ticks)
    top = _legend_height(series) + MARGIN
    frame = _Frame(left, height - 24, width - left - MARGIN, height - 24 - top)
    body = _legend(series, width)
    for tick in scale.ticks:
        down = frame.bottom - scale.place(tick, frame.height)
        body.append(_line(left, down, width - MARGIN, down, INK if tick == 0 else GRID))
        body.append(_text(left - 6, down + 4, label(tick), "end"))
    room = frame.width // max(len(categories), 1)
    for index, category in enumerate(categories):
        body.append(_text(left + index * room + room // 2, height - 8, category, "middle"))
    return scale, frame, body


def _width(text: str) -> int:
    """How wide the text stands, in Chinese characters (a Latin letter is 6/10 of one)."""
    tenths = sum(10 if ord(letter) > 0x2E7F else 6 for letter in text)
    return -(-tenths // 10)


def _legend_height(series: Sequence[Series | Curve]) -> int:
    return 22 if len(series) > 1 else 0


def _legend(series: Sequence[Series | Curve], width: int) -> list[str]:
    """Names of the series at the right top; a single series needs none, the title names it."""
    if len(series) < 2:
        return []
    parts: list[str] = []
    right = width - MARGIN
    for number in reversed(range(len(series))):
        name = series[number].name
        right -= TEXT * _width(name)
        parts.append(_text(right, 14, name, "start"))
        right -= 16
        parts.append(_block((right, 5), (11, 11), COLOURS[number], name))
        right -= 14
    return parts


def _block(place: tuple[int, int], size: tuple[int, int], colour: str, tip: str) -> str:
    return (
        f'<rect x="{place[0]}" y="{place[1]}" width="{size[0]}" height="{size[1]}" fill="{colour}">'
        f"<title>{escape(tip)}</title></rect>"
    )


def _line(left: int, top: int, right: int, bottom: int, colour: str) -> str:
    return f'<line x1="{left}" y1="{top}" x2="{right}" y2="{bottom}" stroke="{colour}"/>'


def _upright_mark(across: int, top: int, bottom: int) -> str:
    return (
        f'<line x1="{across}" y1="{top}" x2="{across}" y2="{bottom}" stroke="{INK}" '
        'stroke-dasharray="3 3"/>'
    )


def _text(across: int, down: int, text: str, anchor: str) -> str:
    return (
        f'<text x="{across}" y="{down}" text-anchor="{anchor}" fill="{INK}">{escape(text)}</text>'
    )


def _spoken(categories: Sequence[str], series: Sequence[Series], label: Label) -> str:
    """All values in words, for screen readers."""
    sentences = []
    for one in series:
        pairs = zip(categories, one.values, strict=True)
        told = "，".join(f"{name} {label(v)}" for name, v in pairs if v is not None)
        sentences.append(f"{one.name}：{told or '无数据'}")
    return "；".join(sentences)


def _svg(title: str, description: str, width: int, height: int, body: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" style="max-width:100%;height:auto" '
        f'font-family="{escape(FONT)}" font-size="{TEXT}">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>{"".join(body)}</svg>'
    )
