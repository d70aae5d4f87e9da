"""Notices of enrolment, subsidies and payments, of village, township and county; where to object,
and what becomes of a notice: put up, proved by a photo, objected to, taken down."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.errors import Refusal
from accounts.models import AuditLine
from accounts.roles import Role
from claims.models import Settlement
from claims.paper_intake.scans import place_of
from claims.services.drawn import recount
from desk.models import Paper
from enrollment.models import Enrollment, Person
from supervision.public.leaflet import LEAFLET
from supervision.public.models import Objection, Posting
from supervision.public.papers import NOTICE_ENROLLED, NOTICE_PAYMENTS, NOTICE_SUBSIDIES
from supervision.public.posted import narrowed, span_text
from supervision.public.services import Hung, Said, put_up, take_down, take_objection
from supervision.public.work import _to_answer, _to_close, _to_post, _to_prove, _to_take_down
from tests.conftest import make_user, past_the_guards
from tests.papers import keeps_what_it_said, text_of
from tests.supervision.inspections.conftest import picture

pytestmark = pytest.mark.django_db
AsUser = Callable[[Any], Client]
APRIL = date(2026, 4, 2)
# Within the campaign, which ends on 30 November 2025.
IN_TIME, TOO_LATE = "2025-11-30T15:59:59Z", "2025-11-30T16:00:00Z"


@pytest.fixture(autouse=True)
def _april(settings: Any, tmp_path: Any) -> None:
    settings.TODAY = APRIL
    settings.SCANS_ROOT = tmp_path


@pytest.fixture
def village(register: Any, village_a: Any) -> list[Any]:
    """桥亭村: four households of 王*国 and one of 李, who stands alone; nine enrolled."""
    people = []
    for name, size in (("王建国", 3), ("王爱国", 2), ("王卫国", 1), ("王兴国", 1), ("李二", 2)):
        home = register.household(village_a)
        people += [register.person(name if at == 0 else f"王{at}妹", home) for at in range(size)]
    past_the_guards(Enrollment.objects.filter(person__in=people), entered_at=IN_TIME)
    return people


def aided(people: list[Any], amount: str = "60.00", at: str = "2026-02-10T02:00:00Z") -> None:
    """A department pays for some of them, and not they."""
    for person in people:
        rows = Enrollment.objects.filter(person=person)
        cover = rows.get()
        past_the_guards(
            rows,
            other_amount=Decimal(amount),
            personal_amount=cover.personal_amount + cover.other_amount - Decimal(amount),
            entered_at=at,
        )


def test_who_is_enrolled(village: Any, cast: Any, as_user: AsUser, village_a: Any) -> None:
    """Two are aided: who they are nobody learns, so their 120.00 are not told by themselves, nor
    what the others paid without them. One who joined in the first second of December, when the
    campaign was over, is on no notice of it."""
    aided(village[:2], at=IN_TIME)
    past_the_guards(Enrollment.objects.filter(person=village[-1]), entered_at=TOO_LATE)

    def one_more() -> None:
        aided(village[:5], at=IN_TIME)

    address = f"/supervision/public/enrolled/{village_a.code}/2026"
    page = keeps_what_it_said(
        NOTICE_ENROLLED, address, hand=as_user(cast.cadre_a), change=one_more,
        elsewhere=as_user(cast.clerk_b), stranger=as_user(cast.sysadmin),
    )  # fmt: skip
    assert "<strong>5</strong> 户 <strong>8</strong> 人" in page
    # 李二 is one of two at most, and so goes with the rarest name.
    assert "王建国" not in page and "李" not in page and "其余村民" in page
    assert "资助参保" not in page and "120.00" not in page and "1,600.00" in page
    assert "村（居）管理小组" in page  # where to object, until an office is told


def test_a_span_has_one_spelling(
    village: Any, cast: Any, as_user: AsUser, village_a: Any, town_a: Any
) -> None:
    """Another spelling would be another original, and their difference one person."""
    client = as_user(cast.clerk_a)
    right = (
        f"enrolled/{village_a.code}/2026", f"subsidies/{town_a.code}/2026-q1",
        f"payments/{town_a.code}/2026-03",
    )  # fmt: skip
    for address in right:
        text_of(client, f"/supervision/public/{address}", prints=True)
    wrong = [
        f"enrolled/{village_a.code}/{text}"
        for text in ("02026", "+2026", "２０２６", "2026 ", "2_026", "2026.0")
    ]
    wrong += [f"subsidies/{town_a.code}/{text}" for text in ("02026-q1", "２０２６-q1", " 2026-q1")]
    wrong += [f"payments/{town_a.code}/{text}" for text in ("2026-3", "02026-03", "2026-03 ")]
    for address in wrong:
        assert client.post(f"/supervision/public/{address}").status_code == 404, address
    for address in right:
        assert "副本" in text_of(client, f"/supervision/public/{address}", prints=True)
    assert Paper.objects.filter(copy=0).count() == len(right)


def test_subsidies_of_a_quarter_by_township(
    village: Any, cast: Any, as_user: AsUser, town_a: Any, village_a: Any
) -> None:
    aided(village[:4])
    address = f"/supervision/public/subsidies/{town_a.code}/2026-q1"
    page = keeps_what_it_said(
        NOTICE_SUBSIDIES, address, hand=as_user(cast.clerk_a),
        change=lambda: aided(village[:6]), elsewhere=as_user(cast.clerk_b),
        stranger=as_user(cast.sysadmin),
    )  # fmt: skip
    assert "240.00" in page and "龙水镇桥亭村" in page and "360.00" not in page
    client = as_user(cast.clerk_a)
    # What two more got since is on no notice of any level, or the difference would be those two.
    for code in (village_a.code, town_a.code[:6]):
        hand = as_user(cast.supervisor)
        below = text_of(hand, f"/supervision/public/subsidies/{code}/2026-q1", prints=True)
        assert "240.00" in below and "360.00" not in below and "副本" not in below
    now = client.get(f"/supervision/public/subsidies/{town_a.code}/2026-q2", follow=True)
    assert "2026年第2季度到 2026-06-30 才结束，结束以后才能公示" in now.content.decode()
    for wrong in ("subsidies/500225101/2026-q5", "payments/500225101/mars", "enrolled/x/2026"):
        assert client.get(f"/supervision/public/{wrong}").status_code == 404
    poster = text_of(client, f"{address}?size=a3", prints=False)
    assert "hz-a3" in poster and "240.00" in poster


def test_payments_by_township(
    village: Any, settled: Any, paid: Any, cast: Any, as_user: AsUser, county: Any, town_a: Any,
    village_a: Any,
) -> None:  # fmt: skip
    """Three payments of 2,400.00 each in 桥亭村; one that comes late changes no notice of the
    county's, and stands alone on a second one of the village."""
    for at in range(3):
        paid(settled(village[at], 1, 3), date(2026, 3, 20))
    listed = f"/supervision/notices/{village_a.code}/2026-03"
    first = text_of(as_user(cast.cadre_a), listed, prints=True)
    assert first.count("<span>2,400.00</span>") == 3 and "（补充）" not in first

    def late() -> None:
        paid(settled(village[5], 10, 12), date(2026, 3, 31))

    page = keeps_what_it_said(
        NOTICE_PAYMENTS, f"/supervision/public/payments/{county.code}/2026-03",
        hand=as_user(cast.supervisor), change=late, elsewhere=as_user(cast.clerk_b),
        stranger=as_user(cast.sysadmin),
    )  # fmt: skip
    assert "7,200.00" in page and "9,600.00" not in page
    town = f"/supervision/public/payments/{town_a.code}/2026-03"
    page = text_of(as_user(cast.clerk_a), town, prints=True)
    assert "7,200.00" in page and "9,600.00" not in page
    second = text_of(as_user(cast.cadre_a), listed, prints=True)
    assert "（补充）" in second and second.count("<span>2,400.00</span>") == 1
    assert "<span>其余村民</span><span>2,400.00</span>" in second
    again = text_of(as_user(cast.cadre_a), listed, prints=True)
    assert "副本" in again and again.count("<span>2,400.00</span>") == 1
    recount(county.code)  # the guards compare covers with claims
    back = Settlement.objects.filter(visit__person=village[0])
    past_the_guards(back, status=Settlement.Status.APPROVED, paid_on=None)
    paid(settled(village[6], 13, 15), date(2026, 3, 31))
    third = text_of(as_user(cast.cadre_a), listed, prints=True)
    assert "副本" not in third and third.count("<span>2,400.00</span>") == 1
    issued = Paper.objects.filter(kind="supervision.notice", copy=0).order_by("pk")
    assert [one.edition for one in issued] == ["2026-03 1", "2026-03 2", "2026-03 3"]


