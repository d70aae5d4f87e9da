"""Opening balances of households' outpatient accounts (期初转入)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from accounts.errors import Refusal
from desk.carrying import Carried, Given, Said, run
from enrollment.carried import columns
from enrollment.carried.models import CarriedTable
from enrollment.cover.models import AccountOpening
from enrollment.people.models import Household, Person
from enrollment.people.old_numbers import households_of, old_number
from enrollment.rosters import cells
from funds.named import household_accounts_in_books
from lib import typed_text
from lib.money import to_yuan, told

WRITE = """
INSERT INTO enrollment_accountopening
    (household_id, division_id, year, amount, opened_on, carried_id)
SELECT h.id, h.division_id, %(year)s, x.amount, %(day)s, %(upload)s
FROM enrollment_carriedrow c
CROSS JOIN LATERAL (
    SELECT facts FROM enrollment_carriedrow WHERE upload_id = %(upload)s AND line = c.says LIMIT 1
) s
JOIN enrollment_household h ON h.id = c.about AND h.closed_on IS NULL,
    jsonb_to_record(s.facts) AS x(amount numeric)
WHERE c.upload_id = %(upload)s AND c.verdict = 'r' AND c.line BETWEEN %(first)s AND %(last)s
ORDER BY c.line
ON CONFLICT (household_id) WHERE mending_id IS NULL DO NOTHING
"""


class Accounts(Carried[CarriedTable]):
    layout = columns.ACCOUNTS
    naming = ("head", "old", "household")
    unit = "户"
    told = "每户一行；转入后计入家庭账户，记为“期初转入”。"

    def read(self, upload: CarriedTable, said: Said, known: Any) -> None:
        said.amount = said.money("balance", needed=True)
        said.facts = {"amount": to_yuan(said.amount)}

    def judge(self, upload: CarriedTable, rows: Sequence[Given], known: Any) -> None:
        olds = households_of(upload.area, {old_number(row.cells["old"]) for row in rows} - {""})
        numbers = {cells.household_number(row.cells["household"]) or "" for row in rows} - {""}
        here = Household.objects.within(upload.area.code).standing().filter(number__in=numbers)
        ours = {number: pk for pk, number in here.values_list("pk", "number")}
        for row in rows:
            self._judge(row, {old: pk for old, (pk, _) in olds.items()}, ours)
        homes = {row.about for row in rows if row.about}
        heads = dict(
            Person.objects.present()
            .filter(household__in=homes, relationship=Person.Relationship.HEAD)
            .values_list("household", "name")
        )
        opened = set(
            AccountOpening.objects.filter(household__in=homes).values_list("household", flat=True)
        )
        for row in rows:
            home = row.about
            if home is None:
                continue
            if heads.get(home) != row.name:
                row.blame(f"这一户登记的户主不是“{row.name[:20]}”，请核对户号和户主")
            elif home in opened:
                row.idle = "这一户的余额已转入，不再转入"

    @staticmethod
    def _judge(row: Given, olds: Mapping[str, int], ours: Mapping[str, int]) -> None:
        row.name = typed_text.name(row.cells["head"])
        if not row.name:
            row.blame("没有填写户主姓名")
        old, number = old_number(row.cells["old"]), cells.household_number(row.cells["household"])
        by_old, by_number = olds.get(old), ours.get(number or "")
        if not old and not row.cells["household"]:
            row.blame("原户号和户编号都没有填写，请至少填一个")
        elif by_old and by_number and by_old != by_number:
            row.blame("原户号和户编号不是同一户，请核对")
        elif (home := by_old or by_number) is None:
            row.blame("户籍登记中没有这一户，请先转入名册，或更正户号")
        else:
            row.key = row.about = home

    def write(self, upload: CarriedTable, span: Mapping[str, Any]) -> int:
        # What was left counts as brought from the year before, so that visits of the year of the
        # day on which it stood may use it.
        year = upload.as_of.year - 1
        return run(WRITE, {**span, "year": year, "day": upload.as_of})

    def compared(self, upload: CarriedTable) -> Sequence[tuple[str, str]]:
        """All balances of the area beside what its books hold for households' accounts."""
        rows = AccountOpening.objects.filter(division__code__startswith=upload.area.code)
        carried = rows.aggregate(total=Sum("amount"))["total"] or Decimal(0)
        if upload.status == CarriedTable.Status.CHECKED:
            carried += upload.amount
        found = [("各户余额合计（含本文件）", f"{told(carried)} 元")]
        try:
            held = household_accounts_in_books(upload.area)
        except Refusal:
            held = None
        if held is None:
            return [*found, ("账上门诊账户结余", "还没有建账，建账后再核对")]
        gap = carried - held
        said = "相符" if not gap else f"各户{'多' if gap > 0 else '少'} {told(abs(gap))} 元，请查明"
        return [*found, ("账上门诊账户结余", f"{told(held)} 元"), ("核对", said)]
