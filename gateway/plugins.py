"""What a person shows at the hospital: the document itself, an electronic voucher, a card.

Which program reads vouchers and cards, whether names are checked, a setting says (desk/plugins.py).
"""

from accounts.errors import Refusal
from desk import plugins
from desk.plugins import CARD, VOUCHER, Holder
from enrollment.models import Person
from enrollment.people.numbers import indexes_of
from gateway.asked import Asked, Row

READ_BY_OTHERS = {VOUCHER, CARD}


def shown(asked: Asked, row: Row, node: str = "data") -> Holder:
    """Who the credential of the message says is there: of a document its own number.

    Raises Refusal naming the field, also where the county reads no vouchers and cards.
    """
    kind, number = row.get("mdtrt_cert_type", ""), row.get("mdtrt_cert_no", "")
    if kind not in READ_BY_OTHERS:
        return Holder(number=number)
    try:
        return plugins.credentials().holder(
            kind=kind,
            number=number,
            card_sn=row.get("card_sn", ""),
            institution=asked.institution.code,
        )
    except Refusal as refusal:
        raise refusal.told_as(f"{refusal.message}，请改用身份证", (node, "mdtrt_cert_no")) from None


def check_shown(asked: Asked, person: Person, row: Row, node: str = "data") -> None:
    """Refuse a voucher or card that is not this person's; a document is compared by who asks."""
    if row.get("mdtrt_cert_type") not in READ_BY_OTHERS:
        return
    holder = shown(asked, row, node)
    if not bears(person, holder.number):
        raise Refusal("就诊凭证不是此人的，请核对", at=(node, "mdtrt_cert_no"))


def bears(person: Person, number: str) -> bool:
    """Whether the number is the person's, or was before it changed."""
    indexes = indexes_of(number)
    if person.resident_id_index in indexes:
        return True
    former = person.former_numbers.filter(number_index__in=indexes, mistaken=False)
    return bool(indexes) and former.exists()


def check_identity(person: Person, node: str = "data") -> None:
    """Ask whether name and number belong together, where the county can. Raises Refusal."""
    if not plugins.is_connected(plugins.IDENTITY):
        return
    try:
        plugins.identity_check().check(name=person.name, number=person.resident_id)
    except Refusal as refusal:
        raise refusal.told_as(refusal.message, (node, "certno")) from None
