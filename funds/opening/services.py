"""Putting opening balances forward, and agreeing to them: one sealed voucher, the first of the
book's chain."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Sum

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from desk.decisions import Asked
from desk.locks import lock_name
from funds.balances import on_side
from funds.chart import never_below_zero, printed
from funds.events import EVENTS, OPENING, OUT_OF_OPENING, Choice
from funds.models import ZERO, Book, Period, Posting, Voucher
from funds.opening.models import Opening, OpeningLine
from funds.opening.outstanding import Outstanding, check_outstanding
from funds.opening.rules import Rules, day_of, sums, twins
from funds.opening.workflow import OPENINGS
from funds.services.books import months_lock
from funds.services.covering import left_of_opening
from funds.services.posting import post_balances, reverse_voucher
from funds.services.sealing import seal_all
from lib.money import told
from lib.periods import Month


@all_or_nothing()
def propose_opening(
    *,
    actor: User,
    book: Book,
    lines: Sequence[OpeningLine],
    evidence: str,
    reason: str,
    on: date,
    corrects: bool = False,
    outstanding: Sequence[Outstanding] | None = None,
) -> Opening:
    """Put the opening balances of a book forward, or others in the place of those in force
    (`corrects`). `lines`: unsaved, in their order. `outstanding`: what the banks' statements of the
    day and the old books had apart; None: what the opening in force says of it, as a table has no
    column for it.

    Raises Refusal where the book takes none (`obstacle`), and at `("lines", place, column)` for a
    row that is wrong; where debit and credit differ it tells both sums and the difference.
    """
    if not actor.may("funds.propose_opening"):
        raise Refusal("期初余额由会计编制")
    before = Opening.objects.of_book(book).in_force().first()
    if before is not None and not corrects:
        raise Refusal(
            f"期初余额已经登记（{before.voucher}），不能再登记一份；有错的请提出更正", "corrects"
        )
    if before is None and corrects:
        raise Refusal("还没有登记过期初余额，没有可更正的", "corrects")
    if found := obstacle(book, before):
        raise Refusal(found)
    rules = Rules(book)
    check(rules, lines)
    if outstanding is None:
        outstanding = [Outstanding.of(one) for one in before.outstanding] if before else []
    check_outstanding(rules, lines, outstanding)
    paper = "原账套的余额表、移交清册" if before is None else "更正的依据"
    row = OPENINGS.propose(
        Asked(actor, on, evidence, reason, paper),
        book=book,
        on=day_of(book),
        total=sums(lines)[0],
        outstanding=[one.as_json() for one in outstanding],
        replaces=before,
    )
    for place, line in enumerate(lines, start=1):
        line.opening, line.line = row, place
    OpeningLine.objects.bulk_create(lines)
    return row


def check(rules: Rules, lines: Sequence[OpeningLine]) -> None:
    """Raises Refusal at the first row that is wrong, else for all of them together."""
    for place, line in enumerate(lines):
        for column, words in rules.faults(line).items():
            raise Refusal(f"第 {place + 1} 行：{words}", at=("lines", place, column))
    for place, first in twins(lines).items():
        words = f"第 {place + 1} 行：与第 {first + 1} 行的科目和辅助核算相同，请合并成一行"
        raise Refusal(words, at=("lines", place, "account"))
    if wrong := rules.together(lines):
        raise Refusal(wrong, "lines")


@all_or_nothing()
def decide_opening(
    *, actor: User, opening: Opening, event: str, on: date, reason: str = ""
) -> Opening:
    """Agree, refuse or take back (an event of `OPENINGS`).

    Agreed to, the balances are posted and sealed; where they correct others, the voucher of those
    is reversed in the same transaction. Raises Refusal where the first month was closed or business
    was booked meanwhile, and where a corrected account would not have had what was paid out of it.
    """
    row = OPENINGS.lock(opening.pk)
    OPENINGS.check(row, event, actor, reason)
    if event != "approve_opening":
        return OPENINGS.decided(row, event, actor=actor, on=on, reason=reason)
    book = row.book
    # Nobody begins a month meanwhile, and whoever takes a number of one waits: what is booked is
    # either seen here or comes after this voucher.
    lock_name(book.area.code, months_lock(book))
    list(book.periods.select_for_update().order_by("year", "month"))
    before = Opening.objects.of_book(book).in_force().first()
    if (before and before.pk) != row.replaces_id:
        raise Refusal("期初余额刚由别人登记或更正，请刷新后重新办理")
    if found := obstacle(book, before):
        raise Refusal(found)
    lines = list(row.lines.select_related("township"))
    check(Rules(book), lines)
    if before is not None:
        _reverse(before, row, actor)
    voucher = _post(row, lines, actor)
    done = OPENINGS.decided(row, event, actor=actor, on=on, reason=reason, voucher=voucher)
    if before is not None and (short := _short(book) or _paid_beyond(book)):
        raise Refusal(short)
    seal_all(book)
    return done


def obstacle(book: Book, before: Opening | None) -> str:
    """Why no opening balances can be entered (or, where some are in force, corrected); "" when they
    can."""
    closed = book.periods.of_business().filter(status=Period.Status.CLOSED)
    if (month := closed.order_by("year", "month").first()) is not None:
        return f"{month}已结账，期初余额不能再登记或更正；差错请按规定登记更正凭证"
    if before is not None:
        return ""
    first = Voucher.objects.filter(book=book).order_by("posted_at", "pk").first()
    if first is None:
        return ""
    return (
        f"账上已有业务凭证（第一张 {first.label}，{first.summary}），"
        "期初余额须在记第一笔业务以前登记"
    )


def _reverse(before: Opening, by: Opening, actor: User) -> None:
    assert before.voucher is not None
    red = reverse_voucher(
        actor=actor,
        voucher=before.voucher,
        on=before.on,
        reason=f"期初余额更正（{by}）",
        preparer=by.proposed_by,
    )
    Opening.objects.filter(pk=before.pk).update(red=red)
    record(
        actor=actor,
        action="funds.replace_opening",
        subject=before,
        after={"red": red.label, "by": str(by)},
    )


def _post(row: Opening, lines: Iterable[OpeningLine], actor: User) -> Voucher:
    book, month = row.book, Month.of(row.on)
    Period.objects.get_or_create(
        book=book,
        year=month.year,
        month=month.month,
        defaults={"is_opening": True, "chart": Rules(book).chart},
    )
    accounts = {account.code: account for account in book.accounts.all()}
    postings = [
        Posting(
            line=line.line,
            account=accounts[line.account],
            debit=line.debit,
            credit=line.credit,
            **line.dimensions(),
        )
        for line in lines
    ]
    return post_balances(
        book=book,
        event=OPENING,
        on=row.on,
        key=f"opening:{row.pk}",
        source=row.evidence,
        actor=actor,
        preparer=row.proposed_by,
        postings=postings,
    )


def _short(book: Book) -> str:
    """Which account would have stood below zero on some day since, in words. Red letters are let
    through by the books' own guard, so that it is asked here."""
    watched = [one for one in book.accounts.order_by("code") if never_below_zero(one.code)]
    rows = (
        Posting.objects.filter(account__in=watched)
        .order_by("voucher__occurred_on")
        .values_list("account", "voucher__occurred_on")
        .annotate(Sum("debit"), Sum("credit"))
    )
    at = {one.pk: one for one in watched}
    stands = dict.fromkeys(at, ZERO)
    for pk, day, debit, credit in rows:
        stands[pk] += on_side(at[pk].normal_side, debit, credit)
        if stands[pk] < 0:
            name = printed(book.chart_at(Month.of(day)), at[pk].code).name
            return (
                f"更正以后{name}到 {day} 为 {told(stands[pk])} 元，不够已经记账的支出；"
                "请核对更正的余额"
            )
    return ""


def _paid_beyond(book: Book) -> str:
    """Which debt of before has been paid beyond what the corrected balances say, in words."""
    sides = [EVENTS[name].debit for name in OUT_OF_OPENING]
    taken = {code for one in sides if isinstance(one, Choice) for code in one.accounts.values()}
    for account in sorted(taken | {one for one in sides if isinstance(one, str)}):
        if (left := left_of_opening(book, account)) < 0:
            name = Rules(book).name_of(account)
            return f"{name}已付出的比更正以后的余额多 {told(-left)} 元；请核对更正的余额"
    return ""
