"""The publicity plan of 2026: leaflets in every village by the end of March, reported with date,
count and photo; who is late finds it on the first page."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.errors import Refusal
from accounts.models import AuditLine, Division, User
from accounts.roles import Role
from supervision.publicity.models import PublicityMeasure, PublicityPhoto, PublicityTask
from supervision.publicity.papers import PUBLICITY_PLAN, coverage
from supervision.publicity.services import (
    Planned,
    Reported,
    add_photos,
    leave_out_photo,
    plan_measure,
    report_done,
    step_task,
)
from supervision.publicity.work import WORK, _late, _to_do
from tests.application import as_owner
from tests.conftest import make_user
from tests.papers import keeps_what_it_said, text_of
from tests.supervision.inspections.conftest import picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]
MARCH, DUE, APRIL = date(2026, 3, 2), date(2026, 3, 31), date(2026, 4, 2)
AsUser = Callable[[User], Client]


def plan(cast: SimpleNamespace, county: Division, **told: Any) -> PublicityMeasure:
    planned = Planned(
        **{"what": "参保缴费政策", "form": "leaflet", "reach": "villages", "due_on": DUE,
           "charged": "各村委会"} | told
    )  # fmt: skip
    return plan_measure(actor=cast.supervisor, area=county, planned=planned, on=MARCH)


@pytest.fixture
def measure(
    cast: SimpleNamespace, county: Division, village_a: Division, village_b: Division
) -> PublicityMeasure:
    return plan(cast, county)


def done(actor: User, row: PublicityTask, **told: Any) -> PublicityTask:
    said = Reported(**{"done_on": MARCH, "count": 120} | told)
    return report_done(actor=actor, row=row, told=said, on=APRIL)


def test_a_measure_asks_each_of_its_places(
    measure: PublicityMeasure, county: Division, cast: SimpleNamespace,
    town_a: Division, town_b: Division, other_county: Division,
) -> None:  # fmt: skip
    villages = Division.objects.filter(level="village", code__startswith=county.code)
    assert {one.division_id for one in measure.tasks.all()} == {one.pk for one in villages}
    towns = plan(cast, county, what="缴费动员", form="meeting", reach="townships")
    assert {one.division_id for one in towns.tasks.all()} == {town_a.pk, town_b.pk}
    own = plan(cast, county, what="举报电话", form="broadcast", reach="county")
    assert [one.division for one in own.tasks.all()] == [county]
    line = AuditLine.objects.filter(action="supervision.plan_publicity").earliest("pk")
    assert line.after["places"] == villages.count()


def test_who_is_charged_is_told_without_numbers(county: Division, cast: SimpleNamespace) -> None:
    row = plan(cast, county, charged="李家明 13812345678", what="政策 500225198001011234")
    assert "13812345678" not in row.charged and row.charged.startswith("李家明")
    line = AuditLine.objects.filter(action="supervision.plan_publicity").latest("pk")
    assert "13812345678" not in str(line.after)


def test_refusals_name_the_field(county: Division, cast: SimpleNamespace) -> None:
    with pytest.raises(Refusal, match="完成期限不能早于今天"):
        plan(cast, county, due_on=date(2026, 3, 1))
    with pytest.raises(Refusal, match="请写明责任人"):
        plan(cast, county, charged=" ")
    with pytest.raises(Refusal, match="基金监管岗"):
        plan_measure(
            actor=cast.clerk_a, area=county, on=MARCH,
            planned=Planned(what="政策", form="leaflet", reach="county", charged="我", due_on=DUE),
        )  # fmt: skip


def test_who_is_late_finds_it_on_the_first_page(
    measure: PublicityMeasure, cast: SimpleNamespace, county: Division, village_a: Division,
    as_user: AsUser, settings: Any,
) -> None:  # fmt: skip
    """A township's villages are its clerk's; the county's own is the supervisor's."""
    own = plan(cast, county, what="举报电话", form="broadcast", reach="county")
    settings.TODAY = DUE
    mine = measure.tasks.get(division=village_a)
    assert mine in _to_do(cast.clerk_a) and not _late(cast.clerk_a).exists()
    assert [one.measure for one in _to_do(cast.supervisor)] == [own]
    settings.TODAY = APRIL
    assert mine in _late(cast.clerk_a) and mine not in _late(cast.clerk_b)
    assert [one.measure for one in _late(cast.supervisor)] == [own]
    assert "宣传任务已逾期" in as_user(cast.clerk_a).get("/").content.decode()
    done(cast.clerk_a, mine)
    assert mine not in _late(cast.clerk_a)


def test_the_list_behind_a_tile_shows_what_it_counts(
    measure: PublicityMeasure, cast: SimpleNamespace, county: Division, as_user: AsUser,
    settings: Any,
) -> None:  # fmt: skip
    """Every village is late with the leaflets, the county with its broadcast: the supervisor has
    one overdue, and finds it behind the count, not the villages."""
    plan(cast, county, what="举报电话", form="broadcast", reach="county")
    plan(cast, county, what="秋季动员", form="meeting", reach="county", due_on=date(2026, 9, 30))
    settings.TODAY = APRIL
    for work, told, others in (
        (WORK[0], "举报电话", ("参保缴费政策", "秋季动员")),
        (WORK[1], "秋季动员", ("参保缴费政策", "举报电话")),
    ):
        assert work.rows(cast.supervisor).count() == 1
        page = as_user(cast.supervisor).get(f"/supervision/publicity?{work.query}")
        shown = page.content.decode()
        assert told in shown and not any(one in shown for one in others)
    everything = as_user(cast.supervisor).get("/supervision/publicity").content.decode()
    assert "参保缴费政策" in everything


def test_what_is_reported(
    measure: PublicityMeasure, cast: SimpleNamespace, county: Division, village_a: Division
) -> None:
    task = measure.tasks.get(division=village_a)
    with pytest.raises(Refusal, match="完成日期应在 2026-01-01"):
        done(cast.clerk_a, task, done_on=date(2025, 12, 31))
    with pytest.raises(Refusal, match="请填写数量"):
        done(cast.clerk_a, task, count=0)
    row = done(cast.clerk_a, task, note="户主 500225198001011234 已知晓")
    assert "500225198001011234" not in row.note and row.reported_by == cast.clerk_a
    villages = Division.objects.filter(level="village", code__startswith=county.code).count()
    assert coverage(county, 2026) == (1, villages)
    with pytest.raises(Refusal):
        done(cast.clerk_a, task)
    back = step_task(
        actor=cast.supervisor, row=row, event="return_publicity", on=APRIL, reason="照片看不清"
    )
    assert (back.status, back.done_on, back.count) == ("waiting", None, None)
    assert coverage(county, 2026) == (0, villages)
    step_task(
        actor=cast.supervisor, row=back, event="drop_publicity", on=APRIL, reason="该村已合并"
    )
    assert coverage(county, 2026) == (0, villages - 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        PublicityTask.objects.filter(pk=task.pk).update(status="done")


def test_what_is_due_after_new_year_is_done_before_it(
    cast: SimpleNamespace, county: Division, village_a: Division
) -> None:
    """In the midst of the campaign: told in December, and not under a false date in January."""
    row = plan(cast, county, due_on=date(2027, 1, 15))
    task = row.tasks.get(division=village_a)
    with pytest.raises(Refusal, match="完成日期应在 2026-01-01"):
        done(cast.clerk_a, task, done_on=date(2025, 12, 31))
    assert done(cast.clerk_a, task).done_on == MARCH


def test_a_photo_proves_one_task(
    measure: PublicityMeasure, cast: SimpleNamespace, village_a: Division, village_b: Division
) -> None:
    shot = picture()
    done(cast.clerk_a, measure.tasks.get(division=village_a), photos=[shot])
    other = measure.tasks.get(division=village_b)
    named = f"{village_a.place}的“{measure.what}”）.*请先在那项任务退回后撤下"
    with pytest.raises(Refusal, match=named):
        done(cast.clerk_b, other, photos=[shot])
    other.refresh_from_db()
    assert other.status == "waiting" and not other.photos.exists()


def test_a_photo_of_what_is_asked_for_no_longer_is_free(
    measure: PublicityMeasure, cast: SimpleNamespace, village_a: Division, village_b: Division
) -> None:
    """陈秀英 reported with a photo of 罗志强's village; it was given back and then dropped."""
    shot, task = picture(), measure.tasks.get(division=village_a)
    done(cast.clerk_a, task, photos=[shot])
    for event in ("return_publicity", "drop_publicity"):
        step_task(actor=cast.supervisor, row=task, event=event, on=APRIL, reason="不是这个村的")
    other = done(cast.clerk_b, measure.tasks.get(division=village_b), photos=[shot])
    assert other.status == "done" and other.photos.count() == 1


