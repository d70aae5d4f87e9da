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
    number = secrets.token_hex(16)
    return f"{number}{_signature(number, user_pk)}"


def _signature(number: str, user_pk: int | None) -> str:
    return blind_index("accounts.unsent", f"{user_pk}:{number}")[:16]


def belongs_to(token: str, user_pk: int | None) -> bool:
    """Whether the form was shown to this user."""
    number, signature = token[:32], token[32:]
    return secrets.compare_digest(signature, _signature(number, user_pk))


def keep(request: HttpRequest) -> None:
    """Keep what was posted; not without a token, not what is very large, never a password."""
    token = request.POST.get(FIELD, "")
    if any("password" in name for name in request.POST):
        return
    fields = [(k, values) for k, values in request.POST.lists() if k not in OWN]
    text = json.dumps({"to": request.get_full_path(), "token": token, "fields": fields})
    if token.isascii() and token and len(text) <= MAX_SIZE:
        request.session[KEY] = sealer().seal(text, CONTEXT)


def waiting(request: HttpRequest) -> tuple[str, list[tuple[str, str]]] | None:
    """Where the signed-in user's own form was to go, and what was in it."""
    sealed = request.session.get(KEY)
    if not sealed:
        return None
    kept = json.loads(sealer().open(sealed, CONTEXT))
    if not belongs_to(kept["token"], request.user.pk):
        return None
    return kept["to"], [(name, value) for name, values in kept["fields"] for value in values]


def forget(request: HttpRequest) -> None:
    request.session.pop(KEY, None)
