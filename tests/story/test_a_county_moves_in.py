"""石桥县 comes in July 2026 with its registers: from an empty deployment, page by page.

With all its files and in a browser it comes in in `test_opening.py`.

What it comes to was worked out by hand in examples/county/README.md.
"""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from accounts.models import Division, User
from claims.computation import account_years
from claims.filings.models import CarriedFilings, Filing
from desk.jobs import run
from enrollment.carried.models import CarriedTable
from enrollment.cover.covering import cover_histories
from enrollment.models import (
    AccountOpening,
    Enrollment,
    Household,
    IdentityStatus,
    Person,
    Receipt,
    ReceiptBook,
    RegisterImport,
    RegisterRow,
)
from funds.models import Voucher
from institutions.models import Agreement, CatalogueItem, Institution, Practitioner
from tests.masterdata import FINGERPRINT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application", "no_worker")]
FILES = Path(__file__).resolve().parents[2] / "examples" / "county"
JULY = date(2026, 7, 10)
SHA256 = re.compile(r'name="sha256" value="([0-9a-f]{64})"')
AsUser = Callable[[User], Client]


def sent(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{name}.csv", (FILES / f"{name}.csv").read_bytes())


def table(client: Client, url: str, name: str, new: int, **options: str) -> None:
    """A table of master data: previewed, then written."""
    page = client.post(url, {"file": sent(name)} | options, follow=True).content.decode()
    assert f"新增 {new}" in page, re.sub(r"<[^>]*>|\s+", " ", page)[-1500:]
    found = FINGERPRINT.search(page)
    assert found, name
    client.post(f"{url}/confirm", {"fingerprint": found[1]})


def brought(
    sender: Client, agreer: Client, model: type[Any], url: str, name: str, **about: str
) -> Any:
    """A file of the old system: sent by one, confirmed by the other, written by the worker."""
    page = sender.post(f"{url}upload", {"file": sent(name), **about}, follow=True)
    assert page.status_code == 200, name
    row = model.objects.latest("pk")
    run(model._meta.label_lower, row.pk, JULY)
    page = agreer.get(f"{url}{row.pk}").content.decode()
    found = SHA256.search(page)
    assert found, re.sub(r"<[^>]*>|\s+", " ", page)[-1500:]
    agreer.post(f"{url}{row.pk}/confirm", {"sha256": found[1]})
    run(model._meta.label_lower, row.pk, JULY)
    row = model.objects.get(pk=row.pk)
    assert (row.status, row.error_count) == ("done", 0), _told(row)
    return row


def opened(as_user: AsUser) -> dict[str, Client]:
    """The county, its places, its people and its measures."""
    call_command("open_county", file=FILES / "00-开县.yaml")
    assert list(Division.objects.values_list("code", flat=True)) == ["510199"]
    system = as_user(User.objects.get(username="linxt"))
    User.objects.update(must_change_password=False)
    table(system, "/accounts/divisions/load", "01-区划", 7, first_day="2010-01-01")
    table(system, "/accounts/users/load", "02-用户", 10)
    security = as_user(User.objects.get(username="sunaq"))
    page = security.get("/accounts/users/asked").content.decode()
    asked = {
        "accounts": re.findall(r'name="accounts" value="(\d+)"', page),
        "seen": re.findall(r'name="seen" value="([0-9a-f]{32})"', page)[0],
    }
    security.post("/accounts/users/asked/grant", asked)
    User.objects.update(must_change_password=False, is_active=True)
    names = ("qingshi", "baisha", "chushen", "fuhe", "kuaiji", "jianguan")
    clients = {name: as_user(User.objects.get(username=name)) for name in names}
    pack = SimpleUploadedFile("02-办法.yaml", (FILES / "02-办法.yaml").read_bytes())
    page = clients["jianguan"].post("/policies/propose", {"file": pack}, follow=True)
    url = page.redirect_chain[-1][0]
    clients["fuhe"].post(f"{url}/adopt", {"approval": "石府发〔2026〕1号"})
    return clients


@pytest.mark.seconds(60)
def test_everything_comes_in_by_file_and_adds_up(settings: Any, as_user: AsUser) -> None:
    settings.TODAY = JULY
    who = opened(as_user)
    counts = Counter(Division.objects.values_list("level", flat=True))
    assert counts == {"county": 1, "township": 2, "village": 5}

    for url, name, new in (
        ("/institutions/load", "03-机构", 3),
        ("/institutions/agreements/load", "04-协议", 9),
        ("/institutions/practitioners/load", "05-医师", 6),
        ("/institutions/catalogue/history", "06-目录沿革", 50),
    ):
        table(who["jianguan"], url, name, new)
    assert (Institution.objects.count(), Practitioner.objects.count()) == (3, 6)
    assert Institution.objects.contracted_on(date(2024, 5, 1)).count() == 3
    assert Agreement.objects.count() == 9
    assert CatalogueItem.objects.valid_on(JULY).count() == 40

    for clerk, name, homes, people in (
        ("qingshi", "07-名册-青石镇", 36, 102), ("baisha", "07-名册-白沙乡", 24, 68),
    ):  # fmt: skip
        client = who[clerk]
        roster = brought(
            client, client, RegisterImport, "/enrollment/registers/", name, carried="on"
        )
        assert (roster.new_households, roster.new_people, roster.warning_count) == (
            homes, people, 0,
        )  # fmt: skip
    assert (Household.objects.count(), Person.objects.count()) == (60, 170)

    two, url = (who["chushen"], who["fuhe"]), "/enrollment/carried/"
    for kind, name, rows, amount in (
        ("covers", "08-历年参保", 480, "23250.00"), ("statuses", "09-人员身份", 25, "0.00"),
        ("accounts", "10-家庭账户余额", 60, "3900.00"),
    ):  # fmt: skip
        file = brought(*two, CarriedTable, url, name, kind=kind, as_of="2026-06-30")
        assert (file.right_count, file.written_count, str(file.amount)) == (rows, rows, amount)
    file = brought(
        *two, CarriedFilings, "/claims/filings/carried/", "11-备案", kind="filings",
        as_of="2026-06-30",
    )  # fmt: skip
    assert file.written_count == 11
    table(who["kuaiji"], "/enrollment/prepare/books/load", "12-票据本", 6)

    _covers_add_up()
    _the_rest_adds_up()
    page = who["qingshi"].post(reverse("enrollment:household_list"), {"text": "A001"}, follow=True)
    assert "钱建国" in page.content.decode()


def _covers_add_up() -> None:
    covers = Enrollment.objects.active()
    by_year = Counter(covers.values_list("year", flat=True))
    assert by_year == {2024: 165, 2025: 150, 2026: 165}  # 33, 30 and 33 in each of five villages
    assert covers.aggregate(s=Sum("personal_amount"))["s"] == Decimal("23250.00")
    assert not Receipt.objects.exists() and not Voucher.objects.exists()
    now = Counter(covers.filter(year=2026).values_list("consecutive_years", flat=True))
    # The heads of 5 households, 5 × 4 people who missed 2025, 5 children; all others three years.
    assert now == {7: 5, 1: 20, 2: 5, 3: 135}
    head = Person.objects.get(old_numbers__number="P0010")
    assert cover_histories([head.pk], 2027)[head.pk].consecutive == 3
    assert cover_histories([head.pk], 2026)[head.pk].claim_free == 2
    child = Person.objects.get(old_numbers__number="P0073")
    assert covers.get(person=child, year=2025).cover_first_day == date(2025, 3, 15)


def _the_rest_adds_up() -> None:
    assert Counter(IdentityStatus.objects.values_list("code", flat=True)) == {
        "wubao": 5, "dibao": 20,
    }  # fmt: skip
    assert AccountOpening.objects.aggregate(s=Sum("amount"))["s"] == Decimal("3900.00")
    home = Household.objects.get(old_numbers__number="A011")
    left = account_years([home.pk], {})
    assert {year: fen for year, fen in left.items() if fen} == {2025: 12_000}  # 12 × 10.00
    assert Counter(Filing.objects.values_list("kind", flat=True)) == {
        "chronic": 5, "away": 5, "referral": 1,
    }  # fmt: skip
    chronic = Person.objects.get(old_numbers__number="P0030")
    assert Filing.objects.holding(chronic.pk, JULY).count() == 1
    books = {one.code: one.next_number for one in ReceiptBook.objects.all()}
    assert books == {
        "QS01": 38, "QS02": 51, "BS01": 151, "BS02": 151, "QS03": 201, "BS03": 251,
    }  # fmt: skip


def test_the_files_are_what_their_script_writes(tmp_path: Path) -> None:
    """Whoever changes one changes both."""
    subprocess.run([sys.executable, FILES / "make.py", tmp_path], check=True, timeout=60)
    for kind in ("*.csv", "02-*.yaml"):
        written = {path.name: path.read_bytes() for path in tmp_path.glob(kind)}
        assert written == {path.name: path.read_bytes() for path in FILES.glob(kind)} != {}


def _told(row: Any) -> list[str]:
    if not isinstance(row, RegisterImport):
        return []
    rows = RegisterRow.objects.filter(register=row, verdict="e")
    return [f"{one.line} {one.problems}" for one in rows if "更正后" not in str(one.problems)]
