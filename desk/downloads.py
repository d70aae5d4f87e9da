"""The one way a file leaves the portal: named, not kept by any cache, and shown in the window
only where it is a picture."""

from collections.abc import Iterable
from tempfile import SpooledTemporaryFile
from typing import IO

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from desk.reasons import given_reason
from lib.letters import legible
from lib.tables.writing import Sheet, write_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
IN_MEMORY = 8 * 1024 * 1024  # bytes; what is larger waits on the disk while it is sent


def download(
    content: bytes | IO[bytes], name: str, kind: str = XLSX, *, inline: bool = False
) -> HttpResponseBase:
    """The content as a file to keep. An open file is sent piece by piece and then closed.

    `inline`: a picture that the page shows; what may hold scripts never is.
    """
    response: HttpResponseBase
    if isinstance(content, bytes):
        response = HttpResponse(content, content_type=kind)
    else:
        response = FileResponse(content, content_type=kind)
    # A name of a village or a list may stand in it; a header holds one line.
    told = content_disposition_header(not inline, " ".join(legible(name).split()))
    response["Content-Disposition"] = told or "attachment"
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def purpose(request: HttpRequest) -> str:
    """What the file is taken for (`components/purpose.html`). Raises Refusal: none leaves without.

    The caller notes it by `record_export(…, reason=purpose(request))` before a byte leaves.
    """
    return given_reason(request.POST.get("reason", ""), asks="导出用途")


def workbook(sheets: Iterable[Sheet], name: str) -> HttpResponseBase:
    """The sheets as a workbook to keep; `name` without its ending."""
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the response closes it
    write_workbook(sheets, file)
    file.seek(0)
    return download(file, f"{name}.xlsx")
