"""韩梅 and the county see which transactions of its list the hospital's programs have done."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client as Browser
from django.utils import timezone

from accounts.clock import today
from accounts.models import User
from gateway.acceptance.faults import note_fault
from gateway.acceptance.models import Fault
from gateway.acceptance.results import Result, Standing, Verdict, kind_of, results
from gateway.clients.models import Client
from gateway.interface.acceptance import Kind, must_pass
from gateway.messages.models import Message
from gateway.transactions import TRANSACTIONS
from institutions.models import Institution
from tests.gateway.programs import a_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]
SignIn = Callable[[User], Browser]


@pytest.fixture
def client(cast: SimpleNamespace, hospital: Institution) -> Client:
    return a_client(cast.secadmin, hospital).client


def sent(client: Client, infno: str, told: str = "", days: int = 0) -> None:
    """A message that was done, or refused with these words, so many days ago."""
    Message.objects.create(
        client=client,
        institution=client.institution,
        infno=infno,
        msgid=f"{client.institution.code}{Message.objects.count():018d}",
        digest="",
        is_done=not told,
        answer=f'{{"infcode": -1, "err_msg": "{told}"}}' if told else "",
        received_at=timezone.now() - timedelta(days=days),
        writes=bool(told),
    )


def result_of(institution: Institution) -> Result:
    day = today()
    return results([institution], since=day - timedelta(days=30), until=day)[institution.pk]


def line(result: Result, infno: str) -> tuple[Verdict, int, int, str]:
    (found,) = [one for one in result.lines if one.infno == infno]
    return found.verdict, found.done, found.refused, found.told


def test_lists_are_as_long_as_their_headings_say() -> None:
    assert [len(must_pass(kind)) for kind in Kind] == [59, 59, 115, 151]
    assert must_pass(Kind.PHARMACY)["2102"] == "药店结算"
    assert "2207" in must_pass(Kind.CLINIC) and "2304" not in must_pass(Kind.CLINIC)


@pytest.mark.parametrize(
    ("level", "of", "kinds", "expected"),
    [
        ("county", "general", ["system"], Kind.SECOND),
        ("county", "clinic", ["system"], Kind.CLINIC),
        ("township", "general", ["system", "till"], Kind.FIRST),
        ("central", "general", [], Kind.FIRST),
        ("village", "general", ["terminal"], Kind.CLINIC),
        ("village", "general", ["till"], Kind.PHARMACY),
    ],
)
def test_whose_list_it_is(level: str, of: str, kinds: list[str], expected: Kind) -> None:
    assert kind_of(Institution(level=level, kind=of), kinds) == expected


def test_what_was_done_what_failed_and_what_nobody_tried(client: Client) -> None:
    sent(client, "2207", "余额不足")
    sent(client, "2207")
    sent(client, "2201", "本机构没有这个人")
    sent(client, "2201", "今日已挂号")
    sent(client, "1101", days=40)  # before the test began
    result = result_of(client.institution)
    assert line(result, "2207") == (Verdict.PASSED, 1, 1, "")
    assert line(result, "2201") == (Verdict.FAILED, 0, 2, "今日已挂号")
    assert line(result, "1101") == (Verdict.NEVER, 0, 0, "")
    assert line(result, "6201")[0] == Verdict.CLOSED
    must = [one for one in must_pass(Kind.SECOND) if one in TRANSACTIONS]
    assert (result.must, result.passed, result.failed) == (len(must), 1, 1)
    assert result.never == len(must) - 2 and result.standing == Standing.BEGUN
    for infno in must:
        sent(client, infno)
    assert result_of(client.institution).standing == Standing.WHOLE


def test_what_failed_at_its_fields_is_told_too(client: Client) -> None:
    for told in ("data.psn_no：必填", "data.mdtrt_cert_no：最多 50 位"):
        note_fault(client, "2201", told, timezone.now())
    assert line(result_of(client.institution), "2201") == (
        Verdict.FAILED, 0, 2, "data.mdtrt_cert_no：最多 50 位",
    )  # fmt: skip
    sent(client, "2201", "今日已挂号")
    assert line(result_of(client.institution), "2201") == (Verdict.FAILED, 0, 3, "今日已挂号")
    sent(client, "2201")
    assert line(result_of(client.institution), "2201")[0] == Verdict.PASSED
    assert Fault.objects.count() == 1


def test_another_hospitals_messages_are_not_its_own(
    cast: SimpleNamespace, client: Client, township_hospital: Institution
) -> None:
    other = a_client(cast.secadmin, township_hospital).client
    sent(other, "2207")
    note_fault(other, "2201", "别家的错", timezone.now())
    assert result_of(client.institution).standing == Standing.NOT_YET


def test_the_pages(
    cast: SimpleNamespace, client: Client, township_hospital: Institution, as_user: SignIn
) -> None:
    sent(client, "2207")
    sent(client, "2201", "今日已挂号")
    clerk = as_user(cast.hospital_clerk)
    page = clerk.get("/gateway/self-test").content.decode()
    assert "二级及以上医疗机构" in page and "今日已挂号" in page and "6201" in page
    day = today()
    past = {"since": day - timedelta(days=60), "until": day - timedelta(days=50)}
    assert "今日已挂号" not in clerk.get("/gateway/self-test", past).content.decode()
    wrong = clerk.get("/gateway/self-test", {"since": day, "until": "x"}).content.decode()
    assert 'role="alert"' in wrong
    long = {"since": day - timedelta(days=200), "until": day}
    assert "最多看 92 天" in clerk.get("/gateway/self-test", long).content.decode()
    officer = as_user(cast.supervisor)
    listed = officer.get("/gateway/acceptance").content.decode()
    assert "大足县人民医院" in listed and "测试中" in listed and "龙水镇卫生院" not in listed
    path = f"/gateway/acceptance/{client.institution_id}"
    assert "今日已挂号" in officer.get(path).content.decode()
    far = as_user(cast.other_officer)
    assert far.get(path).status_code == 404
    assert "人民医院" not in far.get("/gateway/acceptance").content.decode()
    assert clerk.get("/gateway/acceptance").status_code == 403
