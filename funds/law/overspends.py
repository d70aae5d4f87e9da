"""街镇超支分担 (大足办法 第二十六条(三)): what townships and institutions are to bear of a year,
what of it is paid off, and what they paid beyond it (funds/law/overpaid.py)."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Sum

from accounts.errors import Refusal
from accounts.models import Division, User
from desk.locks import lock_name
from funds.events import EVENTS
from funds.law.known import Overspend, overspends
from funds.law.working import Step, Working, cited, postings, rules_of
from funds.models import ZERO, Account, Book, Posting, Voucher
from funds.services.posting import EventLine, post_event, reverse_voucher
from lib.money import told

OWED, INCOME = "1101-overspend", "4501-overspend"
# Out of the income of the year in which it came, and what came in a year that is over.
RETURNED = ("overspend_returned", "earlier_overspend_returned")
# Who enters one of these waits for whoever enters another of the year.
TOGETHER = ("overspend_received", "overspend_charged", *RETURNED)
Who = tuple[int, str, str]  # township, funding level, institution


def charge(book: Book, year: int, on: date) -> Working:
    """What others bear of every township's overspend, less what was charged."""
    terms, rules = rules_of(book, year)
    found = overspends(book, year)
    shares = rules.overspend.get("township")
    article = shares.article if shares else ""
    charged = _by_whom(postings(book).filter(voucher__event="overspend_charged"), year)
    early = _paid_before(book, year)
    bears = bears_of(found or (), year)
    _take_off(returned_of(book, year), early, charged, bears)
    steps: list[Step] = []
    lines: list[EventLine] = []
    for one in found or ():
        steps += _steps(one, article)
        for line in lines_of(one, year):
            due = line.amount - charged.pop(_who(line), ZERO)
            due = _without(early, _who(line), due)
            if due > 0:
                lines.append(_with(line, due))
            elif due < 0:
                steps.append(_too_much(one.township.name, -due))
    towns = Division.objects.in_bulk([who[0] for who, amount in charged.items() if amount > 0])
    steps += [
        _too_much(towns[who[0]].name, amount) for who, amount in charged.items() if amount > 0
    ]
    amount = sum((one.amount for one in found or ()), ZERO)
    return Working(
        event="overspend_charged",
        year=year,
        law=cited(terms, article),
        source=f"{year}年度街镇超支 {told(amount)} 元",
        steps=tuple(steps),
        lines=tuple(lines),
        stops=tuple(_stops(found, year, on)),
        nothing=f"{year}年度没有街镇超支，或已全部挂账",
    )


def hold(book: Book, years: Iterable[int | None]) -> None:
    """Wait for whoever charges or receives of these years: of both, the second sees the first."""
    for year in sorted({year for year in years if year is not None}):
        lock_name(book.area.code, f"funds.law:{book.pk}:overspend_charged:{year}")


def _paid_before(book: Book, year: int) -> dict[Who, Decimal]:
    """Who paid, an institution "" where none was named → what came in and found nothing charged
    that it could clear."""
    rows = postings(book).filter(
        policy_year=year,
        township__isnull=False,
        voucher__reversal_of=None,
        voucher__reversal=None,
    )
    used = {
        (key, town, level): total
        for key, town, level, total in rows.filter(
            voucher__event="overspend_cleared", account__code=OWED
        )
        .values_list("voucher__key", "township", "funding_level")
        .annotate(Sum("credit"))
    }
    found: dict[Who, Decimal] = {}
    receipts = rows.filter(voucher__event="overspend_received", account__code=INCOME)
    for row in receipts.select_related("voucher").order_by("pk"):
        assert row.township_id is not None
        at = (_key(row.voucher), row.township_id, row.funding_level)
        cleared = min(row.credit, used.get(at, ZERO))
        if cleared:
            used[at] -= cleared
        who = (row.township_id, row.funding_level, row.institution_code)
        found[who] = found.get(who, ZERO) + row.credit - cleared
    return found


def received_of(book: Book, year: int, booked_in: int | None = None) -> dict[Who, Decimal]:
    """Who paid → yuan that came in of the year's overspend; of all years or booked in this one."""
    return _moved(book, year, ("overspend_received",), booked_in)


