"""Patients who lay in the county hospital on the day of the move go on here as open visits."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import User
from claims.carried.beds import BED_FILES
from claims.carried.models import BedFile
from claims.models import Settlement, Visit
from claims.visits import services
from enrollment.models import Person
from institutions.models import Institution
from tests.claims.carried.conftest import MOVED, used_row
from tests.claims.conftest import Register, line
from tests.claims.visits.conftest import Ward, ward
from tests.conftest import file_of

__all__ = ["ward"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("pack", "as_application")]
HEADER = ["住院号", "姓名", "身份证号", "就医类别", "入院日期", "诊断"]
Send = Callable[..., BedFile]


@pytest.fixture
def sent(
    cast: SimpleNamespace, hospital: Institution,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> Send:  # fmt: skip
    def send(*rows: list[str]) -> BedFile:
        with django_capture_on_commit_callbacks(execute=True):
            upload, _ = BED_FILES.upload(
                actor=cast.hospital_clerk, file_name="在院.xlsx",
                content=file_of([HEADER, *rows]), on=MOVED,
            )  # fmt: skip
        upload.refresh_from_db()
        return upload

    return send


@pytest.fixture
def confirmed(
    cast: SimpleNamespace, django_capture_on_commit_callbacks: Callable[..., Any]
) -> Send:
    def confirm(upload: BedFile) -> BedFile:
        with django_capture_on_commit_callbacks(execute=True):
            BED_FILES.confirm(
                actor=cast.hospital_clerk, upload=upload, sha256=upload.sha256, on=MOVED
            )
        upload.refresh_from_db()
        assert upload.status == "done", upload.failure
        return upload

    return confirm


def bed(person: Person, number: str, since: str = "2026-06-25") -> list[str]:
    return [number, person.name, person.resident_id, "住院", since, "肺炎"]


def notes(upload: BedFile) -> list[str]:
    return [row.note for row in upload.lines.order_by("line")]


def test_they_lie_here_with_their_old_number_and_are_settled_whole(
    wang: Person, sent: Send, confirmed: Send, ward: Ward
) -> None:
    """8 200.00, from before the move and after it: (8 200 − 200) × 50 % = 4 000.00."""
    upload = sent(bed(wang, "ZY688"))
    assert (upload.ready_count, upload.refused_count) == (1, 0), notes(upload)
    assert not Visit.objects.exists()
    confirmed(upload)
    visit = Visit.objects.get()
    assert (visit.status, visit.admission_number) == ("open", "ZY688")
    assert (visit.starts, visit.diagnosis) == (date(2026, 6, 25), "肺炎")
    ward.on = date(2026, 7, 4)
    ward.bill(visit, line("S03", "1", "8200"))
    visit.refresh_from_db()
    known = services.facts_of(visit)
    left = replace(known, ends=date(2026, 7, 3))
    services.discharge(actor=ward.clerk, visit=visit, facts=left, on=ward.on)
    claim: Settlement = ward.settle(visit)
    assert claim.fund_amount == Decimal("4000.00")


def test_what_the_counter_would_refuse_is_refused_by_its_row(
    register: Register, wang: Person, sent: Send, confirmed: Send
) -> None:
    li = register.person("李无保", wang.household, covered=False)
    upload = sent(
        bed(li, "ZY1"),
        bed(wang, "ZY2", "2099-08-09"),
        ["", wang.name, wang.resident_id, "住院", "2026-06-25", ""],
        ["ZY4", "王大国", wang.resident_id, "住院", "2026-06-25", ""],
        ["ZY5", wang.name, wang.resident_id, "牙科", "2026-06-25", ""],
        bed(wang, "ZY6"),
    )
    told = notes(upload)
    assert "没有 2026 年度的有效参保" in told[0]
    assert "没有有效的定点协议" in told[1]
    assert told[2] == "没有住院号，或超过 30 位"
    assert told[3] == "姓名与登记（王建国）不一致，请核对号码"
    assert told[4].startswith("没有“牙科”，可填：")
    assert (upload.ready_count, upload.refused_count) == (1, 5)
    confirmed(upload)
    assert Visit.objects.get().admission_number == "ZY6"


def test_the_same_patient_twice_lies_in_one_bed(wang: Person, sent: Send, confirmed: Send) -> None:
    """Two rows of one patient: each may be registered, both may not. Sent again it is known."""
    done = confirmed(sent(bed(wang, "ZY1"), bed(wang, "ZY2", "2026-06-26")))
    assert (done.ready_count, done.refused_count) == (1, 1)
    assert "重叠" in notes(done)[1]
    again = sent(bed(wang, "ZY1"))
    assert (again.ready_count, again.same_count) == (0, 1)


def test_pages(
    wang: Person, cast: SimpleNamespace, sent: Send, as_user: Callable[[User], Any]
) -> None:
    upload = sent(bed(wang, "ZY688"), used_row(wang, "x", "y"))
    clerk = as_user(cast.hospital_clerk)
    assert "在院.xlsx" in clerk.get("/claims/beds/").content.decode()
    page = clerk.get(f"/claims/beds/{upload.pk}").content.decode()
    assert "确认登记 1 名在院病人" in page
    other = as_user(cast.reviewer).get(f"/claims/beds/{upload.pk}")
    assert "确认登记" not in other.content.decode()
    taken = clerk.post(f"/claims/beds/{upload.pk}/verdict", {"reason": "核对病区名单"})
    assert taken.status_code == 200
