"""大足县人民医院 sends what it calls the items of the catalogue; 蒋正平 of the county agrees."""

from datetime import date
from threading import Barrier, Thread
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from accounts.errors import Refusal
from accounts.models import AuditLine, Division
from gateway.clients.models import Client
from gateway.transactions.mapping import TRANSACTIONS
from institutions.mapping import codes_meant, decide_mappings, propose_mappings
from institutions.models import CatalogueItem, CodeMapping, Institution
from tests.claims.conftest import item
from tests.conftest import in_duty
from tests.gateway.by_hand import answered, program
from tests.gateway.conftest import System

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 1)
TODAY = date(2026, 3, 20)


@pytest.fixture
def his(cast: SimpleNamespace, hospital: Institution) -> Client:
    return program(hospital)


@pytest.fixture
def items(county: Division) -> list[CatalogueItem]:
    return [
        item(county, "XJ01CAA040E001", "阿莫西林胶囊"),
        item(county, "XJ01CAA040E002", "阿莫西林颗粒"),
        item(county, "003300000000000", "阑尾切除术", catalogue="service", category="surgery"),
        item(county, "XOLD", "旧药", last_day=date(2025, 12, 31)),
    ]


def row(own: str = "YP0001", code: str = "XJ01CAA040E001", **facts: Any) -> dict[str, Any]:
    return {
        "fixmedins_hilist_id": own,
        "fixmedins_hilist_name": "阿莫西林胶囊0.25g",
        "list_type": "101",
        "med_list_codg": code,
        "begndate": MARCH,
        "enddate": date(2099, 12, 31),
    } | facts


def send(his: Client, *rows: dict[str, Any]) -> list[str]:
    return answered(TRANSACTIONS, his, "3301", "data", list(rows), TODAY)[1]


def take_back(his: Client, **facts: str) -> None:
    about = {
        "fixmedins_code": his.institution.code, "fixmedins_hilist_id": "YP0001",
        "list_type": "101", "med_list_codg": "XJ01CAA040E001",
    }  # fmt: skip
    answered(TRANSACTIONS, his, "3302", "", about | facts, TODAY)


def agree(cast: SimpleNamespace, *rows: CodeMapping, event: str = "agree_mapping") -> None:
    decide_mappings(
        actor=cast.supervisor, mappings=[one.pk for one in rows], event=event, on=TODAY,
        reason="" if event == "agree_mapping" else "规格不符",
    )  # fmt: skip


def meant(his: Client, day: date = TODAY, *own: str) -> dict[str, str]:
    return codes_meant(his.institution, own or ["YP0001"], day)


def test_it_means_something_once_the_county_has_agreed(
    his: Client, items: Any, cast: SimpleNamespace
) -> None:
    told = send(his, row(spec="0.25g", pacspec="24粒/盒"))
    assert told == ["1 条对照已提交，待医保经办机构同意后生效"]
    one = CodeMapping.objects.get()
    assert (one.status, one.last_day, one.told_details) == (
        "proposed", None, "规格 0.25g；包装 24粒/盒",
    )  # fmt: skip
    assert meant(his) == {}
    agree(cast, one)
    assert meant(his) == {"YP0001": "XJ01CAA040E001"}
    assert meant(his, date(2026, 2, 28)) == {}
    assert meant(his, TODAY, "YP0001", "YP0002") == {"YP0001": "XJ01CAA040E001"}
    line = AuditLine.objects.get(action="institutions.agree_mapping")
    assert (line.user, line.division_code, line.after["status"]) == (
        cast.supervisor, "500225", "agreed",
    )  # fmt: skip


def test_the_same_once_more_is_told_and_not_sent_again(his: Client, items: Any) -> None:
    send(his, row())
    assert send(his, row()) == ["1 条与已有的对照相同，没有重复提交"]
    assert CodeMapping.objects.count() == 1


def test_a_whole_message_is_refused_for_one_row(his: Client, items: Any) -> None:
    cases = [
        (row(code="X404"), "没有编码 X404", ("data", 1, "med_list_codg")),
        (row(code="XOLD"), "已于 2025-12-31 停用", ("data", 1, "med_list_codg")),
        (row(list_type="201"), "在目录中是药品", ("data", 1, "list_type")),
        (row(code="003300000000000"), "是诊疗项目", ("data", 1, "list_type")),
        (row(enddate=date(2026, 2, 1)), "停用日期早于", ("data", 1, "enddate")),
        (row("YP0000", "XJ01CAA040E002"), "已对照 XJ01CAA040E001",
         ("data", 1, "fixmedins_hilist_id")),
    ]  # fmt: skip
    for bad, words, at in cases:
        with pytest.raises(Refusal, match=words) as refused:
            send(his, row("YP0000"), bad)
        assert refused.value.at == at
    assert not CodeMapping.objects.exists()


