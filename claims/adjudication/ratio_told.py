"""The ratio read aloud: every segment that a payment runs through, and how its ratio came about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from claims.adjudication.columns import Fen
from claims.adjudication.lookup import BASIS
from claims.adjudication.telling import row_words
from claims.adjudication.trace import Told, percent, points, yuan
from claims.adjudication.work import Work
from lib import money
from policies.terms import Scheme

# Fen that no bill reaches; half of int64, so that adding a bill to it does not overflow.
UNBOUNDED = 2**62


@dataclass(slots=True)
class Span:
    """Where on the scale of the segments a payment starts and ends, and where paying starts."""

    start: Fen
    end: Fen
    floor: Fen


@dataclass(frozen=True, slots=True)
class Piece:
    """``amount`` fen by the ratio of segment number ``segment``."""

    amount: int
    segment: int


@dataclass(frozen=True, slots=True)
class RatioTold:
    """A payment by ratio: the tables' ratios, those used after ``more`` points and what going
    without a referral costs, where it lies on the scale, and what it is."""

    work: Work
    scheme: Scheme
    tables: list[Fen]
    ratios: list[Fen]
    more: Fen
    span: Span
    paid: Fen

    def pieces(self, i: int, low: int, high: int) -> list[Piece]:
        """What lies between two points of the scale, segment by segment."""
        rule = self.scheme.ratio
        bounds = [UNBOUNDED if each.up_to is None else each.up_to for each in rule.segments]
        if not rule.marginal:
            at = next(n for n, bound in enumerate(bounds) if high <= bound)
            return [Piece(high - low, at)] if high > low else []
        found, start = [], 0
        for at, end in enumerate(bounds):
            amount = min(max(high, start), end) - min(max(low, start), end)
            if amount:
                found.append(Piece(amount, at))
            start = end
        return found

    def paid_for(self, i: int, pieces: list[Piece]) -> int:
        return money.half_up(
            sum(each.amount * int(self.ratios[each.segment][i]) for each in pieces), BASIS
        )

    def said(self, i: int, pieces: list[Piece], *, why: bool = True) -> str:
        return "，".join(
            f"{yuan(each.amount)}按{percent(int(self.ratios[each.segment][i]))}"
            f"{self._why(i, each) if why else ''}"
            for each in pieces
        )

    def _why(self, i: int, piece: Piece) -> str:
        """Which segment it is, who the row is for, and the sum that makes the ratio."""
        ratio = int(self.ratios[piece.segment][i])
        table = self.scheme.ratio.segments[piece.segment].ratios
        words = [
            self._segment(piece.segment),
            row_words(self.work.part, table, i, fully=ratio == 0),
            self._sum(i, piece.segment),
        ]
        said = "，".join(filter(None, words))
        return f"（{said}）" if said else ""

    def _segment(self, at: int) -> str:
        rule = self.scheme.ratio
        if len(rule.segments) == 1:
            return ""
        low = rule.segments[at - 1].up_to if at else None
        high = rule.segments[at].up_to
        bounds = f"超过{yuan(low)}" if low is not None else ""
        if high is not None:
            bounds = f"{bounds}至{yuan(high)}" if bounds else f"{yuan(high)}以内"
        counted = "，含起付线" if rule.gross else ""
        return f"{bounds}的部分{counted}" if rule.marginal else f"合计{bounds}{counted}"

    def _sum(self, i: int, at: int) -> str:
        """60%加7个百分点减20个百分点, where the ratio is not the table's own."""
        table, more = int(self.tables[at][i]), int(self.more[i])
        said = percent(table)
        if more:
            ceiling = self._ceiling(i)
            bound = f"，加点以{percent(ceiling)}为限，不再加"
            said += f"加{points(more)}" if table < ceiling else bound
            if table < ceiling < table + more:
                said += f"，以{percent(ceiling)}为限"
        rule = self.scheme.unreferred
        if rule is not None and rule.form != "self_pay":
            less = rule.form == "points"
            value = int(self.work.part.values(rule.values, missing=0 if less else BASIS)[i])
            if value != (0 if less else BASIS):
                said += f"，减{points(value)}" if less else f"，乘以{percent(value)}"
                return said
        return said if more else ""

    def _ceiling(self, i: int) -> int:
        table = self.scheme.ratio_ceiling
        return BASIS if table is None else int(self.work.part.values(table, missing=BASIS)[i])


def note_ratio(told: RatioTold) -> None:
    """Read aloud every segment that the payment runs through, each with its own article.

    Where a layer adds up over the period and the sums do not part without a rest, both are told.
    """
    work, rule, span = told.work, told.scheme.ratio, told.span
    start = np.maximum(span.start, span.floor)

    def pieces(i: int) -> list[Piece]:
        return told.pieces(i, int(start[i]), int(span.end[i]))

    def articles(i: int) -> str:
        tables = [rule.segments[each.segment].ratios for each in pieces(i)]
        cited = [work.part.article(table, i) for table in tables]
        return "、".join(dict.fromkeys(filter(None, cited))) or work.article

    def sentence(i: int) -> str:
        paid, floor = int(told.paid[i]), int(span.floor[i])
        alone = start[i] <= floor or (rule.marginal and told.paid_for(i, pieces(i)) == paid)
        if alone:
            return f"{work.label}{told.said(i, pieces(i))}计算，为{yuan(paid)}"
        now = told.pieces(i, floor, int(span.end[i]))
        before = told.pieces(i, floor, int(start[i]))
        return (
            f"{work.label}累计{told.said(i, now)}计算，为{yuan(told.paid_for(i, now))}，"
            f"减去此前累计{told.said(i, before, why=False)}计算的{yuan(told.paid_for(i, before))}，"
            f"本次{yuan(paid)}"
        )

    work.note(
        Told(
            "ratio",
            f"{work.label}报销比例",
            articles,
            span.end - start,
            told.paid,
            lambda i: "、".join(percent(int(told.ratios[each.segment][i])) for each in pieces(i)),
        ),
        sentence,
        when=span.end > start,
    )