def returned_of(book: Book, year: int, booked_in: int | None = None) -> dict[Who, Decimal]:
    """The same that went back, below zero the other way round: positive yuan. `booked_in`: out of
    the income of that year."""
    events = RETURNED if booked_in is None else RETURNED[:1]
    return {who: -yuan for who, yuan in _moved(book, year, events, booked_in).items()}


def _moved(
    book: Book, year: int, events: Sequence[str], booked_in: int | None
) -> dict[Who, Decimal]:
    rows = postings(book).filter(
        policy_year=year,
        township__isnull=False,
        voucher__event__in=events,
        account__kind__in=(Account.Kind.INCOME, Account.Kind.EXPENSE),
    )
    if booked_in is not None:
        rows = rows.filter(period__year=booked_in)
    sums = (
        rows.order_by("township__code", "funding_level", "institution_code")
        .values_list("township", "funding_level", "institution_code")
        .annotate(total=Sum(F("credit") - F("debit")))
    )
    return {(town, level, code): total for town, level, code, total in sums}


def _take_off(
    returned: dict[Who, Decimal],
    early: dict[Who, Decimal],
    charged: dict[Who, Decimal],
    bears: dict[Who, Decimal],
) -> None:
    """What went back was first of what had cleared nothing, then of what had: of that so much is
    charged no more. Where no institution was named, of those that are charged more than they bear.
    """
    for who, yuan in returned.items():
        free = min(yuan, max(ZERO, early.get(who, ZERO)))
        early[who] = early.get(who, ZERO) - free
        rest = yuan - free
        those = (
            [who]
            if who[2] or who[1] == "township"
            else [one for one in charged if one[:2] == who[:2]]
        )
        for keeps in (bears, {}):
            for one in those:
                off = min(rest, max(ZERO, charged.get(one, ZERO) - keeps.get(one, ZERO)))
                charged[one] = charged.get(one, ZERO) - off
                rest -= off


def _without(early: dict[Who, Decimal], who: Who, due: Decimal) -> Decimal:
    """What is due beyond what was paid before, by whoever owes it or by nobody named; that is used
    up."""
    town, level, _ = who
    for payer in dict.fromkeys([who, (town, level, "")]):
        paid = max(ZERO, min(due, early.get(payer, ZERO)))
        if paid:
            early[payer] -= paid
            due -= paid
    return due


def _stops(found: list[Overspend] | None, year: int, on: date) -> list[str]:
    stops = []
    if on < date(year, 12, 31):
        stops.append(f"{year}年度还没有结束，超支不能挂账")
    if found is None:
        stops.append(f"{year}年度还没有分配街镇额度，请先在“街镇额度”分配")
    return stops


def _steps(one: Overspend, article: str) -> list[Step]:
    name = one.township.name
    how = f"已用 {told(one.used)} 元，可用额度 {told(one.quota)} 元"
    return [
        Step(f"{name}超支", one.amount, how, article),
        Step(f"{name}人民政府（办事处）承担", one.office, "", article),
        Step(f"{name}定点医疗机构承担", sum(one.institutions.values(), ZERO), "", article),
    ]


def _too_much(name: str, amount: Decimal) -> Step:
    return Step(f"{name}多挂账", amount, "超支减少；请红冲原凭证后重新计算")


def lines_of(one: Overspend, year: int) -> list[EventLine]:
    town = one.township
    lines = [EventLine(one.office, township=town, funding_level="township", policy_year=year)]
    lines += [
        EventLine(
            amount,
            township=town,
            funding_level="institution",
            institution_code=code,
            policy_year=year,
        )
        for code, amount in one.institutions.items()
    ]
    return [line for line in lines if line.amount > 0]


def bears_of(found: Iterable[Overspend], year: int) -> dict[Who, Decimal]:
    """Who is to bear what of these."""
    return {_who(line): line.amount for one in found for line in lines_of(one, year)}


def _with(line: EventLine, amount: Decimal) -> EventLine:
    return EventLine(
        amount,
        township=line.township,
        funding_level=line.funding_level,
        institution_code=line.institution_code,
        policy_year=line.policy_year,
    )


def _who(line: EventLine) -> Who:
    assert line.township is not None
    return (line.township.pk, line.funding_level, line.institution_code)