def test_where_to_object(cast: Any, as_user: AsUser, village_a: Any, town_a: Any) -> None:
    client = as_user(cast.clerk_a)
    address = f"/supervision/public/contacts/{town_a.code}"
    told = {"office": "龙水镇医保办", "phone": "43722", "address": "龙水镇政府一楼"}
    assert "受理电话应为 11 位手机号" in client.post(address, told).content.decode()
    assert client.post(address, told | {"phone": "023-43722345"}).status_code == 302
    assert as_user(cast.clerk_b).get(address).status_code == 404
    page = text_of(client, f"/supervision/notices/{village_a.code}/2026-03", prints=False)
    assert "龙水镇医保办　电话 023-43722345　龙水镇政府一楼" in page
    assert "龙水镇医保办" in client.get("/supervision/public/contacts").content.decode()


@pytest.fixture
def paper(village: Any, cast: Any, as_user: AsUser, village_a: Any) -> Paper:
    address = f"/supervision/public/enrolled/{village_a.code}/2026"
    text_of(as_user(cast.cadre_a), address, prints=True)
    found = Paper.objects.get()
    return found


def test_a_notice_is_put_up_proved_and_taken_down(
    paper: Paper, cast: Any, as_user: AsUser, settings: Any
) -> None:
    """Printed and put up on the 2nd, it hangs to the 9th; without a photo it is not taken down."""
    settings.TODAY = on = timezone.localtime(paper.printed_at).date()
    client, address = as_user(cast.cadre_a), f"/supervision/posted/{paper.pk}"
    assert [*_to_post(cast.cadre_a)] == [paper]
    with pytest.raises(Refusal, match="张贴日期应在打印日"):
        hung = Hung(where="村委会", put_up_by="刘大娘", put_up_on=date(2026, 1, 1))
        put_up(actor=cast.cadre_a, paper=paper, hung=hung, on=on)
    told = {"where": "村委会公示栏", "put_up_by": "刘大娘", "put_up_on": str(on)}
    assert client.post(f"{address}/up", told).status_code == 302
    posting = Posting.objects.get()
    assert (
        posting.due_on and (posting.due_on - on).days == 7 and not _to_post(cast.cadre_a).exists()
    )
    assert [*_to_prove(cast.clerk_a)] == [posting] and not _to_prove(cast.clerk_b).exists()
    later = date.fromordinal(on.toordinal() + 8)
    with pytest.raises(Refusal, match="还没有张贴照片"):
        take_down(actor=cast.cadre_a, row=posting, day=later, on=later)
    photo = SimpleUploadedFile("a.jpg", picture(), "image/jpeg")
    assert client.post(f"{address}/photos", {"photos": photo}).status_code == 302
    assert not _to_prove(cast.clerk_a).exists()
    shot = posting.photos.get()
    assert client.get(f"/supervision/posted/photos/{shot.pk}").status_code == 200
    small = client.get(f"/supervision/posted/photos/{shot.pk}/small")
    assert (small.status_code, small["Content-Type"]) == (200, "image/jpeg")
    kept = place_of(shot.file).read_bytes()
    place_of(shot.file).write_bytes(kept + b"x")  # no longer what was taken: it proves nothing
    assert client.get(f"/supervision/posted/photos/{shot.pk}").status_code == 404
    place_of(shot.file).write_bytes(kept)
    assert (
        as_user(cast.clerk_b).get(f"/supervision/posted/photos/{shot.pk}/small").status_code == 404
    )
    assert "村委会公示栏" in client.get(address).content.decode()
    with pytest.raises(Refusal, match="撤下日期应在它以后"):
        take_down(actor=cast.cadre_a, row=posting, day=posting.due_on, on=later)
    settings.TODAY = later
    assert [*_to_take_down(cast.cadre_a)] == [posting]
    assert client.post(f"{address}/down", {"day": str(later)}).status_code == 302
    posting.refresh_from_db()
    assert (posting.status, posting.taken_down_on) == ("down", later)
    page = client.get("/supervision/posted").content.decode()
    assert "刘大娘" in page and str(later) in page


