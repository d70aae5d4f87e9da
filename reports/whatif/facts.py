"""What a year's claims were settled from: read once, kept for the next draft.

A claim that counts never changes in what it says of visit, bill and amounts; triggers refuse it
(claims/migrations/0002_guards.py). So that part is kept in the database as columns, by the claim:
the next draft reads which claims count today, takes those it knows from there and reads the others
alone. All that may change (when something was paid, people, statuses, covers, accounts) is never
kept and read every time. Whose a visit is changes when two records become one person, or two again
(claims/one_person.py): what was kept before that is not taken any more. A line that was put to a
visit afterwards, which only plain SQL can do, has its claim read anew.
"""

import hashlib
from collections.abc import Mapping
from functools import cached_property

import numpy as np
from django.db.models import Max

from accounts.models import Division
from claims.models import BillLine, SettlementQuerySet
from enrollment.models import SamePerson
from reports.whatif import tables
from reports.whatif.columns import Codes
from reports.whatif.copying import Column
from reports.whatif.models import KeptYear, KeptYearQuerySet
from reports.whatif.packing import pack, unpack
from reports.whatif.places import Places, place_in
from reports.whatif.programs import programs
from reports.whatif.reading import Reading, lined_up
from reports.whatif.together import Begin

Columns = dict[str, Column]
LAST_LINE = "last bill line"  # the highest id that there was: one number
LINE = "line "  # in front of the columns that have a row for each single line
# Beyond so many new claims, or one in four, everything is read anew: long lists of ids are slow.
FEW = 20_000
MOVING = tables.MOVING.keys() - {"claim"}


class Facts:
    """The columns of ``codes`` for one area and year: ``found`` by name, in the order in which the
    claims were settled, those of bills by class; what begins with ``LINE`` has a row for each line.
    """

    def __init__(self, area: Division, year: int, codes: Codes) -> None:
        self.area, self.year, self.codes = area, year, codes
        self.settled = tables.settled_columns(codes)
        self.visit = tables.visit_columns(codes)
        self.bill = tables.bill_columns(codes)
        self.line = tables.line_columns(codes)
        self.is_new = True
        self.last_line = 0
        self.found: Columns = {}

    @cached_property
    def key(self) -> str:
        """Fingerprint of how the columns are read, down to the codes that they are numbered by and
        the program that reads them, and of how often records became one or two again: such rows,
        once approved, only ever grow.

        First asked for in the moment in which the claims are read, and not again afterwards."""
        merged = SamePerson.objects.filter(status=SamePerson.Status.APPROVED).count()
        columns = (self.settled, self.visit, self.bill, self.line, self.codes.line_classes)
        how = (*columns, merged, programs("reports/whatif"))
        return hashlib.sha256(repr(how).encode()).hexdigest()

    @property
    def kept(self) -> KeptYearQuerySet:
        """What was read before in the same way."""
        return KeptYear.objects.filter(area=self.area, year=self.year, key=self.key)

    def read(self, claims: SettlementQuerySet, begin: Begin) -> None:
        """The claims that count, the known ones from what was kept."""
        self.last_line = BillLine.objects.aggregate(last=Max("id"))["last"] or 0
        if self.kept.exists():  # the first to ask for the key
            content = begin(self.kept.content)
            moving = Reading(begin, tables.settlements(claims, tables.MOVING))
            known = unpack(content.result())
            found = self._joined(known, moving.columns(), claims, begin)
        else:
            found = self._anew(claims, begin)
        # As they were settled, ties by key: in this order caps, deductibles and accounts were used.
        order = np.lexsort((found["claim"], found["settled_at"]))
        in_order = bool((order == np.arange(len(order))).all())
        self.is_new |= not in_order
        self.found = found if in_order else _chosen(found, order)

    def keep(self) -> None:
        """Keep what was read, in a transaction of its own, unless it is what was kept before."""
        if self.is_new:
            found = {n: column for n, column in self.found.items() if n not in MOVING}
            found[LAST_LINE] = np.array([self.last_line])
            KeptYear.keep(area=self.area, year=self.year, key=self.key, content=pack(found))

    def _joined(
        self, known: Columns, now: Columns, claims: SettlementQuerySet, begin: Begin
    ) -> Columns:
        """Today's claims: what is known of them, and the others read."""
        known = self._without_new_lines(known)
        at = Places(known["claim"]).of(now["claim"])
        missing = now["claim"][at < 0]
        if len(missing) > FEW or 4 * len(missing) > len(at):
            return self._anew(claims, begin)
        if len(missing):
            new = self._anew(claims.filter(pk__in=missing.tolist()), begin)
            old = _chosen(known, at[at >= 0])
            known = {name: np.concatenate([old[name], new[name]], axis=-1) for name in old}
        elif len(at) < len(known["claim"]):
            known = _chosen(known, at)
        else:
            self.is_new = False
        return known | lined_up(now, "claim", Places(known["claim"]))

    def _without_new_lines(self, known: Columns) -> Columns:
        """The known claims but those of visits to which lines have been put since."""
        since = BillLine.objects.filter(id__gt=int(known.pop(LAST_LINE)[0]))
        visits = np.array(sorted(since.values_list("visit", flat=True).distinct()), dtype=np.int64)
        same = place_in(visits, known["visit"]) < 0
        return known if same.all() else _chosen(known, np.flatnonzero(same))

    def _anew(self, claims: SettlementQuerySet, begin: Begin) -> Columns:
        settled = Reading(begin, tables.settlements(claims, self.settled)).columns()
        if not len(settled.get("claim", ())):
            nothing = np.zeros(0, dtype=np.int64)
            return {"claim": nothing, "settled_at": nothing}
        settled = lined_up(settled, "claim", Places(settled["claim"]))
        by_visit = Places(settled["visit"])
        # All are begun before the first is waited for: the database reads while these are joined.
        visits = Reading(begin, tables.visits(by_visit, self.visit))
        bills = Reading(begin, tables.bills(by_visit, self.bill, len(self.codes.classes) + 1))
        lines = Reading(begin, tables.lines(by_visit, self.line, self.codes))
        found = settled | lined_up(visits.columns(), "visit", by_visit)
        for name, column in bills.columns().items():
            found[name] = np.empty_like(column)
            found[name].T[by_visit.order] = column.T
        return found | {LINE + name: column for name, column in lines.columns().items()}


def _chosen(columns: Mapping[str, Column], at: Column) -> Columns:
    """The claims at some places, in their order, with their lines."""
    found = {
        name: column if name.startswith(LINE) else np.ascontiguousarray(column[..., at])
        for name, column in columns.items()
    }
    lines = columns.get(f"{LINE}visit")
    if lines is not None:
        mine = place_in(np.sort(found["visit"]), lines) >= 0
        found |= {name: column[mine] for name, column in found.items() if name.startswith(LINE)}
    return found
