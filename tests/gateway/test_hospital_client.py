"""The reference client of the documentation plays its day, without the network."""

import sys
from decimal import Decimal
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Division
from claims.models import Settlement, Visit
from enrollment.models import Person
from funds.models import Book
from gateway.identifiers import psn_no
from gateway.people import cert_type, psn_type
from tests.claims.conftest import Register
from tests.gateway.conftest import System

PLACE = Path(__file__).resolve().parents[2] / "examples" / "hospital_client.py"


def loaded() -> Any:
    """The example as a module; it is no part of a package."""
    spec = spec_from_file_location("hospital_client", PLACE)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["hospital_client"] = module  # its dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


client = loaded()


class Wire(client.Portal):  # type: ignore[misc, name-defined]
    """In place of the network: the entrance of the same process."""

    def __init__(self, system: System, lost: int = 0) -> None:
        super().__init__("http://test", "key", "secret")
        self.system, self.lost, self.sent = system, lost, 0

    def send(self, infno: str, body: bytes) -> dict[str, Any]:
        self.sent += 1
        told = self.system.send_raw(body, infno)
        if self.sent <= self.lost:
            raise client.NoAnswerError("断网")
        return told


@pytest.fixture
def wang(register: Register, village_a: Division, book: Book) -> Person:
    return register.person("王建国", register.household(village_a))


@pytest.fixture
def his(system: System) -> Any:
    institution = system.client.institution
    return client.Hospital(
        Wire(system), institution.code, institution.name, "500225", day=system.on
    )


def shown(person: Person) -> Any:
    """What 1101 answers of them."""
    day = person.birth_date.replace(year=2026)
    return client.Patient(
        psn_no(person), person.name, cert_type(person), person.resident_id, psn_type(person, day)
    )


ITEMS = [
    client.Item("X01", Decimal("13.00"), Decimal(2)),
    client.Item("X02", Decimal("30.00"), Decimal(1)),
]


def test_an_out_patients_day(his: Any, wang: Person, capsys: Any) -> None:
    client.sign_in(his)
    client.outpatient(his, shown(wang), ITEMS)
    # Settled, taken back; settled and corrected; settled: one holds.
    assert sorted(Settlement.objects.values_list("status", flat=True)) == [
        "submitted", "withdrawn", "withdrawn",
    ]  # fmt: skip
    assert [row["medfee_sumamt"] for row in his.settled] == ["56.00", "-56.00", "56.00"]
    told = capsys.readouterr().out
    assert "【2601】冲正交易" in told
    assert told.count("5 条恒等式成立") == 5


def test_an_in_patients_day(his: Any, wang: Person) -> None:
    client.sign_in(his)
    client.inpatient(his, shown(wang), ITEMS)
    assert Visit.objects.get().status == "settled"
    assert Settlement.objects.get().total_amount == Decimal("56.00")


def test_the_whole_day(
    his: Any, wang: Person, register: Register, village_a: Division, capsys: Any
) -> None:
    li = register.person("李秀兰", register.household(village_a))
    client.NAMES.update({wang.resident_id: "王建国", li.resident_id: "李秀兰"})
    client.the_day(his, wang.resident_id, li.resident_id, ITEMS)
    told = capsys.readouterr().out
    assert told.endswith("一天办完。\n")
    assert told.count("stmt_rslt=0  stmt_rslt_dscr=平") == 2
    assert told.count("5 条恒等式成立") == 7
    assert "← -1" in told  # the one that was corrected
    assert told.count("← -1") == 1
    assert sorted(Settlement.objects.values_list("visit__person__pk", "status")) == [
        (wang.pk, "submitted"), (wang.pk, "withdrawn"), (wang.pk, "withdrawn"),
        (li.pk, "submitted"),
    ]  # fmt: skip


def test_a_message_without_an_answer_is_sent_again(
    system: System, his: Any, wang: Person, monkeypatch: Any
) -> None:
    monkeypatch.setattr(client.time, "sleep", lambda seconds: None)
    his.portal = Wire(system, lost=2)
    client.sign_in(his)
    assert his.sign_no.startswith("SGN")
    assert his.portal.sent == 3


def test_it_signs_as_the_documentation_says() -> None:
    portal = client.Portal("http://x", "AK1", "secret", "hmac-sha256")
    first = portal.signature("1101", "1790000000000", b"{}")
    assert first == portal.signature("1101", "1790000000000", b"{}")
    assert first != portal.signature("1101", "1790000000000", b"{} ")
    assert client.Portal("http://x", "AK1", "s", "none").signature("1101", "1", b"") == "s"


def test_amounts_that_do_not_add_up_are_noticed() -> None:
    zero = dict.fromkeys(
        ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt", "hifp_pay",
         "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "hifdm_pay", "oth_pay",
         "fund_pay_sumamt", "psn_part_amt", "hosp_part_amt", "psn_cash_pay", "acct_pay",
         "acct_mulaid_pay"), Decimal(0),
    )  # fmt: skip
    output = {"setlinfo": zero | {"medfee_sumamt": Decimal("0.01")}, "setldetail": []}
    with pytest.raises(client.RefusedError, match="金额不平：总额 = 全自费"):
        client.check_amounts(output)


def test_without_items_it_takes_some_of_the_catalogue(his: Any, wang: Person) -> None:
    client.sign_in(his)
    items = client.some_items(his)
    assert len(items) == 3
    client.outpatient(his, shown(wang), items)
    assert Settlement.objects.filter(status="submitted").get().total_amount == Decimal("75.00")


@pytest.mark.parametrize(
    ("words", "item"),
    [("X01=13.00x2", ("X01", "13.00", "2")), ("X02=30", ("X02", "30", "1"))],
)
def test_items_of_the_command_line(words: str, item: tuple[str, str, str]) -> None:
    code, price, count = item
    assert client.item_of(words) == client.Item(code, Decimal(price), Decimal(count))


def test_only_web_addresses_are_called(capsys: Any) -> None:
    words = ["file:///etc/passwd", "--access-key", "k", "--institution", "H50022500001",
             "--name", "x", "--outpatient", "1"]  # fmt: skip
    assert client.main(words) == 2
    assert "http" in capsys.readouterr().out
