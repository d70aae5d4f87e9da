"""A message over HTTP: proved by its headers, answered as JSON whatever is wrong with it."""

from types import SimpleNamespace
from typing import Any

import psycopg2
import pytest
import simplejson
from django.db import connection
from django.test import Client as Browser

from accounts.models import Division
from funds.models import Book
from gateway.messages.models import Message
from institutions.models import Institution
from tests.claims.conftest import TODAY, Register
from tests.gateway.conftest import System
from tests.gateway.hospital import registration
from tests.gateway.programs import Program, a_client

ADDRESS = "/gateway/api/"
NOT_OF_PSYCOPG = ("cursor_factory",)


@pytest.fixture
def program(cast: SimpleNamespace, hospital: Institution) -> Program:
    return Program.of(a_client(cast.secadmin, hospital, signing="hmac-sha256"))


def post(program: Program, body: bytes, infno: str = "", **more: Any) -> tuple[int, dict[str, Any]]:
    """Status and answer; every check of forged forms is on."""
    browser = Browser(enforce_csrf_checks=True)
    answer = browser.post(
        f"{ADDRESS}{infno}",
        body,
        content_type="application/json",
        headers=program.signed(body) | more,
        REMOTE_ADDR=program.address,
    )
    assert answer["Content-Type"].startswith("application/json")
    return answer.status_code, simplejson.loads(answer.content, use_decimal=True)


def signing_in(system: System) -> bytes:
    asked = {"signIn": {"opter_no": "0101", "mac": "02-00-00-00-00-01", "ip": "192.0.2.10"}}
    return simplejson.dumps(system.message("9001", asked), use_decimal=True).encode()


def test_an_operator_signs_in_by_either_address(program: Program, system: System) -> None:
    for infno in ("", "9001"):
        status, told = post(program, signing_in(system), infno)
        assert (status, told["infcode"]) == (200, 0)
        assert told["output"]["signinoutb"]["sign_no"].startswith("SGN")
        assert told["inf_refmsgid"].startswith("500225")
    status, told = post(program, signing_in(system), "9002")
    assert (status, told["infcode"]) == (200, -1)
    assert told["err_msg"] == "infno（交易编号）：报文是 9001，却发到 9002 的地址，请核对"


def test_a_number_that_was_signed_out_is_refused(system: System) -> None:
    asked = {"signIn": {"opter_no": "0101", "mac": "m", "ip": "i"}}
    number = system.ask("9001", asked)["signinoutb"]["sign_no"]
    out = {"signOut": {"sign_no": number, "opter_no": "0101"}}
    system.ask("9002", out, sign_no=number)
    assert system.refused("9001", asked, sign_no=number).startswith("sign_no（签到流水号）")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "报文不是正确的 JSON"),
        (b"[]", "报文应为一个 JSON 对象"),
        (b"\xff\xfe", "报文不是 UTF-8 编码"),
        (b'{"infno": NaN}', "NaN 不是数值"),
        (b'{"infno": "1", "infno": "2"}', "字段 infno 在同一节点出现两次"),
        (b'{"a":' * 5000, "报文不是正确的 JSON"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "报文嵌套过深"),
        (b'{"infno": "\\u0000"}', "报文含有空字符"),
        (b'{"infno": "\\ud800"}', "报文含有不完整的字符"),
        (b'{"infno": 1' + b"0" * 9000 + b"}", "报文不是正确的 JSON"),
        (b"{}", "infno（交易编号）：未填写"),
    ],
)
def test_what_is_no_message_is_told_so(program: Program, body: bytes, words: str) -> None:
    status, told = post(program, body)
    assert (status, told["infcode"]) == (200, -1)
    assert words in told["err_msg"]


def test_a_wrong_signature_and_a_huge_body(program: Program, system: System, settings: Any) -> None:
    status, told = post(program, signing_in(system), **{"Api-Signature": "0" * 64})
    assert (status, told["infcode"], told["err_msg"]) == (401, -1, "接入标识、密钥或签名不对")
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1024**2
    status, told = post(program, b" " * (1024**2 + 1))
    assert (status, told["err_msg"]) == (413, "报文超过 1 MB，请分次上传")
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("method", "address", "given", "status", "words"),
    [
        ("post", "/gateway/api/2207", {"CONTENT_LENGTH": str(33 * 1024**2)}, 413, "报文过大"),
        ("get", "/gateway/api/2207", {}, 405, "请用 POST 发送报文"),
        ("post", "/gateway/api/2207/2207", {}, 404, "没有这个地址"),
        ("get", "/gateway/api/2207?a=%00", {}, 400, "空字符"),
    ],
)
def test_what_does_not_reach_the_door_is_told_as_the_interface_tells(
    method: str, address: str, given: dict[str, str], status: int, words: str
) -> None:
    answer = getattr(Browser(raise_request_exception=False), method)(address, **given)
    told = simplejson.loads(answer.content)
    assert (answer.status_code, told["infcode"]) == (status, -1) and words in told["err_msg"]


@pytest.mark.django_db(transaction=True)
def test_a_person_who_is_being_settled_elsewhere(
    program: Program, system: System, register: Register, village_a: Division, book: Book
) -> None:
    """Another window holds 王建国's cover for longer than anybody waits: told, and no 5xx."""
    wang = register.person("王建国", register.household(village_a))
    body = simplejson.dumps(system.message("2201", registration(wang, TODAY)), use_decimal=True)
    dsn = connection.get_connection_params()
    other = psycopg2.connect(**{k: v for k, v in dsn.items() if k not in NOT_OF_PSYCOPG})
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM enrollment_enrollment FOR UPDATE")
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        status, told = post(program, body.encode())
    finally:
        other.close()
        connection.close()
    assert (status, told["infcode"]) == (200, -1)
    assert told["err_msg"].startswith("正在被别人办理")
    assert post(program, body.encode())[1]["infcode"] == 0


def test_other_institutions_and_areas_are_refused(system: System) -> None:
    asked = {"signIn": {"opter_no": "0101", "mac": "m", "ip": "i"}}
    for name, value, words in (
        ("fixmedins_code", "H50022500101", "不是这个接入标识的机构"),
        ("mdtrtarea_admvs", "500111", "本平台是 500225"),
        ("insuplc_admdvs", "500111", "只办理 500225 的参保人"),
        ("msgid", "H50022500101202603200930000001", "应以本机构编号开头"),
        ("infno", "4102", "不是本平台开通的交易"),
    ):
        told = system.send(system.message("9001", asked) | {name: value})
        assert told["infcode"] == -1
        assert words in told["err_msg"]
