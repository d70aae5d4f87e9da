"""One county of 500 people, written once and looked at from every side."""

from collections import Counter
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, F, Sum

from accounts.models import AuditLine, Division, User
from accounts.roles import Role
from claims.computation import amounts_of, compute, usage_to_date
from claims.models import BillLine, Invoice, Settlement, SettlementStep, UsageEntry, Visit
from demo.county import LOADED, Outcome
from demo.loading import Table
from enrollment.collection.books import book_figures, check_off_problems
from enrollment.collection.models import BookCheckOff
from enrollment.cover.assessing import as_payer, assess_person
from enrollment.models import (
    Campaign,
    Enrollment,
    Household,
    IdentityStatus,
    Person,
    Receipt,
    ReceiptBook,
    Remittance,
)
from enrollment.people.register import statuses_on
from funds.models import PaymentOrder, Period, Posting, Voucher
from funds.services import account_balances
from institutions.models import CatalogueItem, Institution, Level
from lib.resident_id import parse
from policies.models import Pack
from policies.services import Measures, terms_of
from reports.models import MonthlyReport
from supervision.cases.models import Case
from supervision.complaints.models import Complaint
from supervision.inspections.models import Inspection
from supervision.inspections.order_models import Order
from supervision.public.models import Objection
from supervision.public.models import Posting as Hanging
from supervision.thresholds.models import RuleVersion

TODAY = date(2026, 11, 20)


pytestmark = pytest.mark.usefixtures("seeded", "db")


def total(rows: object, column: str) -> Decimal:
    found: Decimal | None = rows.aggregate(total=Sum(column))["total"]  # type: ignore[attr-defined]
    return found or Decimal(0)


def moved(event: str, **lines: object) -> Decimal:
    """What vouchers of the event put on the debit side."""
    return total(Posting.objects.filter(voucher__event=event, **lines), "debit")


def test_the_command_tells_what_is_there(seeded: Outcome) -> None:
    assert seeded.people == Person.objects.count() == 500
    assert seeded.households == Household.objects.count()
    assert seeded.townships == Division.objects.townships().count() == 3
    assert seeded.enrollments == Enrollment.objects.count()
    assert seeded.claims == Settlement.objects.count() == Visit.objects.count()
    assert seeded.bill_lines == BillLine.objects.count()
    assert seeded.vouchers == Voucher.objects.count()


def test_places_form_a_tree_and_households_live_in_groups() -> None:
    for division in Division.objects.exclude(level=Division.Level.COUNTY).select_related("parent"):
        assert division.parent is not None
        assert division.code.startswith(division.parent.code)
    assert not Household.objects.exclude(division__level=Division.Level.GROUP).exists()
    household = Household.objects.order_by("number").last()
    assert household is not None
    code = household.division.code
    assert household.number[:12] == code[:6] + code[7:9] + code[10:12] + code[12:14]


def test_resident_ids_open_again_and_agree_with_the_register() -> None:
    for person in Person.objects.all():
        read = parse(person.resident_id, TODAY)
        assert (read.birth_date, read.sex) == (person.birth_date, person.sex)
    numbers = [person.resident_id for person in Person.objects.all()]
    assert len(set(numbers)) == 500
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM enrollment_person WHERE resident_id LIKE '%500225%'")
        assert cursor.fetchone()[0] == 0


def test_the_measures_were_adopted_by_two_people() -> None:
    pack = Pack.objects.get(status=Pack.Status.ADOPTED)
    assert pack.proposed_by.role == Role.SUPERVISOR
    assert pack.adopted_by is not None
    assert pack.adopted_by.role == Role.APPROVER
    assert terms_of(pack).area.code == "500225"


def test_an_account_per_role_and_two_of_those_whose_work_takes_two() -> None:
    roles = Counter(User.objects.values_list("role", flat=True))
    assert set(roles) == {role.value for role in Role}
    assert roles[Role.TOWNSHIP_CLERK] == 3
    hospitals = Institution.objects.filter(division__code__startswith="500225").exclude(
        level=Level.VILLAGE
    )
    assert roles[Role.INSTITUTION_CLERK] == hospitals.count()
    assert roles[Role.ACCOUNTANT] == 2  # a voucher by hand takes three people
    assert roles[Role.SUPERVISOR] == 2  # a case takes two officers
    several = {Role.TOWNSHIP_CLERK, Role.INSTITUTION_CLERK, Role.ACCOUNTANT, Role.SUPERVISOR}
    single = set(roles) - several
    assert all(roles[role] == 1 for role in single)


def test_institutions_of_every_level_are_under_agreement() -> None:
    levels = set(Institution.objects.contracted_on(TODAY).values_list("level", flat=True))
    assert levels == set(Level.values)


