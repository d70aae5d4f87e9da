"""明细审核: the rules of supervision answer a hospital before the money moves."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
import simplejson
from django.db import IntegrityError, transaction

from accounts.models import Division
from claims.models import Settlement
from enrollment.models import Person
from funds.models import Book
from gateway import local
from gateway.identifiers import psn_no
from gateway.prechecks.models import PreCheck
from institutions.models import CatalogueItem, Institution
from supervision.models import Alert
from supervision.rules import SCREENS
from supervision.services import screen_new_claims
from tests.claims.conftest import Register
from tests.claims.test_statements import statements
from tests.gateway.conftest import System
from tests.gateway.hospital import (
    admission,
    discharge,
    inpatient_lines,
    line,
    parts_of,
    stay_to_settle,
)
from tests.supervision.conftest import settled, told_to_the_covers  # noqa: F401 - fixtures
from tests.supervision.library_rows import a_point

FIRST, LAST = date(2026, 3, 12), date(2026, 3, 18)
pytestmark = pytest.mark.django_db
Enter = Callable[..., Settlement]


@pytest.fixture
def wang(register: Register, village_a: Division, book: Book) -> Person:
    return register.person("王建国", register.household(village_a))


def order(
    number: str, code: str, count: str, price: str, day: date, **given: Any
) -> dict[str, Any]:
    """A row of fsi_order_dtos."""
    amount = (Decimal(count) * Decimal(price)).quantize(Decimal("0.01"))
    return {
        "rx_id": number, "rxno": "CF1", "long_drord_flag": "0", "hilist_type": "201",
        "chrg_type": "01", "drord_bhvr": "1", "hilist_code": code, "hilist_name": code,
        "hilist_lv": "01", "hilist_pric": Decimal(price), "hosplist_code": f"OWN-{code}",
        "hosplist_name": code, "cnt": Decimal(count), "pric": Decimal(price), "sumamt": amount,
        "ownpay_amt": Decimal(0), "selfpay_amt": Decimal(0), "spec": "次", "spec_unt": "次",
        "drord_begn_date": f"{day} 09:00:00", "drord_dept_codg": "NK01", "drord_dept_name": "内科",
        "drord_dr_codg": "D500225000001", "drord_dr_name": "医师", "drord_dr_profttl": "233",
        "curr_drord_flag": "1",
    } | given  # fmt: skip


def question(
    system: System, person: Person, mdtrt_id: str, *orders: dict[str, Any], **given: Any
) -> dict[str, Any]:
    """3101 and 3102 of a stay for pneumonia."""
    total = sum((one["sumamt"] for one in orders), Decimal(0))
    hospital = system.client.institution
    encounter = {
        "mdtrt_id": mdtrt_id, "medins_id": hospital.code, "medins_name": hospital.name,
        "medins_admdvs": "500225", "medins_type": "A100", "medins_lv": "6",
        "adm_date": f"{FIRST}", "dscg_date": f"{LAST}", "dscg_main_dise_codg": "J18.9",
        "dscg_main_dise_name": "肺炎", "dr_codg": "D500225000001", "adm_dept_codg": "NK01",
        "adm_dept_name": "内科", "dscg_dept_codg": "NK01", "dscg_dept_name": "内科",
        "med_mdtrt_type": "2", "med_type": "2101", "matn_stas": "0", "medfee_sumamt": total,
        "ownpay_amt": Decimal(0), "selfpay_amt": Decimal(0), "setl_totlnum": 1, "insutype": "390",
        "reim_flag": "2", "out_setl_flag": "0",
        "fsi_diagnose_dtos": [
            {"dise_id": "1", "inout_dise_type": "1", "maindise_flag": "1", "dias_srt_no": "1",
             "dise_codg": "J18.9", "dise_name": "肺炎", "dise_date": f"{FIRST}"}
        ],
        "fsi_order_dtos": list(orders),
    } | given  # fmt: skip
    patient = {
        "patn_id": psn_no(person), "patn_name": person.name, "gend": "1",
        "brdy": f"{person.birth_date}", "poolarea": "500225", "curr_mdtrt_id": mdtrt_id,
        "fsi_encounter_dtos": [encounter],
    }  # fmt: skip
    return {"data": {"patient_dtos": [patient], "trig_scen": "1"}}


def admitted(system: System, person: Person) -> str:
    number: str = system.ask("2401", admission(person, FIRST))["result"]["mdtrt_id"]
    return number


def found(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(row["rule_id"], row["sev_deg"]) for row in answer["result"]]


def test_a_bill_in_order_has_nothing_and_is_kept_without_a_name(
    system: System, wang: Person
) -> None:
    number = admitted(system, wang)
    answer = system.ask("3102", question(system, wang, number, order("1", "X01", "2", "13", FIRST)))
    assert answer["result"] == []
    kept = PreCheck.objects.get()
    assert (kept.mdtrt_id, kept.hits, kept.visit_id is None) == (number, [], False)
    assert wang.name not in str(PreCheck.objects.values())


def test_a_line_that_is_charged_twice_is_named_with_its_amount(
    system: System, wang: Person, catalogue: dict[str, CatalogueItem]
) -> None:
    number = admitted(system, wang)
    dear = catalogue["X01"]
    CatalogueItem.objects.filter(pk=dear.pk).update(price_limit=Decimal("10.00"))
    answer = system.ask(
        "3101",
        question(
            system,
            wang,
            number,
            order("1", "X02", "1", "30", FIRST),
            order("2", "X01", "2", "13", FIRST),
        ),
    )
    (row,) = answer["result"]
    assert (row["rule_id"], row["rule_name"], row["sev_deg"]) == (
        "A08",
        "重复收费、超标准收费",
        "2",
    )
    assert row["vola_cont"] == f"“{dear.name}”等 1 行收费超过限价，共超 6.00 元"
    assert (row["vola_amt"], row["vola_bhvr_type"]) == (Decimal("6.00"), "2")
    assert (row["patn_id"], row["mdtrt_id"]) == (psn_no(wang), number)
    (detail,) = row["judge_result_detail_dtos"]
    assert (detail["rx_id"], detail["vola_amt"]) == ("2", Decimal("26.00"))
    assert detail["jrd_id"] == f"{row['jr_id']}-1"
    assert PreCheck.objects.get().hits == [
        {"rule": "A08", "certainty": "suspect", "amount": "6.00"}
    ]


def test_a_second_bed_on_the_same_days_is_definite(
    system: System,
    wang: Person,
    settled: Enter,  # noqa: F811
    township_hospital: Institution,
) -> None:
    settled(wang, 14, 20, institution=township_hospital)
    asked = question(system, wang, "HIS-1", order("1", "X01", "2", "13", FIRST))
    answer = system.ask("3102", asked)
    assert found(answer) == [("A03", "1")]
    assert answer["result"][0]["vola_amt"] == Decimal("26.00")
    assert "重叠" in answer["result"][0]["vola_cont"]
    # Of rules that are named these alone.
    asked["data"]["rule_ids"] = ["A05", "X99"]
    told = system.send(system.message("3102", asked))
    assert told["output"]["result"] == []
    assert told["warn_msg"] == "没有规则 X99"


def test_back_within_ten_days_for_the_same_illness(
    system: System,
    wang: Person,
    settled: Enter,  # noqa: F811
) -> None:
    settled(wang, 1, 9)
    number = admitted(system, wang)
    asked = question(system, wang, number, order("1", "X01", "2", "13", FIRST))
    assert found(system.ask("3101", asked)) == [("A05", "2")]


def test_after_the_death_and_of_an_injury(system: System, wang: Person) -> None:
    asked = question(system, wang, "HIS-1", order("1", "X01", "2", "13", FIRST))
    asked["data"]["patient_dtos"][0]["fsi_encounter_dtos"][0] |= {
        "dscg_main_dise_codg": "S72.0", "dscg_main_dise_name": "股骨颈骨折",
    }  # fmt: skip
    Person.objects.filter(pk=wang.pk).update(death_date=date(2026, 3, 5))
    answer = system.ask("3102", asked)
    assert found(answer) == [("A01", "1"), ("A15", "1")]
    assert "没有经批准的外伤备案" in answer["result"][1]["vola_cont"]


def test_the_same_rules_find_the_same_after_the_settlement(
    system: System,
    wang: Person,
    county: Division,
    settled: Enter,  # noqa: F811
) -> None:
    """And whoever settled all the same has said why, which supervision reads on the alert."""
    settled(wang, 1, 9)
    number = admitted(system, wang)
    asked = question(system, wang, number, order("1", "X01", "2", "13", FIRST))
    before = system.ask("3102", asked)["result"]
    told, settlement = settle(system, wang, number, {"precheck_reason": "病情反复，非分解住院"})
    assert not told["warn_msg"]
    kept = PreCheck.objects.get()
    assert (kept.reason, kept.reasoned_by) == ("病情反复，非分解住院", "收费员（0101）")
    with pytest.raises(IntegrityError), transaction.atomic():
        PreCheck.objects.update(reason="改写")
    screen_new_claims(area=county)
    alert = Alert.objects.get(settlement=settlement)
    assert (alert.rule, alert.finding) == (before[0]["rule_id"], before[0]["vola_cont"])


def settle(
    system: System, person: Person, number: str, extra: dict[str, str]
) -> tuple[dict[str, Any], Settlement]:
    """The stay with 26.00 of medicine, discharged and settled."""

    system.ask("2301", inpatient_lines(line("1", number, person, "X01", "2", "13.00", FIRST)))
    system.ask("2402", discharge(person, number, LAST))
    asked = stay_to_settle(person, number, "26.00")
    asked["data"] |= parts_of(system.ask("2303", asked)["setlinfo"])
    if extra:
        asked["data"]["exp_content"] = simplejson.dumps(extra)
    told = system.send(system.message("2304", asked))
    assert told["infcode"] == 0, told["err_msg"]
    setl_id = told["output"]["setlinfo"]["setl_id"]
    return told, Settlement.objects.get(number=setl_id)


def test_the_reason_stands_beside_the_alert(
    system: System,
    wang: Person,
    county: Division,
    settled: Enter,  # noqa: F811
    cast: Any,
    as_user: Any,
) -> None:
    settled(wang, 1, 9)
    number = admitted(system, wang)
    asked = question(system, wang, number, order("1", "X01", "2", "13", FIRST))
    system.ask("3102", asked)
    _, settlement = settle(system, wang, number, {"precheck_reason": "病情反复"})
    screen_new_claims(area=county)
    alert = Alert.objects.get(settlement=settlement)
    page = as_user(cast.supervisor).get(f"/supervision/{alert.pk}").content.decode()
    assert "事中审核已向机构提示，收费员（0101）写明：病情反复" in page


def test_what_the_county_asks_beyond_is_read_once_a_message(
    system: System, wang: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An admission asks for it twice, a settlement after a finding too."""
    read: list[str] = []
    real = local._read_extra
    monkeypatch.setattr(
        local, "_read_extra", lambda asked, text: read.append(asked.infno) or real(asked, text)
    )
    asked = admission(wang, FIRST)
    asked["mdtrtinfo"]["exp_content"] = '{"consent_signed": true}'
    number = system.ask("2401", asked)["result"]["mdtrt_id"]
    warned = question(
        system, wang, number, order("1", "X01", "2", "13", FIRST),
        dscg_main_dise_codg="S72.0", dscg_main_dise_name="股骨颈骨折",
    )  # fmt: skip
    system.ask("3102", warned)
    told, _ = settle(system, wang, number, {"precheck_reason": "家中跌倒，无第三方"})
    assert "没有写明理由" not in told["warn_msg"]
    assert read == ["2401", "2304"]


