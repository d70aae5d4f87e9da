"""A new household gets its certificate once; a lost one is replaced with a reason."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.errors import Refusal
from accounts.models import AuditLine
from enrollment.cover.certificates import (
    hand_out,
    issue_certificates,
    new_households,
    reissue_certificate,
)
from enrollment.cover.models import Certificate
from enrollment.models import Household, Person
from tests.conftest import make_division
from tests.enrollment.conftest import OCTOBER, member, resident_id, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_october")]
URL = "/enrollment/watch/certificates"


def issue(cast, campaign, *households):
    return issue_certificates(
        actor=cast.clerk_a, campaign=campaign, households=households, on=OCTOBER
    )


def test_only_new_households_that_have_paid(autumn, campaign, cast, covered_last_year):
    assert list(new_households(user=cast.clerk_a, campaign=campaign)) == [autumn.chens]
    with pytest.raises(Refusal, match="不是新参保户"):
        issue(cast, campaign, autumn.chens, autumn.zhous)
    assert not Certificate.objects.exists()  # nothing half-done
    (row,) = issue(cast, campaign, autumn.chens)
    assert (row.issue, row.reason, row.issued_by) == (1, "", cast.clerk_a)
    with pytest.raises(Refusal, match="已经制证"):
        issue(cast, campaign, autumn.chens)
    with pytest.raises(Refusal, match="至少选择一户"):
        issue(cast, campaign)


def test_who_was_enrolled_last_year_keeps_the_old_one(autumn, campaign, cast, covered_last_year):
    covered_last_year(Person.objects.get(name="陈国强"))
    assert not new_households(user=cast.clerk_a, campaign=campaign).exists()
    with pytest.raises(Refusal, match="不是新参保户"):
        issue(cast, campaign, autumn.chens)
    row = reissue_certificate(
        actor=cast.clerk_a, campaign=campaign, household=autumn.chens, reason="遗失", on=OCTOBER
    )
    assert (row.issue, row.reason) == (2, "遗失")  # the first was on paper, before the portal


def test_a_reissue_says_why_and_needs_cover(autumn, campaign, cast):
    def again(household, reason):
        return reissue_certificate(
            actor=cast.clerk_a, campaign=campaign, household=household, reason=reason, on=OCTOBER
        )

    with pytest.raises(Refusal, match="请写明补发原因"):
        again(autumn.chens, " ")
    with pytest.raises(Refusal, match="还没有发过证"):
        again(autumn.chens, "遗失")
    with pytest.raises(Refusal, match="没有 2026 年度的有效参保"):
        again(autumn.zhous, "遗失")
    issue(cast, campaign, autumn.chens)
    assert [again(autumn.chens, "遗失").issue, again(autumn.chens, "进水损毁").issue] == [2, 3]
    assert [row.issue for row in Certificate.objects.in_force()] == [3]
    line = AuditLine.objects.filter(action="enrollment.reissue_certificate").first()
    assert line.reason == "进水损毁"


def test_handing_out_is_written_once(autumn, campaign, cast):
    (row,) = issue(cast, campaign, autumn.chens)
    with pytest.raises(Refusal, match="请填写领取人"):
        hand_out(actor=cast.clerk_a, certificates=[row], receiver=" ", on=OCTOBER)
    assert hand_out(actor=cast.clerk_a, certificates=[row], receiver="陈国强", on=OCTOBER) == 1
    with pytest.raises(Refusal, match="已于 2025-10-15 发放"):
        hand_out(actor=cast.clerk_a, certificates=[row], receiver="陈国强", on=OCTOBER)
    with pytest.raises(Refusal, match="至少选择一本"):
        hand_out(actor=cast.clerk_a, certificates=[], receiver="陈国强", on=OCTOBER)
    with pytest.raises(IntegrityError), transaction.atomic():
        Certificate.objects.filter(pk=row.pk).update(receiver="别人")
    with pytest.raises(IntegrityError), transaction.atomic():
        Certificate.objects.filter(pk=row.pk).delete()


def test_the_clerk_issues_prints_and_hands_out(autumn, campaign, cast, village_a, as_user):
    clerk = as_user(cast.clerk_a)
    page = text_of(clerk.get(URL))
    assert "新参保户待制证（1 户）" in page and autumn.chens.number in page
    done = clerk.post(f"{URL}/issue", {"pick": autumn.chens.pk, "under": village_a.code},
                      follow=True)  # fmt: skip
    assert "已制证 1 本" in text_of(done)
    paper = clerk.get(f"{URL}/papers?under={village_a.code}")
    text = text_of(paper)
    for words in (
        "城乡居民合作医疗证",
        f"{autumn.chens.number}04",
        "张素珍",
        "1950-02-20",
        "首次发证",
    ):
        assert words in text, words
    assert resident_id("19780512") not in paper.content.decode()
    signed = text_of(clerk.get(f"{URL}/list?under={village_a.code}"))
    assert "领取人签字" in signed and "陈国强" in signed
    row = Certificate.objects.get()
    none = clerk.post(f"{URL}/hand-out", {"pick": row.pk, "receiver": ""})
    assert "请填写领取人" in text_of(none)
    handed = clerk.post(f"{URL}/hand-out", {"pick": row.pk, "receiver": "杨大山"}, follow=True)
    assert "已登记发放 1 本" in text_of(handed)
    url = f"{URL}/reissue/{autumn.chens.pk}"
    assert "请写明补发原因" in text_of(clerk.post(url, {"reason": ""}))
    again = text_of(clerk.post(url, {"reason": "遗失"}, follow=True))
    assert "补发第 1 次" in again


def test_another_township_sees_nothing(autumn, campaign, cast, as_user):
    (row,) = issue(cast, campaign, autumn.chens)
    clerk_b = as_user(cast.clerk_b)
    assert clerk_b.get(f"{URL}/{row.pk}").status_code == 404
    assert clerk_b.get(f"{URL}/reissue/{autumn.chens.pk}").status_code == 404
    assert clerk_b.get(f"{URL}?under=500225101201").status_code == 404
    clerk_b.post(f"{URL}/hand-out", {"pick": row.pk, "receiver": "罗志强"})
    row.refresh_from_db()
    assert row.handed_on is None
    zhous = Household.objects.get(pk=autumn.zhous.pk)
    clerk_b.post(f"{URL}/issue", {"pick": zhous.pk})
    assert Certificate.objects.count() == 1


def test_every_row_says_village_and_group_and_more_rows_cost_no_more(
    autumn, campaign, cast, village_a, enter, as_user
):
    """Every village has a 一组: 邓明's reads 龙水镇桥亭村1组, on each of the three lists."""
    clerk = as_user(cast.clerk_a)
    groups = [make_division(f"{village_a.code}0{n}", f"{n}组", village_a) for n in (1, 2, 3)]

    def household(number):
        one = member(0, "邓明", resident_id(f"19{number + 50}0101", 9), "0")
        return enter([one], division=groups[number % 3])

    def statements():
        with CaptureQueriesContext(connection) as queries:
            page = clerk.get(URL)
        return len(queries), text_of(page)

    few = [household(number) for number in range(3)]
    issue(cast, campaign, *few[:2])
    hand_out(
        actor=cast.clerk_a, certificates=[few[0].certificates.get()], receiver="邓明", on=OCTOBER
    )
    before, _ = statements()
    more = [household(number) for number in range(3, 12)]
    issue(cast, campaign, *more[:6])
    hand_out(
        actor=cast.clerk_a,
        certificates=[one.certificates.get() for one in more[:3]],
        receiver="邓明",
        on=OCTOBER,
    )
    after, page = statements()
    assert after == before
    for name in ("龙水镇桥亭村1组", "龙水镇桥亭村2组", "龙水镇桥亭村3组"):
        assert name in page


def test_endless_digits_are_no_household_and_no_year(autumn, campaign, cast, village_a, as_user):
    clerk = as_user(cast.clerk_a)
    endless = {"pick": "1" * 5000, "under": village_a.code}
    assert clerk.post(f"{URL}/issue", endless, follow=True).status_code == 200
    assert not Certificate.objects.exists()
    assert clerk.get(URL, {"year": "2" * 5000}).status_code == 404
    assert clerk.get(URL, {"year": "20260"}).status_code == 404
