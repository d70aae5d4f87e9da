"""An alert goes through two reviews, the institution's appeal, verification and a decision.

永兴医院 charged 王建国 300.00 outside the catalogues; the fund's share of the stay is 2,400.00.
"""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.errors import Refusal
from accounts.models import Division
from accounts.roles import Role
from institutions.models import Institution, Level
from supervision.models import Alert, AlertReview
from supervision.reviewing.services import appeal_alert, fitting, review_alert, step_review
from supervision.reviewing.serving import open_notice
from supervision.reviewing.work import waiting
from supervision.reviewing.workflow import REVIEWS
from supervision.services import note_denial, screen_new_claims
from supervision.work import WORK
from tests.conftest import in_duty, make_user

pytestmark = pytest.mark.usefixtures("as_application")
ON, DUE = date(2026, 4, 1), date(2026, 4, 16)  # ten working days after the 2nd: 清明 not announced


@pytest.fixture
def alert(county: Division, wang: Any, settled: Any) -> Alert:
    settled(wang, 1, 5, off_catalogue="300.00")
    screen_new_claims(area=county)
    return Alert.objects.get()


def first(cast: SimpleNamespace, alert: Alert, event: str = "confirm_alert") -> AlertReview:
    return review_alert(actor=cast.supervisor, alert=alert, event=event, reason="没有同意书", on=ON)


@pytest.fixture
def unserved(cast: SimpleNamespace, alert: Alert) -> AlertReview:
    return step_review(
        actor=cast.approver, row=first(cast, alert), event="tell_institution",
        reason="300.00 元目录外费用没有同意书", on=date(2026, 4, 2),
    )  # fmt: skip


@pytest.fixture
def told(cast: SimpleNamespace, unserved: AlertReview) -> AlertReview:
    return opened(cast, unserved)


def opened(cast: Any, row: AlertReview, on: date = date(2026, 4, 2)) -> AlertReview:
    """韩梅 opens the notice of the hospital that day: it is served."""
    return open_notice(actor=cast.hospital_clerk, row=row, event="open_notice", on=on, reason="")


def status(alert: Alert) -> str:
    alert.refresh_from_db()
    return alert.status


def test_the_page_says_whose_turn_it_is(alert: Alert, cast: Any, as_user: Any) -> None:
    """And who may not, because of an earlier hand; the institution reads no names."""
    review = first(cast, alert)
    one, two = cast.supervisor.name, cast.approver.name
    page = as_user(cast.supervisor).get(f"/supervision/reviews/{review.pk}").content.decode()
    first_told = f"待复审：由复核、基金监管办理，经办过的{one}不能再办"
    assert f"{first_told}。期限 2026-04-08" in page
    assert REVIEWS.turn(review, cast.approver) == f"{first_told}，您可以办理"
    told_at = date(2026, 4, 2)
    step_review(
        actor=cast.approver, row=review, event="tell_institution", reason="没有同意书", on=told_at
    )
    opened(cast, review)
    review.refresh_from_db()

    def turn(reader: Any, on: date) -> str:
        return REVIEWS.turn(review, reader, fitting(review, on))

    answer = "“代录机构答复”由基金监管办理"
    # 韩梅 answers for the hospital herself: nobody does it for her until the term is over.
    until_due = "待机构申诉：由定点机构办理"
    mine = "，您可以办理"
    assert turn(cast.hospital_clerk, DUE) == until_due + mine
    assert turn(cast.supervisor, DUE) == turn(cast.approver, DUE) == until_due
    after = f"待机构申诉：{answer}；“核实”由基金监管办理"
    assert turn(cast.hospital_clerk, date(2026, 4, 17)) == after
    assert turn(cast.supervisor, date(2026, 4, 17)) == after + mine
    appeal_alert(
        actor=cast.hospital_clerk, row=review, appeal="有知情同意书", evidence="复印件", on=told_at
    )
    review.refresh_from_db()
    step_review(
        actor=cast.supervisor, row=review, event="verify_alert", reason="已核对", on=told_at
    )
    review.refresh_from_db()
    told = f"待处理：由复核、基金监管办理，经办过的{one}、{two}不能再办"
    assert REVIEWS.turn(review, cast.approver) == told
    assert REVIEWS.turn(review, cast.hospital_clerk) == "待处理：由复核、基金监管办理"