def test_its_pages(
    measure: PublicityMeasure, cast: SimpleNamespace, village_a: Division, as_user: AsUser,
    settings: Any,
) -> None:  # fmt: skip
    settings.TODAY = APRIL
    boss, clerk = as_user(cast.supervisor), as_user(cast.cadre_a)
    sent = boss.post(
        "/supervision/publicity/plan/new",
        {"what": "异地备案", "form": "meeting", "reach": "townships", "charged": "医保办",
         "due_on": "2026-05-01"},
    )  # fmt: skip
    assert sent.status_code == 302
    page = boss.get("/supervision/publicity/plan").content.decode()
    assert "异地备案" in page and f"?measure={measure.pk}" in page and "宣传单" in page
    task = measure.tasks.get(division=village_a)
    url = f"/supervision/publicity/{task.pk}"
    assert "已逾期" in clerk.get(url).content.decode()
    photo = SimpleUploadedFile("a.jpg", picture(), "image/jpeg")
    told = {"done_on": "2026-03-30", "count": "80", "photos": photo}
    assert clerk.post(f"{url}/done", told).status_code == 302
    assert "没有照片" not in clerk.get(url).content.decode()
    shot = task.photos.get()
    for size in ("", "/small"):
        address = f"/supervision/publicity/photos/{shot.pk}{size}"
        assert clerk.get(address).status_code == 200
        assert as_user(cast.clerk_b).get(address).status_code == 404
    more = SimpleUploadedFile("b.jpg", picture("blue"), "image/jpeg")
    assert clerk.post(f"{url}/photos", {"photos": more}).status_code == 302
    assert task.photos.count() == 2
    boss.post(f"{url}/return_publicity", {"reason": "日期不对，请重报"})
    task.refresh_from_db()
    assert task.status == "waiting"
    out = f"/supervision/publicity/photos/{shot.pk}/out"
    assert out in clerk.get(url).content.decode() and out not in boss.get(url).content.decode()
    assert as_user(cast.clerk_b).post(out).status_code == 404
    page = clerk.post(out, follow=True).content.decode()
    assert "已撤下，不再作为证明" in page and cast.cadre_a.name in page
    assert f'src="/supervision/publicity/photos/{shot.pk}/small"' not in page and out not in page


