"""The verdict on each row and household: the rules of the window, asked for a whole register.

The rules stand in cover and people; here they are only asked, with facts gathered set-wise.
A household with one wrong row is held back as a whole: 户不漏人. `identities` reads the numbers
beforehand, `dues` says what is to be paid.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import cast

from accounts.errors import Refusal
from accounts.models import Division, User
from enrollment.cover.assessing import Assessment
from enrollment.cover.enrolling import (
    Season,
    death_refusal,
    departure_refusal,
    twice_refusal,
)
from enrollment.cover.models import Enrollment
from enrollment.people.elsewhere import elsewhere_refusal
from enrollment.people.listed import borne_by, codes_of, named_otherwise
from enrollment.people.models import IdentityStatus, Person
from enrollment.people.old_numbers import MAX_OLD_NUMBER
from enrollment.people.register import (
    MemberEntry,
    account_problem,
    check_head,
    check_member,
    wrong_name,
)
from enrollment.people.registered import is_near, registered_at, registered_far
from enrollment.people.relations import Member, remarks
from enrollment.rosters import cells
from enrollment.rosters.cells import ERROR, NOTE, WARNING
from enrollment.rosters.columns import TITLES
from enrollment.rosters.dues import Dues
from enrollment.rosters.facts import Cover, Facts, KnownHousehold, KnownPerson, Places
from enrollment.rosters.households import Household, Row
from lib import typed_text
from lib.resident_id import ResidentId

SOUND_NAME = "张三"
STATUS_NAMES = dict(IdentityStatus.Code.choices)
RELATIONSHIPS = dict(Person.Relationship.choices)
RESIDENCES = dict(Person.Residence.choices)
SHOWN_STATUS = dict(Enrollment.Status.choices)


@lru_cache(maxsize=8192)
def _member_refusal(
    name: str, relationship: str, residence: str, sex: str
) -> tuple[str, str] | None:
    """(field, message) of the window's own check. Sound names are asked as one and the same."""
    entry = MemberEntry(position=0, name=name, relationship=relationship, residence=residence)
    try:
        check_member(entry, sex)
    except Refusal as refusal:
        return refusal.field, refusal.message
    return None


@lru_cache(maxsize=8192)
def _head_refusal(relationships: tuple[str, ...]) -> str:
    try:
        check_head(relationships, "relationship", least=1)
    except Refusal as refusal:
        return refusal.message
    return ""


def _names(codes: frozenset[str]) -> str:
    return "、".join(STATUS_NAMES[code] for code in sorted(codes))


def _tell_statuses(row: Row, *, carried: bool) -> None:
    """Where the register and the lists differ, the lists hold."""
    if carried:
        if more := row.statuses - row.held:
            message = f"“{_names(more)}”请用“原系统转入”的人员身份表转入，写明来源和依据"
            row.blame("statuses", message, NOTE)
        return
    more, less = row.statuses - row.held, row.held - row.statuses
    if more:
        counted = f"按系统身份“{_names(row.held)}”计" if row.held else "按一般人员计"
        message = f"“{_names(more)}”未在部门名单中，{counted}；有证明的可申请认定"
        row.blame("statuses", message, WARNING)
    if less:
        message = f"部门名单中有身份“{_names(less)}”，名册未列，按名单计"
        row.blame("statuses", message, WARNING)


