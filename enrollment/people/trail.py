"""What the audit trail keeps of people: enough to follow a change, not enough to know them by.

The row itself is named by its id; who may look it up does so in the register, with a reason.
"""

from accounts.audit import Masks
from accounts.templatetags.hezuo import mask_name


def _year(day: str) -> str:
    return f"{day[:4]}-**-**"


def _there(text: str) -> str:
    return "（已登记）"


PERSONAL: Masks = {
    "name": mask_name,
    "payer_name": mask_name,
    "payee": mask_name,
    "receiver": mask_name,
    "bank_account_name": mask_name,
    "birth_date": _year,
    "address": _there,
    "actual_residence": _there,
    # They spell the name.
    "pinyin": None,
    "initials": None,
}
