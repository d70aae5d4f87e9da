"""Files (9101, 9102): handed in as base64, taken by the number that another answer named."""

from typing import Any

from accounts.errors import Refusal
from gateway.asked import Answer, Asked, Transaction
from gateway.files.models import StoredFile
from gateway.files.services import file_of, take_in

UP, DOWN = "fsUploadIn", "fsDownloadIn"
# What the standard prints as fixmedins_code of a download (固定传入“plc”).
ANYBODY = "plc"


def _own(asked: Asked, node: str, *also: str) -> None:
    code = asked.row(node).get("fixmedins_code")
    if code not in {asked.institution.code, *also}:
        raise Refusal(
            f"医药机构编号不是本机构，请填 {asked.institution.code}", at=(node, "fixmedins_code")
        )


def upload(asked: Asked) -> Answer:
    """9101: the number under which other transactions name the file."""
    row = asked.row(UP)
    _own(asked, UP)
    try:
        file = take_in(
            institution=asked.institution,
            infno=asked.infno,
            name=row["filename"],
            content=row["in"],
            on=asked.on,
        )
    except Refusal as refusal:
        raise refusal.told_as(refusal.message, (UP, refusal.field or "in")) from None
    return {
        "": {
            "file_qury_no": file.file_qury_no,
            "filename": file.file_name,
            "fixmedins_code": asked.institution.code,
            "dld_endtime": f"{file.valid_until}",
        }
    }


def download(asked: Asked) -> Answer:
    """9102: the file as base64."""
    row = asked.row(DOWN)
    _own(asked, DOWN, ANYBODY)
    try:
        file = file_of(
            institution=asked.institution,
            number=row["file_qury_no"],
            name=row["filename"],
            on=asked.on,
        )
    except Refusal as refusal:
        raise refusal.told_as(refusal.message, (DOWN, *refusal.at)) from None
    return {"fsDownloadOut": _told(file)}


def _told(file: StoredFile) -> dict[str, Any]:
    return {
        "file_qury_no": file.file_qury_no,
        "filename": file.file_name,
        "dld_endtime": f"{file.valid_until}",
        "size": str(file.size),
        "sha256": file.sha256,
        "out": file.opened,
    }


TRANSACTIONS = {
    "9101": Transaction(upload, writes=True),
    "9102": Transaction(download),
}