def test_a_photo_that_does_not_show_it_is_left_out(
    measure: PublicityMeasure, cast: SimpleNamespace, village_a: Division, village_b: Division
) -> None:
    """The clerk took village A's photo for village B's. Given back, it is left out there, stays
    with who did it, and then proves village A; who planned leaves out nothing."""
    wrong, right = picture(), picture("blue")
    task = measure.tasks.get(division=village_b)
    done(cast.clerk_b, task, photos=[wrong])
    photo = task.photos.get()
    with pytest.raises(Refusal, match="上报退回以后才能撤下照片"):
        leave_out_photo(actor=cast.clerk_b, photo=photo)
    step_task(
        actor=cast.supervisor, row=task, event="return_publicity", on=APRIL, reason="不是该村"
    )
    with pytest.raises(Refusal, match="由当地上报"):
        leave_out_photo(actor=cast.supervisor, photo=photo)
    with pytest.raises(Refusal, match="照片由上报的岗位撤下"):
        leave_out_photo(actor=cast.auditor, photo=photo)
    out = leave_out_photo(actor=cast.clerk_b, photo=photo)
    assert out.left_out_by == cast.clerk_b
    with pytest.raises(Refusal, match="已经撤下"):
        leave_out_photo(actor=cast.clerk_b, photo=photo)
    line = AuditLine.objects.get(action="supervision.leave_out_photo")
    assert line.before["left_out_at"] is None and line.after["sha256"] == photo.sha256
    done(cast.clerk_b, task)
    assert list(PublicityTask.objects.unproved()) == [task]
    assert PublicityTask.objects.with_photos().get(pk=task.pk).photo_count == 0
    done(cast.clerk_a, measure.tasks.get(division=village_a), photos=[wrong])
    add_photos(actor=cast.clerk_b, row=task, photos=[right])
    assert not PublicityTask.objects.unproved().exists() and task.photos.count() == 2
    for change in ({"left_out_at": None}, {"sha256": "0" * 64}):
        with as_owner(), pytest.raises(IntegrityError), transaction.atomic():
            PublicityPhoto.objects.filter(pk=photo.pk).update(**change)
    with as_owner(), pytest.raises(IntegrityError), transaction.atomic():
        PublicityPhoto.objects.filter(pk=photo.pk).delete()


