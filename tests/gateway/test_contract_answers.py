"""A full and a minimal message of every transaction is done, and its answer is what is printed.

Made-up values stand in every field but those that mean something here: whose visit, which item,
how much. What must have happened before is done by the interface itself (BEFORE).
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Division
from claims.models import Settlement, SettlementFund
from enrollment.models import Person
from funds.models import Book
from gateway.people import cert_type, psn_type
from gateway.transactions import TRANSACTIONS
from institutions.models import Institution
from supervision.rules import RULES
from tests.claims.clearing.conftest import (  # noqa: F401 - fixtures
    DECLARED,
    Month3,
    approved,
    month,
    rule,
)
from tests.claims.conftest import TODAY, Register, agree, counter  # noqa: F401 - fixtures
from tests.gateway import hospital as his
from tests.gateway import messages
from tests.gateway.conftest import System
from tests.gateway.messages import FIRST_SET, with_the_tables
from tests.gateway.test_clearing import asked

pytestmark = with_the_tables

CLEARING = ("3203", "3204")  # of a whole month: below
ANSWERED = [infno for infno in FIRST_SET if infno in TRANSACTIONS and infno not in CLEARING]
DAY = TODAY.replace(day=17)  # of the made-up values
AREA = his.AREA


@dataclass
class World:
    """The hospital, one patient, and what has happened to them so far."""

    system: System
    person: Person
    cast: SimpleNamespace
    real: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        institution = self.system.client.institution
        self.real |= his.card(self.person) | {
            "card_sn": "",
            "cert_type": cert_type(self.person),
            "psn_cert_type": cert_type(self.person),
            "psn_type": psn_type(self.person, DAY),
            "insuplc_admdvs": AREA,
            "mdtrtarea_admvs": AREA,
            "mdtrtarea_admdvs": AREA,
            "insu_admdvs": AREA,
            "admdvs": AREA,
            "poolarea_no": AREA,
            "setl_optins": AREA,
            "fixmedins_code": institution.code,
            "fixmedins_name": institution.name,
            "exp_content": "{}",
            "med_type": "11",
            "med_list_codg": "X01",
            "cnt": 2,
            "pric": "13.00",
            "det_item_fee_sumamt": "26.00",
            "chrg_bchno": "SF1",
            "medfee_sumamt": "26.00",
            "init_feedetl_sn": "",
            "mid_setl_flag": "0",
            "fetus_cnt": 1,
            "die_date": "",
            "cum_ym": "202603",
            "type": "gend",
        }

    def keep(self, **real: Any) -> None:
        self.real |= real

    def ask(self, infno: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        return self.system.ask(infno, asked)

    @property
    def number(self) -> str:
        """The visit's."""
        found: str = self.real["mdtrt_id"]
        return found


def registered(world: World) -> None:
    told = world.ask("2201", his.registration(world.person, DAY))["data"]
    world.keep(mdtrt_id=told["mdtrt_id"], ipt_otp_no=told["ipt_otp_no"])


def seen(world: World) -> None:
    registered(world)
    world.ask("2203", his.seen(world.person, world.number, DAY))


def billed(world: World) -> None:
    seen(world)
    line = his.line("1", world.number, world.person, "X01", "2", "13.00", DAY)
    world.ask("2204", his.outpatient_lines("SF1", line))


def tried(world: World) -> None:
    billed(world)
    trial = world.ask("2206", his.to_settle(world.person, world.number, "26.00", "SF1"))
    world.keep(**his.parts_of(trial["setlinfo"]))


def settled(world: World) -> None:
    tried(world)
    parts = {name: world.real[name] for name in his.parts_of(world.real)}
    told = world.ask("2207", his.to_settle(world.person, world.number, "26.00", "SF1", **parts))
    world.keep(setl_id=told["setlinfo"]["setl_id"])


def lost(world: World) -> None:
    tried(world)
    parts = {name: world.real[name] for name in his.parts_of(world.real)}
    asked = his.to_settle(world.person, world.number, "26.00", "SF1", **parts)
    message = world.system.message("2207", asked)
    world.system.send(message)
    world.keep(omsgid=message["msgid"], oinfno="2207")


def in_bed(world: World) -> None:
    told = world.ask("2401", his.admission(world.person, DAY))
    world.keep(med_type="2101", mdtrt_id=told["result"]["mdtrt_id"])


def nursed(world: World) -> None:
    in_bed(world)
    line = his.line("1", world.number, world.person, "X01", "2", "13.00", DAY)
    world.ask("2301", his.inpatient_lines(line))
    world.keep(feedetl_sn="1")


def gone(world: World) -> None:
    nursed(world)
    world.ask("2402", his.discharge(world.person, world.number, DAY))
    bill = his.stay_to_settle(world.person, world.number, "26.00")
    world.keep(**his.parts_of(world.ask("2303", bill)["setlinfo"]))


