"""Pages of the rule library: a point with what it found, kinds, and changes by two people."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from supervision.library.models import LibraryChange, LibraryFile, LibraryHit, LibraryPoint
from supervision.library.reading import ages_of, kinds_off
from supervision.models import Alert
from tests.supervision.library_rows import a_point
from tests.supervision.test_library import CHILDREN, HEADER, PILL, WOMEN

pytestmark = pytest.mark.django_db
WHY = {"evidence": "监管科纪要 3 号", "reason": "本县医院无此药"}


@pytest.fixture(autouse=True)
def _april(settings):
    settings.TODAY = date(2026, 4, 2)


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def decided(as_user, cast, row: LibraryChange, event: str = "approve_library_change") -> str:
    address = f"/supervision/library/changes/{row.pk}/{event}"
    return text(as_user(cast.approver).post(address, {"reason": ""}, follow=True))


def test_a_file_is_sent_read_and_confirmed(
    county, cast, as_user, django_capture_on_commit_callbacks
):
    client = as_user(cast.supervisor)
    file = SimpleUploadedFile("知识点.csv", "\n".join([HEADER, WOMEN, CHILDREN, "1,3,x"]).encode())
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/supervision/library/files/upload", {"file": file, "first_day": "2026-01-01"})
    sent = LibraryFile.objects.get()
    page = text(client.get(f"/supervision/library/files/{sent.pk}"))
    assert "共读懂 2 行" in page and "没有规则类别“x”" in page
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/supervision/library/files/{sent.pk}/confirm", {"sha256": sent.sha256})
    assert LibraryPoint.objects.count() == 2
    assert "暖宫丸" in text(client.get("/supervision/library?text=暖宫"))
    assert "暖宫丸" not in text(client.get("/supervision/library?kind=age"))


def test_a_point_shows_what_it_found_and_no_name(county, wang, settled, cast, as_user):
    pill, claim = a_point(county, 1), settled(wang, 1, 9)
    Alert.objects.create(
        rule="K01", certainty="certain", settlement=claim, division=claim.division,
        finding="“暖宫丸1”限女性",
    )  # fmt: skip
    LibraryHit.objects.create(point=pill, settlement=claim)
    page = text(as_user(cast.auditor).get(f"/supervision/library/points/{pill.pk}"))
    assert claim.number in page and "待核查" in page and "药品说明书" in page
    assert "王建国" not in page and "申请停用" not in page  # the auditor reads


def test_one_proposes_and_another_decides(county, cast, as_user):
    pill = a_point(county, 1)
    client = as_user(cast.supervisor)
    address = f"/supervision/library/points/{pill.pk}/switch"
    assert "停用 第 1 批 1 号" in text(client.get(address))
    assert "待审批" in text(client.post(address, WHY, follow=True))
    row = LibraryChange.objects.get()
    assert as_user(cast.auditor).post(address, WHY).status_code == 403
    act = f"/supervision/library/changes/{row.pk}/approve_library_change"
    assert client.post(act).status_code == 403
    assert "已同意" in decided(as_user, cast, row)
    pill.refresh_from_db()
    assert not pill.is_on
    assert "暖宫丸1" in text(client.get("/supervision/library?state=off"))


def test_a_kind_and_the_ages(county, cast, as_user):
    client = as_user(cast.supervisor)
    assert client.get("/supervision/library/kinds/nonsense/switch").status_code == 404
    client.post("/supervision/library/kinds/sex/switch", WHY)
    decided(as_user, cast, LibraryChange.objects.get())
    assert kinds_off(county.code) == {"sex"}
    assert "整类停用" in text(client.get("/supervision/library/kinds"))
    ages = {
        "child_years": "14", "newborn_days": "28", "infant_years": "3", "working_from": "16",
        "working_until": "60",
    }  # fmt: skip
    client.post("/supervision/library/ages", ages | WHY)
    decided(as_user, cast, LibraryChange.objects.get(what="ages"))
    assert (ages_of(county.code).child_years, ages_of(county.code).working_until) == (14, 60)


def test_a_point_of_the_countys_own_is_typed_in_words(county, cast, as_user):
    client = as_user(cast.supervisor)
    own = {
        "rule_kind": "sex", "item_code": PILL, "item_name": "暖宫丸", "word": "sex:2",
        "limit_text": "限女性", "legal_ground": "县药事会纪要",
    }  # fmt: skip
    wrong = text(client.post("/supervision/library/add", own | WHY | {"word": "age:child"}))
    assert "没有限定值" in wrong
    client.post("/supervision/library/add", own | WHY)
    decided(as_user, cast, LibraryChange.objects.get())
    point = LibraryPoint.objects.get()
    assert (point.origin, point.value, point.ground) == ("本县 1 号", "2", "县药事会纪要")