def _by_whom(rows: Any, year: int | None) -> dict[Who, Decimal]:
    """Who owes → yuan on the account of what is owed."""
    sums = (
        rows.filter(account__code=OWED, policy_year=year, township__isnull=False)
        .order_by("township", "funding_level", "institution_code")
        .values_list("township", "funding_level", "institution_code")
        .annotate(left=Sum(F("debit") - F("credit")))
    )
    return {(town, level, code): left for town, level, code, left in sums}


def clear(voucher: Voucher, lines: Sequence[EventLine], actor: User) -> None:
    """What a receipt pays of what was charged stands no longer as owed; what is paid beyond, or
    before anything was charged, clears nothing. Without an institution's code it pays the
    institutions of the township in the order of their codes."""
    book = voucher.book
    cleared: list[EventLine] = []
    for year in {line.policy_year for line in lines}:
        owed = _by_whom(postings(book), year)
        for line in lines:
            if line.policy_year == year and line.township is not None:
                cleared += _cleared(line, owed)
    if cleared:
        post_event(
            event="overspend_cleared",
            area=book.area,
            on=voucher.occurred_on,
            key=_key(voucher),
            source=f"凭证 {voucher.label}",
            actor=actor,
            preparer=voucher.prepared_by,
            lines=cleared,
            fund_type=book.fund_type,
        )


def _cleared(line: EventLine, owed: dict[Who, Decimal]) -> list[EventLine]:
    assert line.township is not None
    rest, found = line.amount, []
    for who, left in owed.items():
        town, level, code = who
        is_theirs = (town, level) == (line.township.pk, line.funding_level)
        if not is_theirs or line.institution_code not in ("", code):
            continue
        amount = min(rest, max(left, ZERO))
        if amount > 0:
            owed[who] -= amount
            rest -= amount
            cleared = EventLine(
                amount,
                township=line.township,
                funding_level=level,
                institution_code=code,
                policy_year=line.policy_year,
            )
            found.append(cleared)
    return found


def taken_back(voucher: Voucher, *, actor: User, on: date, reason: str) -> None:
    """After a red letter: of a receipt what it cleared is owed again; of a charge nothing may have
    been paid."""
    if voucher.event == "overspend_received":
        _refuse_returned(voucher)
        cleared = Voucher.objects.filter(book=voucher.book_id, key=_key(voucher)).first()
        if cleared is not None:
            reverse_voucher(actor=actor, voucher=cleared, on=on, reason=reason)
    if voucher.event == "overspend_charged":
        years = Posting.objects.filter(voucher=voucher).values_list("policy_year", flat=True)
        for year in set(years):
            below = [left for left in _by_whom(postings(voucher.book), year).values() if left < 0]
            if below:
                raise Refusal(
                    f"这张挂账已收到 {told(-sum(below, ZERO))} 元，不能红冲；"
                    "请先红冲收款，或再收、再挂差额"
                )


def _refuse_returned(voucher: Voucher) -> None:
    """Once its money went back, what came in is not taken back on paper as well."""
    for year in set(Posting.objects.filter(voucher=voucher).values_list("policy_year", flat=True)):
        if year is None:
            continue
        left = received_of(voucher.book, year)
        for who, yuan in returned_of(voucher.book, year).items():
            if yuan > left.get(who, ZERO):
                title = EVENTS[RETURNED[0]].title
                raise Refusal(f"这笔收款已退还 {told(yuan)} 元，不能红冲；请先红冲“{title}”的凭证")


def untold_town(book: Book, line: EventLine) -> str:
    """What an institution owes for townships, where a receipt of its money names none and so would
    clear nothing: in words, "" where it owes none. The county's own pool has no township."""
    if line.funding_level != "institution" or line.township is not None:
        return ""
    owed = {
        who: left
        for who, left in _by_whom(postings(book), line.policy_year).items()
        if left > 0 and who[1] == "institution" and line.institution_code in ("", who[2])
    }
    towns = Division.objects.in_bulk([town for town, _, _ in owed])
    return "、".join(
        f"{towns[town].name} {told(left)} 元（{code or '未指明机构'}）"
        for (town, _, code), left in owed.items()
    )


def _key(voucher: Voucher) -> str:
    return f"cleared:{voucher.label}"
