"""9001 签到, 9002 签退: an operator begins and ends the day at a terminal."""

import secrets

from accounts.errors import Refusal
from gateway.asked import Answer, Asked, Transaction
from gateway.messages.models import SignIn


def sign_in(asked: Asked) -> Answer:
    """Its number goes into the heads of the operator's messages until the sign-out."""
    row = asked.row("signIn")
    number = f"SGN{asked.at:%Y%m%d%H%M%S}{secrets.randbelow(10**13):013d}"
    SignIn.objects.create(
        client=asked.client,
        number=number,
        operator=row["opter_no"],
        address=f"{row.get('ip', '')} {row.get('mac', '')}".strip(),
        signed_in_at=asked.at,
    )
    return {"signinoutb": {"sign_time": asked.at, "sign_no": number}}


def sign_out(asked: Asked) -> Answer:
    """Afterwards the number is refused in any head."""
    row = asked.row("signOut")
    mine = SignIn.objects.filter(client=asked.client, number=row["sign_no"], signed_out_at=None)
    if not mine.update(signed_out_at=asked.at):
        raise Refusal("没有这次签到，或已经签退", at=("signOut", "sign_no"))
    return {"sign_time": {"sign_time": asked.at}}


TRANSACTIONS = {
    "9001": Transaction(sign_in, writes=True),
    "9002": Transaction(sign_out, writes=True),
}
