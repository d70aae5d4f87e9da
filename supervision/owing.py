"""What a recovery begins with that is opened from a finding or a case: why the money goes back and
who owes it. Whoever puts it forward may say otherwise."""

from claims.models import Settlement
from claims.recovery.models import Recovery
from supervision.cases.models import Case
from supervision.models import Alert

Reason, Debtor = Recovery.Reason, Recovery.Debtor

# What a rule finds, as the reason; what is none of these breaks the rules of treatment and charges.
RULE_REASONS = {
    **dict.fromkeys(("A01",), Reason.DEATH),
    **dict.fromkeys(("A02", "A28"), Reason.TWICE),
    **dict.fromkeys(("A03", "A23", "A24", "A29"), Reason.INVENTED),
    **dict.fromkeys(("A15",), Reason.LIABLE),
    **dict.fromkeys(("A19", "A21"), Reason.FALSE_INVOICE),
    **dict.fromkeys(("A14", "A17", "A18", "A26"), Reason.OTHER),
}
# What only the insured, or whoever came with the papers, can have done. What stays open (a visit
# after the death, one that was denied) is owed by whoever was paid, as the form itself presets.
BY_HOUSEHOLD = frozenset({"A02", "A14", "A15", "A17", "A18", "A19", "A21", "A27"})
EITHER = frozenset({"A01", "A03", "A04", "A13", "A23", "A24", "A26", "A28", "A29"})

# Of the causes of a case (causes.yaml): 冒名, 虚构; 虚开单据; 重复享受.
CAUSE_REASONS = {
    **dict.fromkeys(("20", "24", "31", "32", "34"), Reason.INVENTED),
    "22": Reason.FALSE_INVOICE,
    "28": Reason.TWICE,
}


def owed_by_rule(alert: Alert) -> dict[str, str]:
    """Reason, and the debtor where the rule says whose fault it is."""
    reason = {"reason": str(RULE_REASONS.get(alert.rule, Reason.BEYOND))}
    if alert.rule in BY_HOUSEHOLD:
        return reason | {"debtor": str(Debtor.HOUSEHOLD)}
    if alert.rule in EITHER or alert.settlement.visit.institution_id is None:
        return reason
    return reason | {"debtor": str(Debtor.INSTITUTION)}


def owed_by_case(case: Case, settlement: Settlement) -> dict[str, str]:
    """Reason by the cause, and the party of the case as the debtor, by name where it is neither
    the institution nor the household of the claim."""
    is_institution = case.party == Case.Party.INSTITUTION
    usual = Reason.BEYOND if is_institution else Reason.OTHER
    reason = {"reason": str(CAUSE_REASONS.get(case.cause_code, usual))}
    visit = settlement.visit
    if is_institution and case.institution_id == visit.institution_id:
        return reason | {"debtor": str(Debtor.INSTITUTION)}
    if case.party == Case.Party.PERSON and case.person_id == visit.person_id:
        return reason | {"debtor": str(Debtor.HOUSEHOLD)}
    return reason | {"debtor": str(Debtor.PERSON), "debtor_name": case.party_name}
