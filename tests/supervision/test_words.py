"""A clinic without a login is heard: 永兴医院 and 第4村卫生室 answer on paper, 蒋正平 enters it.

永兴医院 charged 王建国 300.00 outside the catalogues; the fund's share of the stay is 2,400.00.
"""

from datetime import date
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from PIL import Image

from accounts.clock import start_of
from accounts.errors import Refusal
from accounts.models import Division, User
from accounts.roles import Role
from desk.models import Paper
from desk.papers import print_paper
from supervision.cases import delivering
from supervision.inspections import rectifying
from supervision.models import Alert, AlertReview
from supervision.reviewing.services import review_alert, step_review, unfit
from supervision.reviewing.serving import open_notice, serve_review
from supervision.reviewing.work import WORK
from supervision.services import screen_new_claims
from supervision.words.models import PartyWord
from supervision.words.papers import ALERT_DELIVERY, ALERT_NOTICE
from supervision.words.services import Said, take_word
from tests.application import as_owner
from tests.conftest import in_duty, make_user
from tests.papers import keeps_what_it_said
from tests.supervision.cases.rows import by_hand
from tests.supervision.inspections.rows import Rows

pytestmark = pytest.mark.usefixtures("as_application")
ON, TOLD, CAME = date(2026, 4, 1), date(2026, 4, 2), date(2026, 4, 15)
DUE, LATE = date(2026, 4, 16), date(2026, 4, 20)
PDF = b"%PDF-1.4 word %%EOF"


@pytest.fixture(autouse=True)
def april(settings: Any, tmp_path: Path) -> None:
    settings.TODAY = LATE
    settings.SCANS_ROOT = str(tmp_path / "scans")


@pytest.fixture
def unserved(county: Division, wang: Any, settled: Any, cast: SimpleNamespace) -> AlertReview:
    settled(wang, 1, 5, off_catalogue="300.00")
    screen_new_claims(area=county)
    review = review_alert(
        actor=cast.supervisor, alert=Alert.objects.get(), event="confirm_alert",
        reason="没有同意书", on=ON,
    )  # fmt: skip
    step_review(
        actor=cast.approver, row=review, event="tell_institution",
        reason="300.00 元目录外费用没有同意书", on=TOLD,
    )  # fmt: skip
    AlertReview.objects.filter(pk=review.pk).update(second_at=start_of(TOLD))
    return AlertReview.objects.get(pk=review.pk)


@pytest.fixture
def told(unserved: AlertReview, cast: SimpleNamespace) -> AlertReview:
    """Brought to 李院长 on the day on which it was decided."""
    print_paper(ALERT_NOTICE, unserved, actor=cast.approver, on=TOLD)
    return serve_review(actor=cast.supervisor, row=unserved, on=TOLD, served=by_hand(TOLD))


def page_of() -> bytes:
    out = BytesIO()
    Image.new("RGB", (80, 60), "white").save(out, "PNG")
    return out.getvalue()


def said(**more: Any) -> Said:
    facts = {"kind": "answer", "received_on": CAME, "brought_by": "何大夫，负责人",
             "way": "brought", "words": "同意书在病历中", "evidence": "同意书复印件 1 份",
             **more}  # fmt: skip
    return Said(**facts)


