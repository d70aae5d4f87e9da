"""The public notice of a list (公示表): whole names, numbers, illnesses and accounts never."""

from typing import Any

from accounts.permissions import Request
from accounts.scoping import get_visible
from accounts.templatetags.hezuo import day, mask_name, yuan
from claims.second.computing import rule_of
from claims.second.models import SecondRun
from desk.jobs import Job
from desk.papers import Facts, PaperKind, paper_route
from policies.services import terms_of


def notice_facts(run: SecondRun) -> Facts:
    rows = run.payments.select_related("person", "division__parent").order_by("division", "pk")
    return {
        "area": run.area.name,
        "scheme": terms_of(run.pack).scheme,
        "year": run.year,
        "number": run.pk,
        "tried_on": day(run.finished_at),
        "article": rule_of(run.pack).article,
        "count": run.number_of,
        "amount": yuan(run.amount),
        "rows": [
            [row.division.place, mask_name(row.person.name), yuan(row.own_amount), yuan(row.amount)]
            for row in rows
        ],
    }


SECOND_NOTICE = PaperKind(
    "claims.second_notice",
    "年终二次补偿公示表",
    "claims/second/notice.html",
    "claims.view_second",
    notice_facts,
    division_code=lambda run: run.area.code,
)


def _one(request: Request, pk: int) -> Any:
    rows = SecondRun.objects.select_related("area", "pack").filter(status=Job.Status.DONE)
    return get_visible(rows, request.user, pk=pk)


ROUTES = [paper_route("<int:pk>/notice", SECOND_NOTICE, _one, name="second_notice")]
