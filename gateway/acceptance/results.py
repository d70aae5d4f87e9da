"""Which transactions of its acceptance list an institution's programs have done (自测)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

import simplejson
from django.db.models import Count, Max, Q
from django.utils import timezone

from desk.tones import TonedChoices
from gateway.acceptance.models import Fault
from gateway.clients.models import Client
from gateway.interface.acceptance import TITLES, Kind, must_pass
from gateway.messages.models import Message
from gateway.transactions import TRANSACTIONS
from institutions.models import Institution, Level

LISTS = {
    Level.VILLAGE: Kind.CLINIC,
    Level.TOWNSHIP: Kind.FIRST,
    Level.CENTRAL: Kind.FIRST,
    Level.COUNTY: Kind.SECOND,
    Level.CITY: Kind.SECOND,
    Level.PROVINCE: Kind.SECOND,
}


class Verdict(TonedChoices):
    """What the messages of the period say of one transaction."""

    PASSED = "passed", "good", "通过"
    FAILED = "failed", "bad", "未通过"
    NEVER = "never", "wait", "未发送"
    CLOSED = "closed", "idle", "本平台未开通"


class Standing(TonedChoices):
    """What the messages of the period say of the whole list."""

    WHOLE = "whole", "good", "全部通过"
    BEGUN = "begun", "wait", "测试中"
    NOT_YET = "not_yet", "idle", "未开始"


@dataclass(frozen=True)
class Line:
    """One transaction of the list. `done`, `refused`: how many messages; `told`: why the last one
    that was refused was, where none was done."""

    infno: str
    title: str
    verdict: Verdict
    done: int = 0
    refused: int = 0
    last_at: datetime | None = None
    told: str = ""


@dataclass(frozen=True)
class Result:
    """A whole list. What the portal does not answer is told and counts for nothing."""

    kind: Kind
    lines: Sequence[Line]

    @property
    def title(self) -> str:
        """Whose list it is."""
        return TITLES[self.kind]

    def number(self, verdict: Verdict) -> int:
        """How many transactions came to this."""
        return sum(line.verdict == verdict for line in self.lines)

    @property
    def must(self) -> int:
        """How many count."""
        return len(self.lines) - self.number(Verdict.CLOSED)

    @property
    def passed(self) -> int:
        """How many passed."""
        return self.number(Verdict.PASSED)

    @property
    def failed(self) -> int:
        """How many were tried in vain."""
        return self.number(Verdict.FAILED)

    @property
    def never(self) -> int:
        """How many nobody tried."""
        return self.number(Verdict.NEVER)

    @property
    def standing(self) -> "Standing":
        """How far the institution has come."""
        if self.passed == self.must:
            return Standing.WHOLE
        return Standing.BEGUN if self.passed or self.failed else Standing.NOT_YET

    @property
    def open(self) -> list[Line]:
        """What counts."""
        return [line for line in self.lines if line.verdict != Verdict.CLOSED]

    @property
    def closed(self) -> list[Line]:
        """What the portal does not answer."""
        return [line for line in self.lines if line.verdict == Verdict.CLOSED]


class Sent(NamedTuple):
    """Messages of one transaction of one institution."""

    done: int
    refused: int
    last_at: datetime
    last_refused: int | None


def kind_of(institution: Institution, kinds: Collection[str]) -> Kind:
    """Its list: a pharmacy's where only tills speak for it, else that of its level."""
    if kinds and set(kinds) == {Client.Kind.TILL}:
        return Kind.PHARMACY
    if institution.kind == Institution.Kind.CLINIC:
        return Kind.CLINIC
    return LISTS[Level(institution.level)]


def results(institutions: Sequence[Institution], *, since: date, until: date) -> dict[int, Result]:
    """The result of each by its key; the statements do not grow with the institutions."""
    begins, ends = _moment(since), _moment(until + timedelta(days=1))
    clients = Client.objects.filter(institution__in=institutions)
    kinds: dict[int, set[str]] = {}
    for institution, kind in clients.values_list("institution", "kind"):
        kinds.setdefault(institution, set()).add(kind)
    in_time = Q(received_at__gte=begins, received_at__lt=ends)
    sent = _counted(Message.objects.filter(in_time, client__in=clients.values("pk")))
    faults = Fault.objects.filter(client__in=clients.values("pk"), at__gte=begins, at__lt=ends)
    faulty: dict[tuple[int, str], Fault] = {}
    for fault in faults.select_related("client").order_by("at"):
        faulty[fault.client.institution_id, fault.infno] = fault
    in_vain = [one.last_refused for one in sent.values() if not one.done and one.last_refused]
    words = {
        message.pk: _told(message.answer)
        for message in Message.objects.filter(pk__in=in_vain).only("answer")
    }
    return {
        one.pk: _result(one, kind_of(one, kinds.get(one.pk, ())), sent, faulty, words)
        for one in institutions
    }


def _moment(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _counted(messages: Any) -> dict[tuple[int, str], Sent]:
    rows = (
        messages.order_by()
        .values("institution", "infno")
        .annotate(
            done=Count("pk", filter=Q(is_done=True)),
            refused=Count("pk", filter=Q(is_done=False)),
            last_at=Max("received_at"),
            last_refused=Max("pk", filter=Q(is_done=False)),
        )
    )
    return {
        (row["institution"], row["infno"]): Sent(
            row["done"], row["refused"], row["last_at"], row["last_refused"]
        )
        for row in rows
    }


def _told(answer: str) -> str:
    """What an answer that was kept says; "" where it cannot be read any more."""
    try:
        told = simplejson.loads(answer).get("err_msg", "")
    except (ValueError, AttributeError):
        return ""
    return str(told)


def _result(
    institution: Institution,
    kind: Kind,
    sent: Mapping[tuple[int, str], Sent],
    faulty: Mapping[tuple[int, str], Fault],
    words: Mapping[int, str],
) -> Result:
    lines = []
    for infno, title in must_pass(kind).items():
        key = (institution.pk, infno)
        lines.append(_line(infno, title, sent.get(key), faulty.get(key), words))
    return Result(kind, lines)


def _line(
    infno: str, title: str, sent: Sent | None, fault: Fault | None, words: Mapping[int, str]
) -> Line:
    if infno not in TRANSACTIONS:
        return Line(infno, title, Verdict.CLOSED)
    if sent is None and fault is None:
        return Line(infno, title, Verdict.NEVER)
    done, refused = (sent.done, sent.refused) if sent else (0, 0)
    moments = [one for one in (sent and sent.last_at, fault and fault.at) if one]
    if done:
        return Line(infno, title, Verdict.PASSED, done, refused, max(moments))
    told = words.get(sent.last_refused, "") if sent and sent.last_refused else ""
    if fault and (sent is None or fault.at > sent.last_at):
        told = fault.told
    faults = fault.number if fault else 0
    return Line(infno, title, Verdict.FAILED, done, refused + faults, max(moments), told)
