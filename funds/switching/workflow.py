"""The way of a book to another chart: put forward by one, agreed to by another."""

from desk.decisions import decision_flow
from funds.switching.models import ChartSwitch

SWITCHES = decision_flow(
    ChartSwitch,
    "funds",
    "chart",
    decides="funds.agree_chart",
    related=("book__area",),
)
