"""What a register's households owe: tier, premium, waiting after a gap, amounts and receipts."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any

from accounts.errors import Refusal
from accounts.models import User
from enrollment.collection.models import ReceiptBook
from enrollment.cover.assessing import Assessment, assess_person, read_payer
from enrollment.cover.covering import cover_days
from enrollment.cover.enrolling import Season, tier_refusal
from enrollment.people.models import Person
from enrollment.rosters import cells
from enrollment.rosters.cells import WARNING
from enrollment.rosters.facts import Facts
from enrollment.rosters.households import Household, Row
from lib import typed_text
from lib.money import to_yuan, told
from lib.periods import age_on
from policies.terms import Terms


@lru_cache(maxsize=16_384)
def _assessed(  # noqa: PLR0917 - the arguments are the cache's key
    terms: Terms,
    year: int,
    age: int,
    sex: str,
    residence: str,
    tier: str,
    statuses: frozenset[str],
) -> Assessment | Refusal:
    """The premium of everybody alike. Premiums know the age on the year's first day, no more."""
    first_day = terms.year.bounds(year)[0]
    try:
        payer = read_payer(
            birth_date=first_day.replace(year=first_day.year - age),
            sex=sex,
            residence=residence,
            tier=tier,
            statuses=statuses,
            terms=terms,
        )
        return assess_person(payer, terms, year=year)
    except Refusal as refusal:
        return refusal


class Dues:
    """`assessments` collects the distinct premiums of a register; rows name theirs."""

    def __init__(self, season: Season, facts: Facts, actor: User, on: date) -> None:
        self.season, self.facts, self.actor, self.on = season, facts, actor, on
        self.assessments: list[Assessment] = []
        self._receipts: dict[tuple[int, int], tuple[Household, Row]] = {}
        self._amounts: dict[tuple[Any, ...], int] = {}
        self._numbers: dict[tuple[Any, ...], int | Refusal] = {}
        self._tiers = tuple(season.tiers.items())
        self._first_day = season.measures.terms.year.bounds(season.year)[0]
        self._ages: dict[date, int] = {}

    def judge_idle(self, household: Household) -> None:
        """Money that is told of people who have nothing to pay."""
        for (code, text), row in household.receipts.items():
            if not any(one.joins for one in household.rows):
                row.blame(
                    "receipt_number",
                    f"写了收据“{code} {text}”，本户却没有人参保：参保的请填“是”，"
                    "没有收款的请清空票据本号和票号",
                )
            elif not self._is_used(code, text):
                row.blame(
                    "receipt_number",
                    f"收据“{code} {text}”没有登记：本户没有待缴费的人，请核对是否重复收款",
                    WARNING,
                )
        _judge_amounts(household, [])

    def _is_used(self, code: str, text: str) -> bool:
        book = self.facts.books.get(typed_text.plain(code).upper())
        number = cells.receipt_number(text)
        return book is not None and (book.pk, number) in self.facts.used_receipts

    def judge(self, household: Household, joining: Sequence[Row]) -> None:
        """`joining`: who enrols, or pays for an enrolment that waits."""
        if self._tiers:
            self._judge_tier(household, joining)
        for row in joining:
            if row.pays:
                row.personal = row.pays.personal
            elif (household.tier or not self._tiers) and not row.is_wrong:
                self._assess(household, row)
        _judge_amounts(household, joining)
        if household.receipts:
            self._judge_receipt(household, joining)

    def _judge_tier(self, household: Household, joining: Sequence[Row]) -> None:
        """One tier for the household, and no change before the measures allow it."""
        tiers: dict[str, int] = {}
        # A merged cell may stand beside a head who does not join himself.
        for text, line in (household.tiers or household.idle_tiers).items():
            tier = cells.tier(text, self._tiers)
            if tier is None:
                names = "、".join(name for _, name in self._tiers)
                household.blame("tier", f"缴费档次“{text[:20]}”看不懂，可填：{names}")
                return
            tiers.setdefault(tier, line)
        taken = {row.pays.tier for row in joining if row.pays}
        if not tiers and len(taken) != 1:
            household.blame("tier", "没有填写缴费档次")
            return
        household.tier = next(iter(tiers or taken))
        covers = list(household.known.covers) if household.known else []
        # Tiers that other rows of the household name count like those taken this year.
        covers += [(self.season.year, tier, False) for tier in tiers]
        problem = tier_refusal(season=self.season, tier=household.tier, joining=1, covers=covers)
        if problem:
            household.blame("tier", problem)

    # -- premiums ------------------------------------------------------------------------------

    def _assess(self, household: Household, row: Row) -> None:
        """The premium of who joins; equal people share one assessment."""
        identity = row.identity
        if identity is None:
            return
        age = self._ages.get(identity.birth_date)
        if age is None:
            age = self._ages[identity.birth_date] = age_on(identity.birth_date, self._first_day)
        key = (age, identity.sex, row.residence, household.tier, row.held)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = self._number_of(*key)
        if isinstance(number, Refusal):
            row.blame(number.field or "statuses", number.message)
            return
        row.assessment = number
        row.personal = self.assessments[number].personal
        if row.person and row.person.history:
            self._judge_gap(household, row)

    def _number_of(
        self, age: int, sex: str, residence: str, tier: str, statuses: frozenset[str]
    ) -> int | Refusal:
        assessment = _assessed(
            self.season.measures.terms, self.season.year, age, sex, residence, tier, statuses
        )
        if isinstance(assessment, Refusal):
            return assessment
        amounts = tuple(assessment.columns().values())
        if amounts not in self._amounts:
            self._amounts[amounts] = len(self.assessments)
            self.assessments.append(assessment)
        return self._amounts[amounts]

    def _judge_gap(self, household: Household, row: Row) -> None:
        """Who missed years may have to wait, as at the window."""
        person, season = row.person, self.season
        if person is None or person.history is None:
            return
        payer = read_payer(
            birth_date=person.birth_date,
            sex=person.sex,
            residence=row.residence,
            tier=household.tier,
            statuses=row.held,
            terms=season.measures.terms,
        )
        try:
            days = cover_days(
                payer,
                season.measures.terms,
                year=season.year,
                on=self.on,
                history=person.history,
                name=person.name,
            )
        except Refusal as refusal:
            row.blame("joins", refusal.message)
            return
        if days.sentence:
            row.cover_first_day = days.first_day
            row.blame("joins", days.sentence, WARNING)

    # -- receipts ------------------------------------------------------------------------------

    def _judge_receipt(self, household: Household, joining: Sequence[Row]) -> None:
        """A paper receipt of one's own book, in its range, never used before."""
        (code, text), bearer = next(iter(household.receipts.items()))
        if len(household.receipts) > 1:
            household.blame("receipt_number", "一户只开一张收据，请把本户的票据本号、票号改成一致")
            return
        book = self.facts.books.get(typed_text.plain(code).upper())
        number = cells.receipt_number(text)
        if not code or not text:
            household.blame("receipt_number", "票据本号和票号须同时填写；没有开票的都留空")
        elif book is None:
            household.blame("receipt_book", f"本乡镇没有领用票据本“{code[:20]}”，请核对")
        elif book.clerk_id != self.actor.pk:
            household.blame("receipt_book", "这本票据不是您领用的，请由领用人上传")
        elif number is None or not book.first_number <= number <= book.last_number:
            household.blame(
                "receipt_number",
                f"票号“{text[:20]}”不在票据本 {book.code} 的号段"
                f"（{book.first_number} 至 {book.last_number}）内",
            )
        elif (book.pk, number) in self.facts.used_receipts:
            household.blame("receipt_number", f"票号 {number} 已经用过或已挂失，请核对存根")
        elif (book.pk, number) in self._receipts:
            other = self._receipts[book.pk, number][1]
            household.blame(
                "receipt_number", f"票号 {number} 与第 {other.at} 行的户重复，请核对存根"
            )
        else:
            self._receipts[book.pk, number] = household, bearer
            household.receipt_book_id, household.receipt_number = book.pk, number
            heads = [row for row in joining if row.relationship == Person.Relationship.HEAD]
            household.payer_name = (heads or joining)[0].name

    def tell_skipped_receipts(self) -> None:
        """Receipts are written one after the other: a number that is missing before one of these
        is told there. One that a wrong row bears is not missing."""
        numbers: dict[int, list[int]] = {}
        for pk, number in self._receipts:
            numbers.setdefault(pk, []).append(number)
        for book in self.facts.books.values():
            for missing, then in skipped(book, numbers.get(book.pk, ()), self.facts.gone):
                household, _ = self._receipts[book.pk, then]
                household.blame(
                    "receipt_number",
                    f"跳号：票据本 {book.code} 的票号 {_runs(missing)} 没有出现在系统和本名册中，"
                    "请核对存根，遗失的请挂失",
                    WARNING,
                )


