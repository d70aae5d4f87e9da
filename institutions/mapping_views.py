"""The county decides on what institutions call the items of the catalogue."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.clock import today
from accounts.forms import PlainForm, refusals_as_messages
from accounts.permissions import Request, acts
from desk.reasons import reason_field
from desk.ticks import ticked_ids
from institutions.mapping import decide_mappings
from institutions.mapping_listings import mappings_of
from institutions.sent_models import CodeMapping

# What is done for a reason, on a page of its own: its heading, and what is asked.
WITH_REASON = {
    "refuse_mapping": ("不同意对照", "不同意的原因"),
    "end_mapping": ("取消已同意的对照", "取消的原因"),
}


class MappingReasonForm(PlainForm):
    reason = reason_field()


def _back(request: Request) -> str:
    return f"{reverse('institutions:mappings')}?{request.GET.urlencode()}"


def _ticked(request: Request) -> list[int]:
    """What was ticked; what the user may not see is 404 like everywhere."""
    ids = set(ticked_ids(request.POST.getlist("mappings")))
    if CodeMapping.objects.ticked(request.user, ids).count() != len(ids):
        raise Http404
    return sorted(ids)


def _at_once(request: Request, event: str, said: str) -> HttpResponse:
    ids = _ticked(request)
    with refusals_as_messages(request):
        done = decide_mappings(actor=request.user, mappings=ids, event=event, on=today())
        messages.success(request, f"{said} {len(done)} 条对照")
    return redirect(_back(request))


@acts("institutions.keep")
def agree(request: Request) -> HttpResponse:
    return _at_once(request, "agree_mapping", "已同意")


@acts("institutions.map_codes")
def withdraw(request: Request) -> HttpResponse:
    return _at_once(request, "withdraw_mapping", "已撤销")


def _with_reason(event: str) -> Callable[[Request], HttpResponse]:
    """What was ticked, and why: a page of its own, so that Enter in the list decides nothing and
    nothing typed is lost."""

    def asked(request: Request) -> HttpResponse:
        ids = _ticked(request)
        if not ids:
            messages.error(request, "请先勾选对照")
            return redirect(_back(request))
        heading, asks = WITH_REASON[event]
        form = MappingReasonForm(request.POST if "reason" in request.POST else None)
        form.fields["reason"].label = asks
        if form.is_valid():
            with form.refusals():
                decide_mappings(
                    actor=request.user, mappings=ids, event=event, on=today(),
                    reason=form.cleaned_data["reason"],
                )  # fmt: skip
                messages.success(request, f"{len(ids)} 条对照已办理“{heading}”")
                return redirect(_back(request))
        context = {
            "rows": mappings_of(request.user).filter(pk__in=ids),
            "form": form,
            "heading": heading,
            "here": request.path,
            "query": request.GET.urlencode(),
        }
        return render(request, "institutions/mappings_reason.html", context)

    return asked


refuse = acts("institutions.keep")(_with_reason("refuse_mapping"))
end = acts("institutions.keep")(_with_reason("end_mapping"))
