"""Why an item is not covered (报销问答): one page, for the county's officer, the township's clerk
and the hospital."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters

from accounts.clock import today
from accounts.errors import Refusal
from accounts.permissions import Request, asks
from claims.services import area_code_of, workplace
from claims.why.asking import Answer, ask_why
from claims.why.forms import WhyForm
from policies.services import terms_in_force


@sensitive_post_parameters("who")
@asks("claims.ask_why")
def why(request: Request) -> HttpResponse:
    """Asked by POST: nothing personal stands in an address."""
    user, answer = request.user, None
    try:
        place = workplace(user) if user.institution_code else None
        terms = terms_in_force(area_code=area_code_of(user), day=today())
    except Refusal as refusal:
        return render(request, "claims/why/why.html", {"cannot": refusal.message})
    form = WhyForm(terms, place, request.POST or None, initial={"day": today()})
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            answer = ask_why(form.question(), actor=user)
    return render(request, "claims/why/why.html", {"form": form, **_shown(answer)})


def _shown(answer: Answer | None) -> dict[str, object]:
    return {"answer": answer, "against": answer and any(one.against for one in answer.said)}