@dataclass
class Judge:
    """Judges one register, household by household; then `finish`."""

    season: Season | None  # None: whom an old system knew is registered, and nobody enrols
    facts: Facts
    places: Places
    actor: User
    on: date
    columns: frozenset[str]

    def __post_init__(self) -> None:
        self.dues = Dues(self.season, self.facts, self.actor, self.on) if self.season else None
        self._old_seen: dict[str, Row] = {}
        self._place = cache(self.places.find)
        self._households_seen: dict[int, Row] = {}
        self._people_seen: dict[int, Row] = {}

    @property
    def assessments(self) -> Sequence[Assessment]:
        """The distinct premiums; rows name theirs by its place."""
        return self.dues.assessments if self.dues else ()

    def judge(self, household: Household) -> None:
        """Everything about one household; problems go to its rows."""
        rows = household.rows
        for row in rows:
            self._judge_person(row)
        self._find_household(household)
        for row in rows:
            self._judge_membership(household, row)
        joining = [row for row in rows if row.enrolls or row.pays]
        household.idle = not joining and not any([row.corrects for row in rows])
        self._judge_contact(household)
        news = self._judge_old_numbers(household)
        if self.dues is None:
            household.idle = household.idle and not news and not _is_new(household)
        if not household.idle:
            self._judge_relationships(household)
        if self.dues is None:
            pass
        elif joining:
            self.dues.judge(household, joining)
        else:
            self.dues.judge_idle(household)
        if household.idle and self.dues:
            _tell_idle(household)
        elif household.idle:
            household.blame("household_number", "本户已登记，没有变动，不再转入", NOTE)
        _hold_back(household)

    def finish(self) -> None:
        """What shows only when every household has been seen."""
        if self.dues:
            self.dues.tell_skipped_receipts()

    # -- people --------------------------------------------------------------------------------

    def _judge_person(self, row: Row) -> None:
        """What can be said from the row and from who is registered under its number."""
        row.person = person = self.facts.people.get(row.index) if row.index else None
        if row.other_document:  # no resident id: somebody registered with another document
            if person is None:
                row.blame("resident_id", row.other_document)
                row.index = ""
            else:
                row.identity = ResidentId("", "", person.birth_date, person.sex)
        if person is not None:
            first = self._people_seen.setdefault(person.pk, row)
            if first is not row:
                row.blame("resident_id", f"与第 {first.at} 行是同一人（曾用证件号码），请删去一行")
        self._judge_joining(row)
        row.residence = row.residence or (person.residence if person else "rural")
        if row.identity is None:
            return
        _judge_identity(row, row.identity)
        elsewhere = self.facts.elsewhere.get(row.index) if row.joins else None
        if elsewhere:
            row.blame("resident_id", elsewhere_refusal(row.name, elsewhere))
        listed = self.facts.listed.get(row.index, [])
        row.held = person.statuses if person else codes_of(borne_by(listed, row.name))
        if listed and not row.held:
            row.blame("name", named_otherwise(row.name), WARNING)
        if "statuses" in self.columns:
            _tell_statuses(row, carried=self.dues is None)
        if person is not None:
            self._compare(row, person)

    def _judge_joining(self, row: Row) -> None:
        """Who is carried in joins nothing, whatever the old system's column says."""
        if self.dues is not None:
            if row.unsaid:
                _judge_unsaid(row)
        elif row.joins:
            row.joins = False
            if "joins" in self.columns:
                row.blame("joins", "转入只登记户和人，参保请用“历年参保”表转入", NOTE)

    def _compare(self, row: Row, person: KnownPerson) -> None:
        """A registered person: dead, or told differently than in the portal."""
        problem = None
        if row.joins:
            problem = death_refusal(person.name, person.death_date, self.on)
            problem = problem or departure_refusal(person.name, person.departure_date)
        if problem:
            row.blame("name", problem)
            return
        self._keep_paid_name(row, person)
        _tell_corrections(row, person)
        row.corrects = (row.name, row.relationship, row.residence) != (
            person.name,
            person.relationship,
            person.residence,
        )

    def _keep_paid_name(self, row: Row, person: KnownPerson) -> None:
        """Who has paid is renamed by two people, not by a spreadsheet."""
        if row.name == typed_text.name(person.name):
            return
        paid = [cover for cover in (person.this_year, person.last_year) if cover]
        if any(cover.is_active and cover.year >= self.on.year for cover in paid):
            told = f"系统中姓名为“{person.name}”，已缴费参保，改姓名须申请审批，本次不改"
            row.blame("name", told, WARNING)
            row.name = person.name

    # -- the household -------------------------------------------------------------------------

    def _find_household(self, household: Household) -> None:
        """By its number; failing that by its registered members; failing that a new one."""
        number = cells.household_number(household.number) if household.number else ""
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
            known = self._home_by_old_number(household) or self._home_of_members(household)
        if known is not None:
            household.known = known
            first = self._households_seen.setdefault(known.pk, household.rows[0])
            if first is not household.rows[0]:
                household.blame("household_number", f"与第 {first.at} 行是同一户，请并在一起填写")
            self._compare_place(household, known)
            return
        place = self._place_of(household)
        if isinstance(place, str):
            household.blame("village", place)
        else:
            household.division = place

    def _place_of(self, household: Household) -> Division | str:
        """Where no column says the village, the sheet's title may."""
        if not household.village:
            place = self._place(household.sheet, household.group)
            if not isinstance(place, str):
                return place
        return self._place(household.village, household.group)

    def _compare_place(self, household: Household, known: KnownHousehold) -> None:
        """A register moves nobody: a village or group other than the portal's is told."""
        if not household.village:
            return
        place = self._place(household.village, household.group)
        if isinstance(place, str) or place.pk != known.division_id:
            _, there = self.places.of(known.division_id)
            household.blame(
                "village",
                f"名册写“{household.village}{household.group}”，本户登记在{there}，"
                "仍按登记；迁移请在窗口办理",
                WARNING,
            )

    def _home_of_members(self, household: Household) -> KnownHousehold | None:
        homes = {row.person.household_id for row in household.rows if row.person}
        if len(homes) != 1:
            return None  # none registered, or people of several: then told row by row
        known = self.facts.households[homes.pop()]
        return known if known.division_code.startswith(self.places.township.code) else None

    def _home_by_old_number(self, household: Household) -> KnownHousehold | None:
        pk = self.facts.old_homes.get(household.old_number)
        known = self.facts.households.get(pk) if pk is not None else None
        if known is None:
            return None
        if known.closed_on or not known.division_code.startswith(self.places.township.code):
            household.blame(
                "old_household", "这个原系统户号属于已销户或外乡镇的户，请核对，或到窗口办理"
            )
            return None
        return known

    def _judge_old_numbers(self, household: Household) -> bool:
        """Numbers of the old system belong to one household, one person. Whether any is new."""
        news = False
        if old := household.old_number:
            self._refuse_long(household.rows[0], "old_household", old)
            owner = self.facts.old_homes.get(old)
            news = owner is None
            if owner is not None and (household.known is None or household.known.pk != owner):
                household.blame("old_household", f"原系统户号 {old} 已属于另一户，请核对")
        for row in household.rows:
            if not (old := row.old_number):
                continue
            self._refuse_long(row, "old_person", old)
            first = self._old_seen.setdefault(old, row)
            if first is not row:
                row.blame("old_person", f"与第 {first.at} 行的原个人编号相同，请核对")
            owner = self.facts.old_people.get(old)
            news = news or owner is None
            if owner is not None and (row.person is None or row.person.pk != owner):
                row.blame("old_person", f"原个人编号 {old} 已属于另一人，请核对")
        return news

    @staticmethod
    def _refuse_long(row: Row, name: str, old: str) -> None:
        if len(old) > MAX_OLD_NUMBER:
            row.blame(name, f"{TITLES[name]}超过 {MAX_OLD_NUMBER} 位，请核对")

    def _judge_membership(self, household: Household, row: Row) -> None:
        """A registered person must live here, and can join only once a year."""
        person = row.person
        row.enrolls = row.joins
        if person is None:
            return
        cover = person.this_year
        known = household.known
        if cover and row.joins and (known is None or cover.household_id != known.pk):
            row.blame("resident_id", self._twice(person, cover))
        elif known is None or person.household_id != known.pk:
            row.blame("resident_id", self._registered(person))
        elif cover and row.joins:
            row.enrolls = False  # the same file twice adds nothing
            message = f"本年度已登记参保（{SHOWN_STATUS[cover.status]}），不重复登记"
            if cover.is_pending and household.receipts:
                row.pays = cover
                message += "；确认后按本户收据缴费"
            elif cover.is_pending:
                message += "；已收款的请填票据本号和票号，或到窗口缴费"
            # The portal's own list of a village names everybody: who has paid is no doubt, unless
            # the village says that it took money.
            took = household.receipts or row.amount is not None
            row.blame("joins", message, WARNING if cover.is_pending or took else NOTE)
        elif cover and not row.unsaid:
            message = f"名册写“否”，系统中本年度{SHOWN_STATUS[cover.status]}，本次不改；不参保的请"
            message += "撤销登记" if cover.is_pending else "在家庭页面作废收据或申请退费"
            row.blame("joins", message, WARNING)
        if person.last_year and person.last_year.is_active:
            row.consecutive_years = person.last_year.consecutive_years + 1

    def _judge_relationships(self, household: Household) -> None:
        """One head, counting living members whom the register leaves out."""
        relationships = [row.relationship for row in household.rows]
        if household.known:
            named = {row.person.pk for row in household.rows if row.person}
            relationships += [
                relationship
                for pk, relationship in household.known.living.items()
                if pk not in named
            ]
        refusal = _head_refusal(tuple(sorted(relationships)))
        if refusal:
            household.blame("relationship", refusal)
        self._judge_relations(household)

    def _judge_relations(self, household: Household) -> None:
        """Ages that a relation cannot have; what seldom is, is shown and may be confirmed."""
        rows = {row.line: row for row in household.rows if row.identity and row.relationship}
        for one in remarks([_member(row) for row in rows.values()], self.on):
            row = rows[cast(int, one.key)]
            if row.person is None or row.person.relationship != row.relationship:
                row.blame(one.field, one.text, ERROR if one.impossible else WARNING)

    def _twice(self, person: KnownPerson, cover: Cover) -> str:
        code, place = self.places.of(cover.division_id)
        if not is_near(code, self.actor.division_code):
            return registered_far(code, self.actor.division_code)
        return twice_refusal(person.name, place, cover.year, SHOWN_STATUS[cover.status])

    def _registered(self, person: KnownPerson) -> str:
        code, place = self.places.of(person.division_id)
        if not is_near(code, self.actor.division_code):
            return registered_far(code, self.actor.division_code)
        return registered_at(place, person.household_number)

    @staticmethod
    def _judge_contact(household: Household) -> None:
        phone = typed_text.phone(household.phone)
        if phone is None:
            household.blame("phone", "电话应为 11 位手机号或带区号的固定电话，本次不登记", WARNING)
        if household.known is None or phone != household.known.phone:
            household.new_phone = phone or ""
        if len(household.address) > 100:
            household.blame("address", "住址超过 100 字，请改短")
        bank = typed_text.number(household.bank_account)
        if problem := account_problem(bank, household.bank_account_name):
            household.blame(*problem)
        elif household.known is None:
            household.new_bank = bank
        elif bank and bank != household.known.bank_account:
            household.blame("bank_account", "银行账号仍按登记，变更请在窗口办理", WARNING)
        if not household.new_bank:
            household.bank_account_name = ""