def paid(world: World) -> None:
    gone(world)
    told = world.ask("2304", his.stay_to_settle(world.person, world.number, "26.00"))
    world.keep(setl_id=told["setlinfo"]["setl_id"])


def left(world: World) -> None:
    in_bed(world)
    world.ask("2402", his.discharge(world.person, world.number, DAY))


def to_be_admitted(world: World) -> None:
    world.keep(med_type="2101")


def to_refer(world: World) -> None:
    world.keep(
        reflin_medins_no="H50010300012", reflin_medins_name="重庆市第一人民医院", refl_type="1",
        hosp_agre_refl_flag="1", refl_old_mdtrt_id="", begndate=f"{TODAY}", enddate="",
        refl_date=f"{TODAY}", diag_name="冠心病",
    )  # fmt: skip


def to_certify(world: World) -> None:
    world.keep(
        opsp_dise_code="M01600", opsp_dise_name="糖尿病", begndate=f"{TODAY}",
        enddate="2028-03-19", ide_fixmedins_no=world.real["fixmedins_code"],
        exp_content="26-01-05",
    )  # fmt: skip


def to_choose(world: World) -> None:
    chosen = Institution.objects.get(code="H50022500101")
    world.keep(
        biz_appy_type="03", fixmedins_code=chosen.code, fixmedins_name=chosen.name,
        begndate="2026-01-01", enddate="2026-12-31",
    )  # fmt: skip


def to_tell(world: World) -> None:
    world.keep(begndate="2026-03-19", enddate="", trum_rea="骑车摔伤右踝")


def filed(before: Callable[[World], None], infno: str) -> Callable[[World], None]:
    """What was filed by the transaction before it is taken back."""

    def do(world: World) -> None:
        before(world)
        told = world.ask(infno, messages.message(infno, real=world.real))
        world.keep(trt_dcla_detl_sn=told["result"]["trt_dcla_detl_sn"])

    return do


def to_map(world: World) -> None:
    own = f"YP{world.person.pk}"
    world.keep(
        fixmedins_hilist_id=own, list_type="101", begndate="2026-03-01", enddate="2099-12-31"
    )


def mapped(world: World) -> None:
    to_map(world)
    world.ask("3301", messages.message("3301", real=world.real))


def department(world: World) -> None:
    code = f"NK{world.person.pk}"
    world.keep(hosp_dept_codg=code, hosp_dept_name=f"内科{code}", endtime="2026-12-31 00:00:00")


def with_department(world: World) -> None:
    department(world)
    world.ask("3401", messages.message("3401", real=world.real))


def signed_in(world: World) -> None:
    told = world.ask("9001", messages.message("9001"))
    world.keep(sign_no=told["signinoutb"]["sign_no"])


def to_upload(world: World) -> None:
    text = f"{world.person.pk}\t1\n".encode()
    world.keep(filename="3202_in_file.txt", **{"in": base64.b64encode(text).decode()})


def uploaded(world: World) -> None:
    to_upload(world)
    told = world.ask("9101", messages.message("9101", real=world.real))
    world.keep(file_qury_no=told["file_qury_no"], filename=told["filename"])


def shown(world: World) -> None:
    """The card was read at the window."""
    world.ask("1101", messages.message("1101", full=False, real=world.real))


def on_the_ward(world: World) -> None:
    in_bed(world)
    world.keep(ipt_otp_no="ZY0001", ipt_psn_sp_flag_detl_id="")


def marked(world: World) -> None:
    on_the_ward(world)
    told = world.ask("2406", messages.message("2406", full=False, real=world.real))
    number = told["IptPsnSpFlagRegOut"]["ipt_psn_sp_flag_detl_id"]
    world.keep(ipt_psn_sp_flag_detl_id=number, page_num=1, page_size=20)


def reconciled(world: World) -> None:
    """One settlement of the day, and the hospital's file of it."""
    settled(world)
    names = ("setl_id", "mdtrt_id", "psn_no")
    one = world.ask("5203", messages.message("5203", real=world.real))["setlinfo"]
    sums = [one["medfee_sumamt"], one["fund_pay_sumamt"], one["acct_pay"]]
    line = [*(world.real[name] for name in names), *sums, "0"]
    text = "\t".join(f"{cell}" for cell in line)
    upload = {"filename": "in.txt", "in": base64.b64encode(f"{text}\n".encode()).decode()}
    told = world.ask("9101", messages.message("9101", real=world.real | upload))
    world.keep(
        file_qury_no=told["file_qury_no"], stmt_begndate=f"{TODAY}", stmt_enddate=f"{TODAY}",
        medfee_sumamt=sums[0], fund_pay_sumamt=sums[1], cash_payamt=sums[0] - sums[1] - sums[2],
        acct_pay=sums[2], fixmedins_setl_cnt=1, clr_type="11", refd_setl_flag="0",
        fixmedins_refd_setl_flag="0",
    )  # fmt: skip


