"""The way of a row through its statuses: one table of who may move it from where to where.

Buttons, refusals, stamps, the audit line, the database's guard and one test over all workflows
(tests/desk/test_workflows.py) come from the table. Why our own and no library:
docs/decisions/0010-workflows-are-tables.md.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypedDict, TypeVar, Unpack, cast

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.audit import audited, line_of
from accounts.errors import Refusal
from accounts.models import AuditLine, User
from accounts.new_rows import insert
from accounts.roles import ROLE_NAMES, Role, may
from desk.changes import locked
from desk.kept import Kept, given
from desk.reasons import MAX_REASON, MIN_REASON, given_reason
from lib.resident_id import people_masked

M = TypeVar("M", bound=models.Model)

START = ""  # before the row exists
STAY = ""  # the status stays; something else about the row changes
PORTAL = ""  # no permission: the portal itself does it, no person may
REASON = MIN_REASON


class Hand(Enum):
    """Whose hand it may be, beyond the permission."""

    OWN = "the first hand: the one who entered it"
    OTHER = "nobody who has had a hand in it"
    ANY = "anyone with the permission"


@dataclass(frozen=True)
class Step:
    """One allowed move. `event` is its name in the audit trail (`<room>.<event>`).

    `source`: one status or several it may be taken from; `target`: `STAY` when it keeps its own.
    `reason`: the least characters of a reason, 0 when none is asked; `asks`: what to write, where
    "the reason of <title>" says too little. `stamps`: the columns that keep who did it and when.
    """

    event: str
    source: str | tuple[str, ...]
    target: str
    permission: str
    title: str
    hand: Hand = Hand.ANY
    reason: int = 0
    asks: str = ""
    stamps: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """The statuses it may be taken from."""
        return self.source if isinstance(self.source, tuple) else (self.source,)


def by_another(
    event: str,
    source: str | tuple[str, ...],
    target: str,
    permission: str,
    title: str,
    *,
    stamp: str,
) -> Step:
    """What nobody does who has had a hand in the row: an agreement, a payment. Kept as the columns
    `<stamp>_by` and `<stamp>_at`."""
    return Step(event, source, target, permission, title, Hand.OTHER, stamps=_columns(stamp))


def with_reason(
    event: str,
    source: str | tuple[str, ...],
    target: str,
    permission: str,
    title: str,
    *,
    asks: str = "",
    stamp: str = "",
    hand: Hand = Hand.ANY,
) -> Step:
    """What is done for a reason that is kept: a refusal, a way back."""
    stamps = _columns(stamp) if stamp else ()
    return Step(event, source, target, permission, title, hand, REASON, asks, stamps)


def _columns(stamp: str) -> tuple[str, str]:
    return f"{stamp}_by", f"{stamp}_at"


class Noted(TypedDict, total=False):
    """What the trail may say of a step beside the row."""

    before: Mapping[str, Any] | None
    reason: str
    beside: Mapping[str, Any] | None


WORKFLOWS: "list[Workflow[Any]]" = []


class Workflow(Generic[M]):
    """The table of one model, whose column `status` it moves.

    `hands`: the columns of those who had a hand in a row, the first hand first. `reason_column`:
    where the row keeps the reason of the last step that asked for one. `called`: what a refusal
    calls the row, from its own columns, where `str` does not. `related`: what is read together with
    it, `deferred`: the large columns that are not read. `unused`: statuses that the model inherits
    and this kind never has.
    """

    def __init__(
        self,
        model: type[M],
        room: str,
        steps: Sequence[Step],
        *,
        called: Callable[[M], str] = str,
        hands: Sequence[str] = (),
        reason_column: str = "",
        related: Sequence[str] = (),
        deferred: Sequence[str] = (),
        unused: Sequence[str] = (),
    ) -> None:
        self.model, self.room, self.steps = model, room, tuple(steps)
        self.called, self.hands = called, tuple(hands)
        self.reason_column = reason_column
        self.related, self.deferred, self.unused = tuple(related), tuple(deferred), tuple(unused)
        self.by_event = {step.event: step for step in steps}
        # As `locked` asks; who gets none at first asks once more, there.
        self._held: Kept[M] = Kept(
            lambda: self._rows().select_for_update(no_key=True, of=("self",)).filter(pk=given("pk"))
        )
        WORKFLOWS.append(self)

    def lock(self, pk: Any) -> M:
        """The row as it is now, locked until the commit, with what `related` names."""
        return self._held.first(pk=pk) or locked(self._rows(), pk)

    def _rows(self) -> "models.QuerySet[M]":
        rows = self.model._default_manager.all()
        if self.related:
            rows = rows.select_related(*self.related)
        return rows.defer(*self.deferred)

    def problem(self, row: M, event: str, actor: User) -> str:
        """Why the actor may not do this to the row, in Chinese; "" when they may."""
        step = self.by_event[event]
        if step.permission == PORTAL or not actor.may(step.permission):
            return f"您的角色不能办理“{step.title}”"
        return self._wrong_status(row, step) or self._wrong_hand(row, step, actor)

    def check(self, row: M, event: str, actor: User | None, reason: str = "") -> str:
        """The reason, ready to be kept, numbers of people in it masked. Raises Refusal when status,
        permission, hand or reason do not fit. Of the portal's own steps only the status is asked:
        the actor, if any, is whose work it finishes."""
        step = self.by_event[event]
        if step.permission == PORTAL:
            wrong = self._wrong_status(row, step)
        elif actor is None:
            raise ValueError(f"{self.room}.{event} is somebody's step")
        else:
            wrong = self.problem(row, event, actor)
        if wrong:
            raise Refusal(wrong)
        if not step.reason:
            return reason
        asks = step.asks or f"{step.title}的原因"
        given = given_reason(reason, asks=asks, least=step.reason, most=self._most())
        return people_masked(given)

    def open_to(self, row: M, user: User) -> list[Step]:
        """What this user may do with the row now, in the table's order: the buttons."""
        return [
            step
            for step in self.steps
            if START not in step.sources and not self.problem(row, step.event, user)
        ]

    def move(
        self,
        pk: Any,
        event: str,
        *,
        actor: User | None,
        reason: str = "",
        beside: Mapping[str, Any] | None = None,
        **columns: Any,
    ) -> M:
        """Lock the row and take one step. Raises Refusal; nothing is written then."""
        return self.take(self.lock(pk), event, actor=actor, reason=reason, beside=beside, **columns)

    def take(
        self,
        row: M,
        event: str,
        *,
        actor: User | None,
        reason: str = "",
        beside: Mapping[str, Any] | None = None,
        **columns: Any,
    ) -> M:
        """One step of a row that is locked already: checked, stamped, saved and recorded.

        `columns` are written beside the status; so are the stamps, and the reason where the step
        asks for one. `beside`: what the audit line says beside the row.
        """
        reason = self.check(row, event, actor, reason)
        step, before = self.by_event[event], audited(row)
        written = {"status": step.target or _status(row), **self._stamps(step, actor), **columns}
        if step.reason and self.reason_column:
            written.setdefault(self.reason_column, reason)
        for name, value in written.items():
            setattr(row, name, value)
        row.save(update_fields=list(written))
        self.note(row, event, actor=actor, before=before, reason=reason, beside=beside)
        return row

    def take_many(
        self,
        rows: Sequence[M],
        event: str,
        *,
        actor: User | None,
        reason: str = "",
        **columns: Any,
    ) -> str:
        """One step of several locked rows in one statement, all of them or none.

        The caller writes the one audit line of what it does with them all. Returns the reason as it
        is kept.
        """
        for row in rows:
            reason = self.check(row, event, actor, reason)
        step = self.by_event[event]
        written = {"status": step.target, **self._stamps(step, actor), **columns}
        for row in rows:
            for name, value in written.items():
                setattr(row, name, value)
        self.model._default_manager.filter(pk__in=[row.pk for row in rows]).update(**written)
        return reason

    def note(self, row: M, event: str, *, actor: User | None, **told: Unpack[Noted]) -> None:
        """The audit line `<room>.<event>`. By itself for a row that a step has just begun."""
        insert([self.line(row, event, actor=actor, **told)])

    def line(
        self,
        row: M,
        event: str,
        *,
        actor: User | None,
        before: Mapping[str, Any] | None = None,
        reason: str = "",
        beside: Mapping[str, Any] | None = None,
    ) -> AuditLine:
        """The same line unsaved, for who writes many at once."""
        return line_of(
            actor=actor,
            action=f"{self.room}.{event}",
            subject=row,
            before=before,
            after=audited(row) | dict(beside or {}),
            reason=reason[:200],
        )

    def create(
        self, event: str, /, *, actor: User | None, noted: Noted | None = None, **columns: Any
    ) -> M:
        """A new row by its first step: checked, written and recorded."""
        row = self.model(**columns)
        self.check(row, event, actor)
        row.save(force_insert=True)
        self.note(row, event, actor=actor, **(noted or {}))
        return row

    def begun(self, row: M, event: str) -> M:
        """A row that is not written yet, with the status that this first step gives it."""
        setattr(row, "status", self.by_event[event].target)  # noqa: B010 - M says no columns
        return row

    @contextmanager
    def foreseen(self, row: M, event: str) -> Iterator[M]:
        """The row as the step will leave it, for rules that look at its status beforehand."""
        before = _status(row)
        try:
            yield self.begun(row, event) if self.by_event[event].target else row
        finally:
            setattr(row, "status", before)  # noqa: B010

    def begin(self, row: M, event: str, *, actor: User | None) -> None:
        """The same of a row that has just been written."""
        self.check(row, event, actor)
        self.note(row, event, actor=actor)

    def turn(self, row: M, reader: User, fitting: Collection[str] | None = None) -> str:
        """Whose turn it is, in one line for who reads: the roles that take the next steps, and who
        has had a hand in the row and may not; "" where nothing is open. `fitting`: the events that
        the room's own rules allow this row today, where they are fewer than the table's. An
        institution reads no names of the office."""
        steps = [
            step
            for step in self.steps
            if _status(row) in step.sources
            and step.target not in {STAY, _status(row)}
            and step.hand is not Hand.OWN
            and step.permission != PORTAL
            and (fitting is None or step.event in fitting)
        ]
        by_permission: dict[str, list[Step]] = {}
        for step in steps:
            by_permission.setdefault(step.permission, []).append(step)
        if not steps:
            return ""
        told = [self._hands_of(row, some, len(by_permission) > 1, reader)
                for some in by_permission.values()]  # fmt: skip
        mine = (
            "，您可以办理" if any(not self.problem(row, one.event, reader) for one in steps) else ""
        )
        return f"{cast(Any, row).get_status_display()}：{'；'.join(told)}{mine}"

    def _hands_of(self, row: M, steps: Sequence[Step], says_what: bool, reader: User) -> str:
        """Who takes these steps of one permission, and who may not because of an earlier hand."""
        roles = "、".join(ROLE_NAMES[role] for role in Role if may(role, steps[0].permission))
        what = f"“{steps[0].title}”" if says_what else ""
        told = f"{what}由{roles}办理"
        if steps[0].hand is not Hand.OTHER or reader.institution_code:
            return told
        hands = [hand for hand in self.hands if hand not in steps[0].stamps]
        users = dict.fromkeys(user for hand in hands if (user := getattr(row, hand)) is not None)
        able = [user.name for user in users if user.may(steps[0].permission)]
        return f"{told}，经办过的{'、'.join(able)}不能再办" if able else told

    def told(self, row: M, event: str) -> str:
        """What the page says after a step: the row, and the step by its own title. Several steps
        end in one status, so the status does not say what was done."""
        return f"{self.called(row).strip()} 已办理“{self.by_event[event].title}”"

    def brought(self, row: M) -> str:
        """By which step the row came where it stands, as the trail keeps it; its status where the
        trail keeps none."""
        titles = {
            f"{self.room}.{step.event}": step.title
            for step in self.steps
            if step.target == _status(row)
        }
        last = AuditLine.objects.filter(
            subject_type=row._meta.label_lower, subject_id=str(row.pk), action__in=titles
        ).order_by("-pk")
        action = last.values_list("action", flat=True).first()
        return titles[action] if action else cast(Any, row).get_status_display()

    def pairs(self) -> list[str]:
        """`from>to` of every move, as `accounts.append_only.only_moves` guards them."""
        moves = {
            f"{source}>{step.target}"
            for step in self.steps
            for source in step.sources
            if source != START and step.target not in {STAY, source}
        }
        return sorted(moves)

    def alike(self) -> list[tuple[str, str]]:
        """(stamped hand, earlier hand) that the database must keep apart as well."""
        return [
            (stamp, hand)
            for step in self.steps
            if step.hand is Hand.OTHER
            for stamp in step.stamps[:1]
            for hand in self.hands[: self.hands.index(stamp)]
        ]

    def _wrong_status(self, row: M, step: Step) -> str:
        if START in step.sources or _status(row) in step.sources:
            return ""
        shown = cast(Any, row).get_status_display()
        return f"{self.called(row)}现为“{shown}”，不能办理“{step.title}”"

    def _wrong_hand(self, row: M, step: Step, actor: User) -> str:
        if step.hand is Hand.OWN and actor.pk != getattr(row, f"{self.hands[0]}_id"):
            return f"只有{self._named(self.hands[0])}本人才能办理“{step.title}”"
        # A step that is taken a second time may be taken by the same hand as the first time.
        earlier = {getattr(row, f"{hand}_id") for hand in self.hands if hand not in step.stamps}
        if step.hand is Hand.OTHER:
            duties = [self._named(hand).removesuffix("人") for hand in self.hands]
            return same_hand(actor, earlier, duties, step.title)
        return ""

    def _most(self) -> int:
        """As many characters of a reason as the row keeps."""
        if not self.reason_column:
            return MAX_REASON
        return self.model._meta.get_field(self.reason_column).max_length or MAX_REASON  # type: ignore[union-attr]

    def _named(self, column: str) -> str:
        field = cast("models.Field[Any, Any]", self.model._meta.get_field(column))
        return str(field.verbose_name)

    def _stamps(self, step: Step, actor: User | None) -> dict[str, Any]:
        return dict(zip(step.stamps, (actor, timezone.now()), strict=False))


def same_hand(actor: User, earlier: Collection[int | None], duties: Sequence[str], act: str) -> str:
    """Why somebody who is among the `earlier` hands may not do the act, in Chinese; "" who may.
    Also for what has no workflow of its own."""
    if actor.pk not in earlier:
        return ""
    return f"{'、'.join(duties)}必须由不同的人办理，您不能再办理“{act}”"


def apart(column: str, *earlier: str, name: str) -> models.CheckConstraint:
    """For a model's constraints: whose hand `column` keeps is none of the earlier hands."""
    other = Q()
    for hand in earlier:
        other &= ~Q(**{column: F(hand)})
    return models.CheckConstraint(condition=Q(**{column: None}) | other, name=name)


def hands_told(*done: tuple[str, User | None, Any]) -> list[tuple[str, str, Any]]:
    """Who did what when, those that did: what `components/hands.html` shows."""
    return [(title, user.name, at) for title, user, at in done if user is not None]


def workflow_of(model: type[models.Model]) -> "Workflow[Any] | None":
    """The table that moves rows of the model."""
    return next((one for one in WORKFLOWS if one.model is model), None)


def _status(row: models.Model) -> str:
    return str(cast(Any, row).status)
