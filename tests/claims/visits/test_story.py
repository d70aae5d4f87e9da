"""From the registration to the settlement and back, to the fen of the Dazu measures.

At the county hospital 200 yuan are borne first, then the fund pays 50 % (第二十三条(二)2); of a
special examination that was approved half is paid first (第二十三条(三)).
"""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.errors import Refusal
from accounts.models import AuditLine
from claims.models import BillLine, Settlement, UsageEntry, Visit
from claims.services import withdraw
from claims.visits import services
from enrollment.models import Person
from institutions.models import Institution
from tests.claims.conftest import TODAY
from tests.claims.visits.conftest import Ward, charged, in_bed, yuan

APPROVED = in_bed(facts={"special_approved"})


def test_a_stay_from_the_bed_to_the_second_settlement(ward: Ward, wang: Person) -> None:
    visit = ward.admit(wang, APPROVED, consent_signed=True, admission_number="ZY2026-031")
    assert (visit.status, visit.ends, visit.household) == ("open", None, wang.household)
    first = ward.bill(visit, charged("X01", "30", "130.00", 2))
    second = ward.bill(visit, charged("S01", "1", "800.00", 3), number="B-7")
    assert (first.number, second.number) == ("1", "B-7")
    ward.withdraw(second, "检查未做")
    # (3900 - 200) × 50 %, though the patient is still in the bed; nothing is reserved.
    tried = services.pre_settle(actor=ward.clerk, visit=visit, on=TODAY)
    assert (tried.decision.total, tried.decision.fund_pay) == (390_000, 185_000)
    assert not Settlement.objects.exists() and not UsageEntry.objects.exists()

    assert ward.leave(visit).status == "closed"
    claim = ward.settle(visit)
    assert (claim.total_amount, claim.fund_amount) == (yuan("3900.00"), yuan("1850.00"))
    assert [each.item_code for each in claim.bill_lines()] == ["X01"]
    visit.refresh_from_db()
    assert (visit.status, visit.ends) == ("settled", date(2026, 3, 9))

    withdraw(actor=ward.clerk, settlement=claim, reason="漏记检查")
    visit.refresh_from_db()
    assert visit.status == "closed"
    assert not any(UsageEntry.objects.totals().values())
    ward.bill(visit, charged("S01", "1", "800.00", 3), charged("X09", "1", "300.00", 4))
    # V1 of the counter: (5000 - 300 - 400 - 200) × 50 %.
    anew = ward.settle(visit)
    assert (anew.total_amount, anew.fund_amount) == (yuan("5000.00"), yuan("2050.00"))
    assert anew.cash_amount == yuan("2950.00")
    numbers = visit.lines.values_list("line_number", "part", "is_live")
    assert list(numbers) == [(1, 1, True), (2, None, False), (3, 1, True), (4, 1, True)]
    done = AuditLine.objects.filter(subject_type="claims.visit").order_by("pk")
    assert [line.action.removeprefix("claims.") for line in done] == [
        *("visit_registered", "lines_added", "lines_added", "batch_withdrawn"),
        *("visit_discharged", "visit_settled", "visit_reopened", "lines_added", "visit_settled"),
    ]


def test_what_was_done_later_is_undone_first(ward: Ward, wang: Person) -> None:
    visit = ward.admit(wang)
    batch = ward.bill(visit, charged("X01", "10", "100", 2))
    with pytest.raises(Refusal, match="请先撤销全部费用"):
        services.cancel_registration(actor=ward.clerk, visit=visit, reason="登错人")
    with pytest.raises(Refusal, match="请先办理出院登记"):
        ward.settle(visit)
    ward.leave(visit)
    with pytest.raises(Refusal, match="已办出院登记，请先撤销出院登记"):
        services.cancel_registration(actor=ward.clerk, visit=visit, reason="登错人")
    claim = ward.settle(visit)
    for act in (
        lambda: ward.withdraw(batch),
        lambda: ward.bill(visit, charged("X01", "1", "1", 2)),
        lambda: services.undo_discharge(actor=ward.clerk, visit=visit, reason="未出院"),
        lambda: ward.settle(visit),
    ):
        with pytest.raises(Refusal, match="现为“已结算”"):
            act()
    withdraw(actor=ward.clerk, settlement=claim, reason="未出院")
    undone = services.undo_discharge(actor=ward.clerk, visit=visit, reason="未出院")
    assert (undone.status, undone.ends) == ("open", None)
    ward.withdraw(batch)
    gone = services.cancel_registration(actor=ward.clerk, visit=visit, reason="登错人")
    assert gone.status == "void"
    # And the bed is free again.
    assert ward.admit(wang).status == "open"


def test_settled_out_of_the_bed(ward: Ward, wang: Person) -> None:
    """Where the discharge is told with the settlement, and again afterwards: written once."""
    visit = ward.admit(wang, in_bed(diagnosis=""))
    ward.bill(visit, charged("X01", "10", "100"))
    facts = replace(services.facts_of(visit), ends=date(2026, 3, 9), diagnosis="肺炎")
    with pytest.raises(Refusal, match="请填写诊断"):
        ward.leave(visit)
    claim = ward.settle(visit, facts=facts)
    assert claim.fund_amount == yuan("400.00")
    lines = AuditLine.objects.count()
    assert ward.leave(visit).status == "settled"
    assert AuditLine.objects.count() == lines


