"""Proposing and adopting measures, and reading the ones in force."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Self

from django.db.models import QuerySet

from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing, change
from desk.kept import Kept, given
from desk.reasons import given_reason
from policies.loader import PackError, load_adopted, load_text
from policies.models import Pack
from policies.release import already_done, refuse_unreleased
from policies.terms import Terms
from policies.workflow import PACKS

# On papers of an area without measures.
NO_SCHEME = "居民医疗保险"

# In the trail also what only ends earlier: it stays adopted for the days before.
END = "policies.end"


# At most one: adopted packs of an area do not overlap (policies/models.py).
IN_FORCE = Kept(
    lambda: Pack.objects.in_force(given("area"), given("day")).select_related("area").order_by("pk")
)

_read: ContextVar[dict[tuple[str, date], Pack | None] | None] = ContextVar("_read", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """While one message is answered: what is in force on a day is read once, and the whole of the
    message is judged by that, even if other measures are adopted meanwhile."""
    before = _read.set({})
    try:
        yield
    finally:
        _read.reset(before)


def _adopted(area_code: str, day: date) -> Pack | None:
    known = _read.get()
    if known is None:
        return IN_FORCE.first(area=area_code, day=day)
    if (area_code, day) not in known:
        known[area_code, day] = IN_FORCE.first(area=area_code, day=day)
    return known[area_code, day]


def pack_in_force(*, area_code: str, day: date) -> Pack:
    """The adopted pack of the area for the day. Raises Refusal when there is none."""
    pack = _adopted(area_code, day)
    if pack is None:
        raise Refusal(f"{day:%Y-%m-%d} 没有已采用的政策办法，请先由基金监管提出、复核采用当年办法")
    return pack


@lru_cache(maxsize=32)
def _terms(sha256: str, source: str) -> Terms:
    return load_adopted(source, name=f"{sha256[:12]}.yaml")


def terms_of(pack: Pack) -> Terms:
    """The typed terms of a pack; read once per text and kept."""
    return _terms(pack.sha256, pack.source)


@dataclass(frozen=True)
class Measures:
    """Adopted measures: the pack that a row names, and how its text reads."""

    pack: Pack
    terms: Terms

    @classmethod
    def of(cls, pack: Pack) -> Self:
        return cls(pack, terms_of(pack))

    @classmethod
    def on(cls, *, area_code: str, day: date) -> Self:
        """Those in force on the day. Raises Refusal when none are adopted for it."""
        return cls.of(pack_in_force(area_code=area_code, day=day))

    @classmethod
    def of_visit(cls, *, area_code: str, starts: date, ends: date) -> Self:
        """Those that judge a visit: in force on its first day, or on its last where the measures
        in force then go by the day of discharge.  Raises Refusal when none are adopted for it."""
        first = _adopted(area_code, starts)
        if first is None or ends > first.last_day:
            last = _adopted(area_code, ends)
            if last is not None and terms_of(last).year.by == "discharge":
                return cls.of(last)
        return cls.on(area_code=area_code, day=starts) if first is None else cls.of(first)

    def class_of_kind(self, kind: str) -> str:
        """The first bill class of the kind ("self_pay", "institution"), "" when there is none."""
        return next((c.code for c in self.terms.bill.classes.values() if c.kind == kind), "")


def terms_in_force(*, area_code: str, day: date) -> Terms:
    """The typed terms in force. Raises Refusal when there are none."""
    return terms_of(pack_in_force(area_code=area_code, day=day))


def scheme_on(area_code: str, day: date) -> str:
    """What the insurance is called by the measures in force; `NO_SCHEME` where there are none."""
    try:
        return terms_in_force(area_code=area_code, day=day).scheme
    except Refusal:
        return NO_SCHEME


@all_or_nothing()
def propose_pack(*, actor: User, area: Division, source: str) -> Pack:
    """Put a checked text forward. Raises Refusal with every problem the checker finds."""
    try:
        terms = load_text(source, name="上传的办法")
    except PackError as error:
        raise Refusal("；".join(str(problem) for problem in error.problems), "source") from None
    if terms.area.code != area.code:
        raise Refusal(
            f"办法写的统筹区是 {terms.area.code}，与本区 {area.code} 不符："
            "请把文件开头 area 的 code、name 改成本区的",
            "source",
        )
    # The area's row stands for the series of its versions: two who propose at once get two numbers.
    Division.objects.select_for_update().get(pk=area.pk)
    latest = Pack.objects.filter(area=area).order_by("version").last()
    return PACKS.create(
        "propose",
        actor=actor,
        area=area,
        name=terms.title,
        version=latest.version + 1 if latest else 1,
        first_day=terms.valid_from,
        last_day=terms.valid_to,
        source=source,
        sha256=hashlib.sha256(source.encode()).hexdigest(),
        proposed_by=actor,
    )


@all_or_nothing()
def adopt_pack(*, actor: User, pack: Pack, approval: str) -> Pack:
    """Put a proposed pack in force. Must be somebody else than who proposed it.

    `approval` is the number of the paper by which the government approved it. A text that was not
    tried on the area's claims, or whose differences two people have not signed, is refused
    (policies/release.py). An earlier version for the same first day is replaced. Measures that
    began earlier end the day before the new ones begin. An overlap that neither settles is refused.
    """
    pack = PACKS.lock(pack.pk)
    PACKS.check(pack, "adopt", actor)
    approval = given_reason(approval, asks="批准文号", least=4, most=60, at=("approval",))
    refuse_unreleased(pack)
    for other in _overlapping(pack):
        _make_way(other, pack, actor)
    return PACKS.take(pack, "adopt", actor=actor, approval=approval)


@all_or_nothing()
def refuse_pack(*, actor: User, pack: Pack, reason: str) -> Pack:
    """Give a proposed version back to who proposed it, with the reason; it never is in force."""
    return PACKS.move(pack.pk, "refuse", actor=actor, reason=reason)


def _overlapping(pack: Pack) -> QuerySet[Pack]:
    return Pack.objects.adopted().filter(
        area=pack.area_id, first_day__lte=pack.last_day, last_day__gte=pack.first_day
    )


def consequences(pack: Pack) -> list[str]:
    """What adopting a proposed version would do to the measures in force, a sentence for each."""
    found = []
    for other in _overlapping(pack):
        named = f"“{other}”（{other.first_day} 至 {other.last_day}）"
        try:
            last_day = _ends(other, pack)
        except Refusal as refusal:
            found.append(f"现在还不能采用：{refusal.message}。")
        else:
            ended = f"到 {last_day} 为止" if last_day else "由本版全部代替"
            found.append(f"采用后，现行{named}{ended}。")
    return found + already_done(pack)


def _ends(other: Pack, pack: Pack) -> date | None:
    """The last day that `other` keeps when `pack` takes over; None when nothing is left of it."""
    if other.last_day <= pack.last_day and other.first_day <= pack.first_day:
        return None if other.first_day == pack.first_day else pack.first_day - timedelta(days=1)
    raise Refusal(
        f"与已采用的“{other}”（{other.first_day} 至 {other.last_day}）日期重叠，"
        "新办法须接续或覆盖其剩余期间，请调整生效、失效日期"
    )


def _make_way(other: Pack, pack: Pack, actor: User) -> None:
    """End or replace measures in force that the new ones take over from."""
    other = PACKS.lock(other.pk)
    last_day = _ends(other, pack)
    if last_day is None:
        PACKS.take(other, "end", actor=actor)
        return
    with change(Pack.objects.select_related("area"), other.pk, actor=actor, action=END) as ended:
        ended.last_day = last_day
