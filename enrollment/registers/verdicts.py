"""The verdict on each row and household: the rules of the window, asked for a whole register.

The rules stand in enrollment.services; here they are only asked, with facts gathered set-wise.
A household with one wrong row is held back as a whole: 户不漏人.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from typing import Any

from accounts.errors import Refusal
from accounts.fields import sealer
from accounts.models import Division, User
from enrollment.lists.elsewhere import elsewhere_refusal
from enrollment.models import Enrollment, IdentityStatus, Person
from enrollment.people.numbers import indexes_of
from enrollment.registers import cells
from enrollment.registers.cells import ERROR, WARNING, Row
from enrollment.registers.facts import Facts, KnownHousehold, KnownPerson, Places
from enrollment.registers.households import Household, Register
from enrollment.services.assessing import Assessment, assess_person
from enrollment.services.enrolling import (
    Season,
    death_refusal,
    departure_refusal,
    tier_refusal,
    twice_refusal,
)
from enrollment.services.register import (
    NAME,
    MemberEntry,
    check_head,
    check_member,
    registered_elsewhere,
)
from lib.money import to_yuan
from lib.periods import age_on
from lib.resident_id import ResidentId, ResidentIdError, parse
from policies.terms import Terms

SOUND_NAME = "张三"
STATUS_NAMES = dict(IdentityStatus.Code.choices)
SHOWN_STATUS = dict(Enrollment.Status.choices)


@lru_cache(maxsize=8192)
def _member_refusal(
    name: str, relationship: str, residence: str, codes: frozenset[str], sex: str
) -> tuple[str, str] | None:
    """(field, message) of the window's own check. Sound names are asked as one and the same."""
    entry = MemberEntry(
        position=0, name=name, relationship=relationship, residence=residence, statuses=codes
    )
    try:
        check_member(entry, sex)
    except Refusal as refusal:
        return refusal.field.rpartition("-")[2], refusal.message
    return None


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
        return assess_person(
            birth_date=first_day.replace(year=first_day.year - age),
            sex=sex,
            residence=residence,
            tier=tier,
            statuses=statuses,
            terms=terms,
            year=year,
        )
    except Refusal as refusal:
        return refusal


@dataclass(slots=True)
class JudgedRow:
    """A row with what the portal makes of it."""

    row: Row
    identity: ResidentId | None = None
    index: str = ""
    # What is wrong with the number, unless the person is known by just this document.
    other_document: str = ""
    person: KnownPerson | None = None
    residence: str = ""
    new_statuses: frozenset[str] = frozenset()
    enrolls: bool = False
    corrects: bool = False
    assessment: int | None = None
    personal: int = 0
    consecutive_years: int = 1

    def blame(self, field: str, message: str, level: str = ERROR) -> None:
        self.row.blame(field, message, level)


@dataclass(slots=True)
class JudgedHousehold:
    source: Household
    rows: list[JudgedRow]
    known: KnownHousehold | None = None
    division: Division | None = None
    tier: str = ""
    phone: str = ""
    address: str = ""
    receipt_book_id: int | None = None
    receipt_number: int | None = None
    payer_name: str = ""
    idle: bool = False

    @property
    def is_wrong(self) -> bool:
        return any([row.row.is_wrong for row in self.rows])

    @property
    def amount(self) -> int:
        """Fen that the household owes."""
        return sum(row.personal for row in self.rows)

    def blame(self, field: str, message: str, level: str = ERROR) -> None:
        self.rows[0].blame(field, message, level)


