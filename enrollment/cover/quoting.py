"""What a household would pay and from when it is covered, while the clerk is still typing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.errors import Refusal
from enrollment.cover.assessing import Assessment, assess_person, read_payer
from enrollment.cover.covering import CoverDays, CoverHistory, cover_days, cover_histories
from enrollment.cover.enrolling import Season, check_tier
from enrollment.cover.premiums import Payer
from enrollment.people.models import Person
from enrollment.people.register import MemberEntry, read_resident_id
from lib.money import spell_out


@dataclass(frozen=True)
class QuoteLine:
    """What one row of the form comes to."""

    entry: MemberEntry
    sex: str
    birth_date: date
    assessment: Assessment
    cover: CoverDays

    @property
    def name(self) -> str:
        return _name(self.entry)


def _name(entry: MemberEntry) -> str:
    return entry.name or f"第 {entry.position + 1} 行"


@dataclass(frozen=True)
class Quote:
    """What a household would pay; nothing is written. Amounts in fen."""

    year: int
    lines: Sequence[QuoteLine]

    def total(self, part: str) -> int:
        return sum(getattr(line.assessment, part) for line in self.lines)

    @property
    def personal(self) -> int:
        return self.total("personal")

    @property
    def spelled(self) -> str:
        """`personal` in capital numerals, as the receipt will say it."""
        return spell_out(self.personal)

    @property
    def subsidy(self) -> int:
        return self.total("subsidy")

    @property
    def standard(self) -> int:
        return self.total("standard")


def quote(
    *,
    season: Season,
    entries: Sequence[MemberEntry],
    known: Mapping[int, Person],
    statuses: Mapping[int, frozenset[str]],
    tier: str,
    on: date,
) -> Quote:
    """Premium, subsidies, personal part and cover for the rows of the form that can be read.

    `known`: the registered people among them by id; `statuses`: what each row's person holds, by
    its position on the form. Raises Refusal for an unknown tier.
    """
    check_tier(tier, season)
    histories = cover_histories(known.keys(), season.year) if known else {}
    lines = []
    for entry in entries:
        if not entry.joins:
            continue
        if entry.person_id is None:
            try:
                one = read_resident_id(entry.resident_id, on=on)
            except Refusal:  # the form shows it beside the field
                continue
            sex, birth_date, history = one.sex, one.birth_date, CoverHistory()
        else:
            person = known[entry.person_id]
            sex, birth_date, history = person.sex, person.birth_date, histories[person.pk]
        payer = read_payer(
            birth_date=birth_date,
            sex=sex,
            residence=entry.residence,
            tier=tier,
            statuses=statuses.get(entry.position, frozenset()),
            terms=season.measures.terms,
        )
        lines.append(_line(entry, sex, payer, history, season=season, on=on))
    return Quote(season.year, lines)


def _line(
    entry: MemberEntry,
    sex: str,
    payer: Payer,
    history: CoverHistory,
    *,
    season: Season,
    on: date,
) -> QuoteLine:
    assessment = assess_person(payer, season.measures.terms, year=season.year)
    days = cover_days(
        payer, season.measures.terms, year=season.year, on=on, history=history, name=_name(entry)
    )
    return QuoteLine(entry, sex, payer.birth_date, assessment, days)
