"""A form that met a closed door: the session had ended while somebody typed.

What was typed waits sealed in the session until the same user has signed in, and is then shown to
be sent on with one press. Whose it is, the form's own token says: it is signed for the user.
Files are not kept; what is sent on without one says so itself.
"""

import json
import secrets

from django.http import HttpRequest

from accounts.fields import blind_index, sealer

# The hidden input of every form ({% csrf_token %}), which `desk.submissions` reads as well.
FIELD = "submission"
KEY = CONTEXT = "accounts.unsent"
OWN = ("csrfmiddlewaretoken", FIELD)
# Characters. A household of thirty rows is 6 000; more than this is no form that people type.
MAX_SIZE = 200_000


def token_for(user_pk: int | None) -> str:
    """A new token for a form that this user is shown."""
    number, owner = secrets.token_hex(16), str(user_pk or "")
    return f"{number}{_signature(number, owner)}{owner}"


def _signature(number: str, owner: str) -> str:
    return blind_index("accounts.unsent", f"{owner}:{number}")[:16]


def owner_of(token: str) -> str:
    """The key of the user whom the form was shown to; "" for nobody, or where it was forged."""
    number, signature, owner = token[:32], token[32:48], token[48:]
    is_ours = token.isascii() and secrets.compare_digest(signature, _signature(number, owner))
    return owner if is_ours else ""


def keep(request: HttpRequest) -> None:
    """Keep what was posted in a form that a user was shown; not what is very large, never a
    password. Nobody is signed in: what strangers send must not fill the store of sessions."""
    token = request.POST.get(FIELD, "")
    if not owner_of(token) or any("password" in name for name in request.POST):
        return
    fields = [(k, values) for k, values in request.POST.lists() if k not in OWN]
    text = json.dumps({"to": request.get_full_path(), "token": token, "fields": fields})
    if len(text) <= MAX_SIZE:
        request.session[KEY] = sealer().seal(text, CONTEXT)


def waiting(request: HttpRequest) -> tuple[str, list[tuple[str, str]]] | None:
    """Where the signed-in user's own form was to go, and what was in it."""
    sealed = request.session.get(KEY)
    if not sealed:
        return None
    kept = json.loads(sealer().open(sealed, CONTEXT))
    if owner_of(kept["token"]) != str(request.user.pk):
        return None
    return kept["to"], [(name, value) for name, values in kept["fields"] for value in values]


def forget(request: HttpRequest) -> None:
    request.session.pop(KEY, None)