def test_a_wrong_posting_is_void_and_a_misprint_is_not_put_up(
    paper: Paper, cast: Any, as_user: AsUser, settings: Any
) -> None:
    """刘大娘 hung another village's notice: the entry is void, the paper waits again and is not put
    up, since a better print hangs. What is older than sixty days nobody is asked for."""
    settings.TODAY = on = timezone.localtime(paper.printed_at).date()
    client, address = as_user(cast.cadre_a), f"/supervision/posted/{paper.pk}"
    told = {"where": "村委会", "put_up_by": "刘大娘", "put_up_on": str(on)}
    client.post(f"{address}/up", told)
    assert "登记错在哪里" in client.post(f"{address}/void", {}, follow=True).content.decode()
    client.post(f"{address}/void", {"reason": "贴的是邻村的公示"})
    posting = Posting.objects.get()
    assert (posting.status, posting.reason) == ("void", "贴的是邻村的公示")
    assert [*_to_post(cast.cadre_a)] == [paper] and not _to_prove(cast.cadre_a).exists()
    assert "贴的是邻村的公示" in client.get(address).content.decode()
    shown = f'href="/supervision/public/enrolled/{paper.division_code}/{span_text(paper)}"'
    assert shown in client.get(address).content.decode(), "the paper itself is one click away"
    settings.TODAY = date.fromordinal(on.toordinal() + 60)
    assert [*_to_post(cast.cadre_a)] == [paper]
    assert "待张贴</span>" in client.get("/supervision/posted").content.decode()
    settings.TODAY = date.fromordinal(on.toordinal() + 61)
    assert not _to_post(cast.cadre_a).exists()
    assert "没有登记</span>" in client.get("/supervision/posted").content.decode()
    settings.TODAY = on
    assert as_user(cast.clerk_b).post(f"{address}/skip", {"reason": "印错了"}).status_code == 404
    client.post(f"{address}/skip", {"reason": "墨迹不清，另印一份张贴"})
    assert not _to_post(cast.cadre_a).exists()
    assert "不张贴的原因" in client.get(address).content.decode()
    assert "不张贴" in client.get("/supervision/posted").content.decode()
    with pytest.raises(Refusal, match="已登记张贴"):
        hung = Hung(where="村委会", put_up_by="刘大娘", put_up_on=on)
        put_up(actor=cast.cadre_a, paper=paper, hung=hung, on=on)
    client.post(f"{address}/void", {"reason": "原件可以张贴"})
    assert client.post(f"{address}/up", told).status_code == 302
    assert [*_to_prove(cast.cadre_a)] == [Posting.objects.get(status="up")]


