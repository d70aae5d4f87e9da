"""Which analysis is asked for."""

from dataclasses import dataclass
from typing import Literal

from accounts.models import Division, User
from reports.analysis.dimensions import Dimension
from reports.analysis.measures import Measure
from reports.analysis.months import Months

Against = Literal["none", "last_year", "previous", "peers"]


@dataclass(frozen=True, slots=True)
class Asked:
    """`place`: code of the division that is looked at, the user's own or a township within it;
    `institution`: code of one, "" for all."""

    user: User
    area: Division
    measure: Measure
    dimension: Dimension
    months: Months
    against: Against = "none"
    place: str = ""
    institution: str = ""

    @property
    def compared(self) -> Months | None:
        """The months that those asked for are compared with."""
        back = {"last_year": 12, "previous": len(self.months)}.get(self.against)
        return self.months.earlier(back) if back else None

    @property
    def is_part(self) -> bool:
        """Whether less than the county is looked at."""
        return self.place != self.area.code

    @property
    def is_shared_out(self) -> bool:
        """Whether the rows sum to the whole: amounts and counts, but not of different persons, of
        whoever bears two statuses, or of what stood at the end of each month."""
        measure, by = self.measure, self.dimension.key
        is_counted_twice = measure.indicator.key == "beneficiaries" or by == "status"
        is_state = measure.at_end and by == "month"
        return not (measure.is_quotient or is_counted_twice or is_state)