def test_what_the_first_dismisses_the_second_agrees_to(alert: Alert, cast: Any) -> None:
    review = first(cast, alert, "dismiss_alert")
    assert (review.due_on, status(alert)) == (date(2026, 4, 8), "open")
    assert list(waiting(cast.approver)) == [review] and not waiting(cast.supervisor).exists()
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        step_review(actor=cast.supervisor, row=review, event="agree_review", on=ON)
    step_review(actor=cast.approver, row=review, event="agree_review", on=ON)
    assert status(alert) == "dismissed"
    assert (alert.handled_by, alert.conclusion) == (cast.approver, "没有同意书")


def test_an_institution_is_heard_before_it_is_found_guilty(alert: Alert, cast: Any) -> None:
    review = first(cast, alert)
    with pytest.raises(Refusal, match="须先告知机构申诉"):
        step_review(actor=cast.approver, row=review, event="agree_review", on=ON)
    assert status(alert) == "open"


def test_what_the_second_sends_back_begins_anew(alert: Alert, cast: Any) -> None:
    review = first(cast, alert)
    with pytest.raises(Refusal, match="已经初审，请等待复审"):
        first(cast, alert)
    step_review(actor=cast.approver, row=review, event="return_review", reason="查病历", on=ON)
    assert first(cast, alert, "dismiss_alert").pk != review.pk


def test_an_appeal_that_is_right_dismisses_it(told: AlertReview, alert: Alert, cast: Any) -> None:
    assert told.due_on == DUE
    said = {"appeal": "同意书在病历中", "evidence": "同意书复印件 1 份"}
    with pytest.raises(Refusal, match="您的角色不能办理"):
        appeal_alert(actor=cast.supervisor, row=told, on=DUE, **said)
    with pytest.raises(Refusal, match="申诉期限 2026-04-16 已过"):
        appeal_alert(actor=cast.hospital_clerk, row=told, on=date(2026, 4, 17), **said)
    review = appeal_alert(actor=cast.hospital_clerk, row=told, on=DUE, **said)
    review = step_review(
        actor=cast.supervisor, row=review, event="verify_alert", reason="原件核对无误", on=DUE
    )
    for hand in (cast.supervisor, cast.approver):
        with pytest.raises(Refusal, match="必须由不同的人办理"):
            step_review(actor=hand, row=review, event="drop_alert", reason="成立", on=DUE)
    step_review(actor=cast.approver2, row=review, event="drop_alert", reason="申诉成立", on=DUE)
    assert status(alert) == "dismissed" and alert.conclusion == "申诉成立"


def test_who_does_not_answer_is_decided_on_after_the_term(
    told: AlertReview, alert: Alert, cast: Any
) -> None:
    verify = {"actor": cast.supervisor, "row": told, "event": "verify_alert", "reason": "未申诉"}
    with pytest.raises(Refusal, match="机构可以在 2026-04-16 以前申诉"):
        step_review(on=DUE, **verify)
    review = step_review(on=date(2026, 4, 17), **verify)
    step_review(actor=cast.approver2, row=review, event="uphold_alert", reason="由医院承担", on=DUE)
    assert status(alert) == "confirmed"
    assert alert.settlement.holds.standing().count() == 1


def test_what_the_institution_keeps_silent_on_comes_back_to_the_office(
    told: AlertReview, cast: Any, settings: Any
) -> None:
    """Until the term it is the institution's to answer, from the day after the supervisor's."""
    settings.TODAY = DUE
    assert list(waiting(cast.hospital_clerk)) == [told]
    assert not waiting(cast.supervisor).exists() and not waiting(cast.approver).exists()
    settings.TODAY = date(2026, 4, 17)
    assert list(waiting(cast.supervisor)) == [told]
    assert not waiting(cast.hospital_clerk).exists() and not waiting(cast.approver).exists()


def test_an_alert_under_review_waits_for_no_first_opinion(
    alert: Alert, cast: Any, as_user: Any
) -> None:
    """On the first page and on the list that it leads to, until the second hand sends it back."""
    work = next(one for one in WORK if one.title == "可疑待核查")
    client = as_user(cast.supervisor)

    def waits() -> tuple[int, bool]:
        page = client.get(f"/supervision/?{work.query}").content.decode()
        return work.rows(cast.supervisor).count(), alert.settlement.number in page

    assert waits() == (1, True)
    review = first(cast, alert)
    assert waits() == (0, False)
    step_review(actor=cast.approver, row=review, event="return_review", reason="查病历", on=ON)
    assert waits() == (1, True)