def test_a_clinic_on_paper_is_heard_within_its_term(
    told: AlertReview, cast: Any, county: Division
) -> None:
    """What came on the 15th counts, although it is entered on the 20th; who entered it neither
    verifies nor decides."""
    one, other = cast.supervisor, make_user("supervisor2", "罗明亮", Role.SUPERVISOR, county)
    with pytest.raises(Refusal, match="收到日期不能早于告知（2026-04-02）"):
        take_word(actor=one, about=told, said=said(received_on=ON), on=LATE)
    with pytest.raises(Refusal, match="请选择当事人怎样答复"):
        take_word(actor=one, about=told, said=said(kind="hearing"), on=LATE)
    with pytest.raises(Refusal, match="请写明递交人"):
        take_word(actor=one, about=told, said=said(brought_by=""), on=LATE)
    with pytest.raises(Refusal, match="您的角色不能办理"):
        take_word(actor=cast.approver, about=told, said=said(), on=LATE)
    word = take_word(actor=one, about=told, said=said(), scans=[PDF, page_of()], on=LATE)
    told.refresh_from_db()
    assert (told.status, told.appeal, told.appealed_by) == ("appealed", "同意书在病历中", one)
    assert (word.how, word.scans.count()) == ("何大夫，负责人当面递交", 2)
    verify = {"row": told, "event": "verify_alert", "reason": "原件核对无误", "on": LATE}
    with pytest.raises(Refusal, match="您代录的，请由其他人核对原件后核实"):
        step_review(actor=one, **verify)
    review = step_review(actor=other, **verify)
    with pytest.raises(Refusal, match="您代录的"):
        step_review(
            actor=in_duty(one, Role.APPROVER),
            row=review,
            event="drop_alert",
            reason="成立",
            on=LATE,
        )
    done = step_review(
        actor=cast.approver2, row=review, event="drop_alert", reason="申诉成立", on=LATE
    )
    done.alert.refresh_from_db()
    assert done.alert.status == "dismissed"


def test_what_comes_late_is_read_and_moves_no_term(
    told: AlertReview, cast: Any, county: Division, as_user: Any
) -> None:
    """A statement of the 17th stands on the review as late; who entered it does not verify."""
    day = {"actor": cast.supervisor, "about": told, "on": LATE}
    late = date(2026, 4, 17)
    with pytest.raises(Refusal, match="收到日期晚于期限 2026-04-16") as refused:
        take_word(said=said(kind="agreed", received_on=late), scans=[PDF], **day)
    assert refused.value.at == ("kind",)
    word = take_word(said=said(received_on=late), **day)
    told.refresh_from_db()
    assert (word.is_late, told.status, told.appeal, told.due_on) == (True, "told", "", DUE)
    page = as_user(cast.supervisor).get(f"/supervision/reviews/{told.pk}").content.decode()
    assert "书面答复（逾期）" in page
    verify = {"row": told, "event": "verify_alert", "reason": "逾期的答复也看了", "on": LATE}
    with pytest.raises(Refusal, match="您代录的"):
        step_review(actor=cast.supervisor, **verify)
    other = make_user("supervisor2", "罗明亮", Role.SUPERVISOR, county)
    assert step_review(actor=other, **verify).status == "verified"


def test_nobody_gives_up_the_term_of_an_institution_for_it(
    told: AlertReview, cast: Any, as_user: Any
) -> None:
    """韩梅 answers for 永兴医院 herself until the 16th. Without an account of its own it agrees on
    paper: signed, and the scan is there for who verifies."""
    day = {"actor": cast.supervisor, "about": told, "on": CAME}
    agreed = said(kind="agreed", words="", evidence="")
    client, url = as_user(cast.supervisor), f"/supervision/reviews/{told.pk}"
    with pytest.raises(Refusal, match="2026-04-16 以前由机构在系统中申诉，不能代录"):
        take_word(said=agreed, scans=[PDF], **day)
    User.objects.filter(pk=cast.hospital_clerk.pk).update(is_active=False)
    assert "代录机构答复" in client.get(url).content.decode()
    with pytest.raises(Refusal, match="请附本人签字的扫描件") as refused:
        take_word(said=agreed, **day)
    assert refused.value.at == ("scans",)
    take_word(said=agreed, scans=[PDF], **day)
    verify = {"row": told, "event": "verify_alert", "reason": "看了签字原件", "on": CAME}
    with pytest.raises(Refusal, match="请由其他人核对原件"):
        step_review(actor=cast.supervisor, **verify)
    with as_owner(), transaction.atomic(), pytest.raises(IntegrityError):
        AlertReview.objects.filter(pk=told.pk).update(
            status="verified", verified_by=cast.supervisor, verified="看了"
        )


