"""Households, people and their identity statuses into the register."""

from datetime import date

from accounts.fields import blind_index
from demo.families import STATUS_SOURCES, Family, Resident
from demo.foundation import Foundation
from demo.loading import Table, stamp
from demo.names import spelled
from demo.numbers import own_phone
from demo.plan import Plan
from enrollment.models import Household, IdentityStatus, Person

PHONE_AGE = 16


class Register:
    """Writes families township by township and gives them their row ids."""

    def __init__(self, plan: Plan, foundation: Foundation) -> None:
        self.plan = plan
        self.divisions = {code: row.pk for code, row in foundation.divisions.items()}
        self.households = Table(
            Household,
            *("number", "division", "address", "phone", "bank_account", "bank_account_name"),
            "created_at",
        )
        self.people = Table(
            Person,
            *("household", "member_number", "relationship", "name", "pinyin", "initials", "sex"),
            *("birth_date", "resident_id", "resident_id_index", "ethnicity", "residence"),
            *("death_date", "phone", "created_at"),
            after=[self.households],
        )
        self.statuses = Table(
            IdentityStatus, "person", "code", "first_day", "source", "batch", after=[self.people]
        )
        self.tables = (self.households, self.people, self.statuses)
        self._phone = Household._meta.get_field("phone").get_prep_value
        self._own_phone = Person._meta.get_field("phone").get_prep_value
        self._account = Household._meta.get_field("bank_account").get_prep_value
        self._number = Person._meta.get_field("resident_id").get_prep_value
        self._registered = stamp(date(plan.year - 4, 9, 1), 0)

    def write(self, family: Family) -> None:
        head = family.members[0]
        family.row_id = self.households.add(
            family.number,
            self.divisions[family.group_code],
            family.address,
            self._phone(family.phone),
            self._account(family.bank_account),
            head.name if family.bank_account else "",
            self._registered,
        )
        for resident in family.members:
            spelling = spelled(resident.surname, resident.given)
            resident.row_id = self.people.add(
                family.row_id,
                resident.number,
                resident.relationship,
                resident.name,
                spelling.pinyin,
                spelling.initials,
                resident.sex,
                resident.birth_date,
                self._number(resident.resident_id),
                blind_index("resident_id", resident.resident_id),
                resident.ethnicity,
                resident.residence,
                resident.death_date if resident.dead_by(self.plan.last_day) else None,
                self._own_phone(self._phone_of(resident)),
                self._registered,
            )
            for code in resident.statuses:
                self._status(resident, code)

    def _phone_of(self, resident: Resident) -> str:
        """Of who is grown; it opens the page of the insured."""
        is_grown = self.plan.year - resident.birth_date.year >= PHONE_AGE
        return own_phone(resident.resident_id) if is_grown else ""

    def _status(self, resident: Resident, code: str) -> None:
        # The departments' lists of the autumn three years ago; younger people came with birth.
        first_day = max(date(self.plan.year - 3, 9, 1), resident.birth_date)
        batch = f"{first_day:%Y-%m}"
        self.statuses.add(resident.row_id, code, first_day, STATUS_SOURCES[code], batch)
