"""What the residents' fund paid for the people of each township, by where it went."""

from collections.abc import Iterator

from django.db import connection

from accounts.models import Division
from claims.clearing.models import Deduction
from claims.clearing.standing import unclaimed_key_of
from claims.computation import BALANCE
from claims.dependence.models import Supplement
from claims.models import Settlement
from claims.quotas.sharing import Use
from claims.shares import never_claimed
from funds.models import Book
from funds.payments.models import PaymentKept
from institutions.models import Level
from lib.money import to_fen
from policies.services import terms_of

# Levels whose institutions are a township's own (街镇乡定点医疗机构); care elsewhere moves nothing.
OF_TOWNSHIPS = (Level.VILLAGE, Level.TOWNSHIP, Level.CENTRAL)

# Of each paid claim: what its layers pay out of the book, without what the household's account paid
# of it, as the institution's month came out (gain, deductions), with what was paid in addition and
# without what came back. Deductions are of all that is paid for a claim, so that this part bears
# its share of them.
USED = """
WITH claim AS (
    SELECT s.id, d.code AS home, s.visit_id,
        coalesce((SELECT sum(f.amount) FROM claims_settlementfund f
            WHERE f.settlement_id = s.id AND f.book = %(book)s), 0) AS fund,
        coalesce((SELECT sum(f.amount) FROM claims_settlementfund f
            WHERE f.settlement_id = s.id), 0) AS funds,
        coalesce((SELECT sum(u.amount) FROM claims_usageentry u
            WHERE u.settlement_id = s.id AND u.counter = 'household_account'), 0) / 100.0
            AS account
    FROM claims_settlement s JOIN accounts_division d ON d.id = s.division_id
    WHERE s.policy_year = %(year)s AND s.status = ANY(%(statuses)s)
        AND d.code LIKE %(area)s || '%%'
), worth AS (
    SELECT c.*,
        coalesce((SELECT sum(q.gain) FROM claims_clearingclaim q
            WHERE q.settlement_id = c.id AND q.is_live), 0) AS gain,
        coalesce((SELECT sum(t.amount) FROM claims_deduction t
            JOIN claims_clearingclaim q ON q.id = t.claim_id
            WHERE q.settlement_id = c.id AND q.is_live
                AND t.status <> %(void)s
                AND (t.status <> %(given_back)s OR t.paid_on IS NULL)), 0) AS off,
        coalesce((SELECT sum(p.amount) FROM claims_supplementpart p
            JOIN claims_supplement m ON m.id = p.supplement_id
            WHERE m.settlement_id = c.id AND m.status = %(supplement_paid)s
                AND p.book = %(book)s AND p.layer NOT LIKE '@%%'), 0) AS more,
        coalesce((SELECT sum(least(
                (SELECT coalesce(sum(b.amount), 0) FROM claims_recoveryreceipt b
                    WHERE b.recovery_id = r.id),
                (SELECT coalesce(sum(p.amount), 0) FROM claims_recoverypart p
                    WHERE p.recovery_id = r.id AND p.book = %(book)s AND p.layer NOT LIKE '@%%')))
            FROM claims_recovery r
            WHERE r.settlement_id = c.id AND r.payment_key = ''), 0) AS back
    FROM claim c
)
SELECT left(w.home, 9) AS home, i.code, v.level, left(p.code, 9) AS place,
    sum(w.fund + w.account + w.gain + w.more - w.back
        - CASE WHEN w.funds = 0 THEN 0 ELSE round(w.off * (w.fund + w.account) / w.funds, 2) END)
FROM worth w
JOIN claims_visit v ON v.id = w.visit_id
LEFT JOIN institutions_institution i ON i.id = v.institution_id
LEFT JOIN accounts_division p ON p.id = i.division_id
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2
"""
# Settled and on their way to be paid.
WAITING = (Settlement.Status.SUBMITTED, Settlement.Status.REVIEWED, Settlement.Status.APPROVED)


def uses_of(area: Division, year: int, *, waiting: bool = False) -> Iterator[Use]:
    """Paid in the insurance year's claims, or what of them waits to be paid; one statement."""
    statuses = WAITING if waiting else (Settlement.Status.PAID,)
    asked: dict[str, str | int | list[str]] = {
        "area": area.code,
        "year": year,
        "book": Book.FundType.RESIDENT.value,
        "statuses": [str(one.value) for one in statuses],
        "void": Deduction.Status.VOID.value,
        "given_back": Deduction.Status.GIVEN_BACK.value,
        "supplement_paid": Supplement.Status.PAID.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(USED, asked)
        rows = cursor.fetchall()
    for home, institution, level, place, yuan in rows:
        yield Use(home, _own(level, place), institution or "", to_fen(yuan))
    if not waiting:
        yield from _never_claimed(area, year)


def _never_claimed(area: Division, year: int) -> Iterator[Use]:
    """What the fund keeps because the institution closed, taken off again: claim by claim, since
    it is seldom, and only the claim's own shares say how its month gave it."""
    kept = PaymentKept.objects.filter(
        part__order__area=area, voucher__key__endswith=unclaimed_key_of("")
    )
    rows = Settlement.objects.filter(
        policy_year=year,
        status=Settlement.Status.PAID,
        pay_to=Settlement.PayTo.INSTITUTION,
        visit__institution__code__in=kept.values("part__order__payee_code"),
    ).select_related("pack", "division", "visit__institution__division")
    for claim in rows.order_by("pk"):
        institution = claim.visit.institution
        assert institution is not None
        shares = never_claimed(claim, terms_of(claim.pack))
        fen = sum(
            share.fen
            for layer, share in shares.items()
            if share.book == Book.FundType.RESIDENT and not layer.startswith(BALANCE)
        )
        if fen:
            place = _own(claim.visit.level, institution.division.code[:9])
            yield Use(claim.division.code[:9], place, institution.code, -fen)


def _own(level: str | None, place: str | None) -> str:
    """The township whose own institution it is."""
    return place if level in OF_TOWNSHIPS and place and len(place) == 9 else ""
