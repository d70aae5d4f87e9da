"""A hospital's program as the tests play it: it knows its secret, signs and sends."""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import timezone
from gmssl_pyx import sm2_sign

from accounts.models import User
from accounts.origin import Origin, current
from gateway.clients.admission import authenticate
from gateway.clients.ciphers import CIPHERS
from gateway.clients.models import Client
from gateway.clients.services import Issued, Terms, open_client
from institutions.models import Institution


@dataclass(frozen=True)
class Program:
    """It signs as the documentation says, without a line of the portal's own code."""

    access_key: str
    secret: str
    signing: str = "hmac-sha256"
    address: str = "10.20.1.5"
    headers: dict[str, str] = field(default_factory=dict)
    keys: tuple[bytes, bytes] = (b"", b"")  # SM2: public, private
    cipher: str = "none"

    @classmethod
    def of(cls, issued: Issued, **more: Any) -> "Program":
        client = issued.client
        how = {"signing": client.signing, "cipher": client.cipher}
        return cls(client.access_key, issued.text, **how | more)

    def signed(self, body: bytes, *, name: str = "1101", at: float | None = None) -> dict[str, str]:
        """The five headers of a message."""
        stamp = str(round((time.time() if at is None else at) * 1000))
        return {
            "Api-Name": name,
            "Api-Version": "1.0.0",
            "Api-Timestamp": stamp,
            "Api-Access-Key": self.access_key,
            "Api-Signature": self._sign(body, name, stamp),
        } | self.headers

    def _sign(self, body: bytes, name: str, stamp: str) -> str:
        if self.signing == "none":
            return self.secret
        digest = {"hmac-sha256": "sha256", "sm3": "sm3", "sm2": "sm3"}[self.signing]
        key = hashlib.sha256(self.secret.encode()).digest()
        of_body = hashlib.new(digest, body).hexdigest()
        text = f"{name}\n1.0.0\n{stamp}\n{self.access_key}\n{of_body}"
        if self.signing == "sm2":
            public, private = self.keys
            return base64.b64encode(sm2_sign(private, public, text.encode())).decode()
        return hmac.new(key, text.encode(), digest).hexdigest()

    @property
    def _body_key(self) -> bytes:
        digest = hashlib.sha256(self.secret.encode()).digest()
        return hmac.digest(digest, b"sm4", "sha256")[:16]

    def closed(self, body: bytes) -> bytes:
        """The body as it is sent."""
        if self.cipher == "none":
            return body
        data = CIPHERS[self.cipher].close(body, self._body_key)
        return json.dumps({"encdata": base64.b64encode(data).decode()}).encode()

    def opened(self, text: str) -> str:
        """The answer as it is read; what was turned away at the door is not encrypted."""
        if self.cipher == "none" or '"encdata"' not in text:
            return text
        data = base64.b64decode(json.loads(text)["encdata"])
        return CIPHERS[self.cipher].open(data, self._body_key).decode()

    def knock(self, body: bytes = b"{}", *, sent: bytes | None = None, **how: Any) -> Client:
        """Asks to be let in. `sent`: the body that arrives, where somebody changed it."""
        return knock(self.signed(body, **how), body if sent is None else sent, self.address)

    def from_(self, address: str) -> "Program":
        return replace(self, address=address)


def knock(headers: dict[str, str], body: bytes, address: str) -> Client:
    """A message with these headers from this address."""
    request: HttpRequest = RequestFactory().post(
        "/gateway/", body, content_type="application/json", headers=headers
    )
    token = current.set(Origin(address, "test"))
    try:
        return authenticate(request, body)
    finally:
        current.reset(token)


def a_client(actor: User, institution: Institution, **terms: Any) -> Issued:
    """The institution's system, just made known."""
    told = Terms(**({"name": "HIS", "kind": Client.Kind.SYSTEM} | terms))
    return open_client(actor=actor, institution=institution, terms=told, at=timezone.now())
