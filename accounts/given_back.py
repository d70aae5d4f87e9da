"""What was typed into a form whose service refused: the page that says why gives it back.

A view without a form of its own answers a refusal by leading back to the page. What was typed waits
sealed in the session until that page is shown (`desk/templatetags/given.py` puts it into its form).
Files are not kept, and no password.
"""

import json
from dataclasses import dataclass

from django.http import HttpRequest

from accounts.errors import Refusal
from accounts.fields import sealer
from accounts.unsent import MAX_SIZE, OWN

KEY = CONTEXT = "accounts.given_back"
# Nobody's second hand is spared typing it: a password, and the number of an account, which who
# agrees to it types from the paper (desk/typed_again.py).
NEVER = ("password", "repeated", "account")


@dataclass(frozen=True)
class Given:
    """`to`: where the form was sent; `at`: the input that the refusal names, "" for none."""

    to: str
    at: str
    why: str
    fields: dict[str, list[str]]


def keep(request: HttpRequest, refusal: Refusal) -> None:
    """Keep what was posted for the next page. Whoever is not signed in gets nothing back."""
    if request.method != "POST" or not request.user.is_authenticated:
        return
    fields = typed(request)
    kept = {"to": request.path, "at": refusal.field, "why": refusal.message, "fields": fields}
    text = json.dumps(kept)
    if fields and len(text) <= MAX_SIZE:
        request.session[KEY] = sealer().seal(text, CONTEXT)


def typed(request: HttpRequest) -> dict[str, list[str]]:
    """What the form brought, without its tokens and what is typed each time."""
    return {
        name: [str(one) for one in values]
        for name, values in request.POST.lists()
        if name not in OWN and not any(one in name for one in NEVER)
    }


def take(request: HttpRequest) -> Given | None:
    """What waits for this page, once."""
    if not hasattr(request, "session") or KEY not in request.session:
        return None
    return Given(**json.loads(sealer().open(request.session.pop(KEY), CONTEXT)))