def test_another_meaning_begins_when_the_first_has_ended(
    his: Client, items: Any, cast: SimpleNamespace
) -> None:
    send(his, row())
    with pytest.raises(Refusal, match="要改的请先撤销原来的对照"):
        send(his, row(code="XJ01CAA040E002"))
    agree(cast, CodeMapping.objects.get())
    with pytest.raises(Refusal, match="已同意"):
        send(his, row(code="XJ01CAA040E002"))
    take_back(his)
    send(his, row(code="XJ01CAA040E002", begndate=TODAY))
    agree(cast, CodeMapping.objects.get(status="proposed"))
    assert meant(his, date(2026, 3, 19)) == {"YP0001": "XJ01CAA040E001"}  # bills until then
    assert meant(his, TODAY) == {"YP0001": "XJ01CAA040E002"}
    assert [one.status for one in CodeMapping.objects.order_by("pk")] == ["withdrawn", "agreed"]


def test_what_was_never_agreed_to_never_meant_anything(
    his: Client, items: Any, cast: SimpleNamespace
) -> None:
    send(his, row())
    take_back(his)
    assert meant(his, MARCH) == {}
    send(his, row())
    one = CodeMapping.objects.get(status="proposed")
    agree(cast, one, event="refuse_mapping")
    one.refresh_from_db()
    assert (one.status, one.decision, meant(his)) == ("refused", "规格不符", {})
    with pytest.raises(Refusal, match="没有可撤销的对照"):
        take_back(his)
    send(his, row())  # mended and sent again
    assert CodeMapping.objects.filter(status="proposed").count() == 1


def test_the_county_ends_what_it_agreed_to(his: Client, items: Any, cast: SimpleNamespace) -> None:
    send(his, row())
    one = CodeMapping.objects.get()
    agree(cast, one)
    agree(cast, one, event="end_mapping")
    assert (meant(his), meant(his, MARCH)) == ({}, {"YP0001": "XJ01CAA040E001"})


def test_nobody_agrees_to_what_he_sent_and_takes_back_what_is_not_his(
    his: Client, items: Any, cast: SimpleNamespace, township_hospital: Institution
) -> None:
    send(his, row())
    one = CodeMapping.objects.get()
    twice = in_duty(his.user, cast.supervisor.role)
    twice.division, twice.institution_code = cast.supervisor.division, ""
    with pytest.raises(Refusal, match="不同的人"):
        decide_mappings(actor=twice, mappings=[one.pk], event="agree_mapping", on=TODAY)
    with pytest.raises(Refusal, match="您的角色不能办理"):
        decide_mappings(actor=his.user, mappings=[one.pk], event="agree_mapping", on=TODAY)
    other = program(township_hospital)
    with pytest.raises(Refusal, match="没有可撤销") as refused:
        take_back(other)
    assert refused.value.at == ("", "fixmedins_hilist_id")
    with pytest.raises(Refusal, match="只能撤销本机构") as refused:
        take_back(other, fixmedins_code=his.institution.code)
    assert refused.value.at == ("", "fixmedins_code")
    with pytest.raises(Refusal, match="对照的是 XJ01CAA040E001"):
        take_back(his, med_list_codg="XJ01CAA040E002")
    with pytest.raises(Refusal, match="由定点机构提交"):
        propose_mappings(actor=cast.supervisor, sent=[])
    one.refresh_from_db()
    assert one.status == "proposed"


def test_statements_do_not_grow_with_the_rows(his: Client, items: Any) -> None:
    counts = []
    for many, name in ((1, "A"), (60, "B")):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            send(his, *(row(f"{name}{at}") for at in range(many)))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 10
    with CaptureQueriesContext(connection) as asked:
        meant(his, TODAY, *(f"B{at}" for at in range(60)))
    assert len(asked) == 1


@pytest.mark.django_db(transaction=True)
def test_two_messages_at_once_leave_one_mapping(his: Client, items: Any) -> None:
    together, told = Barrier(2), []

    def hand() -> None:
        together.wait()
        told.append(tuple(send(his, row())))
        connections.close_all()

    threads = [Thread(target=hand) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert CodeMapping.objects.count() == 1
    assert sorted(told) == [
        ("1 条与已有的对照相同，没有重复提交",),
        ("1 条对照已提交，待医保经办机构同意后生效",),
    ]


def test_through_the_door(system: System, items: Any) -> None:
    """The same as JSON comes and goes."""
    sent = row() | {"begndate": "2026-03-01", "enddate": "2099-12-31"}
    told = system.send(system.message("3301", {"data": [sent]}))
    assert (told["infcode"], told["warn_msg"]) == (0, "1 条对照已提交，待医保经办机构同意后生效")
    words = system.refused("3301", {"data": [sent, sent | {"med_list_codg": "X404"}]})
    assert words.startswith("data[2].med_list_codg：本统筹区目录没有编码 X404")
    gone = {
        "fixmedins_code": "H50022500001", "fixmedins_hilist_id": "YP0001", "list_type": "101",
        "med_list_codg": "XJ01CAA040E001",
    }  # fmt: skip
    assert system.ask("3302", gone) == {}
    assert CodeMapping.objects.get().status == "withdrawn"
