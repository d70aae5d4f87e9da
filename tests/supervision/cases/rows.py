"""A case with all its papers, for the tests that ask the same of every page."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.models import User
from claims.models import Settlement
from desk.papers import print_papers
from supervision.cases import keeping, services
from supervision.cases.delivering import Served
from supervision.cases.models import Case
from supervision.cases.papers import CASE_DECISION, CASE_NOTICE
from supervision.cases.services import Filing, Finding


def by_hand(on: date, **said: Any) -> Served:
    """Brought by 蒋正平 and 罗明亮, and signed for by 李院长."""
    facts = {"way": "direct", "place": "永兴医院办公室", "receiver": "李院长",
             "relation": "法定代表人", "server": "蒋正平", "other_server": "罗明亮",
             **said}  # fmt: skip
    return Served(served_on=on, **facts)


def told_of(*, actor: User, case: Case, on: date, served: Served | None = None) -> Case:
    """The notice is printed and brought on the day."""
    print_papers(CASE_NOTICE, [Case.objects.get(pk=case.pk)], actor=actor, on=on)
    return services.notify_case(actor=actor, case=case, served=served or by_hand(on), on=on)


def handed(*, actor: User, case: Case, on: date) -> Case:
    """The decision is printed and brought on the day."""
    print_papers(CASE_DECISION, [Case.objects.get(pk=case.pk)], actor=actor, on=on)
    return services.deliver_case(actor=actor, case=case, served=by_hand(on), on=on)


def served_case(case: Case, claim: Settlement, team: Sequence[User], approver: User) -> Case:
    """From a clue of April 2026 to the served decision: 400.00 of a paid claim were lost, a record
    was sealed. `team`: two who investigate, and who checks the law."""
    one, two, third = team
    filing = Filing(cause="24", act_ended_on=date(2026, 3, 20), opinion="事实初步查清，拟立案")
    services.ask_filing(actor=one, case=case, filing=filing, on=date(2026, 4, 7))
    for user in (one, two):
        keeping.name_officer(actor=one, case=case, user=user, on=date(2026, 4, 7))
    decide(case, "file_case", approver, date(2026, 4, 8))
    on = date(2026, 4, 9)
    keeping.add_evidence(
        actor=one, case=case, kind="written", title="住院病历 1 份", origin="病案室", hold="seal",
        obtained_on=on, on=on,
    )  # fmt: skip
    keeping.put_claim(actor=one, case=case, number=claim.number, amount=Decimal(400), on=on)
    found = Finding(
        facts="病人已出院，仍按日记收床位、护理费，共 1 人次",
        outcome="penalty",
        loss=Decimal(400),
        factor=500,
    )
    services.report_case(actor=one, case=case, finding=found, on=date(2026, 4, 20))
    decide(case, "check_case", third, date(2026, 4, 21))
    told = date(2026, 4, 22)
    told_of(actor=one, case=case, on=told)
    decide(case, "decide_case", approver, date(2026, 5, 6))
    served = date(2026, 5, 8)
    return handed(actor=two, case=case, on=served)


def decide(case: Case, event: str, by: User, on: date) -> None:
    services.decide_clue(actor=by, row=case, event=event, on=on, reason="")