@pytest.mark.usefixtures("as_application")
def test_a_definite_finding_without_a_reason_is_told_and_stops_nothing(
    system: System, wang: Person
) -> None:
    number = admitted(system, wang)
    asked = question(
        system, wang, number, order("1", "X01", "2", "13", FIRST),
        dscg_main_dise_codg="S72.0", dscg_main_dise_name="股骨颈骨折",
    )  # fmt: skip
    assert found(system.ask("3102", asked)) == [("A15", "1")]
    told, _ = settle(system, wang, number, {})
    assert "事中审核【3102】提示 1 条明确违规（A15），结算时没有写明理由" in told["warn_msg"]


def test_the_statements_do_not_grow_with_the_orders(system: System, wang: Person) -> None:
    number = admitted(system, wang)
    few = [order("1", "X01", "1", "13", FIRST)]
    many = [order(f"{n}", "X02" if n % 2 else "X01", "1", "13", FIRST) for n in range(200)]
    asked = question(system, wang, number, *few)
    first = statements(lambda: system.ask("3102", asked))
    asked = question(system, wang, number, *many)
    assert statements(lambda: system.ask("3102", asked)) == first
    assert first <= 25


def test_the_rule_library_answers_before_and_during(
    system: System, wang: Person, county: Division
) -> None:
    """A pill for women for 王建国, whom the hospital calls a woman: the register says a man."""
    pill = a_point(county, 1)
    asked = question(
        system, wang, "HIS-1",
        order("1", "X01", "2", "13", FIRST),
        order("2", pill.code, "1", "40", FIRST, hosplist_code="YP-1"),
    )  # fmt: skip
    asked["data"]["patient_dtos"][0]["gend"] = "2"
    for infno in ("3101", "3102"):
        (row,) = system.ask(infno, asked)["result"]
        assert (row["rule_id"], row["sev_deg"], row["vola_amt"]) == ("K01", "1", Decimal("40.00"))
        assert row["vola_cont"] == "“暖宫丸1”限女性，参保人登记为男性（药品说明书）"
        (detail,) = row["judge_result_detail_dtos"]
        assert detail["rx_id"] == "2"


