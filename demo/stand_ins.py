"""Stand-ins for what a county connects to, so that the demonstration can show the way.

Each says what it is wherever it speaks, and refuses to be made in production.
"""

import base64
import hashlib
import hmac
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from accounts.errors import Refusal
from desk.plugins import CARD, VOUCHER, Holder, Signed

# What a made-up token or card number begins with; behind it stands the number of the document.
BEGINS = {VOUCHER: "YANSHI-PZ-", CARD: "YANSHI-KA-"}


class StandIn:
    """What all of them have."""

    title = "演示替身"

    def __init__(self) -> None:
        if settings.PRODUCTION:
            raise ImproperlyConfigured(f"{type(self).__name__} is a stand-in of the demonstration")


class Credentials(StandIn):
    """Believes every token and card that says itself whose it is."""

    title = "演示替身（不是国家医保电子凭证平台）"

    def holder(self, *, kind: str, number: str, card_sn: str, institution: str) -> Holder:
        begin = BEGINS.get(kind, "")
        if not begin or not number.startswith(begin):
            raise Refusal(f"{self.title}：演示凭证应写作 {begin}加证件号码")
        if kind == CARD and not card_sn:
            raise Refusal(f"{self.title}：社会保障卡要有卡识别码")
        return Holder(number=number.removeprefix(begin))


class Identity(StandIn):
    """Finds everybody to be who they say they are, but for one name."""

    title = "演示替身（没有核验身份）"
    REFUSED = "不符"

    def check(self, *, name: str, number: str) -> None:
        if name.startswith(self.REFUSED):
            raise Refusal(f"{self.title}：姓名与证件号码不符")


class Signature(StandIn):
    """A keyed digest that proves nothing to anybody else."""

    title = "演示替身（不具法律效力）"
    ALGORITHM = "演示 HMAC-SHA256"

    def sign(self, content: bytes) -> Signed:
        return Signed(value=self._value(content), algorithm=self.ALGORITHM, signer=self.title)

    def is_right(self, content: bytes, signed: Signed) -> bool:
        if signed.algorithm != self.ALGORITHM:
            raise Refusal(f"{self.title}：不是替身签的")
        return hmac.compare_digest(signed.value, self._value(content))

    def _value(self, content: bytes) -> str:
        key = settings.SECRET_KEY.encode()
        return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


class ShortMessages(StandIn):
    """Reaches no phone: the words stand on the console of whoever runs the demonstration, and the
    number of the phone nowhere."""

    title = "演示替身（没有发出短信）"

    def send(self, *, phone: str, text: str) -> None:
        sys.stdout.write(f"{self.title}：{text}\n")
        sys.stdout.flush()
