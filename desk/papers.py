"""Papers: what was printed is kept; printed again it is a copy of that, and says so.

A room describes its papers in `papers.py` (`PaperKind`) and gives each a route (`paper_route`).
To look at a paper changes nothing; to print it is a POST, whose answer is the paper itself.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, asdict, dataclass, field, replace
from datetime import date
from typing import Any, Literal, cast

from django.db import models
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone

from accounts.audit import division_of, record
from accounts.clock import today
from accounts.errors import Refusal
from accounts.fields import blind_index
from accounts.forms import say_refused
from accounts.models import User
from accounts.permissions import Request, asks
from accounts.readable import readable
from desk import plugins
from desk.changes import all_or_nothing
from desk.locks import lock_name
from desk.models import Paper
from desk.numbers import next_number
from desk.plugins import Signed
from desk.reasons import given_reason

Facts = dict[str, Any]
KINDS: dict[str, "PaperKind"] = {}


def itself(row: Any) -> models.Model:
    found: models.Model = row
    return found


@dataclass(frozen=True)
class PaperKind:
    """One kind of paper. `row` in what follows is whatever the route's `rows` finds.

    `facts`: what stands on the paper as plain JSON (amounts and days as the texts that are read);
    the template sees nothing else of the row. `subject`: the stored row that it is about.
    `division_code`: whose paper it is, where that is not who sees the subject.
    `edition`: tells papers of one subject apart that are issued one after the other.
    `is_final`: before that it is a draft, which keeps nothing.
    `marks`: what happened to the row since, to be said on every later print (void, reversed).
    `kept`: False for working lists, which show the present. `series`: numbered without gaps by
    area and year, 整改通知书〔2026〕12号.
    """

    code: str
    title: str
    template: str
    permission: str
    facts: Callable[[Any], Facts]
    _: KW_ONLY
    subject: Callable[[Any], models.Model] = itself
    division_code: Callable[[Any], str] = lambda row: ""
    edition: Callable[[Any], str] = lambda row: ""
    is_final: Callable[[Any], bool] = lambda row: True
    marks: Callable[[Any], list[str]] = lambda row: []
    series: str = ""
    kept: bool = True
    size: Literal["A4", "A4 landscape", "A4 half"] = "A4"
    # Of a paper that is made to check people: which facts are their numbers, and how each is shown
    # to who only looks. Its print bears them in full, asks why, and is recorded as a reveal.
    clear: Mapping[str, Callable[[str], str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if KINDS.setdefault(self.code, self) is not self:
            raise ValueError(f"two kinds of paper are called {self.code}")

    def place(self, row: Any) -> str:
        """Code of the division whose paper it is."""
        return self.division_code(row) or division_of(self.subject(row))

    @property
    def page(self) -> str:
        """The style sheet's name of the paper's size."""
        return self.size.lower().replace(" ", "-")


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One paper as it is shown. `original` and `copy`: its first print and the present reprint."""

    facts: Facts
    marks: list[str]
    number: str = ""
    original: Paper | None = None
    copy: Paper | None = None


@dataclass(frozen=True)
class Hand:
    """Who prints, when, and why once more."""

    actor: User
    on: date
    reason: str


def spelled_out(facts: Facts) -> str:
    """The one spelling that is sealed and fingerprinted. TypeError for what is not plain JSON."""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _whole(paper: Paper, facts: str) -> str:
    """The facts together with whose they are, so that none can be exchanged."""
    whose = [paper.kind, paper.subject_type, paper.subject_id, paper.edition, paper.number]
    return "\0".join([*whose, facts])


def fingerprint(paper: Paper, facts: str) -> str:
    """Keyed digest of the facts together with whose they are."""
    return blind_index("desk.paper", _whole(paper, facts))


def _signed(paper: Paper) -> dict[str, str] | None:
    """The signature of an original, where somebody signs for the county. Raises Refusal where they
    do not sign now: the paper cannot be signed later."""
    if not plugins.is_connected(plugins.SIGNATURE):
        return None
    return asdict(plugins.signature().sign(_whole(paper, paper.facts).encode()))


Key = tuple[str, str, str]  # subject_type, subject_id, edition


def _key(kind: PaperKind, row: Any) -> Key:
    subject = kind.subject(row)
    return subject._meta.label_lower, str(subject.pk), kind.edition(row)


