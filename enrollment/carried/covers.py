"""Covers of earlier years, and this year's that the old system took (历年参保).

They count as our own do: years in a row, waiting after a gap, years without a claim, and this
year's for what is claimed. They have no receipt and no voucher: their money is in the opening
balances, so what governments paid for them is not asked for again and stands nowhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import F

from accounts.models import User
from desk.carrying import Carried, Given, Said, run
from enrollment.carried import columns
from enrollment.carried.models import CarriedRow, CarriedTable
from enrollment.cover.campaigns import campaign_of_carried, measures_of_carried
from enrollment.cover.models import Campaign, Enrollment
from enrollment.people import identities
from enrollment.people.old_numbers import Register, Registered
from enrollment.rosters import cells
from lib import typed_text
from lib.money import to_yuan
from policies.services import Measures

EARLIEST = 2003  # 国办发〔2003〕3号: no county had cooperative insurance of this kind before

# The rows of the span become covers where the person still stands in the register and has none of
# that year. Years in a row: what the file says of a year holds from there on; where it says
# nothing, the years that stand without a gap are counted, those of the register with them.
WRITE = """
WITH said AS MATERIALIZED (
    SELECT s.line AS says, x.* FROM enrollment_carriedrow s,
        jsonb_to_record(s.facts) AS x(
            year int, tier text, status text, premium numeric, paid text, first_day date,
            last_day date, years int, free boolean)
    WHERE s.upload_id = %(upload)s AND s.says = s.line
), given AS (
    SELECT c.line, c.about AS person, said.*
    FROM enrollment_carriedrow c JOIN said USING (says)
    WHERE c.upload_id = %(upload)s AND c.verdict = 'r'
), mine AS (
    SELECT DISTINCT person FROM given WHERE line BETWEEN %(first)s AND %(last)s
), stands AS (
    SELECT g.person, g.year, g.years FROM given g JOIN mine USING (person)
    UNION ALL
    SELECT e.person_id, e.year, e.consecutive_years
    FROM enrollment_enrollment e JOIN mine ON mine.person = e.person_id
    WHERE e.status = 'active' AND NOT EXISTS (
        SELECT FROM given g WHERE g.person = e.person_id AND g.year = e.year)
), islands AS (
    SELECT *, year - row_number() OVER (PARTITION BY person ORDER BY year) AS island FROM stands
), counted AS (
    SELECT person, year,
        greatest(row_number() OVER w, max(years - year) OVER w + year) AS consecutive
    FROM islands WINDOW w AS (PARTITION BY person, island ORDER BY year)
)
INSERT INTO enrollment_enrollment (
    person_id, household_id, division_id, campaign_id, year, pack_id, tier, status,
    premium_status, premium_amount, personal_amount, central_amount, provincial_amount,
    city_amount, county_amount, other_amount, credit_amount, account_amount, consecutive_years,
    claim_free, cover_first_day, cover_last_day, entered_by_id, entered_at, carried_id, paid_how)
SELECT g.person, p.household_id, h.division_id, y.campaign, g.year, y.pack, g.tier, 'active',
    g.status, g.premium, g.premium, 0, 0, 0, 0, 0, 0, 0, coalesce(g.years, c.consecutive),
    g.free, g.first_day, g.last_day, %(actor)s, now(), %(upload)s, g.paid
FROM given g
JOIN counted c ON c.person = g.person AND c.year = g.year
JOIN enrollment_person p ON p.id = g.person AND p.same_as_id IS NULL
JOIN enrollment_household h ON h.id = p.household_id
JOIN unnest(%(years)s::int[], %(campaigns)s::bigint[], %(packs)s::bigint[])
    AS y(year, campaign, pack) ON y.year = g.year
