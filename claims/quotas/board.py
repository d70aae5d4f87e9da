"""Every township's year: what it was given, what moved, what was used, and who bears the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import Division
from claims.quotas.models import Allotment
from claims.quotas.sharing import Standing, borne_by, standings
from claims.quotas.used import uses_of
from desk.tones import TonedChoices
from funds.named import charged_overspend
from lib.money import to_fen, to_yuan
from policies.fund_rules import share_overspend
from policies.services import terms_in_force
from policies.terms import Terms

# From so much of a quota on a township is told; no norm gives a figure.
NEAR = Decimal("0.9")


@dataclass(frozen=True, slots=True)
class Row:
    """A township, in yuan. `allotted`: whether the year's quotas are shared out; before that
    nothing goes beyond them. `waiting`: settled and not paid. `borne`: party of the measures → what
    it bears of the overspend; `institutions`: that of the institutions among them; `charged`,
    `received`: what of it stands in the books, and came in."""

    township: Division
    allotted: bool
    insured: int
    standing: Standing
    waiting: Decimal
    borne: Mapping[str, Decimal]
    institutions: Mapping[str, Decimal]
    charged: Decimal
    received: Decimal

    class Status(TonedChoices):
        FINE = "fine", "good", "正常"
        NEAR = "near", "wait", "接近额度"
        BEYOND = "beyond", "bad", "超支"
        NOTHING = "nothing", "idle", "未分配"

    @property
    def given(self) -> Decimal:
        return to_yuan(self.standing.given)

    @property
    def moved_out(self) -> Decimal:
        return to_yuan(self.standing.moved_out)

    @property
    def moved_in(self) -> Decimal:
        return to_yuan(self.standing.moved_in)

    @property
    def quota(self) -> Decimal:
        return to_yuan(self.standing.quota)

    @property
    def used(self) -> Decimal:
        return to_yuan(self.standing.used)

    @property
    def overspend(self) -> Decimal:
        return to_yuan(self.standing.overspend) if self.allotted else Decimal(0)

    @property
    def share(self) -> Decimal | None:
        told = self.allotted and self.standing.quota > 0
        return self.used / self.quota * 100 if told else None

    @property
    def office(self) -> Decimal:
        """What the township itself bears."""
        return self.borne.get("township", Decimal(0))

    @property
    def of_institutions(self) -> Decimal:
        return self.borne.get("institutions", Decimal(0))

    @property
    def status(self) -> Status:
        if not self.standing.given:
            return self.Status.NOTHING
        if self.standing.overspend:
            return self.Status.BEYOND
        return self.Status.NEAR if self.used >= self.quota * NEAR else self.Status.FINE


def rows_of(area: Division, year: int, allotment: Allotment | None) -> list[Row]:
    """Every township with a quota or with care, in the order of the codes."""
    quotas = list(allotment.quotas.select_related("township")) if allotment else []
    found = standings(
        {one.township.code: to_fen(one.amount) for one in quotas}, uses_of(area, year)
    )
    waiting: dict[str, int] = {}
    for use in uses_of(area, year, waiting=True):
        waiting[use.home] = waiting.get(use.home, 0) + use.fen
    terms = terms_in_force(area_code=area.code, day=date(year, 12, 31))
    charged, received = charged_overspend(area, year)
    insured = {one.township.code: one.insured for one in quotas}
    towns = {
        one.code: one for one in Division.objects.filter(code__in={*found, *waiting, *insured})
    }
    rows = []
    for code in sorted(towns):
        standing = found.get(code, Standing(0))
        borne = _borne(terms, standing) if allotment else {}
        shares = borne_by(borne.get("institutions", 0), standing.by_institution)
        rows.append(
            Row(
                township=towns[code],
                allotted=allotment is not None,
                insured=insured.get(code, 0),
                standing=standing,
                waiting=to_yuan(waiting.get(code, 0)),
                borne={party: to_yuan(fen) for party, fen in borne.items()},
                institutions={one: to_yuan(fen) for one, fen in shares.items()},
                charged=charged.get(code, Decimal(0)),
                received=received.get(code, Decimal(0)),
            )
        )
    return rows


def _borne(terms: Terms, standing: Standing) -> dict[str, int]:
    return dict(share_overspend(terms, pool="township", overspend=standing.overspend))