def test_a_definite_one_holds_the_payment_all_the_while(wang: Any, settled: Any, cast: Any) -> None:
    claim = settled(wang, 1, 5)
    alert = note_denial(actor=cast.clerk_a, settlement=claim, told="本人到窗口说明，核对身份证")
    assert claim.holds.standing().count() == 1
    review = first(cast, alert, "dismiss_alert")
    assert claim.holds.standing().count() == 1
    step_review(actor=cast.approver, row=review, event="agree_review", on=ON)
    assert claim.holds.standing().count() == 0


def test_the_institution_sees_what_it_was_told_and_no_more(
    alert: Alert, cast: Any, as_user: Any, county: Division, settings: Any, village_a: Division
) -> None:
    settings.TODAY = date(2026, 4, 3)
    review = first(cast, alert)
    clerk, address = as_user(cast.hospital_clerk), f"/supervision/reviews/{review.pk}"
    assert clerk.get(address).status_code == 404
    step_review(
        actor=cast.approver, row=review, event="tell_institution", reason="没有同意书", on=ON
    )
    page = clerk.get(address).content.decode()
    assert "签收后显示内容" in page and "没有同意书" not in page
    assert "没有同意书" not in clerk.get(f"{address}/appeal", follow=True).content.decode()
    page = clerk.post(f"{address}/open_notice", follow=True).content.decode()
    assert "2026-04-03　电子送达，韩梅签收" in page
    assert "自这一天（登记迟的，自登记那天）起 10 个工作日内申诉" in page
    assert "没有同意书" in page and "王*国" in page and "王建国" not in page
    assert cast.supervisor.name not in page and alert.finding not in page
    assert f"{address}/appeal" in page
    sent = {"appeal": "同意书在病历中", "evidence": "复印件 1 份"}
    assert "申诉已提交" in clerk.post(f"{address}/appeal", sent, follow=True).content.decode()
    Institution.objects.create(
        code="H50022529999", name="别家医院", level=Level.COUNTY, division=village_a
    )
    other = make_user("other_h", "秦外", Role.INSTITUTION_CLERK, None, "H50022529999")
    assert as_user(other).get(address).status_code == 404


def test_the_institution_is_not_told_by_which_rule_it_was_found(
    wang: Any, settled: Any, cast: Any, as_user: Any, settings: Any
) -> None:
    """A23 says that the patient told of it; the offices read it, the hospital what it was told."""
    settings.TODAY = date(2026, 4, 3)
    alert = note_denial(
        actor=cast.clerk_a, settlement=settled(wang, 1, 5), told="本人到窗口说明，核对身份证"
    )
    row = step_review(
        actor=cast.approver, row=first(cast, alert), event="tell_institution",
        reason="请说明 3 月 1 日的住院", on=ON,
    )  # fmt: skip

    opened(cast, row, ON)

    def read(user: Any) -> str:
        client = as_user(user)
        pages = ("/supervision/reviews", f"/supervision/reviews/{row.pk}",
                 f"/supervision/reviews/{row.pk}/appeal")  # fmt: skip
        told = [client.get(page) for page in pages]
        assert told[0].status_code == told[1].status_code == 200
        return "".join(one.content.decode() for one in told)

    said = read(cast.hospital_clerk)
    assert "请说明 3 月 1 日的住院" in said and "见告知内容" in said
    assert "A23" not in said and alert.rule_title not in said
    assert alert.rule_title in read(cast.supervisor)


def test_the_database_keeps_the_hands_apart(told: AlertReview, cast: Any) -> None:
    changes = (
        ("status = 'done'", []), ("told = 'x'", []), ("second_by_id = %s", [cast.supervisor.pk])
    )  # fmt: skip
    for change, values in changes:
        with (
            pytest.raises(IntegrityError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE supervision_alertreview SET {change}", values)


def test_nobody_concludes_by_another_role(alert: Alert, cast: Any) -> None:
    with pytest.raises(Refusal, match="您的角色不能办理"):
        review_alert(
            actor=in_duty(cast.supervisor, Role.REVIEWER), alert=alert,
            event="confirm_alert", reason="没有同意书", on=ON,
        )  # fmt: skip