WHERE g.line BETWEEN %(first)s AND %(last)s
ORDER BY g.line
ON CONFLICT (person_id, year) WHERE NOT status = 'cancelled' DO NOTHING
"""


@dataclass
class _Known:
    register: Register
    area_code: str
    latest: int
    by_year: dict[int, Measures]

    def measures(self, year: int) -> Measures:
        if year not in self.by_year:
            self.by_year[year] = measures_of_carried(area_code=self.area_code, year=year)
        return self.by_year[year]


class Covers(Carried[CarriedTable]):
    layout = columns.COVERS
    unit = "人次"
    # The whole file: years in a row are counted over all of it, and nothing is locked that a window
    # waits for.
    batch = 1_000_000
    told = "转入的参保没有收据和凭证，钱在期初余额里；连续参保年数、等待期照常计算。"

    def begin(self, upload: CarriedTable, on: date) -> _Known:
        area = upload.area
        measures_of_carried(area_code=area.code, year=upload.as_of.year)  # refuses without any
        # Who moves in during the autumn brings the covers of next year with it.
        return _Known(Register(area), area.code, upload.as_of.year + 1, {})

    def read(self, upload: CarriedTable, said: Said, known: _Known) -> None:
        year = said.whole("year", EARLIEST, known.latest)
        if not said.cells["year"]:
            said.blame("没有填写参保年度")
        premium = said.money("premium", needed=True)
        first, last = said.day("first"), said.day("last")
        years = said.whole("years", 1, 100)
        free = self._free(said)
        paid = said.text("paid", longest=20)
        status = self._status(said)
        if year is None:
            return
        measures = known.measures(year)
        tier = self._tier(said, measures)
        begins, ends = measures.terms.year.bounds(year)
        first, last = first or begins, last or ends
        if not begins <= first <= last <= ends:
            said.blame(f"待遇起止应在 {begins} 至 {ends} 之内，起日不晚于止日")
        said.amount = premium
        said.facts = {
            "year": year, "tier": tier, "status": status, "premium": to_yuan(premium),
            "paid": paid, "first_day": first, "last_day": last, "years": years, "free": free,
        }  # fmt: skip

    def judge(self, upload: CarriedTable, rows: Sequence[Given], known: _Known) -> None:
        for row, person in known.register.meet(rows):
            if row.facts:
                row.key = (person.pk, row.facts["year"])
                if row.facts["first_day"] < person.birth_date:
                    self._begin_with_birth(row, person, known)
        people = {row.about for row in rows}
        covers = Enrollment.objects.filter(person__in=people).exclude(status="cancelled")
        there = {(person, year): carried for person, year, carried in covers.order_by()
                 .values_list("person", "year", "carried")}  # fmt: skip
        for row in rows:
            if row.key in there:
                whose = "已转入" if there[row.key] else "已在本系统参保"
                row.idle = f"{row.facts['year']} 年度{whose}，不再转入"

    @staticmethod
    def _begin_with_birth(row: Given, person: Registered, known: _Known) -> None:
        """Who was born in the year is covered from birth, where the file says the whole year."""
        begins, _ = known.measures(row.facts["year"]).terms.year.bounds(row.facts["year"])
        if row.facts["first_day"] == begins and person.birth_date <= row.facts["last_day"]:
            row.differ(first_day=person.birth_date)
        else:
            row.blame(f"待遇起早于出生日期 {person.birth_date}，请核对年度")

    @staticmethod
    def _free(said: Said) -> bool | None:
        cell = said.cells["free"]
        found = typed_text.yes_or_no(cell) if cell else None
        if cell and found is None:
            said.blame("零报销请填“是”或“否”，不清楚的留空")
        return found

    @staticmethod
    def _status(said: Said) -> str:
        codes, unknown = identities.statuses(said.cells["status"])
        if unknown:
            said.blame(f"缴费身份“{'、'.join(unknown)[:20]}”不在列表中，普通居民留空")
        elif len(codes) > 1:
            said.blame("缴费身份只填当时决定缴费的一种")
        return next(iter(codes), "")

    @staticmethod
    def _tier(said: Said, measures: Measures) -> str:
        names = tuple(measures.terms.vocabulary.get("tier", {}).items())
        cell = said.cells["tier"]
        if not names:
            return ""
        if not cell and len(names) == 1:
            return names[0][0]
        found = cells.tier(cell, names) if cell else None
        if found is None:
            told = "、".join(name for _, name in names)
            said.blame(f"档次“{cell[:20]}”应为{told}" if cell else f"没有填写档次，应为{told}")
        return found or ""

    def ready(self, upload: CarriedTable, actor: User, on: date) -> None:
        """Covers hang on the campaign of their year, also of years before the portal."""
        for year in self._years(upload):
            campaign_of_carried(actor=actor, area=upload.area, year=year)

    @staticmethod
    def _years(upload: CarriedTable) -> list[int]:
        rows = CarriedRow.objects.filter(upload=upload, says=F("line")).order_by()
        return sorted(rows.values_list("facts__year", flat=True).distinct())

    def write(self, upload: CarriedTable, span: Mapping[str, Any]) -> int:
        years = self._years(upload)
        area = upload.area
        made = dict(Campaign.objects.filter(area=area, year__in=years).values_list("year", "pk"))
        campaigns = [made[year] for year in years]
        packs = [measures_of_carried(area_code=area.code, year=year).pack.pk for year in years]
        named = {"years": years, "campaigns": campaigns, "packs": packs}
        # Freshly kept lines have no statistics: guessing one row, the planner would loop over all,
        # and forbidding that looks so dear to it that it would compile the plan first.
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL jit = off")
            count = run(WRITE, {**span, **named, "actor": upload.confirmed_by_id})
            cursor.execute("SET LOCAL enable_nestloop = on; SET LOCAL jit = on")
        return count