def test_an_objection_is_answered_and_closed_by_another(
    paper: Paper, cast: Any, as_user: AsUser
) -> None:
    """何秀兰 says that 李二 moved away; her name lies sealed and is read with a reason."""
    client = as_user(cast.cadre_a)
    told = {"told": "名单里有人已经搬走", "objector": "何秀兰 13800000000", "due_on": "2026-04-16"}
    made = client.post(f"/supervision/posted/{paper.pk}/object", told)
    row = Objection.objects.get()
    address = f"/supervision/objections/{row.pk}"
    assert made["Location"] == address
    with connection.cursor() as cursor:
        cursor.execute("SELECT objector FROM supervision_objection")
        assert "何秀兰" not in cursor.fetchone()[0]
    assert "何秀兰" not in client.get(address).content.decode()
    assert as_user(cast.clerk_b).get(address).status_code == 404
    clerk, boss = as_user(cast.clerk_a), as_user(cast.supervisor)
    seen = clerk.post(f"{address}/who", {"reason": "上门核实情况"}).content.decode()
    assert "何秀兰 13800000000" in seen
    assert AuditLine.objects.get(action="supervision.reveal_objector").reason == "上门核实情况"
    assert [*_to_answer(cast.clerk_a)] == [row]
    assert [*narrowed(Paper.objects.all(), "objected")] == [paper]
    clerk.post(f"{address}/answer_objection", {"reason": "已入户核对，李二 1 月迁出"})
    assert [*_to_close(cast.supervisor)] == [row]
    assert clerk.post(f"{address}/close_objection").status_code == 403
    number = Person.objects.filter(name="李二").get().resident_id
    boss.post(f"{address}/reopen_objection", {"reason": f"没有附 {number} 的迁出证明"})
    row.refresh_from_db()
    assert row.answer == "已入户核对，李二 1 月迁出" and "的迁出证明" in row.remark
    assert number not in row.remark and number not in client.get(address).content.decode()
    clerk.post(f"{address}/answer_objection", {"reason": "迁出证明已附，下期更正"})
    boss.post(f"{address}/close_objection")
    row.refresh_from_db()
    assert (row.status, row.answer) == ("closed", "迁出证明已附，下期更正")
    assert not _to_close(cast.supervisor).exists()
    with pytest.raises(Refusal, match="答复期限不能早于今天"):
        said = Said(told="金额不对", due_on=date(2026, 4, 1))
        take_objection(actor=cast.cadre_a, paper=paper, said=said, on=APRIL)


def test_the_leaflet_says_what_the_engine_pays(
    pack: Any, cast: Any, other_county: Any, as_user: AsUser, settings: Any
) -> None:
    """第二十三条(二)2 by hand: county hospital, tier two, 8,000.00: less 200.00 at 50 % are
    3,900.00; a township's hospital 7,970.00 at 70 % are 5,579.00."""
    stranger = make_user("stranger", "外县人", Role.SUPERVISOR, other_county)
    page = keeps_what_it_said(
        LEAFLET, "/supervision/leaflet", hand=as_user(cast.supervisor),
        change=lambda: setattr(settings, "TODAY", date(2026, 9, 1)),
        elsewhere=as_user(stranger), stranger=as_user(cast.sysadmin),
    )  # fmt: skip
    assert "医保付 <strong>3,900.00</strong><br>自己付 4,100.00" in page
    assert "医保付 <strong>5,579.00</strong><br>自己付 2,421.00" in page
    assert "第二十三条(二)2" in page and "外县人" not in page
