"""Packs of medicine are sold once: 大足县人民医院, 龙水镇卫生院 and the codes on their boxes."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Division
from claims.models import BillLine, Settlement, Visit
from enrollment.models import Person
from gateway.clients.models import Client
from gateway.identifiers import psn_no
from gateway.rules.models import InterfaceRule
from gateway.rules.services import propose_rules
from gateway.rules.workflow import RULES
from gateway.traces.models import DrugSale, NoCodeItem, TraceCode
from gateway.traces.packs import units_in
from gateway.traces.services import free_codes, missing_codes, tell_leads
from institutions.mapping import Sent, decide_mappings, propose_mappings
from institutions.models import Institution
from moving.on_request.held import held
from supervision.models import Alert
from tests.at_once import at_once
from tests.claims.conftest import TODAY
from tests.gateway.conftest import System, client_of
from tests.gateway.hospital import parts_of, to_settle
from tests.gateway.test_outpatient import billed, wang

__all__ = ["wang"]
pytestmark = pytest.mark.django_db
BOX = "81000000000000000001"
OTHER_BOX = "81000000000000000002"


@pytest.fixture
def town(system: System, township_hospital: Institution) -> System:
    return System(client_of(township_hospital))


def sale(*codes: str, **facts: Any) -> dict[str, Any]:
    return {
        "med_list_codg": "X01",
        "fixmedins_hilist_id": "OWN-X01",
        "fixmedins_hilist_name": "阿莫西林胶囊",
        "fixmedins_bchno": "B1",
        "prsc_dr_name": "医师",
        "phar_name": "药师",
        "phar_prac_cert_no": "P1",
        "hi_feesetl_type": "0",
        "mdtrt_sn": "LS0001",
        "manu_lotnum": "20260101",
        "manu_date": "2026-01-01",
        "rx_flag": "1",
        "trdn_flag": "0",
        "finl_trns_pric": Decimal("13.00"),
        "rtal_docno": "D1",
        "drug_prod_barc": "NDPB999",
        "sel_retn_cnt": max(len(codes), 1),
        "sel_retn_time": f"{TODAY} 09:10:00",
        "sel_retn_opter_name": "韩梅",
        "drugtracinfo": [{"drug_trac_codg": code} for code in codes],
    } | facts


def sell(system: System, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = system.ask("3505A", {"selinfoDetail": list(rows)})["selinfoDetail"]
    return told


def insured(person: Person, visit: str, *codes: str, **facts: Any) -> dict[str, Any]:
    own = {"hi_feesetl_type": "1", "mdtrt_sn": visit, "psn_no": psn_no(person), "rxno": "CF1",
           "prsc_dr_no": "D500225000001", "phar_no": "Y500225000001"}  # fmt: skip
    return sale(*codes, **own | facts)


def settle(system: System, person: Person, number: str) -> Settlement:
    trial = system.ask("2206", to_settle(person, number, "56.00", "SF1"))["setlinfo"]
    told = system.ask("2207", to_settle(person, number, "56.00", "SF1", **parts_of(trial)))
    return Settlement.objects.get(number=told["setlinfo"]["setl_id"])


def leads() -> list[tuple[str, str]]:
    """(code, of whom) of codes that were sold although they were sold already."""
    rows = TraceCode.objects.again().select_related("sale__institution").order_by("pk")
    return [(row.code, row.sale.institution.name) for row in rows]


def test_a_box_is_sold_once(system: System, town: System) -> None:
    (told,) = sell(system, sale(BOX))
    one = DrugSale.objects.get()
    assert (told["retRslt"], told["msgRslt"], told["medins_prod_sel_no"]) == ("1", "", one.number)
    assert (told["med_list_codg"], told["finl_trns_pric"]) == ("X01", Decimal("13.000000"))
    assert (one.visit, one.quantity, one.price) == (None, Decimal(1), Decimal("13.000000"))
    (again,) = sell(town, sale(BOX, sel_retn_time=f"{TODAY} 10:00:00"))
    assert (again["retRslt"], again["msgRslt"]) == ("1", f"追溯码 {BOX} 已有售出记录，请核对实物")
    assert DrugSale.objects.count() == 2  # kept and answered
    assert leads() == [(BOX, "龙水镇卫生院")]
    assert not Alert.objects.exists()  # of no claim
    sell(town, sale(OTHER_BOX))
    assert len(leads()) == 1


def test_twice_in_one_message_is_twice(system: System) -> None:
    (told,) = sell(system, sale(BOX, BOX))
    assert BOX in told["msgRslt"]
    assert leads() == [(BOX, "大足县人民医院")]


def test_supervision_is_told_on_the_claim_even_if_it_comes_later(
    system: System, town: System, wang: Person, cast: SimpleNamespace
) -> None:
    sell(town, sale(BOX, OTHER_BOX))
    number = billed(system, wang)
    sell(system, insured(wang, number, BOX, OTHER_BOX))
    assert not Alert.objects.exists()
    assert tell_leads() == 0
    claim = settle(system, wang, number)
    assert tell_leads() == 2
    alert = Alert.objects.get()
    assert (alert.rule, alert.certainty, alert.settlement) == ("A25", "suspect", claim)
    assert alert.rule_title == "药品追溯码重复售出"
    assert alert.finding == (
        f"阿莫西林胶囊的追溯码 {BOX}：龙水镇卫生院 2026-03-20 09:10售出，"
        "大足县人民医院 2026-03-20 09:10再次售出；另有 1 个追溯码也已售出过"
    )
    assert claim.screened.open == [f"{alert}：{alert.finding}"]
    assert tell_leads() == 0  # once
    assert Alert.objects.visible_to(cast.supervisor).count() == 1


def test_the_later_sale_tells_of_the_claim_of_the_first(
    system: System, town: System, wang: Person
) -> None:
    number = billed(system, wang)
    claim = settle(system, wang, number)
    sell(system, insured(wang, number, BOX, setl_id=claim.number))
    assert DrugSale.objects.get().settlement == claim
    sell(town, sale(BOX))
    assert Alert.objects.get().settlement == claim


def test_a_reversal_frees_the_code(system: System, town: System, wang: Person) -> None:
    number = billed(system, wang)
    claim = settle(system, wang, number)
    sell(system, insured(wang, number, BOX))
    visit = claim.visit
    assert free_codes(actor=system.client.user, visit=visit) == 1
    assert free_codes(actor=system.client.user, visit=visit) == 0
    sell(town, sale(BOX))
    assert leads() == []
    sell(system, insured(wang, number, BOX))  # settled once more with the same box
    assert leads() == [(BOX, "大足县人民医院")]


def test_what_was_sold_twice_is_still_sold_when_one_of_them_is_freed(
    system: System, town: System, wang: Person
) -> None:
    number = billed(system, wang)
    sell(system, insured(wang, number, BOX))
    sell(town, sale(BOX))
    free_codes(actor=system.client.user, visit=Visit.objects.get())
    heir = TraceCode.objects.live().get()
    assert heir.is_first and heir.again_of is not None  # and the lead stays
    sell(system, sale(BOX))
    assert [code for code, _ in leads()] == [BOX, BOX]


def test_what_is_given_back_at_the_till_may_be_sold_again(system: System, town: System) -> None:
    sell(system, sale(BOX))
    sell(town, sale(BOX, sel_retn_cnt=-1))  # not theirs to give back
    assert TraceCode.objects.live().count() == 1
    sell(system, sale(BOX, sel_retn_cnt=-1))
    assert not TraceCode.objects.live().exists()
    sell(town, sale(BOX))
    assert leads() == []
    assert [one.quantity for one in DrugSale.objects.order_by("pk")] == [1, -1, -1, 1]


def part(count: int, **facts: Any) -> dict[str, Any]:
    return sale(BOX, trdn_flag="1", sel_retn_cnt=count, **facts)


@pytest.mark.parametrize(
    ("parts", "again"), [([10, 14], 0), ([10, 10, 5], 1), ([24], 0), ([10, 15, 14], 1)]
)
def test_an_opened_pack_is_sold_in_parts_up_to_what_it_holds(
    system: System, cast: SimpleNamespace, parts: list[int], again: int
) -> None:
    sent = Sent(
        own_code="OWN-X01", own_name="阿莫西林胶囊", kind="101", code="X01",
        first_day=date(2026, 1, 1), details=[("包装", "12粒*2板/盒")],
    )  # fmt: skip
    (row,) = propose_mappings(actor=system.client.user, sent=[sent])
    decide_mappings(actor=cast.supervisor, mappings=[row.pk], event="agree_mapping", on=TODAY)
    for count in parts:
        sell(system, part(count))
    assert len(leads()) == again


def test_parts_elsewhere_and_whole_packs_after_parts_are_leads(
    system: System, town: System
) -> None:
    for _ in range(3):  # nobody said how many it holds
        sell(system, part(10))
    assert leads() == []
    sell(town, part(2))
    sell(system, sale(BOX))
    assert leads() == [(BOX, "龙水镇卫生院"), (BOX, "大足县人民医院")]


def test_what_a_pack_holds_is_read_or_not_guessed() -> None:
    read = {"12片*2板/盒": 24, "24粒/盒": 24, "0.25g*24粒/盒": 24, "10ml*6支/盒": 6, "100ml": None,
            "0.25g*24s": None, "": None, "3 瓶": 3}  # fmt: skip
    assert {pack: units_in(pack) for pack in read} == read


def test_what_does_not_fit_is_refused_at_its_row(
    system: System, wang: Person, town: System
) -> None:
    number = billed(system, wang)
    cases = [
        (system, sale(BOX, OTHER_BOX, sel_retn_cnt=1), "selinfoDetail[2].sel_retn_cnt：数量 1"),
        (system, sale(BOX, sel_retn_cnt=0), "selinfoDetail[2].sel_retn_cnt：数量不能为 0"),
        (town, insured(wang, number, BOX), "selinfoDetail[2].mdtrt_sn：本机构没有这个就诊"),
        (system, insured(wang, number, BOX, setl_id="X"), "selinfoDetail[2].setl_id：本机构没有"),
    ]
    for who, bad, words in cases:
        assert who.refused("3505A", {"selinfoDetail": [sale("8199"), bad]}).startswith(words)
    assert not DrugSale.objects.exists()


@pytest.fixture
def no_sale_without_code(county: Division, cast: SimpleNamespace) -> InterfaceRule:
    """From 1 March on, decided by two."""
    rule = propose_rules(
        actor=cast.supervisor, area=county, on=date(2026, 2, 1), mapped_from=None,
        traced_from=date(2026, 3, 1), evidence="医保办〔2026〕3号", reason="追溯码全面应用",
    )  # fmt: skip
    return RULES.decide(rule, "approve_rules", actor=cast.approver, on=date(2026, 2, 2))


def lines_of(number: str) -> tuple[Visit, list[BillLine]]:
    rows = Visit.objects.select_related("institution__division")
    visit = rows.get(pk=int(number[-20:]))
    return visit, list(visit.lines.order_by("line_number"))


def test_nothing_is_settled_without_codes_from_the_county_s_day_on(
    system: System, wang: Person, county: Division, no_sale_without_code: InterfaceRule
) -> None:
    visit, lines = lines_of(billed(system, wang))
    names = [line.item_name for line in lines]
    assert missing_codes(visit, lines, date(2026, 2, 28)) == []
    with CaptureQueriesContext(connection) as asked:
        assert missing_codes(visit, lines, TODAY) == names
    assert len(asked) == 3
    number = f"500225JZ{visit.pk:020d}"
    sell(system, insured(wang, number, BOX))
    assert missing_codes(visit, lines, TODAY) == names[1:]
    NoCodeItem.objects.create(
        area=county, code="X02", name="某药", first_day=date(2026, 1, 1), last_day=TODAY
    )
    assert missing_codes(visit, lines, TODAY) == []
    assert missing_codes(visit, lines, TODAY + timedelta(days=1)) == names[1:]
    free_codes(actor=system.client.user, visit=visit)
    assert missing_codes(visit, lines, TODAY) == names[:1]


def test_a_county_that_set_nothing_asks_for_nothing(system: System, wang: Person) -> None:
    visit, lines = lines_of(billed(system, wang))
    with CaptureQueriesContext(connection) as asked:
        assert missing_codes(visit, lines, TODAY) == []
    assert len(asked) == 1


def test_a_sale_stays_as_it_was(system: System) -> None:
    sell(system, sale(BOX))
    for rows, values in (
        (DrugSale.objects.all(), {"quantity": 2}),
        (TraceCode.objects.all(), {"code": OTHER_BOX}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**values)


def test_the_person_is_told_of_it_and_other_places_are_not(
    system: System, town: System, wang: Person, cast: SimpleNamespace, other_county: Division
) -> None:
    sell(system, insured(wang, billed(system, wang), BOX))
    assert "商品销售" in str(held(wang))
    for user, many in ((town.client.user, 0), (system.client.user, 1), (cast.supervisor, 1),
                       (cast.other_officer, 0)):  # fmt: skip
        assert TraceCode.objects.visible_to(user).count() == many
        assert DrugSale.objects.visible_to(user).count() == many


def test_the_same_code_in_another_county_is_another_box(
    system: System, other_county: Division
) -> None:
    sell(system, sale(BOX))
    abroad = Institution.objects.create(
        code="H50022600001", name="荣昌县人民医院", level="county", division=other_county
    )
    message = System(client_of(abroad)).message("3505A", {"selinfoDetail": [sale(BOX)]})
    system_there = System(Client.objects.get(institution=abroad))
    told = system_there.send(message | {"mdtrtarea_admvs": "500226", "insuplc_admdvs": "500226"})
    assert told["infcode"] == 0 and leads() == []


def test_statements_do_not_grow_with_the_lines(system: System, town: System) -> None:
    counts = []
    for many, base in ((1, 100), (40, 200)):
        rows = [sale(f"81{base + at}") for at in range(many)]
        with CaptureQueriesContext(connection) as asked:
            sell(system, *rows)
        with CaptureQueriesContext(connection) as twice:
            sell(town, *rows)
        counts.append((len(asked), len(twice)))
    assert counts[0] == counts[1]
    assert len(leads()) == 41


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_exactly_one_is_first(system: System, town: System) -> None:
    rounds = 25
    for round_ in range(rounds):
        codes = [f"82{round_:04d}{at}" for at in range(4)]

        def act(who: System, order: list[str]) -> Any:
            rows = [sale(code) for code in order]
            return lambda: sell(who, *rows)

        told = at_once([act(system, codes), act(town, codes[::-1])])
        assert all(isinstance(one, list) for one in told), told
        rows = TraceCode.objects.filter(code__in=codes)
        assert rows.filter(is_first=True).count() == 4
        assert rows.filter(again_of__isnull=False).count() == 4
    assert DrugSale.objects.count() == rounds * 8