@pytest.mark.parametrize(
    ("kind", "appeal"), [("agreed", "无异议（书面签字确认）"), ("silent", "期满未答复")]
)
def test_a_clinic_agrees_or_keeps_silent(
    kind: str, appeal: str, told: AlertReview, cast: Any
) -> None:
    plain = {"words": "", "evidence": ""}
    if kind == "silent":
        with pytest.raises(Refusal, match="期限 2026-04-16 还没有过"):
            take_word(
                actor=cast.supervisor, on=DUE, about=told,
                said=said(kind=kind, brought_by="", way="", received_on=DUE, **plain),
            )  # fmt: skip
        plain |= {"brought_by": "", "way": ""}
    word = take_word(
        actor=cast.supervisor, about=told, said=said(kind=kind, **plain), on=LATE,
        scans=[PDF] if kind == "agreed" else [],
    )  # fmt: skip
    told.refresh_from_db()
    assert (told.status, told.appeal, word.entered_by) == ("appealed", appeal, cast.supervisor)
    with as_owner(), transaction.atomic(), pytest.raises(IntegrityError):
        PartyWord.objects.filter(pk=word.pk).update(received_on=ON)


def test_the_officer_enters_it_on_a_page(told: AlertReview, cast: Any, as_user: Any) -> None:
    """A wrong form keeps what was typed; the word stands on the review with its page, which who
    does not see reviews does not open, and the institution neither."""
    client, url = as_user(cast.supervisor), f"/supervision/reviews/{told.pk}"
    assert "代录机构答复" in client.get(url).content.decode()
    typed = {"kind": "answer", "received_on": "2026-04-15", "brought_by": "何大夫", "way": "",
             "words": "同意书在病历中", "evidence": ""}  # fmt: skip
    page = client.post(f"{url}/word", typed).content.decode()
    assert "请选择递交方式" in page and "同意书在病历中" in page
    scan = SimpleUploadedFile("回执.pdf", PDF)
    client.post(f"{url}/word", typed | {"way": "posted", "scans": scan})
    page = client.get(url).content.decode()
    assert "当事人书面答复（代录）" in page and "何大夫邮寄" in page and "蒋正平" in page
    kept = PartyWord.objects.get().scans.get()
    address = f"/supervision/words/scans/{kept.pk}"
    assert client.get(address).content == PDF
    assert as_user(cast.hospital_clerk).get(address).status_code == 403
    told_page = as_user(cast.hospital_clerk).get(url).content.decode()
    assert "机构答复（代录）" in told_page and address not in told_page