def test_the_catalogue_can_be_searched() -> None:
    assert CatalogueItem.objects.count() > 350
    assert CatalogueItem.objects.matching("amxl").filter(payment_class="A").exists()
    classes = set(CatalogueItem.objects.values_list("payment_class", flat=True))
    assert classes == {"A", "B", "C"}


def test_every_premium_is_what_the_measures_say() -> None:
    rows = Enrollment.objects.select_related("person", "pack")
    statuses = statuses_on(Person.objects.values_list("pk", flat=True), TODAY)
    for row in rows:
        terms = terms_of(row.pack)
        payer = as_payer(row.person, tier=row.tier, statuses=statuses[row.person_id], terms=terms)
        assessment = assess_person(payer, terms, year=row.year)
        for column, value in assessment.columns().items():
            if column == "account_amount" and row.year == 2025:
                assert 0 <= row.account_amount <= value  # only what was left was taken over
            else:
                assert getattr(row, column) == value, column


def test_households_share_a_tier_and_years_run_on() -> None:
    tiers = Enrollment.objects.values("household").annotate(n=Count("tier", distinct=True))
    assert set(tiers.order_by().values_list("n", flat=True)) == {1}
    years = {
        (person, year): run
        for person, year, run in Enrollment.objects.values_list(
            "person", "year", "consecutive_years"
        )
    }
    for (person, year), run in years.items():
        if year > 2025:
            assert run == years.get((person, year - 1), 0) + 1


def test_receipts_are_numbered_without_gaps_and_name_their_sum() -> None:
    for book in ReceiptBook.objects.all():
        numbers = list(book.receipts.order_by("number").values_list("number", flat=True))
        assert numbers == list(range(book.first_number, book.next_number))
    paid = Receipt.objects.annotate(due=Sum("enrollments__personal_amount"))
    assert not paid.exclude(amount=F("due")).exists()
    assert Receipt.objects.filter(channel=Receipt.Channel.AID).exists()


def test_remittances_are_their_receipts() -> None:
    rows = Remittance.objects.annotate(received=Sum("receipts__amount"), slips=Count("receipts"))
    assert not rows.exclude(amount=F("received")).exists()
    assert not rows.exclude(receipt_count=F("slips")).exists()
    unremitted = Receipt.objects.unremitted()
    # Friday's money is with the bank, this week's still with the clerks.
    assert {receipt.campaign.year for receipt in unremitted} <= {2027}
    assert Remittance.objects.awaiting_confirmation().exists()


def test_the_campaign_of_the_next_year_is_under_way() -> None:
    campaign = Campaign.objects.open_on(TODAY).get()
    assert (campaign.year, campaign.first_day) == (2027, date(2026, 10, 1))
    share = Enrollment.objects.of_year(2027).count() / Enrollment.objects.of_year(2026).count()
    assert 0.3 < share < 0.95
    assert not Receipt.objects.filter(issued_on__gte=TODAY).exists()
    for clerk in User.objects.in_role(Role.TOWNSHIP_CLERK):
        books = ReceiptBook.objects.filter(clerk=clerk, year=2027)
        assert books.filter(next_number__lte=F("last_number")).exists()


def test_the_ledger_has_every_premium() -> None:
    for year in (2026, 2027):
        confirmed = Remittance.objects.filter(
            campaign__year=year, status=Remittance.Status.CONFIRMED
        )
        assert moved("premium_collected", policy_year=year) == total(confirmed, "amount")
        for remittance in confirmed:
            month, _, number = remittance.voucher_number.rpartition("-")
            voucher = Voucher.objects.get(
                period__year=int(month[:4]), period__month=int(month[5:]), number=int(number)
            )
            assert voucher.amount == remittance.amount
    receipts = Receipt.objects.filter(campaign__year=2026)
    assert moved("premium_collected", policy_year=2026) == total(receipts, "amount")
    taken_over = Remittance.objects.filter(campaign__year=2025)
    assert set(taken_over.values_list("voucher_number", flat=True)) == {"旧账结转"}


def test_the_ledger_has_every_subsidy_by_level_and_tier() -> None:
    for level in ("central", "city", "county"):
        for tier in ("tier1", "tier2"):
            booked = total(
                Posting.objects.filter(account__code=f"4101-{level}", tier=tier), "credit"
            )
            due = Enrollment.objects.of_year(2026).filter(tier=tier)
            assert booked == total(due, f"{level}_amount") > 0


