"""What was typed into a form whose service refused: the page that says why gives it back.

A view without a form of its own answers a refusal by leading back to the page. What was typed waits
sealed in the session until that page is shown (`desk/templatetags/given.py` puts it into its form);
another page that the same user opens meanwhile, in a second tab, does not show it. Files are not
kept, and no password. The session ends with the sign-out, and so does what waits in it.
"""

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase

from accounts.errors import Refusal
from accounts.fields import sealer
from accounts.unsent import MAX_SIZE, OWN
from lib.sealing import SealError

KEY = CONTEXT = "accounts.given_back"
# Nobody's second hand is spared typing it: a password, and the number of an account, which who
# agrees to it types from the paper (desk/typed_again.py).
NEVER = ("repeated", "account")
LOST = "上一步没有办成，填写的内容没有保存下来，请重新填写"


@dataclass(frozen=True)
class Given:
    """`to`: where the form was sent, "" where what was kept cannot be read any more; `at`: the
    input that the refusal names, "" for none."""

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
        request.session[KEY] = {"page": request.path, "sealed": sealer().seal(text, CONTEXT)}


def lead_on(request: HttpRequest, response: HttpResponse) -> None:
    """Where the answer leads on, what waits for this page waits for that one."""
    kept = request.session.get(KEY)
    if kept and kept["page"] == request.path and isinstance(response, HttpResponseRedirectBase):
        request.session[KEY] = {**kept, "page": urlsplit(response.url).path}


def typed(request: HttpRequest) -> dict[str, list[str]]:
    """What the form brought, without its tokens and what is typed each time."""
    return {
        name: [str(one) for one in values]
        for name, values in request.POST.lists()
        if name not in (*OWN, *NEVER) and "password" not in name
    }


def take(request: HttpRequest) -> Given | None:
    """What waits for this page, once. What cannot be opened, because the key was changed or the
    session was damaged, is given up, and the page says so."""
    kept = request.session.get(KEY) if hasattr(request, "session") else None
    if not kept or kept["page"] != request.path:
        return None
    del request.session[KEY]
    try:
        text = sealer().open(kept["sealed"], CONTEXT)
    except SealError:
        return Given(to="", at="", why=LOST, fields={})
    return Given(**json.loads(text))
