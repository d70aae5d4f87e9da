"""The month's indicators R01 to R27, quotas and household accounts, from claims, covers and people.

Definitions after the county's 口径 (domain facts, §2.2): what happened by day of settlement, money
by day of the voucher, people and covers at the month's end. Ratios in 1/10000, amounts in fen.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import cached_property

from tests.recount.books import (
    PREMIUM_BACK,
    TRANSFERS,
    Books,
    Figures,
    Months,
    before,
    last_day,
    rounded,
    twelve,
)
from tests.recount.rows import Claim, Rows

NOT_HELP = {"draft", "refused", "withdrawn"}
SERIOUS, ASSISTANCE = {"390200", "390300"}, {"610100"}
LOW = {"village", "township", "central"}
SPECIAL = {"wubao", "dibao"}
FUNDERS = {"personal": "personal", "central": "central", "province": "province", "city": "city",
           "county": "county", "aid": "other", "township": "other"}  # fmt: skip
GOVERNMENT = ("central", "province", "city", "county")
BACK = {"claim_recovered", "recovery_returned", "recovery_kept"}


def over(top: int, bottom: int, scale: int) -> int | None:
    return rounded(top * scale, bottom) if bottom > 0 else None


def parts_of(total: int, weights: list[int]) -> list[int]:
    """Shared out by weight to the fen: what is left over goes to the largest fractions, of equal
    ones to the first."""
    whole = sum(weights)
    shares = [total * one // whole for one in weights]
    fractions = sorted(range(len(weights)), key=lambda at: (-(total * weights[at] % whole), at))
    for at in fractions[: total - sum(shares)]:
        shares[at] += 1
    return shares


class Sums:
    """Over some claims."""

    def __init__(self, claims: Iterable[Claim], layers: dict[int, list[tuple[str, str, str, int]]]):
        rows = list(claims)
        last = [one for one in rows if one.is_last]
        self.visits = len(last)
        self.compensated = sum(one.fund > 0 for one in last)
        self.days = sum(max((one.ends - one.starts).days, 1) for one in last)
        self.direct = sum(one.source == "counter" for one in last)
        self.cost = sum(one.cost for one in rows)
        self.in_scope = sum(one.in_scope for one in rows)
        self.own = sum(one.own for one in rows)
        self.fund = sum(one.fund for one in rows)
        self.personal = sum(one.personal for one in rows)
        self.people = len({one.person for one in rows if one.fund > 0})

        def paid(one: Claim, codes: set[str]) -> int:
            return sum(fen for _, code, _, fen in layers.get(one.pk, ()) if code in codes)

        self.serious = sum(paid(one, SERIOUS) for one in rows)
        self.serious_visits = sum(paid(one, SERIOUS) > 0 for one in last)
        self.serious_cost = sum(one.cost for one in rows if paid(one, SERIOUS) > 0)
        self.assistance = sum(paid(one, ASSISTANCE) for one in rows)
        self.assisted = sum(paid(one, ASSISTANCE) > 0 for one in last)


class End:
    """Cover, people and fund when the month is over."""

    def __init__(self, care: "Care", month: Months) -> None:
        rows, books, day, year = care.rows, care.books, last_day(month), month[0]
        self.month = month
        self.covers = [
            one for one in rows.covers
            if one.status == "active" and one.year == year and one.first_day <= day
        ]  # fmt: skip
        self.enrolled = len(self.covers)
        alive = {
            one.pk for one in rows.people
            if one.born <= day and not (one.died and one.died <= day)
            and not (one.left and one.left <= day)
        }  # fmt: skip
        self.alive = alive
        self.eligible = len(alive)
        special = {
            person for person, code, first, last in rows.statuses
            if code in SPECIAL and person in alive and first <= day <= (last or day)
        }  # fmt: skip
        self.special = len(special)
        self.special_in = len(special & {one.person for one in self.covers})
        self.due = sum(
            one.personal + one.central + one.province + one.city + one.county + one.other
            for one in self.covers
        )
        came: dict[str, int] = defaultdict(int)
        for who, fen in books.raised(year, day).items():
            came[FUNDERS[who]] += fen
        self.came = came
        self.raised = sum(came.values())
        months = twelve(month)
        spent: dict[Months, int] = defaultdict(int)
        paid: dict[Months, int] = defaultdict(int)
        self.back_now = self.back_earlier = ahead = 0
        for leg in rows.legs:
            if leg.day > day or leg.event in TRANSFERS:
                continue
            when = (leg.book_year, leg.book_month)
            if leg.kind == "expense":
                spent[when] += leg.debit - leg.credit
                if leg.event != PREMIUM_BACK:
                    paid[when] += leg.debit - leg.credit
                if leg.event in BACK and leg.book_year == year:
                    self.back_now += leg.credit - leg.debit
            if leg.code == "4501-recovery" and leg.book_year == year:
                self.back_earlier += leg.credit - leg.debit
            if leg.code[:4] in ("4001", "4101") and (leg.year or 0) > year:
                ahead += leg.credit - leg.debit
        self.ahead = ahead
        self.spent = sum(fen for when, fen in spent.items() if when[0] == year)
        # What was refunded of the year's premiums is less raised, not spent.
        self.spent -= books.gone_back(year, day, date(year, 1, 1))
        # A premium that goes back is no benefit, whatever year it was for: no month has to pay it.
        self.paid_12 = sum(paid[when] for when in months)
        self.paying = sum(paid[when] > 0 for when in months)
        at = books.at_end(month)
        self.balance = sum(
            fen * {"asset": 1, "liability": -1}.get(rows.accounts[code], 0)
            for code, fen in at.items()
        )
        self.surplus = self.balance - ahead
        self.reserve = sum(fen for code, fen in at.items() if code.startswith("3101"))
        self.granted = sum(one.account for one in self.covers)
        self.brought = sum(
            one.account for one in rows.covers if one.status == "active" and one.year < year
        )
        self.used = 0
        for _, _, of_year, counter, amount, settled_on in rows.usage:
            if counter == "household_account" and settled_on <= day:
                self.brought += amount if of_year < year else 0
                self.used -= amount if of_year == year else 0


class Care:
    def __init__(self, rows: Rows, books: Books) -> None:
        self.rows, self.books = rows, books
        self._ends: dict[Months, End] = {}

    @cached_property
    def counted(self) -> list[Claim]:
        return [one for one in self.rows.claims if one.status not in NOT_HELP and not one.back]

    def end(self, month: Months) -> End:
        if month not in self._ends:
            self._ends[month] = End(self, month)
        return self._ends[month]

    def of(self, first: Months, last: Months) -> list[Claim]:
        return [
            one for one in self.counted
            if first <= (one.settled_on.year, one.settled_on.month) <= last
        ]  # fmt: skip

    # -- indicators --------------------------------------------------------------------------------

    def indicators(self, month: Months) -> Figures:
        year, number = month
        ago, previous = (year - 1, number), before(month)
        begins = self.rows.first_month
        periods: dict[str, tuple[list[Claim], End, int]] = {
            "本月": (self.of(month, month), self.end(month), self.end(month).enrolled),
            "本年": (self.of((year, 1), month), self.end(month), self.end(month).enrolled),
        }
        claims = self.of(previous, previous)
        if previous >= begins or claims:
            had = 0
            if previous[0] == year:
                had = sum(one.first_day <= last_day(previous) for one in self.end(month).covers)
            periods["上月"] = (claims, self.end(month), had)
        if ago >= begins:
            periods["上年同月"] = (self.of(ago, ago), self.end(ago), self.end(ago).enrolled)
        found: Figures = {}
        for name, (rows, end, enrolled) in periods.items():
            for key, value in self._care(rows, enrolled).items():
                found[f"指标 {key} {name}"] = value
            if name in ("本年", "上年同月"):
                for key, value in self._state(end).items():
                    found[f"指标 {key} {name}"] = value
        return found

    def _care(self, rows: list[Claim], enrolled: int) -> Figures:
        layers = self.rows.layers
        every = Sums(rows, layers)
        stays = Sums((one for one in rows if one.is_stay), layers)
        away = Sums((one for one in rows if one.place == "outside"), layers)
        away_stays = Sums((one for one in rows if one.place == "outside" and one.is_stay), layers)
        low = Sums((one for one in rows if one.is_stay and one.level in LOW), layers)
        return {
            "visits": every.visits,
            "compensated": every.compensated,
            "beneficiaries": every.people,
            "stays": stays.visits,
            "cost": every.cost,
            "paid": every.fund,
            "beneficiary_rate_visits": over(every.compensated, enrolled, 10_000),
            "beneficiary_rate_persons": over(every.people, enrolled, 10_000),
            "hospitalisation_rate": over(stays.visits, enrolled, 10_000),
            "average_stay_cost": over(stays.cost, stays.visits, 1),
            "average_payment": over(every.fund, every.compensated, 1),
            "average_stay_payment": over(stays.fund, stays.compensated, 1),
            "average_stay": over(stays.days, stays.visits, 100),
            "average_stay_personal": over(stays.personal, stays.visits, 1),
            "actual_ratio": over(every.fund, every.cost, 10_000),
            "stay_actual_ratio": over(stays.fund, stays.cost, 10_000),
            "in_scope_ratio": over(every.fund, every.in_scope, 10_000),
            "stay_in_scope_ratio": over(stays.fund, stays.in_scope, 10_000),
            "off_catalogue_share": over(every.own, every.cost, 10_000),
            "outside_stay_visits": over(away_stays.visits, stays.visits, 10_000),
            "outside_stay_cost": over(away_stays.cost, stays.cost, 10_000),
            "outside_stay_paid": over(away_stays.fund, stays.fund, 10_000),
            "inside_payment_share": over(every.fund - away.fund, every.fund, 10_000),
            "grassroots_share": over(low.visits, stays.visits, 10_000),
            "serious_visits": every.serious_visits,
            "serious_paid": every.serious,
            "serious_lift": over(every.serious, every.serious_cost, 10_000),
            "assisted": every.assisted,
            "average_assistance": over(every.assistance, every.assisted, 1),
            "outside_visits": away.visits,
            "direct_settlement_rate": over(away.direct, away.visits, 10_000),
        }

    def _state(self, end: End) -> Figures:
        accounts = end.brought + end.granted
        use = over(end.spent, end.raised, 10_000)
        gone = rounded(end.month[1] * 10_000, 12)
        return {
            "enrollment_rate": over(end.enrolled, end.eligible, 10_000),
            "special_group_rate": over(end.special_in, end.special, 10_000),
            "raised_per_person": over(end.raised, end.enrolled, 1),
            "in_place_rate": over(end.raised, end.due, 10_000),
            "premium_per_person": over(end.came["personal"], end.enrolled, 1),
            "subsidy_share": over(sum(end.came[one] for one in GOVERNMENT), end.raised, 10_000),
            "use_rate": use,
            "surplus_rate": over(end.raised - end.spent, end.raised, 10_000),
            "balance_rate": over(end.surplus, end.raised, 10_000),
            "months_payable": over(end.surplus * end.paying, end.paid_12, 100),
            "pace_deviation": None if use is None else use - gone,
            "account_use_rate": over(end.used, accounts, 10_000),
            "account_idle": accounts - end.used,
            "recovered": end.back_now + end.back_earlier,
        }

    # -- townships ---------------------------------------------------------------------------------

    def townships(self, month: Months) -> Figures:
        """R27 and its neighbours, by posting date; before quotas are decided those for reference:
        what was raised less a tenth, by head."""
        end, day = self.end(month), last_day(month)
        decided = self.quota_of(month[0], day)
        heads = {town: 0 for town in self.rows.towns}
        for one in end.covers:
            heads[one.town] = heads.get(one.town, 0) + 1
        if not decided and end.raised > 0 and end.enrolled:
            towns = [town for town in heads if heads[town]]
            pool = rounded(end.raised * 90, 100)
            decided = dict(zip(towns, parts_of(pool, [heads[one] for one in towns]), strict=True))
        spent: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for leg in self.rows.legs:
            if leg.kind == "expense" and leg.event not in {*TRANSFERS, PREMIUM_BACK} \
                    and leg.book_year == month[0] and leg.book_month <= month[1]:  # fmt: skip
                spent[leg.town][0] += leg.debit - leg.credit
                if leg.book_month == month[1]:
                    spent[leg.town][1] += leg.debit - leg.credit
        lives: dict[str, int] = defaultdict(int)
        for person in self.rows.people:
            lives[person.town] += person.pk in end.alive
        helped: dict[str, set[int]] = defaultdict(set)
        for claim in self.of((month[0], 1), month):
            if claim.fund > 0:
                helped[claim.home].add(claim.person)
        found: Figures = {}
        for town in self.rows.towns:
            year, now = spent[town]
            quota = decided.get(town)
            found |= {
                f"街镇 {town} 应参": lives[town],
                f"街镇 {town} 参保": heads[town],
                f"街镇 {town} 受益面": over(len(helped[town]), heads[town], 10_000),
                f"街镇 {town} 本月支出": now,
                f"街镇 {town} 本年支出": year,
                f"街镇 {town} 额度": quota,
                f"街镇 {town} 额度使用率": None if quota is None else over(year, quota, 10_000),
                f"街镇 {town} 超支额": None if quota is None else max(0, year - quota),
            }
        found["街镇 未分 本年支出"] = spent[""][0]
        return found

    def quota_of(self, year: int, day: date) -> dict[str, int]:
        """The latest that two people had agreed to by the day."""
        agreed = [
            row for row in self.rows.quotas
            if row[1] == year and row[2] == "approved" and row[3] is not None and row[3] <= day
        ]  # fmt: skip
        latest = max((row[0] for row in agreed), default=None)
        return {town: fen for key, _, _, _, town, _, fen in agreed if key == latest}

    def quotas(self, year: int) -> Figures:
        """第二十六条(三)、(四): care elsewhere moves its quota along; beyond it the township bears
        four tenths, its institutions six by what each drew."""
        given = self.quota_of(year, date.max)
        moved_in: dict[str, int] = defaultdict(int)
        moved_out: dict[str, int] = defaultdict(int)
        used: dict[str, int] = defaultdict(int)
        drew: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        from_account: dict[int, int] = defaultdict(int)
        for claim, _, _, counter, amount, _ in self.rows.usage:
            if counter == "household_account":
                from_account[claim] += amount
        for one in self.rows.claims:
            if one.year != year or one.status != "paid":
                continue
            layers = self.rows.layers.get(one.pk, ())
            fen = sum(amount for _, _, book, amount in layers if book == "resident")
            fen += from_account[one.pk] - self.rows.recovered.get(one.pk, 0)
            is_town = one.institution_level in LOW and len(one.institution_place) == 9
            place = one.institution_place if is_town else one.home
            if place != one.home:
                moved_out[one.home] += fen
                moved_in[place] += fen
            used[place] += fen
            if one.institution_level:
                drew[one.home][one.institution] += fen
        found: Figures = {}
        for town in sorted({*given, *used}):
            quota = given.get(town, 0) - moved_out[town] + moved_in[town]
            beyond = max(0, used[town] - quota)
            office, theirs = parts_of(beyond, [40, 60])
            found |= {
                f"{year} 额度 {town} 分配": given.get(town, 0),
                f"{year} 额度 {town} 划出": moved_out[town],
                f"{year} 额度 {town} 划入": moved_in[town],
                f"{year} 额度 {town} 已用": used[town],
                f"{year} 额度 {town} 超支": beyond,
                f"{year} 额度 {town} 街镇承担": office,
            }
            takers = {code: fen for code, fen in sorted(drew[town].items()) if fen > 0}
            if theirs and takers:
                for code, fen in zip(takers, parts_of(theirs, list(takers.values())), strict=True):
                    if fen:
                        found[f"{year} 额度 {town} {code} 承担"] = fen
        return found

    # -- accounts of the households, and claims against the books --------------------------------

    def account_left(self, year: int) -> int:
        """What all households together have when the year is over, whenever it was settled."""
        left = sum(
            one.account for one in self.rows.covers if one.status == "active" and one.year <= year
        )
        return left + sum(
            amount for _, _, of_year, counter, amount, _ in self.rows.usage
            if counter == "household_account" and of_year <= year
        )  # fmt: skip

    def below_zero(self, year: int) -> list[int]:
        """Households whose account gave more than it had."""
        at: dict[int, int] = defaultdict(int)
        for one in self.rows.covers:
            if one.status == "active" and one.year <= year:
                at[one.root] += one.account
        for _, root, of_year, counter, amount, _ in self.rows.usage:
            if counter == "household_account" and of_year <= year and root is not None:
                at[root] += amount
        return [root for root, fen in at.items() if fen < 0]

    def paid_by_claims(self, month: Months) -> Figures:
        """By township, what claims say was paid to them in the month."""
        found: dict[str, int] = defaultdict(int)
        for one in self.rows.claims:
            if one.paid_on is not None and (one.paid_on.year, one.paid_on.month) == month:
                found[f"待遇支付 {one.home}"] += one.payable
        return dict(found)

    def premiums(self, year: int) -> int:
        """What the receipts that stand in confirmed remittances of the campaign add up to, less
        what went back of it before its year was over."""
        came = sum(
            fen
            for of_year, fen, confirmed, stands in self.rows.receipts
            if of_year == year and confirmed and stands
        )
        return came - sum(
            fen for of_year, fen, late in self.rows.refunds if of_year == year and late <= 0
        )