def _member(row: Row) -> Member:
    """A row as the rules of relations see it. `row.identity` is there."""
    identity, person = cast(ResidentId, row.identity), row.person
    dead = person.death_date if person else None
    return Member(row.line, row.name, row.relationship, identity.sex, identity.birth_date, dead)


def _judge_identity(row: Row, identity: ResidentId) -> None:
    """The row against what its number says."""
    if row.sex and row.sex != identity.sex:
        row.blame("sex", "性别与身份证号不符，请核对证件")
    if row.birth_date and row.birth_date != identity.birth_date:
        row.blame("birth_date", f"出生日期与身份证号（{identity.birth_date}）不符，请核对证件")
    if row.relationship:
        name = row.name if wrong_name(row.name) else SOUND_NAME
        refusal = _member_refusal(name, row.relationship, row.residence, identity.sex)
        if refusal and not any(problem.field == refusal[0] for problem in row.problems):
            row.blame(*refusal)


def _judge_unsaid(row: Row) -> None:
    """Neither yes nor no: so a village is handed those who were not covered last year."""
    if row.person is None:
        row.blame("joins", "是否参保没有填写，请填“是”或“否”")
    elif row.person.this_year is None:
        row.blame("joins", "是否参保没有填写，这次不为此人参保；要参保请填“是”后重新上传", WARNING)


