"""The two addresses of a photo that proves something: as it came, and the small picture of it."""

from functools import partial

from django.http import Http404
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from accounts.audit import record
from accounts.errors import Refusal
from accounts.permissions import Request, shows
from accounts.scoping import get_visible
from claims.paper_intake.scans import TYPES
from desk.downloads import download
from supervision.photos import bytes_of
from supervision.proof_files import ProofFile


def photo_routes(
    address: str, model: type[ProofFile], permission: str, name: str, *, noted: bool = False
) -> list[URLPattern]:
    """`name` and `name`_small, within what who asks may see of `model`. `noted`: who opened the
    page stands in the trail, as with the scans of a claim; the small pictures come unasked."""
    shown = shows(permission)
    whole = shown(partial(_photo, model=model, small=False, noted=noted))
    small = shown(partial(_photo, model=model, small=True, noted=False))
    return [
        path(f"{address}/<int:pk>", whole, name=name),
        path(f"{address}/<int:pk>/small", small, name=f"{name}_small"),
    ]


def _photo(
    request: Request, pk: int, *, model: type[ProofFile], small: bool, noted: bool
) -> HttpResponseBase:
    row = get_visible(model, request.user, pk=pk)
    try:
        content = bytes_of(row, small=small)
    except (Refusal, OSError) as error:
        raise Http404 from error
    if noted:
        told = {"sha256": row.sha256, "size": row.size}
        record(actor=request.user, action="supervision.open_scan", subject=row, after=told)
    kind = "image/jpeg" if small else TYPES[row.kind]
    return download(content, f"{row.pk}.{kind.rpartition('/')[2]}", kind, inline=True)