def _earlier(kind: PaperKind, keys: Sequence[Key]) -> dict[Key, list[Paper]]:
    """The prints made so far, the original first. One statement."""
    found: dict[Key, list[Paper]] = defaultdict(list)
    if not kind.kept:
        return found
    prints = Paper.objects.filter(
        kind=kind.code,
        subject_type__in={key[0] for key in keys},
        subject_id__in={key[1] for key in keys},
    )
    for paper in prints.select_related("printed_by").order_by("copy"):
        found[paper.subject_type, paper.subject_id, paper.edition].append(paper)
    return found


def _sheet(kind: PaperKind, row: Any, prints: Sequence[Paper]) -> Sheet:
    """The paper as it stands: the kept facts where it was printed before, else the present."""
    if prints:
        original = prints[0]
        facts, number = json.loads(original.facts), original.number
        return Sheet(facts=facts, marks=kind.marks(row), number=number, original=original)
    return Sheet(facts=json.loads(spelled_out(kind.facts(row))), marks=kind.marks(row))


def look_at(kind: PaperKind, rows: Sequence[Any]) -> list[Sheet]:
    """The papers to look at, numbers masked; nothing is issued."""
    keys = [_key(kind, row) for row in rows]
    earlier = _earlier(kind, keys)
    sheets = [_sheet(kind, row, earlier[key]) for row, key in zip(rows, keys, strict=True)]
    return [replace(sheet, facts=_masked(kind, sheet.facts)) for sheet in sheets]


def _masked(kind: PaperKind, facts: Any) -> Any:
    if isinstance(facts, list):
        return [_masked(kind, one) for one in facts]
    if not isinstance(facts, dict):
        return facts
    return {
        name: kind.clear[name](value)
        if name in kind.clear and isinstance(value, str) and value
        else _masked(kind, value)
        for name, value in facts.items()
    }


def _numbers_on(kind: PaperKind, facts: Any) -> int:
    """How many numbers of people the facts bear."""
    if isinstance(facts, list):
        return sum(_numbers_on(kind, one) for one in facts)
    if not isinstance(facts, dict):
        return 0
    return sum(
        bool(value) if name in kind.clear else _numbers_on(kind, value)
        for name, value in facts.items()
    )


def _issue(kind: PaperKind, row: Any, key: Key, hand: Hand) -> Paper:
    subject_type, subject_id, edition = key
    code, year, number = kind.place(row), hand.on.year, ""
    if kind.series:
        number = f"{kind.series}〔{year}〕{next_number(kind.series, code[:6], year)}号"
    paper = Paper(
        kind=kind.code,
        subject_type=subject_type,
        subject_id=subject_id,
        edition=edition,
        number=number,
        division_code=code,
        facts=spelled_out(kind.facts(row)),
        printed_by=hand.actor,
        printed_at=timezone.now(),
    )
    paper.fingerprint = fingerprint(paper, paper.facts)
    paper.signature = _signed(paper)
    return paper


SAME = ("kind", "subject_type", "subject_id", "edition", "number", "division_code", "fingerprint")


def _copy(prints: Sequence[Paper], hand: Hand) -> Paper:
    return Paper(
        **{name: getattr(prints[0], name) for name in SAME},
        copy=prints[-1].copy + 1,
        printed_by=hand.actor,
        printed_at=timezone.now(),
        reason=hand.reason,
    )


def _print_one(
    kind: PaperKind, row: Any, key: Key, prints: Sequence[Paper], hand: Hand
) -> tuple[Sheet, Paper | None]:
    """The sheet, and the print to be stored; none for working lists and drafts."""
    if prints:
        copy = _copy(prints, hand)
        return replace(_sheet(kind, row, prints), copy=copy), copy
    if not kind.kept or not kind.is_final(row):
        return _sheet(kind, row, []), None
    original = _issue(kind, row, key, hand)
    return _sheet(kind, row, [original]), original


def _print(kind: PaperKind, rows: Sequence[Any], hand: Hand) -> list[Sheet]:
    keys = [_key(kind, row) for row in rows]
    earlier = _earlier(kind, keys)
    printed = [
        _print_one(kind, row, key, earlier[key], hand) for row, key in zip(rows, keys, strict=True)
    ]
    papers = Paper.objects.bulk_create([paper for _, paper in printed if paper])
    record(
        actor=hand.actor,
        action="desk.print_paper",
        subject=papers[0] if papers else kind.subject(rows[0]),
        division_code=kind.place(rows[0]),
        after={
            "kind": kind.title,
            "subject_type": keys[0][0],
            "subject_id": ", ".join(key[1] for key in keys),
            "number": ", ".join(paper.number for paper in papers if paper.number),
            "copy": ", ".join(str(paper.copy) for paper in papers),
        },
        reason=hand.reason,
    )
    sheets = [sheet for sheet, _ in printed]
    if numbers := sum(_numbers_on(kind, sheet.facts) for sheet in sheets):
        record(
            actor=hand.actor,
            action="desk.reveal_on_paper",
            subject=kind.subject(rows[0]),
            division_code=kind.place(rows[0]),
            after={"kind": kind.title, "numbers": numbers},
            reason=hand.reason,
        )
    return sheets