@dataclass
class Judge:
    """Judges one register. `assessments` collects the distinct premiums, rows name theirs."""

    season: Season
    facts: Facts
    places: Places
    actor: User
    on: date
    columns: frozenset[str]
    assessments: list[Assessment] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._seen_receipts: dict[tuple[str, int], int] = {}
        self._amounts: dict[tuple[Any, ...], int] = {}
        self._numbers: dict[tuple[Any, ...], int | Refusal] = {}
        self._tiers = tuple(self.season.terms.vocabulary["tier"].items())
        self._first_day = self.season.terms.year.bounds(self.season.year)[0]
        self._place = cache(self.places.find)
        self._households_seen: dict[int, int] = {}
        self._people_seen: dict[int, int] = {}

    def judge(self, household: JudgedHousehold) -> None:
        """Everything about one household; problems go to its rows."""
        for row in household.rows:
            self._judge_person(row)
        self._find_household(household)
        for row in household.rows:
            self._judge_membership(household, row)
        household.idle = not any(row.enrolls for row in household.rows) and not any(
            row.corrects for row in household.rows
        )
        self._judge_relationships(household)
        self._judge_contact(household)
        if any(row.enrolls for row in household.rows):
            self._judge_tier(household)
            self._assess(household)
            self._judge_amounts(household)
        if household.source.receipts:
            self._judge_receipt(household)
        self._hold_back(household)

    # -- people --------------------------------------------------------------------------------

    def _judge_person(self, judged: JudgedRow) -> None:
        """What can be said from the row and from who is registered under its number."""
        row = judged.row
        judged.person = person = self.facts.people.get(judged.index) if judged.index else None
        if judged.other_document:  # no resident id: somebody registered with another document
            if person is None:
                judged.blame("resident_id", judged.other_document)
                judged.index = ""
            else:
                judged.identity = ResidentId("", "", person.birth_date, person.sex)
        if person is not None:
            first = self._people_seen.setdefault(person.pk, row.line)
            if first != row.line:
                judged.blame("resident_id", f"与第 {first} 行是同一人（曾用证件号码），请删去一行")
        identity = judged.identity
        judged.residence = row.residence or (person.residence if person else "rural")
        if identity is None:
            return
        if row.sex and row.sex != identity.sex:
            judged.blame("sex", "性别与身份证号不符，请核对证件")
        if row.birth_date and row.birth_date != identity.birth_date:
            judged.blame(
                "birth_date",
                f"出生日期与身份证号（{identity.birth_date}）不符，请核对证件",
            )
        if row.relationship:
            name = SOUND_NAME if NAME.fullmatch(row.name) else row.name
            refusal = _member_refusal(
                name, row.relationship, judged.residence, row.statuses, identity.sex
            )
            if refusal and not any(problem.field == refusal[0] for problem in row.problems):
                judged.blame(*refusal)
        elsewhere = self.facts.elsewhere.get(judged.index) if row.joins else None
        if elsewhere:
            judged.blame("resident_id", elsewhere_refusal(row.name, elsewhere))
        if person is None:
            judged.new_statuses = row.statuses
            return
        judged.new_statuses = row.statuses - person.statuses
        self._compare(judged, person)

    def _compare(self, judged: JudgedRow, person: KnownPerson) -> None:
        """A registered person: dead, or told differently than in the portal."""
        row = judged.row
        problem = None
        if row.joins:
            problem = death_refusal(person.name, person.death_date, self.on)
            problem = problem or departure_refusal(person.name, person.departure_date)
        if problem:
            judged.blame("name", problem)
            return
        if row.name != person.name:
            judged.blame("name", f"系统中姓名为“{person.name}”，确认后改为“{row.name}”", WARNING)
        missing = person.statuses - row.statuses
        if missing and "statuses" in self.columns:
            names = "、".join(STATUS_NAMES[code] for code in sorted(missing))
            judged.blame("statuses", f"系统中有身份“{names}”，名册未列，仍按系统身份计算", WARNING)
        if judged.new_statuses:
            names = "、".join(STATUS_NAMES[code] for code in sorted(judged.new_statuses))
            judged.blame(
                "statuses", f"身份“{names}”系统中没有，将按名册登记，请核对部门名单", WARNING
            )
        if (row.name, row.relationship, judged.residence) != (
            person.name,
            person.relationship,
            person.residence,
        ):
            judged.corrects = True

    # -- the household -------------------------------------------------------------------------

    def _find_household(self, household: JudgedHousehold) -> None:
        """By its number; failing that by its registered members; failing that a new one."""
        number = cells.household_number(household.source.number)
        if number is None:
            household.blame("household_number", "户编号应为 16 位数字；新户请留空，改填户序号")
            return
        if number:
            known = self.facts.household(number)
            if known is None or not known.division_code.startswith(self.places.township.code):
                household.blame(
                    "household_number", f"本乡镇没有户编号 {number}，请核对；新户请留空"
                )
                return
        else:
            known = self._home_of_members(household)
        if known is not None:
            household.known = known
            if known.pk in self._households_seen:
                line = self._households_seen[known.pk]
                household.blame("household_number", f"与第 {line} 行是同一户，请并在一起填写")
            self._households_seen.setdefault(known.pk, household.rows[0].row.line)
            return
        place = self._place(household.source.village, household.source.group)
        if isinstance(place, str):
            household.blame("village", place)
        else:
            household.division = place

    def _home_of_members(self, household: JudgedHousehold) -> KnownHousehold | None:
        homes = {row.person.household_id for row in household.rows if row.person}
        if len(homes) != 1:
            return None  # none registered, or people of several: then told row by row
        known = self.facts.households[homes.pop()]
        return known if known.division_code.startswith(self.places.township.code) else None

    def _judge_membership(self, household: JudgedHousehold, judged: JudgedRow) -> None:
        """A registered person must live here, and can join only once a year."""
        row, person = judged.row, judged.person
        judged.enrolls = row.joins
        if person is None:
            return
        cover = person.this_year
        if (
            cover
            and row.joins
            and (household.known is None or cover.household_id != household.known.pk)
        ):
            place = self.places.said(cover.division_id)
            judged.blame(
                "resident_id",
                twice_refusal(person.name, place, cover.year, SHOWN_STATUS[cover.status]),
            )
        elif household.known is None or person.household_id != household.known.pk:
            place = self.places.said(person.division_id)
            judged.blame("resident_id", registered_elsewhere(place, person.household_number))
        elif cover and row.joins:
            judged.enrolls = False  # the same file twice adds nothing
            status = SHOWN_STATUS[cover.status]
            judged.blame("joins", f"本年度已登记参保（{status}），不重复登记", WARNING)
        if person.last_year and person.last_year.is_active:
            judged.consecutive_years = person.last_year.consecutive_years + 1

    def _judge_relationships(self, household: JudgedHousehold) -> None:
        """One head, counting living members whom the register leaves out."""
        if household.idle:
            return
        relationships = [row.row.relationship for row in household.rows]
        if household.known:
            named = {row.person.pk for row in household.rows if row.person}
            relationships += [
                relationship
                for pk, relationship in household.known.living.items()
                if pk not in named
            ]
        try:
            check_head(relationships, "relationship", least=1)
        except Refusal as refusal:
            household.blame("relationship", refusal.message)

    def _judge_contact(self, household: JudgedHousehold) -> None:
        phone = cells.phone(household.source.phone)
        if phone is None:
            household.blame("phone", "电话应为 11 位手机号或带区号的固定电话，本次不登记", WARNING)
        if household.known is None or phone != household.known.phone:
            household.phone = phone or ""
        household.address = household.source.address
        if len(household.address) > 100:
            household.blame("address", "住址超过 100 字，请改短")

    def _judge_tier(self, household: JudgedHousehold) -> None:
        tiers: dict[str, int] = {}
        # A merged cell may stand beside a head who does not join himself.
        for text, line in (household.source.tiers or household.source.idle_tiers).items():
            tier = cells.tier(text, self._tiers)
            if tier is None:
                names = "、".join(name for _, name in self._tiers)
                household.blame("tier", f"缴费档次“{text[:20]}”看不懂，可填：{names}")
                return
            tiers.setdefault(tier, line)
        if not tiers:
            household.blame("tier", "没有填写缴费档次")
            return
        household.tier = next(iter(tiers))
        covers = list(household.known.covers) if household.known else []
        # Tiers that other rows of the household name count like those taken this year.
        covers += [(self.season.year, tier, False) for tier in tiers]
        problem = tier_refusal(season=self.season, tier=household.tier, joining=1, covers=covers)
        if problem:
            household.blame("tier", problem)

    # -- money ---------------------------------------------------------------------------------

    def _assess(self, household: JudgedHousehold) -> None:
        """The premium of each who joins; equal people share one assessment."""
        if not household.tier:
            return
        for judged in household.rows:
            if not judged.enrolls or judged.identity is None or judged.row.is_wrong:
                continue
            held = judged.person.statuses if judged.person else frozenset()
            statuses = held | judged.row.statuses
            age = age_on(judged.identity.birth_date, self._first_day)
            key = (age, judged.identity.sex, judged.residence, household.tier, statuses)
            number = self._numbers.get(key)
            if number is None:
                number = self._numbers[key] = self._number_of(*key)
            if isinstance(number, Refusal):
                judged.blame(number.field or "statuses", number.message)
                continue
            judged.assessment = number
            judged.personal = self.assessments[number].personal

    def _number_of(
        self, age: int, sex: str, residence: str, tier: str, statuses: frozenset[str]
    ) -> int | Refusal:
        assessment = _assessed(
            self.season.terms, self.season.year, age, sex, residence, tier, statuses
        )
        if isinstance(assessment, Refusal):
            return assessment
        amounts = tuple(assessment.columns().values())
        if amounts not in self._amounts:
            self._amounts[amounts] = len(self.assessments)
            self.assessments.append(assessment)
        return self._amounts[amounts]

    def _judge_amounts(self, household: JudgedHousehold) -> None:
        """What the register says was paid: per person, or once for the household."""
        told = [row for row in household.rows if row.row.amount is not None]
        joining = [row for row in household.rows if row.enrolls]
        if not told or any(row.row.is_wrong for row in joining):
            return
        if len(told) == 1 and len(joining) > 1:
            if told[0].row.amount not in {household.amount, told[0].personal}:
                told[0].blame(
                    "amount",
                    f"名册写 {_yuan(told[0].row.amount)} 元，本户应缴 "
                    f"{_yuan(household.amount)} 元，"
                    "请核对档次、身份和实收",
                )
            return
        for row in told:
            if row.enrolls and row.row.amount != row.personal:
                row.blame(
                    "amount",
                    f"名册写 {_yuan(row.row.amount)} 元，应缴 {_yuan(row.personal)} 元，"
                    "请核对档次、身份和实收",
                )

    def _judge_receipt(self, household: JudgedHousehold) -> None:
        """A paper receipt of one's own book, in its range, never used before."""
        joining = [row for row in household.rows if row.enrolls]
        if not joining:
            return  # nothing new to receipt; the receipt of an earlier import stands
        (code, text), line = next(iter(household.source.receipts.items()))
        if len(household.source.receipts) > 1:
            household.blame("receipt_number", "一户只开一张收据，请把本户的票据本号、票号改成一致")
            return
        book = self.facts.books.get(cells.plain(code).upper())
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
        elif (book.code, number) in self._seen_receipts:
            other = self._seen_receipts[book.code, number]
            household.blame("receipt_number", f"票号 {number} 与第 {other} 行的户重复，请核对存根")
        else:
            self._seen_receipts[book.code, number] = line
            household.receipt_book_id, household.receipt_number = book.pk, number
            heads = [row for row in joining if row.row.relationship == Person.Relationship.HEAD]
            household.payer_name = (heads or joining)[0].row.name

    # -- the verdict ---------------------------------------------------------------------------

    def _hold_back(self, household: JudgedHousehold) -> None:
        """Who lives with a wrong row waits for it."""
        wrong = [row for row in household.rows if row.row.is_wrong]
        if not wrong:
            return
        for row in household.rows:
            if not row.row.is_wrong:
                row.blame(
                    "household_number",
                    f"本户第 {wrong[0].row.line} 行有错误，更正后整户一起导入",
                )


