"""What each department's list may say."""

from dataclasses import dataclass

from enrollment.people.models import IdentityStatus
from enrollment.status_lists.models import StatusList

Kind = StatusList.Kind
Code = IdentityStatus.Code


@dataclass(frozen=True)
class ListKind:
    """`codes`: the statuses it decides; `full`: who is not on it loses them."""

    source: str
    codes: frozenset[str] = frozenset()
    full: bool = True

    @property
    def only_code(self) -> str:
        """The status of a list without a column for it."""
        return next(iter(self.codes)) if len(self.codes) == 1 else ""


KINDS: dict[str, ListKind] = {
    Kind.CIVIL_AFFAIRS: ListKind("民政局", frozenset({Code.WUBAO, Code.DIBAO})),
    Kind.DISABLED: ListKind("残联", frozenset({Code.SEVERE_DISABILITY})),
    Kind.RURAL: ListKind("乡村振兴局", frozenset({Code.POVERTY_MONITORING})),
    Kind.VETERANS: ListKind("退役军人事务局", frozenset({Code.PREFERENTIAL})),
    Kind.FAMILY_PLANNING: ListKind("卫生健康委", frozenset({Code.FAMILY_PLANNING})),
    Kind.STUDENTS: ListKind("教育委员会", frozenset({Code.STUDENT})),
    # A month's deaths, not all the dead: nobody comes back to life by not being on it.
    Kind.DEATHS: ListKind("公安局", full=False),
    Kind.EMPLOYEES: ListKind("职工医保经办机构"),
}
