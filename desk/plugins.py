"""What others do for the portal: say who holds a credential, check who somebody is, sign.

One small protocol each. Which program speaks it, a setting says by the dotted path of its class;
none is chosen by itself, and what nobody speaks is refused in words. A program raises Refusal for
what the person at the desk can mend, and tells no log whom it was asked about.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.errors import Refusal

# mdtrt_cert_type of the interface, of what is no identity document itself.
VOUCHER, CARD = "01", "03"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """To whom a credential belongs. `name` is "" where the other side does not tell it."""

    number: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signature and who vouches for it. `value` is base64."""

    value: str
    algorithm: str
    signer: str


class Credentials(Protocol):
    """医保电子凭证 and 社会保障卡: whose they are."""

    title: str

    def holder(self, *, kind: str, number: str, card_sn: str, institution: str) -> Holder:
        """Of a token of the voucher (VOUCHER) or a card (CARD) shown at an institution (code).

        At the page of the insured `institution` is "": a token that was shown before, or at an
        institution, is refused there, for who scanned it could open the page of who showed it.
        Raises Refusal: unknown, used up, expired, blocked. Whoever speaks to another machine waits
        for it a few seconds at most: a window waits too.
        """


class Identity(Protocol):
    """实名核验: whether name and number belong together."""

    title: str

    def check(self, *, name: str, number: str) -> None:
        """Raises Refusal where they do not."""


class Signature(Protocol):
    """电子签名: of a paper or an answer."""

    title: str

    def sign(self, content: bytes) -> Signed:
        """In the name of the county's office."""

    def is_right(self, content: bytes, signed: Signed) -> bool:
        """Whether the content is what was signed. Raises Refusal of what it cannot judge: signed by
        another program, or while nobody answers."""


class ShortMessages(Protocol):
    """短信: to a phone, as the codes of the page of the insured."""

    title: str

    def send(self, *, phone: str, text: str) -> None:
        """Raises Refusal where it cannot be sent now."""


SHORT_MESSAGE = "SHORT_MESSAGE"
CREDENTIALS, IDENTITY, SIGNATURE = "CREDENTIALS", "IDENTITY_CHECK", "ELECTRONIC_SIGNATURE"
# Setting → what people call it.
PLUGINS: Mapping[str, str] = {
    CREDENTIALS: "医保电子凭证和社会保障卡读取",
    IDENTITY: "实名核验",
    SIGNATURE: "电子签名",
    SHORT_MESSAGE: "短信",
}


@lru_cache(maxsize=8)
def _made(path: str) -> Any:
    return import_string(path)()


def is_connected(name: str) -> bool:
    """Whether a program speaks the protocol of this setting."""
    return bool(getattr(settings, name))


def _plugin(name: str) -> Any:
    if not is_connected(name):
        raise Refusal(f"{PLUGINS[name]}：本县尚未接通")
    return _made(getattr(settings, name))


def credentials() -> Credentials:
    """Raises Refusal where the county has none."""
    found: Credentials = _plugin(CREDENTIALS)
    return found


def identity_check() -> Identity:
    """Raises Refusal where the county has none."""
    found: Identity = _plugin(IDENTITY)
    return found


def signature() -> Signature:
    """Raises Refusal where the county has none."""
    found: Signature = _plugin(SIGNATURE)
    return found


def short_messages() -> ShortMessages:
    """Raises Refusal where the county has none."""
    found: ShortMessages = _plugin(SHORT_MESSAGE)
    return found