def _yuan(fen: int | None) -> str:
    return f"{to_yuan(fen or 0):.2f}"


def identify(register: Register, on: date) -> list[JudgedHousehold]:
    """Read every resident id and its blind index; the same number twice is told at both rows."""
    seen: dict[str, JudgedRow] = {}
    index = sealer().index
    households = []
    for source in register.households:
        judged = JudgedHousehold(source, [JudgedRow(row) for row in source.rows])
        for one in judged.rows:
            number = _identify(one, seen, on)
            if number:
                one.index = index(number, "resident_id")
        households.append(judged)
    return households


def _identify(judged: JudgedRow, seen: dict[str, JudgedRow], on: date) -> str:
    """The person's number; "" when there is none to go by."""
    row = judged.row
    if not row.name:
        judged.blame("name", "没有填写姓名")
    if not row.resident_id:
        judged.blame("resident_id", "没有填写身份证号")
        return ""
    if row.is_wrong and any(problem.field == "resident_id" for problem in row.problems):
        return ""
    try:
        judged.identity = parse(row.resident_id, on)
    except ResidentIdError as error:
        other = indexes_of(row.resident_id)
        if other:
            judged.index, judged.other_document = other[0], str(error)
        else:
            judged.blame("resident_id", str(error))
        return ""
    number = judged.identity.number
    earlier = seen.setdefault(number, judged)
    if earlier is not judged:
        judged.blame("resident_id", f"与第 {earlier.row.line} 行的身份证号相同，请删去一行或改正")
        if earlier.index:  # told once, however often the number comes again
            earlier.blame("resident_id", f"与第 {row.line} 行的身份证号相同，请删去一行或改正")
            earlier.index = ""
        return ""
    return number


def counts(households: Sequence[JudgedHousehold]) -> dict[str, int]:
    """Rows by verdict, and what is open to be written."""
    errors = warnings = rows = open_households = open_people = amount = 0
    for household in households:
        wrong = household.is_wrong
        for row in household.rows:
            rows += 1
            errors += row.row.is_wrong
            warnings += bool(row.row.problems) and not row.row.is_wrong
        if not wrong and not household.idle:
            open_households += 1
            open_people += sum(row.enrolls for row in household.rows)
            amount += household.amount
    return {
        "row_count": rows,
        "right_count": rows - errors - warnings,
        "warning_count": warnings,
        "error_count": errors,
        "household_count": len(households),
        "open_households": open_households,
        "open_people": open_people,
        "open_amount": amount,
    }
