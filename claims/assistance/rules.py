"""What an application for medical assistance comes to. Pure: fen in, fen and sentences out."""

from dataclasses import dataclass

from lib.money import half_up, to_yuan, told
from policies.terms import AidKind, AidRate

WHOLE = 10_000  # ratios are 1/10000
BASES = {"own_pay": "政策范围内个人自付", "premium": "本年个人缴费"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The year so far, fen. `own`: what the person bore of what the kind looks at, after all
    layers. `others`: what other kinds gave for the same care, `granted`: what this kind gave.
    `used`: of the cap, by applications and, where they share it, by layers of claims."""

    own: int
    others: int = 0
    granted: int = 0
    used: int = 0


@dataclass(frozen=True, slots=True)
class Aid:
    """Fen to be given, and what it was computed from as people read it."""

    fen: int
    steps: tuple[str, ...]


def compute(kind: AidKind, rate: AidRate, so_far: Standing) -> Aid:
    """The year's due less what was given: applied for once or in parts, it comes to the same.

    救助 = (余下合规自付 − 救助起付) × 救助比例, ≤ 救助剩余封顶 (国办发〔2021〕42号 and the county's
    own figures). No yuan is given twice: what any kind gave for the same care is no own pay any
    more, and a kind never gives more than the person bore.
    """
    left = max(0, so_far.own - so_far.others)
    above = max(0, left - rate.floor)
    due = half_up(above * rate.ratio, WHOLE)
    rest = max(0, due - so_far.granted)
    room = max(0, kind.cap - so_far.used)
    fen = min(rest, room)
    steps = [f"{BASES[kind.base]}{_said(so_far.own)}"]
    if so_far.others:
        steps.append(f"减去其他救助已给付{_said(so_far.others)}，余{_said(left)}")
    if rate.floor:
        steps.append(f"减去救助起付{_said(rate.floor)}，余{_said(above)}")
    steps.append(f"按{rate.ratio / 100:g}%救助（{rate.article}），应{_said(due)}")
    if so_far.granted:
        steps.append(f"减去本年同类救助已给付{_said(so_far.granted)}，余{_said(rest)}")
    if rest > room:
        used = f"，已用{_said(so_far.used)}" if so_far.used else ""
        steps.append(f"年限额{_said(kind.cap)}{used}，只能给付{_said(room)}")
    return Aid(fen, tuple(steps))


def _said(fen: int) -> str:
    return f"{told(to_yuan(fen))}元"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A settled claim, fen: what of it the person bore within the scope of insurance."""

    in_scope: int
    fund: int
    beyond: int
    hospital: int
    borne: int
    cash: int
    more: int = 0

    @property
    def own(self) -> int:
        """Never more than the cash that was paid. `more`: paid later as a supplement. What layers
        paid outside the scope counts against it: for the fund's safety, not the applicant's."""
        rest = self.in_scope - (self.fund - self.beyond) - (self.hospital - self.borne)
        return max(0, min(rest, self.cash) - self.more)
