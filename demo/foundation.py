"""What a county has before anybody enrols: places, staff, hospitals, catalogue, measures, books."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password

from accounts.models import Division, User
from accounts.roles import Role
from demo import names
from demo.catalogue import catalogue
from demo.places import COUNTY_CODE, COUNTY_NAME, OUTSIDE, Township
from demo.plan import Plan
from demo.providers import Providers
from demo.staff import DEMO_PASSWORD, Staff
from enrollment.cover.campaigns import open_campaign
from enrollment.models import Campaign
from funds.models import Book
from funds.services import open_book
from institutions.models import Agreement, CatalogueItem, Institution, Practitioner
from lib.money import to_yuan
from lib.periods import Month
from moving.models import Established
from policies.models import Pack
from policies.services import adopt_pack, propose_pack, terms_of
from policies.terms import Terms

MEASURES = Path(settings.BASE_DIR) / "policies" / "packs" / "dazu.yaml"
LONG_AGO = date(2012, 1, 1)
TITLES = ("主任医师", "副主任医师", "主治医师", "医师", "医师", "助理医师")


@dataclass(frozen=True)
class Foundation:
    """What everything else refers to, by the keys that the drawn county uses."""

    county: Division
    divisions: dict[str, Division]  # by code
    users: dict[str, User]  # by username
    institutions: dict[int, Institution]  # by the provider's position
    items: dict[int, CatalogueItem]  # by the item's position
    pack: Pack
    terms: Terms
    campaigns: dict[int, Campaign]  # by insurance year
    book: Book
    staff: Staff

    def officer(self, role: Role) -> User:
        return self.users[self.staff.one(role).username]


def lay_foundation(
    plan: Plan, townships: tuple[Township, ...], providers: Providers, staff: Staff
) -> Foundation:
    """Write it all; measures, campaigns and the book go through their services."""
    divisions = _divisions(townships)
    county = divisions[COUNTY_CODE]
    # It is shown at work, not moving in.
    Established.objects.create(area=county)
    users = _users(plan, staff, divisions)
    institutions = _institutions(plan, providers, divisions)
    items = _items(county)

    def officer(role: Role) -> User:
        return users[staff.one(role).username]

    pack = adopt_pack(
        actor=officer(Role.APPROVER),
        pack=propose_pack(actor=officer(Role.SUPERVISOR), area=county, source=measures_for(plan)),
        approval="府发〔2026〕1号",
    )
    years = sorted({plan.year - 1, plan.year, plan.year + 1, plan.next_year})
    campaigns = {
        year: open_campaign(actor=officer(Role.SUPERVISOR), area=county, year=year)
        for year in years
    }
    book = open_book(
        actor=officer(Role.ACCOUNTANT),
        area=county,
        first_month=Month.of(campaigns[plan.year].first_day),
    )
    return Foundation(
        county=county,
        divisions=divisions,
        users=users,
        institutions=institutions,
        items=items,
        pack=pack,
        terms=terms_of(pack),
        campaigns=campaigns,
        book=book,
        staff=staff,
    )


def measures_for(plan: Plan) -> str:
    """Dazu's measures, in force long enough for the plan's years.

    The law itself has no dates; only the line with the last day is put off where it must.
    """
    source = MEASURES.read_text(encoding="utf-8")
    found = re.search(r"^  to: (\d{4})-12-31$", source, re.MULTILINE)
    if found is None:
        raise ValueError(f"{MEASURES.name} has no line with its last day")
    if int(found[1]) > plan.next_year:
        return source
    return source.replace(found[0], f"  to: {plan.next_year + 1}-12-31")


def _divisions(townships: tuple[Township, ...]) -> dict[str, Division]:
    rows: dict[str, Division] = {}

    def add(level: str, places: list[tuple[str, str, str]]) -> None:
        made = Division.objects.bulk_create(
            [
                Division(
                    code=code, name=name, level=level, parent=rows.get(above), first_day=LONG_AGO
                )
                for code, name, above in places
            ]
        )
        rows.update({row.code: row for row in made})

    add("county", [(COUNTY_CODE, COUNTY_NAME, ""), *((code, name, "") for code, name in OUTSIDE)])
    add("township", [(t.code, t.name, COUNTY_CODE) for t in townships])
    add("village", [(v.code, v.name, t.code) for t in townships for v in t.villages])
    add(
        "group",
        [(g.code, g.name, v.code) for t in townships for v in t.villages for g in v.groups],
    )
    return rows


def _users(plan: Plan, staff: Staff, divisions: dict[str, Division]) -> dict[str, User]:
    password = make_password(DEMO_PASSWORD)
    made = User.objects.bulk_create(
        [
            User(
                username=worker.username,
                name=worker.name,
                role=worker.role,
                division=divisions.get(worker.division_code),
                institution_code=worker.institution_code,
                password=password,
            )
            for worker in staff.workers
        ]
    )
    return {user.username: user for user in made}


def _institutions(
    plan: Plan, providers: Providers, divisions: dict[str, Division]
) -> dict[int, Institution]:
    rows = {
        provider.position: Institution(
            code=provider.code,
            name=provider.name,
            level=provider.level,
            kind=provider.kind,
            division=divisions[provider.division_code],
        )
        for provider in providers.everyone
    }
    Institution.objects.bulk_create(rows.values())
    Agreement.objects.bulk_create(
        Agreement(
            institution=rows[provider.position],
            number=f"DZ{plan.year - 1}-{provider.position + 1:04d}",
            first_day=date(plan.year - 1, 1, 1),
            last_day=date(plan.next_year, 12, 31),
        )
        for provider in providers.everyone
    )
    chance = plan.chance("practitioners")
    Practitioner.objects.bulk_create(
        Practitioner(
            code=f"D{provider.code[1:]}{number:03d}",
            name=names.surname(chance)
            + names.given(chance, male=chance.random() < 0.5, birth_year=1980),
            institution=rows[provider.position],
            title="乡村医生" if provider.level == "village" else chance.choice(TITLES),
        )
        for provider in providers.everyone
        for number in range(1, provider.practitioners + 1)
    )
    return rows


# What a row of the catalogue and an item of the demonstration call by the same name.
OF_AN_ITEM = (
    "catalogue", "code", "name", "initials", "category", "payment_class", "unit",
    "is_traditional", "is_essential", "is_antibiotic",
)  # fmt: skip


def _items(county: Division) -> dict[int, CatalogueItem]:
    rows = {
        item.position: CatalogueItem(
            area=county,
            price_limit=None if item.limit is None else to_yuan(item.limit),
            **{name: getattr(item, name) for name in OF_AN_ITEM},
            first_day=LONG_AGO,
        )
        for item in catalogue().items
    }
    CatalogueItem.objects.bulk_create(rows.values())
    return rows