def print_papers(
    kind: PaperKind, rows: Sequence[Any], *, actor: User, on: date, reason: str = ""
) -> list[Sheet]:
    """Print each row's paper: the first time it is issued and kept, later it is a copy of that.

    `on`: the day, whose year the series is numbered in. Recorded in the audit trail. Raises
    Refusal when there is nothing to print.
    """
    if not rows:
        raise Refusal(f"没有可打印的{kind.title}")
    if kind.clear:
        reason = given_reason(reason, asks="打印用途：纸面印有完整证件号")
    with all_or_nothing():
        if kind.kept:
            # Two windows that print the same paper: the second waits, and finds the original.
            lock_name(kind.place(rows[0])[:6], f"desk.paper:{kind.code}")
        return _print(kind, rows, Hand(actor, on, readable(reason, "事由", "reason")))


def print_paper(kind: PaperKind, row: Any, *, actor: User, on: date, reason: str = "") -> Sheet:
    """One paper (see `print_papers`)."""
    return print_papers(kind, [row], actor=actor, on=on, reason=reason)[0]


Found = Any  # a row, or a list of rows that are printed one after the other


def paper_route(
    route: str, kind: PaperKind, rows: Callable[..., Found], *, name: str, back: str = ""
) -> URLPattern:
    """The page of a paper: GET shows it, POST prints it and answers with the paper.

    `rows(request, **parameters)` finds what is printed within the user's scope (404 outside it);
    a Refusal of it goes as a message to the route named `back`.
    """

    @asks(kind.permission)
    def view(request: Request, **parameters: Any) -> HttpResponseBase:
        try:
            found = rows(request, **parameters)
        except Refusal as refusal:
            say_refused(request, refusal)
            return redirect(back or "accounts:home")
        several = found if isinstance(found, list) else [found]
        is_printed = False
        if request.method == "POST":
            reason = request.POST.get("reason", "")[:200]
            try:
                sheets = print_papers(kind, several, actor=request.user, on=today(), reason=reason)
                is_printed = True
            except Refusal as refusal:
                say_refused(request, refusal)
                if not several:
                    return redirect(back or "accounts:home")
        if not is_printed:
            sheets = look_at(kind, several)
        context = {
            "kind": kind,
            "sheets": sheets,
            "row": found,
            "is_printed": is_printed,
            "was_printed": any(sheet.original for sheet in sheets),
        }
        return render(request, kind.template, context)

    cast(Any, view).kind = kind
    return path(route, view, name=name)


def page_print(request: Request, kind: PaperKind, row: Any) -> dict[str, Any]:
    """For a page that is printed as it stands (a report): what its template needs to know of it.

    POST prints it (`components/print.html`), GET only looks.
    """
    if request.method != "POST":
        return {}
    reason = request.POST.get("reason", "")[:200]
    sheet = print_paper(kind, row, actor=request.user, on=today(), reason=reason)
    return {"is_printed": True, "sheet": sheet}


def altered_papers() -> Iterator[str]:
    """The kept papers whose facts no longer fit their fingerprint, in Chinese."""
    for paper in Paper.objects.filter(copy=0).iterator(chunk_size=500):
        if fingerprint(paper, paper.facts) != paper.fingerprint:
            yield f"单据 {paper.pk}（{paper}）的票面内容与指纹不符，请联系审计人员"
        elif not _is_right(paper):
            yield f"单据 {paper.pk}（{paper}）的电子签名与票面内容不符，请联系审计人员"


def _is_right(paper: Paper) -> bool:
    """Whether the signature is of these facts, as far as somebody who signs is asked."""
    if paper.signature is None or not plugins.is_connected(plugins.SIGNATURE):
        return True
    signed = Signed(**paper.signature)
    try:
        return plugins.signature().is_right(_whole(paper, paper.facts).encode(), signed)
    except Refusal:  # nobody who is asked can judge it
        return True
