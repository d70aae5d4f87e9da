"""SM2 signatures and SM4 bodies, beside what OpenSSL makes."""

import base64
import hashlib
import hmac
import json
import time
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client as Browser
from gmssl_pyx import sm2_key_generate, sm2_sign

from accounts.errors import Refusal
from gateway.clients import ciphers
from gateway.clients.admission import NotAdmitted
from gateway.clients.models import Client
from gateway.clients.services import Issued
from gateway.clients.signing import SIGNERS, Signed, sm2_public_key
from institutions.models import Institution
from tests.gateway.programs import Program, a_client, knock

PEM = """-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAEITLBCU5bWjDX0yAnerVcDLHHpmEF
xmaFL+w9de5ctDkixQinKt1zSCEwwLCHzi2U5L9ilYQQWD7ZYk8N4o+r3g==
-----END PUBLIC KEY-----"""
OPENSSL = (
    "MEUCIBIi2+a8+buQCwslHMkVtPTZyMNvsdDVbrMMM+59fmkAAiEA"
    "xUXXHWRt4bJ/o8RmIszr52R8VDguE5IOy+kk8putAkw="
)
TOLD = Signed("1101", "1.0.0", "1790000000000", "AK0123456789abcdef", b'{"infno":"1101"}')
SM4_CBC = "941745b9c4eb2ba95475704bf21d58c11cef716be9469812a0bb7fff435ec19e"


def test_a_signature_of_openssl_is_right_and_no_other() -> None:
    key = sm2_public_key(PEM)
    assert len(key) == 128 and sm2_public_key(f"04{key.upper()}") == sm2_public_key(key) == key

    def right(told: Signed, signature: str, public_key: str = key) -> bool:
        return SIGNERS["sm2"].verify(told, signature, key=b"", public_key=public_key)

    assert right(TOLD, OPENSSL)
    other = Signed("2207", "1.0.0", "1790000000000", "AK0123456789abcdef", b'{"infno":"1101"}')
    assert not right(other, OPENSSL)
    public, private = sm2_key_generate()
    assert not right(TOLD, OPENSSL, public.hex())
    text = TOLD.canonical("sm3")
    assert right(TOLD, base64.b64encode(sm2_sign(private, public, text)).decode(), public.hex())
    for wrong in ("", "x", "AAAA", OPENSSL[:-8], base64.b64encode(bytes(72)).decode()):
        assert not right(TOLD, wrong)
    for wrong in ("", "00", "zz", "00" * 64):
        assert not right(TOLD, OPENSSL, wrong)


@pytest.mark.parametrize(
    "text", ["", "医院", "00" * 64, "04" + "11" * 64, "-----BEGIN PUBLIC KEY-----\nAAAA", "1" * 127]
)
def test_what_is_no_public_key(text: str) -> None:
    with pytest.raises(ValueError):
        sm2_public_key(text)


@pytest.mark.django_db
def test_a_program_with_a_key_of_its_own(cast: SimpleNamespace, hospital: Institution) -> None:
    public, private = sm2_key_generate()
    with pytest.raises(Refusal, match="SM2 公钥"):
        a_client(cast.secadmin, hospital, signing="sm2", public_key="没有")
    issued = a_client(cast.secadmin, hospital, signing="sm2", public_key=public.hex())
    stamp = str(round(time.time() * 1000))
    told = Signed("1101", "1.0.0", stamp, issued.client.access_key, b"{}")
    headers = {
        "Api-Name": "1101",
        "Api-Version": "1.0.0",
        "Api-Timestamp": stamp,
        "Api-Access-Key": issued.client.access_key,
        "Api-Signature": base64.b64encode(
            sm2_sign(private, public, told.canonical("sm3"))
        ).decode(),
    }
    assert knock(headers, b"{}", "10.20.1.5") == issued.client
    with pytest.raises(NotAdmitted, match="不对"):
        knock(headers, b"{ }", "10.20.1.5")
    with pytest.raises(NotAdmitted, match="不对"):  # its secret alone opens nothing
        knock(headers | {"Api-Signature": issued.text}, b"{}", "10.20.1.5")


def test_sm4_agrees_with_openssl_and_finds_what_was_changed() -> None:
    key, first = bytes.fromhex("00112233445566778899aabbccddeeff"), bytes(range(16))
    cbc, gcm = ciphers.CIPHERS["sm4-cbc"], ciphers.CIPHERS["sm4-gcm"]
    assert cbc.open(first + bytes.fromhex(SM4_CBC), key) == b'{"infno":"1101"}'
    for one in (cbc, gcm):
        data = one.close(b"text", key)
        assert one.open(data, key) == b"text" and one.close(b"text", key) != data
        for wrong in (b"", data[:-1], bytes(15), data[:16]):
            with pytest.raises(ciphers.CannotBeOpenedError):
                one.open(wrong, key)
    changed = bytearray(gcm.close(b"text", key))
    changed[13] ^= 1
    with pytest.raises(ciphers.CannotBeOpenedError):
        gcm.open(bytes(changed), key)


def _post(issued: Issued, body: bytes) -> Any:
    headers = Program.of(issued).signed(body)
    return Browser().post(
        "/gateway/api/1101", body, content_type="application/json", headers=headers
    )


@pytest.mark.django_db
@pytest.mark.parametrize("cipher", ["sm4-gcm", "sm4-cbc"])
def test_an_encrypted_message_gets_an_encrypted_answer(
    cipher: str, cast: SimpleNamespace, hospital: Institution
) -> None:
    issued = a_client(cast.secadmin, hospital, cipher=cipher)
    digest = hashlib.sha256(issued.text.encode()).digest()
    key = hmac.digest(digest, b"sm4", "sha256")[:16]
    sent = ciphers.CIPHERS[cipher].close(b'{"infno":"1101"}', key)
    body = json.dumps({"encdata": base64.b64encode(sent).decode()}).encode()
    answer = _post(issued, body)
    assert answer.status_code == 200 and list(answer.json()) == ["encdata"]
    told = json.loads(ciphers.CIPHERS[cipher].open(base64.b64decode(answer.json()["encdata"]), key))
    assert told["infcode"] == -1 and "msgid" in told["err_msg"]
    for plain in (b'{"infno":"1101"}', b"[]", b"\xff", b'{"encdata": 5}', b'{"encdata": "AA"}'):
        answer = _post(issued, plain)
        assert answer.status_code == 400 and "encdata" in answer.json()["err_msg"]


@pytest.mark.django_db
def test_a_body_is_encrypted_where_it_is_signed(
    cast: SimpleNamespace, hospital: Institution
) -> None:
    with pytest.raises(Refusal, match="与签名一起用"):
        a_client(cast.secadmin, hospital, cipher="sm4-cbc", signing="none")
    assert not Client.objects.exists()