def skipped(
    book: ReceiptBook, numbers: Collection[int], gone: Mapping[int, Collection[int]]
) -> Iterator[tuple[list[int], int]]:
    """Gaps among the numbers written since the portal last saw the book: what is missing, and the
    number after it. What was reported lost is not missing, nor what bears a receipt."""
    known = sorted({number for number in numbers if number >= book.next_number})
    for before, number in pairwise([book.next_number - 1, *known]):
        missing = [one for one in range(before + 1, number) if one not in gone.get(book.pk, ())]
        if missing:
            yield missing, number


def _runs(numbers: Sequence[int]) -> str:
    """2, 4, 5 → 2、4 至 5"""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1] = [runs[-1][0], number]
        else:
            runs.append([number])
    return "、".join(" 至 ".join(map(str, run)) for run in runs)


def _judge_amounts(household: Household, joining: Iterable[Row]) -> None:
    """What the register says was paid: per person, or once for the household."""
    told = [row for row in household.rows if row.amount is not None]
    if not told:
        return
    joining = list(joining)
    if any(row.is_wrong for row in joining):
        return
    only = told[0]
    if joining and len(told) == 1 and (len(joining) > 1 or only is not joining[0]):
        if only.amount not in {household.amount, only.personal if only in joining else -1}:
            only.blame(
                "amount",
                f"名册写 {_yuan(only.amount)} 元，本户应缴 "
                f"{_yuan(household.amount)} 元，"
                "请核对档次、身份和实收",
            )
        return
    for row in told:
        if (row.enrolls or row.pays) and row.amount != row.personal:
            row.blame(
                "amount",
                f"名册写 {_yuan(row.amount)} 元，应缴 {_yuan(row.personal)} 元，"
                "请核对档次、身份和实收",
            )
        elif not row.joins and row.amount:
            row.blame(
                "amount",
                f"写了个人缴费 {_yuan(row.amount)} 元，是否参保却不是“是”：参保的请填“是”，"
                "没有收款的请清空金额",
            )


def _yuan(fen: int | None) -> str:
    return told(to_yuan(fen or 0))