def test_the_term_runs_from_service_and_not_from_the_decision(
    unserved: AlertReview, cast: Any, as_user: Any, settings: Any
) -> None:
    """Decided on 2 April, left with 何大夫's neighbour on the 13th: ten working days end on the
    27th, and nobody goes on before. Who entered the service does not decide."""
    row, served_on = unserved, date(2026, 4, 13)
    settings.TODAY = served_on
    by = {"actor": cast.supervisor, "row": row, "on": served_on}
    for step in ("verify_alert", "enter_appeal"):
        assert "告知书还没有送达" in unfit(row, step, LATE)
    with pytest.raises(Refusal, match="告知书还没有送达"):
        take_word(actor=cast.supervisor, about=row, said=said(), on=LATE)
    url, client = f"/supervision/reviews/{row.pk}", as_user(cast.supervisor)
    assert "告知书还没有送达，申诉期限没有起算" in client.get(url).content.decode()
    assert "还没有打印" in client.get(f"{url}/serve", follow=True).content.decode()
    print_paper(ALERT_NOTICE, row, actor=cast.approver, on=date(2026, 4, 10))
    for wrong, at, told in (
        ({"receiver": ""}, "receiver", "请填写签收人"),
        ({"way": "online"}, "way", "请选择送达方式"),
        ({"way": "left"}, "refusal", "留置送达请填写拒收的理由"),
    ):
        with pytest.raises(Refusal, match=told) as refused:
            serve_review(**by, served=by_hand(served_on, **wrong))
        assert refused.value.at == (at,)
    with pytest.raises(Refusal, match="送达日期不能晚于今天"):
        serve_review(**by, served=by_hand(date(2026, 4, 14)))
    form = client.get(f"{url}/serve").content.decode()
    assert "送达之日起 10 个工作日内可以申诉" in form and "电子送达" not in form
    typed = {"served_on": "2026-04-13", "way": "left", "place": "卫生室", "server": "蒋正平",
             "other_server": "罗明亮", "refusal": "要等院长", "witness": "周会计"}  # fmt: skip
    shown = client.post(f"{url}/serve", typed, follow=True).content.decode()
    assert "机构可以在 2026-04-27 以前申诉" in shown and "周会计见证" in shown
    row.refresh_from_db()
    assert row.due_on == date(2026, 4, 27)
    with pytest.raises(Refusal, match="2026-04-27 以前申诉"):
        step_review(actor=cast.supervisor, row=row, event="verify_alert", reason="看", on=DUE)
    with pytest.raises(Refusal, match="已经送达"):
        serve_review(**by, served=by_hand(served_on))
    with pytest.raises(Refusal, match="已经送达"):
        open_notice(
            actor=cast.hospital_clerk, row=row, event="open_notice", on=served_on, reason=""
        )
    verify = {"row": row, "event": "verify_alert", "reason": "未申诉", "on": date(2026, 4, 28)}
    with pytest.raises(Refusal, match="送达是您登记的，请由其他人核实"):
        step_review(actor=cast.supervisor, **verify)
    other = make_user("supervisor2", "罗明亮", Role.SUPERVISOR, cast.supervisor.division)
    verified = step_review(actor=other, **verify)
    deciding = {"row": verified, "event": "uphold_alert", "reason": "属实", "on": date(2026, 4, 28)}
    with pytest.raises(Refusal, match="送达是您登记的，请由其他人核实、处理"):
        step_review(actor=in_duty(cast.supervisor, Role.APPROVER), **deciding)


@pytest.mark.parametrize(
    ("has_account", "due"), [(True, date(2026, 5, 4)), (False, date(2026, 4, 27))]
)
def test_a_service_entered_late_takes_no_right_to_answer(
    unserved: AlertReview, cast: Any, monkeypatch: Any, has_account: bool, due: date
) -> None:
    """Left on 2 April, entered on the 20th, when ten working days are over: 韩梅, who sees it in
    the portal that day, has ten days from then; a hospital without an account five."""
    print_paper(ALERT_NOTICE, unserved, actor=cast.approver, on=TOLD)
    # Stamped by the clock; here on the day of the story.
    paper = Paper(number="医保疑告〔2026〕1号", printed_at=start_of(TOLD))
    monkeypatch.setattr(delivering, "_first_print", lambda *_: paper)
    left = by_hand(
        TOLD, way="left", receiver="", refusal="要等院长", witness="周会计", late_reason="漏登"
    )
    User.objects.filter(pk=cast.hospital_clerk.pk).update(is_active=has_account)
    row = serve_review(actor=cast.supervisor, row=unserved, on=LATE, served=left)
    assert row.due_on == due


def test_what_was_told_the_old_way_keeps_its_day(
    unserved: AlertReview, cast: Any, as_user: Any, settings: Any
) -> None:
    """Told on 2 April with a term to the 16th before service was noted: the notice names that day,
    and neither 蒋正平 nor 韩梅 serves it anew."""
    settings.TODAY = date(2026, 4, 10)
    AlertReview.objects.filter(pk=unserved.pk).update(due_on=DUE)
    unserved.refresh_from_db()
    for step in ("serve_review", "open_notice"):
        told = "告知书 2026-04-02 已按原来的办法告知，申诉期限 2026-04-16"
        assert told in unfit(unserved, step, date(2026, 4, 10))
    page = as_user(cast.approver).get(f"/supervision/reviews/{unserved.pk}/notice")
    shown = page.content.decode()
    assert "请于 2026-04-16 前（含当日）申诉" in " ".join(shown.split())
    assert "送达之日起" not in shown and "当日即为送达" not in shown


