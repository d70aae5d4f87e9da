"""Serving the documents of a case: who brought which to whom, when and how."""

from dataclasses import asdict, dataclass
from datetime import date

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import User
from supervision.cases.delivery_models import Delivery
from supervision.cases.models import Case

Way = Delivery.Way
# Where nobody of the party signs, this says what proves it.
REFERENCES: dict[str, str] = {
    Way.POST: "邮件号",
    Way.ENTRUSTED: "委托函号",
    Way.ANNOUNCED: "公告载体、公告号",
}

SIGNED = {Way.DIRECT, Way.ENTRUSTED}
SERVERS = 2  # 行政处罚法 第四十二条: 执法人员不得少于两人


@dataclass(frozen=True, kw_only=True)
class Served:
    """An act of service as the officer tells it. `server`, `other_server`: the two who served."""

    served_on: date
    way: str
    place: str
    server: str
    other_server: str
    receiver: str = ""
    relation: str = ""
    refusal: str = ""
    witness: str = ""
    reference: str = ""


def deliver(*, actor: User, case: Case, document: Delivery.Document, served: Served) -> Delivery:
    """Note the service of a document of a case that is locked. Raises Refusal at the input."""
    if wrong := _problem(served):
        raise Refusal(wrong[0], wrong[1])
    row = Delivery.objects.create(case=case, document=document, entered_by=actor, **asdict(served))
    record(actor=actor, action="supervision.note_delivery", subject=row)
    return row


def _problem(served: Served) -> tuple[str, str] | None:
    """What the 送达回证 would lack, and at which input."""
    way, two = served.way, {served.server, served.other_server} - {""}
    is_left = way == Way.LEFT
    asked = (
        (way not in Way.values, "请选择送达方式", "way"),
        (not served.place, "请填写送达地点", "place"),
        (len(two) < SERVERS, "送达人应是两人，请填写两人的姓名", "other_server"),
        (is_left and not served.refusal, "留置送达请填写拒收的理由", "refusal"),
        (is_left and not served.witness, "留置送达请填写见证人姓名和单位", "witness"),
        (not is_left and served.refusal, "拒收的请选“留置送达”，填写见证人", "refusal"),
        (way in SIGNED and not served.receiver, "请填写签收人", "receiver"),
        (way in REFERENCES and not served.reference, f"请填写{REFERENCES.get(way)}", "reference"),
    )
    return next(((told, at) for is_wrong, told, at in asked if is_wrong), None)


def last_delivery(case: Case, document: str) -> Delivery | None:
    """How the document was served the last time."""
    found: Delivery | None = case.deliveries.filter(document=document).order_by("-pk").first()
    return found
