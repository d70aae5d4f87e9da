"""The sheets to examine by, and the report of a sample."""

from accounts.permissions import Request
from accounts.scoping import get_visible
from accounts.templatetags.hezuo import day, fen, mask_name, yuan
from desk.papers import Facts, PaperKind, paper_route
from supervision.sampling.estimate import Estimate
from supervision.sampling.models import Sample
from supervision.sampling.results import Covered, StratumResult, result_of


def sheet_facts(sample: Sample) -> Facts:
    items = sample.items.select_related("settlement__visit__person", "stratum")
    return {
        "area": sample.area.name,
        "month": _period(sample),
        "called": sample.called,
        "seed": sample.seed,
        "lines": [
            [
                f"{item.position}",
                item.settlement.number,
                mask_name(item.settlement.visit.person.name),
                item.settlement.visit.institution_name,
                day(item.settlement.settled_on),
                yuan(item.settlement.total_amount),
                yuan(item.fund_amount),
                item.stratum.get_risk_display(),
            ]
            for item in items.order_by("position")
        ],
    }


def _period(sample: Sample) -> str:
    return sample.period if sample.is_full else f"{sample.first_on:%Y年%m月}"


def report_facts(sample: Sample) -> Facts:
    result = result_of(sample)
    return {
        "area": sample.area.name,
        "month": _period(sample),
        "is_full": sample.is_full,
        "large_from": yuan(sample.large_from),
        "full_doubts": sample.full_doubts,
        "sealed_on": day(sample.sealed_on),
        "is_late": sample.is_late,
        "is_amid": sample.is_amid,
        "seed": sample.seed,
        "digest": sample.digest,
        "list_digest": sample.list.sha256,
        "usual": f"{sample.usual}",
        "raised": f"{sample.raised}",
        "size": result.size,
        "drawn": result.drawn,
        "share": f"{result.share or 0}",
        "examined": result.examined,
        "wrong": result.wrong,
        "fund": fen(result.fund),
        "found": fen(result.found),
        "covered": [_line(one) for one in result.covered] if sample.is_full else [],
        "left_out": result.left_out,
        "strata": [_row(one) for one in result.strata],
        "estimate": _told(result.estimate) if result.estimate else None,
        "closed_by": sample.closed_by.name if sample.closed_by else "",
        "closed_at": day(sample.closed_at.date()) if sample.closed_at else "",
    }


def _line(one: Covered) -> list[str]:
    return [
        one.name,
        "全部结算" if one.is_whole else "大额结算",
        f"{one.size}",
        f"{one.due}",
        f"{one.examined}",
        f"{one.share}%",
        f"{one.wrong}",
        fen(one.found),
    ]


def _row(one: StratumResult) -> list[str]:
    return [
        one.stratum.institution_name,
        one.stratum.get_risk_display(),
        f"{one.stratum.size}",
        f"{one.examined}",
        f"{one.wrong}",
        fen(one.found),
        fen(one.estimate.total) if one.estimate else "",
    ]


def _told(found: Estimate) -> Facts:
    return {
        "total": fen(found.total),
        "low": fen(found.low),
        "high": fen(found.high),
        "found": fen(found.found),
        "is_thin": found.is_thin,
    }


SAMPLE_SHEETS = PaperKind(
    "supervision.sample_sheets",
    "抽查核对表",
    "supervision/sampling/sheets.html",
    "supervision.view_samples",
    sheet_facts,
    kept=False,
    size="A4 landscape",
)
SAMPLE_REPORT = PaperKind(
    "supervision.sample_report",
    "抽查报告",
    "supervision/sampling/report.html",
    "supervision.view_samples",
    report_facts,
    is_final=lambda sample: sample.status == Sample.Status.CLOSED,
)


def _drawn(request: Request, pk: int) -> Sample:
    rows = Sample.objects.exclude(status=Sample.Status.SEALED)
    return get_visible(rows, request.user, "area", "closed_by", "list", pk=pk)


ROUTES = [
    paper_route("samples/<int:pk>/sheets", SAMPLE_SHEETS, _drawn, name="sample_sheets"),
    paper_route("samples/<int:pk>/report", SAMPLE_REPORT, _drawn, name="sample_report"),
]