def test_a_notice_that_nobody_brings_is_late_after_ten_working_days(
    unserved: AlertReview, cast: Any, as_user: Any, settings: Any
) -> None:
    """Told on 2 April: on the 17th, after a fortnight, it stands among what is late, and the
    institution is asked before it signs for the notice."""
    late = next(one for one in WORK if one.title == "疑点审核已逾期")
    for today, count in ((DUE, 0), (date(2026, 4, 17), 1)):
        settings.TODAY = today
        assert late.rows(cast.supervisor).count() == count
        page = as_user(cast.supervisor).get(f"/supervision/reviews?{late.query}").content.decode()
        assert (unserved.alert.settlement.number in page) == bool(count)
    page = as_user(cast.hospital_clerk).get(f"/supervision/reviews/{unserved.pk}").content.decode()
    assert "签收后不能撤回。确认签收？" in page


def test_the_receipt_of_the_notice_says_how_it_was_served(
    told: AlertReview, cast: Any, as_user: Any, other_county: Division
) -> None:
    def later() -> None:
        AlertReview.objects.filter(pk=told.pk).update(due_on=LATE)

    page = keeps_what_it_said(
        ALERT_DELIVERY,
        f"/supervision/reviews/{told.pk}/delivery",
        hand=as_user(cast.supervisor),
        change=later,
        elsewhere=as_user(make_user("far", "秦外", Role.SUPERVISOR, other_county)),
        stranger=as_user(cast.cashier),
    )
    for words in ("疑似违规费用告知书　医保疑告〔", "2026-04-02", "直接送达", "李院长",
                  "蒋正平、罗明亮", "送达人（二人签字）"):  # fmt: skip
        assert words in page, words


def test_the_notice_is_printed_for_the_clinic(
    unserved: AlertReview, cast: Any, as_user: Any, other_county: Division
) -> None:
    told = unserved

    def later() -> None:
        AlertReview.objects.filter(pk=told.pk).update(due_on=LATE)

    page = keeps_what_it_said(
        ALERT_NOTICE,
        f"/supervision/reviews/{told.pk}/notice",
        hand=as_user(cast.supervisor),
        change=later,
        elsewhere=as_user(make_user("far", "秦外", Role.SUPERVISOR, other_county)),
        stranger=as_user(cast.cashier),
    )
    for words in ("医保疑告〔", "300.00 元目录外费用没有同意书", "2,400.00",
                  "自本告知书送达之日起 10 个工作日内（送达当日不计）",
                  "没有账号的", "□ 没有异议"):  # fmt: skip
        assert words in page, words


def test_a_clinic_answers_its_order_on_paper(cast: Any, county: Any, village_a: Any) -> None:
    """Entered on its behalf; checked by another than who entered it; silence leaves it open."""
    order = Rows(county, village_a, cast.reviewer, cast.approver).order(4)
    one = cast.supervisor
    with pytest.raises(Refusal, match="还没有过"):
        take_word(
            actor=one, about=order, on=order.due_on,
            said=Said(kind="silent", received_on=order.due_on),
        )  # fmt: skip
    agreed = said(kind="agreed", words="", received_on=LATE)
    take_word(actor=one, about=order, said=agreed, scans=[PDF], on=LATE)
    order.refresh_from_db()
    assert order.status == "issued"
    with pytest.raises(Refusal, match="收到日期不能早于告知"):
        take_word(actor=one, about=order, said=said(), on=LATE)
    put_right = said(words="过期药已全部下架封存", received_on=LATE)
    take_word(actor=one, about=order, said=put_right, on=LATE)
    order.refresh_from_db()
    assert (order.status, order.replies.get().replied_by) == ("answered", one)
    check = {"order": order, "event": "verify_order", "reason": "看了照片和台账", "on": LATE}
    with pytest.raises(Refusal, match="您代录的，请由其他人核验"):
        rectifying.check_reply(actor=one, **check)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE supervision_reply SET checked_by_id = replied_by_id, checked_at = now(),"
            " is_good = true, verdict = '好'"
        )