def test_a_place_reports_for_itself(
    measure: PublicityMeasure, cast: SimpleNamespace, county: Division, village_a: Division,
    as_user: AsUser, settings: Any,
) -> None:  # fmt: skip
    """The county plans and gives back; what was done in 桥亭村 is told by its cadre or by the clerk
    of its township. The county's own broadcast is the county's to report."""
    settings.TODAY = APRIL
    task = measure.tasks.get(division=village_a)
    with pytest.raises(Refusal, match=f"{village_a.place}的宣传任务由当地上报，县里只上报县级的"):
        done(cast.supervisor, task)
    url = f"/supervision/publicity/{task.pk}"
    page = as_user(cast.supervisor).get(url).content.decode()
    assert f"{url}/done" not in page and "当地上报，县里只上报县级的" in page
    assert f"{url}/done" in as_user(cast.cadre_a).get(url).content.decode()
    done(cast.cadre_a, task)
    with pytest.raises(Refusal, match="由当地上报"):
        add_photos(actor=cast.supervisor, row=task, photos=[picture()])
    own = plan(cast, county, what="举报电话", form="broadcast", reach="county").tasks.get()
    assert done(cast.supervisor, own).status == "done"


def test_its_paper(
    measure: PublicityMeasure, cast: SimpleNamespace, county: Division, as_user: AsUser,
    other_county: Division, settings: Any,
) -> None:  # fmt: skip
    settings.TODAY = APRIL
    url = f"/supervision/publicity/plan/{county.code}/2026/paper"

    def renamed() -> None:
        Division.objects.filter(pk=county.pk).update(name="大足区")

    page = text_of(as_user(cast.supervisor), url, prints=False)
    assert "2026年医疗保障宣传计划表" in page and "参保缴费政策" in page and "0／" in page
    keeps_what_it_said(
        PUBLICITY_PLAN,
        url,
        hand=as_user(cast.supervisor),
        change=renamed,
        elsewhere=as_user(make_user("wai", "秦外", Role.SUPERVISOR, other_county)),
        stranger=as_user(cast.clerk_a),
    )


def test_many_villages_cost_the_statements_of_few(
    measure: PublicityMeasure, cast: SimpleNamespace, county: Division, town_a: Division
) -> None:
    with CaptureQueriesContext(connection) as few:
        plan(cast, county, what="第二项")
    for at in range(400, 430):
        Division.objects.create(
            code=f"{town_a.code}{at}", name=f"第{at}村", level="village", parent=town_a,
            first_day=date(2020, 1, 1),
        )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        plan(cast, county, what="第三项")
    assert len(few) == len(many)
