"""A message takes effect once, however often and in whatever order it and its correction come.

Everything about one message number happens under a lock of that number, in one transaction with
what the message does: a process that is killed leaves neither the effect nor the number.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.errors import Refusal
from desk.changes import all_or_nothing
from desk.kept import Kept, given
from gateway.asked import Asked, Transaction
from gateway.clients.models import Client
from gateway.messages.models import Message
from institutions.models import Institution
from policies.services import read_once

# Seconds. So long somebody waits for the answer to the same message that is still under way.
WAITS = 3.0
STEP = 0.02

UNDER_WAY = "同一报文正在办理，请稍后用同一报文再问结果，不要换报文号重发"
OTHER_CONTENT = "这个发送方报文 ID 已用于另一内容，请换新的报文 ID"
REVERSED = "这个报文已经冲正，不再办理；需要办理的，请用新的报文 ID"


SENT = Kept(
    lambda: Message.objects.filter(institution_id=given("institution"), msgid=given("msgid"))
)


class UnderWayError(Exception):
    """The same message is still being worked on."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """Which message it is: by whom, its number and the fingerprint of what it asks."""

    client: Client
    institution: Institution
    infno: str
    msgid: str
    digest: str
    at: datetime


def hold(institution: Institution, msgid: str) -> None:
    """Lock a message number until the transaction ends. Raises UnderWayError after WAITS.

    Tried again and again instead of waited for in the database: whoever waits there holds a
    snapshot, and the limits of the house would end it with an error.
    """
    key = hashlib.sha256(f"{institution.pk} {msgid}".encode()).digest()[:8]
    number = int.from_bytes(key, signed=True)
    until = time.monotonic() + WAITS
    while not _held(number):
        if time.monotonic() > until:
            raise UnderWayError
        time.sleep(STEP)


def _held(number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return bool(cursor.fetchone()[0])


def answered(
    sent: Sent,
    transaction_: Transaction,
    asked: Asked,
    *,
    told: Callable[[Any], str],
    refused: Callable[[Refusal], str],
) -> str:
    """The answer to the message: the one that was given before, else what it comes to now.

    `told`, `refused`: write an answer down. Raises UnderWayError; Refusal where the database
    refuses at the commit, of which nothing is kept.
    """
    with all_or_nothing():
        hold(sent.institution, sent.msgid)
        before = SENT.first(institution=sent.institution.pk, msgid=sent.msgid)
        if before is not None and (again := _again(before, sent)) is not None:
            return again or refused(Refusal(_why_not(before, sent)))
        try:
            with transaction.atomic(), read_once():
                answer, done = told(transaction_.do(asked)), True
        except Refusal as refusal:
            answer, done = refused(refusal), False
            asked.undone()
        if before is None:
            message = keep(sent, answer=answer, done=done, writes=transaction_.writes, asked=asked)
            if asked.corrects:
                Message.objects.filter(pk__in=asked.corrects).update(reversed_by=message)
        return answer


def _again(before: Message, sent: Sent) -> str | None:
    """The answer that was kept; "" for one that is refused, None when it is worked out anew."""
    same = before.digest == sent.digest and before.infno == sent.infno
    if not same or before.reversed_by_id is not None:
        return ""
    # One that only reads tells what is so today.
    return before.answer or (None if not before.writes else "")


def _why_not(before: Message, sent: Sent) -> str:
    return REVERSED if before.reversed_by_id is not None else OTHER_CONTENT


def keep(
    sent: Sent, *, answer: str, done: bool, writes: bool, asked: Asked | None = None
) -> Message:
    """Write the message down with its answer; of one that read nothing but that it came."""
    return Message.objects.create(
        client=sent.client,
        institution=sent.institution,
        infno=sent.infno,
        msgid=sent.msgid,
        digest=sent.digest,
        is_done=done,
        answer=answer if writes or not done else "",
        received_at=sent.at,
        writes=writes,
        visit=asked.made.get("visit") if asked else None,
        settlement=asked.made.get("settlement") if asked else None,
    )
