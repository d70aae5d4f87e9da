"""The answer to an analysis: a row for each part of a dimension, and the whole."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from accounts.models import Division
from enrollment.models import IdentityStatus
from institutions.models import Institution, Level
from lib.money import half_up
from lib.periods import Month
from policies.services import pack_in_force, terms_of
from policies.terms import Terms
from reports.analysis.asked import Asked
from reports.analysis.books import Books, books_of, first_month
from reports.analysis.care import Care, care_of
from reports.analysis.covers import Cover, Covers, YearOf, covers_of
from reports.analysis.leading import Leads, leads_of
from reports.analysis.months import Months, joined, moved
from reports.indicators import Counted, Facts, State, growth

# A disease of fewer people than this is not named where less than a county is looked at: in a
# village everybody would know who it is. No norm gives the figure; screening takes three as well.
MIN_PERSONS = 3
FEW = "few"
NOWHERE = Leads()
OTHER_DISEASES = f"其他病种（每种不足 {MIN_PERSONS} 人，不列名）"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`value`, `before`: in the units of the measure; None where there is no such value. `before`:
    of the months compared with, or the median of the peers. `top`, `bottom`: what was divided by
    what."""

    code: str
    name: str
    value: int | None
    top: int
    bottom: int | None = None
    before: int | None = None
    leads: Leads = NOWHERE
    level: str = ""

    @property
    def change(self) -> int | None:
        """Of shares in points, else in percent; 1/10000."""
        if self.value is None or self.before is None:
            return None
        return self.value - self.before

    @property
    def growth(self) -> int | None:
        if self.value is None or self.before is None:
            return None
        return growth(self.value, self.before)


@dataclass(frozen=True, slots=True)
class Answer:
    """`without_books`: of the months compared with those of which there are no accounts (无账)."""

    rows: Sequence[Row]
    whole: Row
    without_books: Sequence[Months] = ()


@dataclass(frozen=True, slots=True)
class _Read:
    """The facts of some months: by code, and of the whole. `kept` says of which there are any."""

    facts: Mapping[str, Facts]
    whole: Facts
    kept: Callable[[str], bool]
    care: Mapping[str, Care]


@dataclass(frozen=True, slots=True)
class _Both:
    """The months asked for, and those that they are compared with. `year_of`: the insurance year of
    a day."""

    now: _Read
    then: _Read | None
    year_of: YearOf


@dataclass(frozen=True, slots=True)
class _Sources:
    """What is read once for all months that are asked for."""

    covers: Covers | None
    books: Books | None
    begins: Month | None


def answer(asked: Asked) -> Answer:
    """A constant number of statements: one over the settlements of each span of months, two over
    covers, two over postings, and the names. Raises Refusal without measures in force."""
    terms = terms_of(pack_in_force(area_code=asked.area.code, day=asked.months.last.last))
    sources = _sources(asked, terms)
    now = _read(asked, asked.months, sources)
    then = _read(asked, asked.compared, sources) if asked.compared else None
    if asked.dimension.key == "disease" and asked.is_part:
        now, then = _without_small_groups(now, then)
    both = _Both(now, then, terms.year.of)
    rows = [_row(asked, code, name, both) for code, name in _named(asked, terms, both)]
    if asked.against == "peers":
        rows = beside_peers(rows)
    if asked.dimension.key != "month":
        rows.sort(key=lambda one: (one.code == FEW, -(one.value or 0), one.code))
    return Answer(rows, _whole(asked, both), _without_books(asked, then))


def _sources(asked: Asked, terms: Terms) -> _Sources:
    first = asked.compared.first if asked.compared else asked.months.first
    reads = asked.measure.reads
    return _Sources(
        covers_of(asked, terms.year.of) if reads & {"cover", "accounts"} else None,
        books_of(asked, first, terms.year.of) if "books" in reads else None,
        first_month(asked),
    )


def _read(asked: Asked, months: Months, sources: _Sources) -> _Read:
    has_care = "care" in asked.measure.reads
    care, all_care = care_of(asked, months) if has_care else ({}, Care())
    begins = sources.begins
    if asked.dimension.key == "month":
        facts = {
            str(month): _facts(care.get(str(month), Care()), *_at(sources, month, None))
            for month in months.all
        }

        def kept(code: str) -> bool:
            is_kept = begins is not None and Month.parse(code) >= begins
            return is_kept or facts[code].everything.visits > 0

    else:
        is_kept = begins is not None and months.last >= begins
        is_kept = is_kept or all_care.everything.visits > 0
        codes = dict.fromkeys([*care, *_codes(sources, months.last)])
        facts = {
            code: _facts(care.get(code, Care()), *_at(sources, months.last, code)) for code in codes
        }

        def kept(code: str) -> bool:
            return is_kept

    whole = _facts(all_care, *_at(sources, months.last, None))
    return _Read(facts, whole, kept, care)


def _codes(sources: _Sources, month: Month) -> Iterable[str]:
    """Of what has cover or postings at the end of the month."""
    covers = sources.covers.at(month.last)[0] if sources.covers else {}
    books = sources.books.at(month)[0] if sources.books else {}
    return [*covers, *books]


def _at(sources: _Sources, month: Month, code: str | None) -> tuple[Cover, int]:
    """Cover and fen of premiums at the end of the month; of all together where no code is given."""
    cover, premiums = Cover(), 0
    if sources.covers:
        found, whole = sources.covers.at(month.last)
        cover = whole if code is None else found.get(code, Cover())
    if sources.books:
        by_code, all_of_it = sources.books.at(month)
        premiums = all_of_it if code is None else by_code.get(code, 0)
    return cover, premiums


