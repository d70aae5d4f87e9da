"""The room's prints: the month report and a what-if, printed as their pages stand."""

from desk.papers import PaperKind
from reports.models import MonthlyReport
from reports.statements.asked import Asked, Statement
from reports.whatif.models import Simulation


def month_facts(report: MonthlyReport) -> dict[str, str]:
    """The figures are kept with the report and never change: the paper keeps their fingerprint."""
    return {"title": str(report), "edition": str(report.edition), "sha256": report.sha256}


MONTH_REPORT = PaperKind(
    "reports.month_report",
    "基金运行月报",
    "reports/show.html",
    "reports.view",
    month_facts,
    size="A4 landscape",
)


def statement_facts(row: tuple[Statement, Asked]) -> dict[str, str]:
    statement, asked = row
    return {"title": statement.full_title, "month": str(asked.month)}


STATEMENT = PaperKind(
    "reports.statement",
    "统计报表",
    "reports/statement.html",
    "reports.view",
    statement_facts,
    subject=lambda row: row[1].area,
    division_code=lambda row: row[1].area.code,
    kept=False,
    size="A4 landscape",
)


def simulation_facts(simulation: Simulation) -> dict[str, str]:
    return {"title": str(simulation), "sha256": simulation.sha256}


SIMULATION = PaperKind(
    "reports.simulation",
    "政策试算",
    "reports/whatif/show.html",
    "policies.view_simulations",
    simulation_facts,
    kept=False,
    size="A4 landscape",
)
