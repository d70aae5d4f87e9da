"""What was searched for, under a key that stands in the address in its place.

A search for a person is sent by POST, since names and numbers must not stand in an address. The
text waits sealed in the session, and the answer leads to `?found=<key>`: so going back, sorting
and reloading show the hits again instead of the browser's question whether to send the form anew.
"""

import secrets
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponseRedirect

from accounts.fields import sealer
from accounts.permissions import Request

PARAMETER = "found"
CONTEXT = "desk.search"
# As many as somebody goes back over; the rest is forgotten.
KEPT = 10
FORGOTTEN = "这次查找已过期，请重新输入"


def lead_to(request: Request, address: str, text: str) -> HttpResponseRedirect:
    """Keep the text; the way to the page that shows what it finds."""
    key = secrets.token_hex(6)
    kept = [*request.session.get(CONTEXT, []), (key, sealer().seal(text, CONTEXT))]
    request.session[CONTEXT] = kept[-KEPT:]
    return HttpResponseRedirect(f"{address}?{urlencode({PARAMETER: key})}")


def asked_for(request: Request) -> str:
    """The text behind the address's key; empty where none is named or it is forgotten."""
    key = request.GET.get(PARAMETER, "")
    if not key:
        return ""
    sealed = dict(request.session.get(CONTEXT, [])).get(key)
    if sealed is None:
        messages.warning(request, FORGOTTEN)
        return ""
    return sealer().open(sealed, CONTEXT)