def test_the_ledger_has_every_payment() -> None:
    payable = F("fund_amount") + F("account_amount") + F("credit_amount")
    paid = Settlement.objects.paid().annotate(payable=payable)
    assert moved("claim_paid") == total(paid, "payable") > 0
    by_voucher = paid.filter(payable__gt=0).values("voucher_number")
    for row in by_voucher.annotate(paid=Sum("payable")).order_by():
        month, _, number = row["voucher_number"].rpartition("-")
        voucher = Voucher.objects.get(
            period__year=int(month[:4]), period__month=int(month[5:]), number=int(number)
        )
        assert (voucher.event, voucher.amount) == ("claim_paid", row["paid"])
    assert not paid.filter(payable=0).exclude(voucher_number="").exists()


def test_the_accounts_make_sense() -> None:
    balances = {b.code: b.closing for b in account_balances(area=area(), through=TODAY)}
    assert balances["1002"] >= 0
    assert balances["1003"] > 0
    # What waits can be paid, and no more lies there than whole thousands leave over.
    waiting = total(PaymentOrder.objects.filter(status="waiting"), "amount")
    assert waiting > 0 and 0 <= balances["1004"] - waiting < 1_000
    assert balances["3101-serious_reserve"] == balances["3101-risk_reserve"] > 0
    spent, raised = moved("claim_paid"), Decimal(0)
    for event in ("premium_collected", "subsidy_received"):
        raised += moved(event, policy_year=2026)
    assert Decimal("0.35") < spent / raised < Decimal("0.95")


def test_the_books_are_whole_and_the_past_is_closed() -> None:
    out = StringIO()
    call_command("verify_books", stdout=out)
    assert "账目完整" in out.getvalue()
    still_open = Period.objects.open().order_by("year", "month").values_list("year", "month")
    assert list(still_open) == [(2026, 11)]
    numbered = Voucher.objects.order_by("period__year", "period__month", "number")
    days = list(numbered.values_list("occurred_on", flat=True))
    closing = Voucher.objects.filter(event__in=["income_closed", "expense_closed"]).exists()
    assert closing
    assert days == sorted(days)


def test_every_settlement_adds_up() -> None:
    for row in Settlement.objects.annotate(billed=Sum("visit__lines__amount")):
        assert row.billed == row.total_amount
        assert row.total_amount == (
            row.full_self_pay_amount
            + row.over_limit_amount
            + row.first_self_pay_amount
            + row.in_scope_amount
        )
        assert row.personal_amount == row.total_amount - row.fund_amount - row.hospital_amount
        assert row.cash_amount == row.personal_amount - row.account_amount - row.credit_amount
        assert min(row.fund_amount, row.cash_amount, row.in_scope_amount) >= 0
        assert (row.refusal == "") == (row.refusal_code == "")
        if row.refusal_code:
            assert row.fund_amount == 0
    invoiced = Visit.objects.filter(source="paper").annotate(sum=Sum("invoices__amount"))
    for visit in invoiced:
        assert visit.sum == visit.settlements.get().total_amount
    assert Invoice.objects.count() == invoiced.count() > 0


def test_the_counter_would_decide_the_same_today() -> None:
    """Every household's last claim, once more through the services' own computation."""
    last: dict[int, int] = {}
    for household, pk in Settlement.objects.order_by("pk").values_list("visit__household", "pk"):
        last[household] = pk
    rows = Settlement.objects.filter(pk__in=last.values()).select_related(
        "visit__enrollment__person", "visit__enrollment__household", "pack"
    )
    checked = 0
    for row in rows:
        measures = Measures.of(row.pack)
        used = usage_to_date(row.visit.enrollment, measures.terms)
        for entry in UsageEntry.objects.filter(settlement=row):
            used[entry.counter] -= entry.amount
        decision = compute(
            enrollment=row.visit.enrollment,
            visit=row.visit,
            lines=list(row.visit.lines.all()),
            measures=measures,
            used=used,
        )
        for column, value in amounts_of(decision).items():
            assert getattr(row, column) == value, (row.number, column)
        steps = [(step.code, step.sentence) for step in decision.steps]
        assert list(row.steps.values_list("code", "sentence")) == steps
        moves = {c.counter: c.delta for c in decision.changes if c.delta}
        assert {e.counter: e.amount for e in row.usage.all()} == moves
        checked += 1
    assert checked > 100


def test_claims_are_numbered_in_the_order_of_their_days() -> None:
    rows = list(Settlement.objects.order_by("pk").values_list("settled_on", "number"))
    assert [day for day, _ in rows] == sorted(day for day, _ in rows)
    assert [number for _, number in rows] == sorted(number for _, number in rows)
    assert not Visit.objects.exclude(starts__year=2026).exists()
    assert max(day for day, _ in rows) <= TODAY