def test_an_outpatient_visit(ward: Ward, wang: Person) -> None:
    """登记、上传、结算 (2201, 2204, 2207) on one day: 20 yuan of the family's account."""
    day = in_bed(date(2026, 3, 5), care="outpatient", diagnosis="感冒")
    visit = ward.admit(wang, day)
    assert (visit.ends, visit.bed) == (date(2026, 3, 5), False)
    ward.bill(visit, charged("X01", "1", "35"))
    claim = ward.settle(visit)
    assert (claim.total_amount, claim.fund_amount) == (yuan("35.00"), yuan("35.00"))
    with pytest.raises(Refusal, match="只有住院可以中途结算"):
        ward.part(ward.admit(wang, in_bed(date(2026, 3, 6), care="outpatient")), 6)


def test_a_line_that_is_sent_twice(ward: Ward, wang: Person) -> None:
    visit = ward.admit(wang)
    sent = [charged("X01", "1", "10", 2, "F-1"), charged("X02", "1", "20", 2, "F-2")]
    batch = ward.bill(visit, *sent, number="P1")
    assert ward.bill(visit, *sent, number="P1") == batch
    assert ward.bill(visit, *sent, charged("X01", "1", "5", 3, "F-3"), number="P1") == batch
    assert BillLine.objects.count() == 3
    with pytest.raises(Refusal, match="第 2 行：明细号 F-2 已用于“头孢曲松钠注射液”") as told:
        ward.bill(visit, sent[0], charged("X02", "2", "20", 2, "F-2"))
    assert told.value.at == ("lines", 1, "number")
    with pytest.raises(Refusal, match="第 2 行：明细号 F-9"):
        ward.bill(visit, charged("X01", "1", "1", 2, "F-9"), charged("X01", "1", "2", 2, "F-9"))
    # Withdrawn, the numbers of batch and lines may come again.
    ward.withdraw(batch)
    again = ward.bill(visit, *sent, number="P1")
    assert again != batch and again.lines.count() == 2
    assert services.withdraw_all(actor=ward.clerk, visit=visit, reason="重传") == [again]
    with pytest.raises(Refusal, match="第 P1 批费用已经撤销"):
        ward.withdraw(again)


@pytest.mark.parametrize(
    ("day", "told"), [(28, "计费日期 2026-02-28"), (21, "计费日期 2026-03-21")]
)
def test_a_charge_outside_the_stay(ward: Ward, wang: Person, day: int, told: str) -> None:
    visit = ward.admit(wang)
    on = date(2026, 2, 28) if day == 28 else date(2026, 3, day)
    with pytest.raises(Refusal, match=told):
        ward.bill(
            visit,
            type(charged("X01", "1", "1"))(**vars(charged("X01", "1", "1")) | {"charged_on": on}),
        )


def test_a_charge_after_the_discharge(ward: Ward, wang: Person) -> None:
    visit = ward.admit(wang)
    ward.bill(visit, charged("X01", "1", "10", 8))
    with pytest.raises(Refusal, match="“阿莫西林胶囊”的计费日期 2026-03-08 晚于出院日期"):
        ward.leave(visit, 7)
    assert ward.leave(visit, 8).status == "closed"


def test_a_registration_is_changed(ward: Ward, wang: Person) -> None:
    visit = ward.admit(wang, in_bed(diagnosis=""))

    def change(**facts: Any) -> Visit:
        known = services.facts_of(visit)
        return services.change_registration(
            actor=ward.clerk,
            visit=visit,
            facts=replace(known, **facts),
            consent_signed=False,
            admission_number="ZY-9",
            on=TODAY,
        )

    changed = change(starts=date(2026, 3, 2), diagnosis="肺炎")
    assert (changed.starts, changed.diagnosis, changed.admission_number) == (
        date(2026, 3, 2), "肺炎", "ZY-9",
    )  # fmt: skip
    ward.bill(visit, charged("X01", "1", "10", 3))
    with pytest.raises(Refusal, match="请先撤销费用，再变更登记"):
        change(starts=date(2026, 3, 1))


def test_who_may_not_be_registered(
    ward: Ward, wang: Person, cast: SimpleNamespace, township_hospital: Institution
) -> None:
    Person.objects.filter(pk=wang.pk).update(death_date=date(2026, 2, 20))
    wang.refresh_from_db()
    with pytest.raises(Refusal, match="登记的死亡日期是 2026-02-20") as told:
        ward.admit(wang)
    assert told.value.at == ("starts",)
    with pytest.raises(Refusal, match="只能录入本机构的结算"):
        Ward(ward.clerk, township_hospital).admit(wang)
    with pytest.raises(Refusal, match="入院登记不填出院日期"):
        ward.admit(wang, replace(in_bed(), ends=date(2026, 3, 5)))
    with pytest.raises(Refusal, match="没有有效的定点协议"):
        Ward(ward.clerk, ward.institution, date(2027, 1, 9)).admit(wang, in_bed(date(2027, 1, 5)))


def test_one_bed_for_one_person(
    ward: Ward, wang: Person, cast: SimpleNamespace, township_hospital: Institution
) -> None:
    visit = ward.admit(wang)
    with pytest.raises(
        Refusal, match=r"大足县人民医院，2026-03-01 入院，尚未出院.*请该院先办理出院登记"
    ):
        ward.admit(wang, in_bed(date(2026, 3, 4)))
    ward.leave(visit, 4)
    # A transfer on the day of discharge is in order.
    assert ward.admit(wang, in_bed(date(2026, 3, 4))).status == "open"
