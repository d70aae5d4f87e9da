"""What the county does with files of the old system."""

from desk.carrying import CarriedImporting
from enrollment.carried.accounts import Accounts
from enrollment.carried.covers import Covers
from enrollment.carried.models import CarriedRow, CarriedTable
from enrollment.carried.statuses import Statuses
from enrollment.carried.workflow import ACTS, FLOW

Kind = CarriedTable.Kind


class _Carried(CarriedImporting[CarriedTable]):
    model = CarriedTable
    lines = CarriedRow
    acts = ACTS
    flow = FLOW
    kinds = {Kind.COVERS: Covers(), Kind.STATUSES: Statuses(), Kind.ACCOUNTS: Accounts()}


CARRIED = _Carried()