def test_a_code_that_the_catalogue_does_not_know_is_found_by_the_agreed_mapping(
    system: System, wang: Person, county: Division, cast: SimpleNamespace
) -> None:
    """A drug's code has 23 letters, hilist_code holds 20: the hospital's own code says which."""
    pill = a_point(county, 1)
    system.client.institution.mappings.create(
        own_code="YP-7", own_name="暖宫丸", kind="101", code=pill.code, first_day=FIRST,
        status="agreed", proposed_by=cast.hospital_clerk, decided_by=cast.supervisor,
    )  # fmt: skip
    cut = order("1", "ZD03AAA00430101", "1", "40", FIRST, hosplist_code="YP-7")
    answer = system.ask("3101", question(system, wang, "HIS-1", cut))
    assert found(answer) == [("K01", "1")]


def test_which_rules_are_asked_beforehand() -> None:
    """The kinds of the rule library (K) both times."""
    asked = {screen.rule.code: len(screen.rule.moments) for screen in SCREENS}
    library = {code: moments for code, moments in asked.items() if code.startswith("K")}
    assert set(library.values()) == {2}
    own = {code: moments for code, moments in asked.items() if code not in library}
    assert own == {
        "A01": 2, "A02": 0, "A03": 2, "A04": 0, "A05": 2, "A06": 0, "A07": 1,
        "A08": 2, "A10": 2, "A11": 1, "A12": 2, "A13": 0, "A14": 0, "A15": 2,
        "A17": 2, "A18": 0, "A19": 0, "A20": 0, "A21": 0, "A22": 2, "A24": 2,
        "A26": 0, "A27": 0, "A28": 0, "A29": 0, "A30": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"dscg_date": "2026-03-11"}, "data.dscg_date：出院日期早于入院日期"),
        ({"med_type": "2801"}, "med_type"),
    ],
)
def test_what_is_refused(system: System, wang: Person, given: dict[str, Any], words: str) -> None:
    asked = question(system, wang, "HIS-1", order("1", "X01", "2", "13", FIRST), **given)
    assert words in system.refused("3101", asked)


def test_a_stranger_and_another_s_visit(
    system: System, wang: Person, register: Register, village_a: Division
) -> None:
    number = admitted(system, wang)
    li = register.person("李素珍", register.household(village_a))
    asked = question(system, li, number, order("1", "X01", "2", "13", FIRST))
    assert "不是同一人" in system.refused("3102", asked)
    asked["data"]["patient_dtos"][0]["patn_id"] = "1"
    assert "没有这个人员编号" in system.refused("3102", asked)