def test_every_queue_has_work_and_no_two_hands_are_the_same() -> None:
    rows = Settlement.objects.all()
    queues = (rows.awaiting_review(), rows.awaiting_approval(), rows.awaiting_payment())
    assert all(queue.exists() for queue in queues)
    for row in rows.select_related("entered_by", "visit__institution"):
        hands = [row.entered_by_id, row.reviewed_by_id, row.approved_by_id, row.paid_by_id]
        filled = [hand for hand in hands if hand]
        assert len(set(filled)) == len(filled)
        paper = row.visit.source == Visit.Source.PAPER
        assert row.entered_by.role == (Role.TOWNSHIP_CLERK if paper else Role.INSTITUTION_CLERK)
        moments = [row.entered_at, row.reviewed_at, row.approved_at, row.paid_at]
        passed = [moment for moment in moments if moment]
        assert passed == sorted(passed)


def test_every_claim_has_its_steps_read_aloud() -> None:
    assert not Settlement.objects.filter(steps=None).exists()
    assert not SettlementStep.objects.filter(sentence="").exists()


def test_the_last_whole_month_waits_to_be_reported() -> None:
    """The one before was computed for its bulletin."""
    reports = MonthlyReport.objects.order_by("month").values_list("year", "month", "status")
    assert list(reports) == [(2026, 9, "done"), (2026, 10, "waiting")]


def test_the_trail_says_that_the_county_was_made() -> None:
    line = AuditLine.objects.get(action="demo.seed")
    assert line.after == {
        "persons": 500, "year": 2026, "seed": 11, "through": "2026-11-20"
    }  # fmt: skip


@pytest.mark.parametrize("model", LOADED)
def test_new_rows_go_on_after_the_last_id(model: type) -> None:
    last = model.objects.order_by("pk").last()  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        table = model._meta.db_table  # type: ignore[attr-defined]
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])
        assert cursor.fetchone()[0] > last.pk


def test_statuses_come_from_their_departments() -> None:
    for status in IdentityStatus.objects.select_related("person"):
        assert status.first_day >= status.person.birth_date
        assert status.source.startswith("县")


def test_a_table_wants_every_column_that_has_no_default() -> None:
    with pytest.raises(TypeError, match="would take the clock's time"):
        Table(Household, "number", "division")
    with pytest.raises(TypeError, match="has no default"):
        Table(UsageEntry, "settlement", "person", "household", "policy_year", "counter")
    table = Table(UsageEntry, *("settlement", "person", "household"), *("policy_year", "counter"),
                  "amount")  # fmt: skip
    with pytest.raises(TypeError, match="2 values for 6 columns"):
        table.add(1, 2)


def area() -> Division:
    return Division.objects.get(code="500225")


def test_books_of_past_campaigns_are_checked_off_as_the_portal_counts_them() -> None:
    """Campaigns of 2025 and 2026 are over; that of 2027 has begun and keeps its books in use."""
    books = ReceiptBook.objects.select_related("check_off")
    status = ReceiptBook.Status
    assert set(books.filter(year__lte=2026).values_list("status", flat=True)) == {
        status.CHECKED_OFF
    }
    assert set(books.filter(year=2027).values_list("status", flat=True)) == {status.IN_USE}
    assert not BookCheckOff.objects.filter(book__year=2027).exists()
    for book in books.filter(year__lte=2026):
        now, then = book_figures(book), book.check_off
        names = ("people", "payers", "wubao_dibao", "sponsored", "amount", "valid", "void", "lost")
        assert {n: getattr(now, n) for n in names} == {n: getattr(then, n) for n in names}
        assert now.unused == then.unused
        assert check_off_problems(book, now) == ["已经核销"]
        assert (now.outstanding_count, now.missing) == (0, ())
        assert then.checked_by_id != book.clerk_id


def test_the_supervisors_have_something_under_way() -> None:
    """Of three clinics two were visited and one got an order; a letter became a clue; a notice
    hangs and is objected to; a version of the rules waits for its trial."""
    visits = Inspection.objects.order_by("place__institution__code")
    assert [one.status for one in visits] == ["done", "done", "planned"]
    order = Order.objects.get()
    assert order.institution == visits[1].place.institution
    assert [one.item for one in order.lines.order_by("item")] == ["prices", "stocktaking"]
    assert sorted(Complaint.objects.values_list("status", flat=True)) == ["accepted", "received"]
    assert Case.objects.get().party_name == visits[1].place.institution.name
    assert Hanging.objects.get().where == "村委会公示栏"
    assert Objection.objects.get().paper == Hanging.objects.get().paper
    assert RuleVersion.objects.get().status == "proposed"