def asked_about(world: World) -> None:
    """The patient of a stay, by the names of the pre-check."""
    in_bed(world)
    day = f"{DAY} 09:00:00"
    world.keep(
        patn_id=world.real["psn_no"], curr_mdtrt_id=world.number, hilist_code="X01",
        rule_ids=[*RULES], adm_date=day, dscg_date=day, drord_begn_date=day, drord_stop_date=day,
    )  # fmt: skip


def listed(world: World) -> None:
    """Settled, with what its one fund paid."""
    settled(world)
    one = SettlementFund.objects.get(settlement__number=world.real["setl_id"])
    world.keep(fund_pay_type=one.fund_pay_type, fund_payamt=one.amount)


def worded(world: World) -> None:
    world.keep(type="gend", parent_value="0", Vali_Flag="1")


def sold(world: World) -> None:
    settled(world)
    world.keep(
        mdtrt_sn=world.number, MDTRT_SETL_TYPE="1", sel_retn_cnt=2, trdn_flag="0",
        drug_trac_codg=f"8690{world.person.pk:016d}", fixmedins_hilist_id="OWN-X01",
    )  # fmt: skip


BEFORE: Mapping[str, Callable[[World], None]] = {
    "2202": registered, "2203": registered, "2203A": registered, "2204": seen, "2205": billed,
    "2206": billed, "2207": tried, "2208": settled, "2301": in_bed, "2302": nursed,
    "2303": nursed, "2304": gone, "2305": paid, "2401": to_be_admitted, "2402": in_bed,
    "2403": in_bed, "2404": in_bed, "2405": left, "2501": to_refer,
    "2502": filed(to_refer, "2501"), "2503": to_certify, "2504": filed(to_certify, "2503"),
    "2505": to_choose, "2506": filed(to_choose, "2505"), "2507": to_tell, "2601": lost,
    "3301": to_map, "3302": mapped, "3401": department, "3401A": department,
    "3402": with_department, "3403": with_department, "9002": signed_in, "9101": to_upload,
    "9102": uploaded, "2001": shown, "2406": on_the_ward, "2407": marked, "3202": reconciled,
    "3505A": sold, "5201": billed, "5202": billed, "5203": settled, "5204": settled,
    "5205": settled, "5206": shown, "5301": shown, "5302": shown, "5303": in_bed,
    "5304": shown, "3201": reconciled, "3101": asked_about, "3102": asked_about, "4101A": listed,
    "1901": worded,
}  # fmt: skip


@pytest.fixture
def world(
    system: System,
    register: Register,
    village_a: Division,
    book: Book,
    township_hospital: Institution,
    cast: SimpleNamespace,
) -> World:
    person = register.person("王建国", register.household(village_a))
    return World(system, person, cast)


def test_every_transaction_is_there() -> None:
    assert set(FIRST_SET) == TRANSACTIONS.keys()


@pytest.mark.parametrize("infno", ANSWERED)
@pytest.mark.parametrize("full", [True, False], ids=["full", "minimal"])
def test_it_is_done_and_answered_as_printed(world: World, infno: str, full: bool) -> None:
    BEFORE.get(infno, lambda world: None)(world)
    sent = messages.message(infno, full=full, real=world.real)
    if infno == "3102":
        orders = sent["data"]["patient_dtos"][0]["fsi_encounter_dtos"][0]["fsi_order_dtos"]
        orders.append(orders[0] | {"rx_id": "again"})  # so that something is found
    told = world.system.send(world.system.message(infno, sent))
    assert told["infcode"] == 0, told["err_msg"]
    assert messages.wrong_in_answer(infno, told["output"]) == []
    if infno == "3102":
        assert told["output"]["result"][0]["judge_result_detail_dtos"]


@pytest.mark.parametrize("full", [True, False], ids=["full", "minimal"])
def test_a_month_is_declared_and_taken_back(
    system: System,
    month: Month3,  # noqa: F811
    approved: Callable[..., Settlement],  # noqa: F811
    full: bool,
) -> None:
    approved("王强", "4200")
    system.on = DECLARED
    real = asked()["data"] | {"setl_optins": AREA, "clr_optins": AREA}
    for infno in CLEARING:
        told = system.send(system.message(infno, messages.message(infno, full=full, real=real)))
        assert told["infcode"] == 0, told["err_msg"]
        assert messages.wrong_in_answer(infno, told["output"]) == []
        real |= told["output"].get("result", {})
