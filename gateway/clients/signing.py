"""How a message proves whose it is: one plug-in for each way, chosen for each client. Pure.

What is signed names the transaction, the moment, the client and the whole body, so that nothing of
it can be put to another message.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from gmssl_pyx import GmsslInnerError, InvalidValueError, normalize_sm2_public_key, sm2_verify


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


class Sm2:
    """SM2 (GB/T 32918.2) with SM3 over the canonical text, by the client's own private key, under
    the usual identity 1234567812345678 (GB/T 35276). The signature: ASN.1 DER, in base64."""

    digest = "sm3"

    def verify(self, told: Signed, signature: str, *, key: bytes, public_key: str) -> bool:
        try:
            given = base64.b64decode(signature, validate=True)
            known = bytes.fromhex(public_key)
            return bool(sm2_verify(known, told.canonical(self.digest), given))
        except (ValueError, InvalidValueError, GmsslInnerError):
            return False


# What stands before the point of an SM2 key in the DER of a public key (RFC 5480, curve
# 1.2.156.10197.1.301): the file that openssl writes.
_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
_PEM = re.compile(r"-----(BEGIN|END) PUBLIC KEY-----|\s+")


def sm2_public_key(text: str) -> str:
    """An SM2 public key in its one spelling, 128 hexadecimal digits: of a PEM file, or of 64 bytes
    (65 with the leading 04) in hexadecimal digits. Raises ValueError for what is none."""
    bare = _PEM.sub("", text)
    try:
        if "BEGIN" in text:
            der = base64.b64decode(bare, validate=True)
            if not der.startswith(_SPKI):
                raise ValueError("a key of another curve")
            bare = der[len(_SPKI) :].hex()
        return bytes(normalize_sm2_public_key(bytes.fromhex(bare))).hex()
    except InvalidValueError as error:
        raise ValueError("not a point of the curve") from error


SIGNERS: Mapping[str, Signer] = {
    "none": Plain(),
    "hmac-sha256": Keyed("sha256"),
    "sm3": Keyed("sm3"),
    "sm2": Sm2(),
}
