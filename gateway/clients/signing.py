"""How a message proves whose it is: one plug-in for each way, chosen for each client. Pure.

What is signed names the transaction, the moment, the client and the whole body, so that nothing of
it can be put to another message.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Signed:
    """What a message says of itself; `body` as it came, before anything is decrypted."""

    api_name: str
    api_version: str
    timestamp: str
    access_key: str
    body: bytes

    def canonical(self, digest: str) -> bytes:
        """The text that is signed: five lines without one at the end, the last of them the body's
        digest in lower-case hexadecimal digits."""
        of_body = hashlib.new(digest, self.body).hexdigest()
        lines = (self.api_name, self.api_version, self.timestamp, self.access_key, of_body)
        return "\n".join(lines).encode()


class Signer(Protocol):
    """One way of proving. `key`: the SHA-256 of the client's secret; `public_key`: as stored of the
    client, "" where the way has none."""

    def verify(self, told: Signed, signature: str, *, key: bytes, public_key: str) -> bool:
        """Whether the signature is right; compared in constant time."""


def digest_of(secret: str) -> bytes:
    """What is kept of a secret, and the key of what is signed with it."""
    return hashlib.sha256(secret.encode()).digest()


class Plain:
    """The secret itself stands where a signature would: over TLS alone."""

    def verify(self, told: Signed, signature: str, *, key: bytes, public_key: str) -> bool:
        return hmac.compare_digest(digest_of(signature), key)


@dataclass(frozen=True)
class Keyed:
    """HMAC over the canonical text, in hexadecimal digits."""

    digest: str

    def sign(self, told: Signed, key: bytes) -> str:
        """As the client does it."""
        return hmac.new(key, told.canonical(self.digest), self.digest).hexdigest()

    def verify(self, told: Signed, signature: str, *, key: bytes, public_key: str) -> bool:
        given = signature.lower().encode()
        return hmac.compare_digest(given, self.sign(told, key).encode())


SIGNERS: Mapping[str, Signer] = {
    "none": Plain(),
    "hmac-sha256": Keyed("sha256"),
    "sm3": Keyed("sm3"),
}