def _tell_corrections(row: Row, person: KnownPerson) -> None:
    """What the register changes of somebody who is registered: before and after."""
    if row.name != typed_text.name(person.name):
        row.blame("name", f"系统中姓名为“{person.name}”，确认后改为“{row.name}”", WARNING)
    for name, labels in (("relationship", RELATIONSHIPS), ("residence", RESIDENCES)):
        before, after = getattr(person, name), getattr(row, name)
        if after and after != before:
            message = (
                f"系统中{TITLES[name]}为“{labels[before]}”，确认后改为“{labels[after]}”，请核对"
            )
            row.blame(name, message, WARNING)


def _tell_idle(household: Household) -> None:
    """Nobody of the household joins: what else the register says of it is not written."""
    for row in household.rows:
        if row.person is None and row.identity is not None:
            row.blame("joins", "本户没有人参保，这次不登记此人", WARNING)
    if household.known and household.new_phone:
        speaker = household.speakers["phone"]
        speaker.blame("phone", "本户没有人参保，这次不登记电话", WARNING)


def _hold_back(household: Household) -> None:
    """Who lives with a wrong row waits for it."""
    if not household.is_wrong:
        return
    first = next(row for row in household.rows if row.is_wrong)
    for row in household.rows:
        if not row.is_wrong:
            row.blame(
                "household_number",
                f"本户第 {first.at} 行（{first.name[:10]}）有错误，更正后整户一起导入",
            )


def _is_new(household: Household) -> bool:
    """Whether a file of an old system tells somebody or a phone that is not registered."""
    return bool(household.known and household.new_phone) or any(
        row.person is None for row in household.rows
    )


def counts(households: Sequence[Household], *, carried: bool = False) -> dict[str, int]:
    """Rows by verdict, and what is open to be written: `carried`, people who will be registered
    instead of those who enrol."""
    errors = warnings = rows = open_households = open_people = amount = 0
    for household in households:
        rows += len(household.rows)
        wrong = 0
        for row in household.rows:
            if row.is_wrong:
                wrong += 1
            elif row.is_doubtful:
                warnings += 1
        errors += wrong
        if not wrong and not household.idle:
            open_households += 1
            wanted = [row.person is None if carried else row.enrolls for row in household.rows]
            open_people += sum(wanted)
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