def _facts(care: Care, cover: Cover, premiums: int) -> Facts:
    """As the formulas of the indicators see them."""
    return Facts(
        **{one.name: getattr(care, one.name) for one in fields(Counted)},
        enrolled=cover.enrolled,
        end=State(
            premiums=premiums,
            account_brought_forward=cover.forward,
            account_granted=cover.granted,
            account_used=cover.used,
        ),
    )


def _row(asked: Asked, code: str, name: str, both: _Both) -> Row:
    indicator, now, then = asked.measure.indicator, both.now, both.then
    facts = now.facts.get(code, Facts())
    row = Row(
        code=code,
        name=name,
        value=indicator.formula(facts) if now.kept(code) else None,
        top=indicator.top.of(facts),
        bottom=indicator.bottom.of(facts) if indicator.bottom else None,
        leads=leads_of(asked, code, both.year_of) if code != FEW else NOWHERE,
        level=now.care[code].level if code in now.care else "",
    )
    if then is None:
        return row
    earlier = _earlier(asked, code)
    if not then.kept(earlier):
        return row
    return replace(row, before=indicator.formula(then.facts.get(earlier, Facts())))


def _earlier(asked: Asked, code: str) -> str:
    """What a row is compared with: the same code, of a month the one so many months before."""
    if asked.dimension.key != "month" or asked.compared is None:
        return code
    back = 12 if asked.against == "last_year" else len(asked.months)
    return str(moved(Month.parse(code), -back))


def _whole(asked: Asked, both: _Both) -> Row:
    indicator, now, then = asked.measure.indicator, both.now, both.then
    row = Row(
        code="",
        name="合计",
        value=indicator.formula(now.whole),
        top=indicator.top.of(now.whole),
        bottom=indicator.bottom.of(now.whole) if indicator.bottom else None,
        leads=leads_of(asked, None, both.year_of),
    )
    if then is None or not any(then.kept(code) for code in then.facts):
        return row
    return replace(row, before=indicator.formula(then.whole))


def _without_books(asked: Asked, then: _Read | None) -> list[Months]:
    if then is None or asked.compared is None:
        return []
    if asked.dimension.key == "month":
        return joined(one for one in asked.compared.all if not then.kept(str(one)))
    return [] if then.kept("") else [asked.compared]


def _without_small_groups(now: _Read, then: _Read | None) -> tuple[_Read, _Read | None]:
    """Diseases of few people put together in one row, in both spans the same."""
    few = {code for code, one in now.care.items() if one.persons < MIN_PERSONS}
    if then is not None:
        few |= {code for code, one in then.care.items() if one.persons < MIN_PERSONS}
    return _together(now, few), None if then is None else _together(then, few)


def _together(read: _Read, few: set[str]) -> _Read:
    rest = Care()
    care = {}
    for code, one in read.care.items():
        if code in few:
            _put_into(rest, one)
        else:
            care[code] = one
    care |= {FEW: rest} if few else {}
    facts = {code: _facts(one, Cover(), 0) for code, one in care.items()}
    return replace(read, facts=facts, care=care)


def _put_into(rest: Care, one: Care) -> None:
    rest.everything.add(one.everything)
    rest.stays.add(one.stays)
    rest.outside.add(one.outside)
    rest.outside_stays.add(one.outside_stays)
    rest.grassroots += one.grassroots
    rest.beneficiaries += one.beneficiaries


def beside_peers(rows: Sequence[Row]) -> list[Row]:
    """Each institution beside the median of all of its level, itself among them."""
    values: dict[str, list[int]] = {}
    for row in rows:
        if row.value is not None:
            values.setdefault(row.level, []).append(row.value)
    medians = {level: median(found) for level, found in values.items()}
    return [replace(row, before=medians.get(row.level)) for row in rows]


def median(values: Sequence[int]) -> int:
    """The middle one, or half the sum of the two in the middle, half up."""
    ordered, middle = sorted(values), len(values) // 2
    if len(values) % 2:
        return ordered[middle]
    return half_up(ordered[middle - 1] + ordered[middle], 2)


def _named(asked: Asked, terms: Terms, both: _Both) -> Iterable[tuple[str, str]]:
    """(code, name) of each row, in the order of the dimension."""
    if asked.dimension.key == "month":
        return [(code, code) for code in both.now.facts]
    reads = [read for read in (both.now, both.then) if read is not None]
    codes = list(dict.fromkeys(code for read in reads for code in read.facts))
    names = {FEW: OTHER_DISEASES, **_names(asked.dimension.key, terms, codes)}
    if asked.dimension.key == "disease":
        names |= {code: one.name for read in reads for code, one in read.care.items() if one.name}
    return [(code, names.get(code) or code or f"未填{asked.dimension.title}") for code in codes]


def _names(dimension: str, terms: Terms, codes: Sequence[str]) -> dict[str, str]:
    if dimension == "institution":
        return dict(Institution.objects.filter(code__in=codes).values_list("code", "name"))
    if dimension in ("township", "village"):
        places = Division.objects.filter(code__in=codes).select_related("parent")
        is_village = dimension == "village"
        return {one.code: one.place if is_village else one.name for one in places}
    words: dict[str, Mapping[str, str]] = {
        "level": {**dict(Level.choices), **terms.vocabulary["level"]},
        "care": terms.vocabulary["care"],
        "tier": terms.vocabulary["tier"],
        "status": dict(IdentityStatus.Code.choices),
    }
    return dict(words.get(dimension, {}))
