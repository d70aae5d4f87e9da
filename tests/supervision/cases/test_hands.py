"""Whose hands a case goes through: what the party says comes as its word, who wrote it down decides
nothing, and one officer alone moves no term.

永兴医院 is told on 22 May 2026 that 400.00 × 5 = 2,000.00 are meant, and may speak to 29 May.
"""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.audit import record
from accounts.clock import start_of
from accounts.errors import Refusal
from accounts.models import AuditLine, Division, User
from accounts.roles import Role
from desk.models import Paper
from desk.papers import print_papers
from desk.worklist import find
from supervision.cases import keeping, services
from supervision.cases.archiving import problem_of_archiving
from supervision.cases.execution import problem_of_pauses
from supervision.cases.models import Case, CaseNote, CasePause
from supervision.cases.papers import CASE_NOTICE
from supervision.cases.services import Clue
from supervision.cases.work import waiting
from supervision.words.services import Said, take_word
from tests.conftest import in_duty, make_user, past_the_guards
from tests.supervision.cases.conftest import finding
from tests.supervision.cases.rows import by_hand, told_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]
TOLD, CAME, DECIDED = date(2026, 5, 22), date(2026, 5, 25), date(2026, 6, 1)


@pytest.fixture
def fourth(county: Division) -> User:
    """A supervisor who investigates nothing."""
    return make_user("supervisor4", "喻平", Role.SUPERVISOR, county)


@pytest.fixture
def checked(filed: Case, team: Any, evidence: Any, act: Any) -> Case:
    one, _, third = team
    evidence(filed)
    found = finding(loss=400, factor=500)
    services.report_case(actor=one, case=filed, finding=found, on=date(2026, 5, 20))
    return act(filed, "check_case", third, date(2026, 5, 21))


@pytest.fixture
def told(checked: Case, fourth: User) -> Case:
    return told_of(actor=fourth, case=checked, on=TOLD)


def note(case: Case, by: User, kind: str, on: date, entered: date | None = None) -> CaseNote:
    return keeping.add_note(
        actor=by, case=case, kind=kind, happened_on=on, words="当事人到场", on=entered or on
    )


def test_what_the_party_says_is_no_record_of_the_officer(
    told: Case, team: Any, as_user: Any, settings: Any
) -> None:
    settings.TODAY = TOLD
    client, url = as_user(team[0]), f"/supervision/cases/{told.pk}/add/note"
    page = client.get(url).content.decode()
    for kind in CaseNote.OF_PARTY:
        assert f'value="{kind.value}"' not in page
        typed = {"kind": kind.value, "happened_on": str(TOLD), "who": "李院长", "words": "放弃听证"}
        assert "放弃听证" in client.post(url, typed).content.decode()
    assert not told.notes.exists()
    assert 'value="hearing"' in page and 'value="collective"' in page


def test_who_told_the_party_does_not_decide(told: Case, fourth: User, act: Any, cast: Any) -> None:
    with pytest.raises(Refusal, match="告知、代录答复、决定必须由不同的人办理"):
        act(told, "decide_case", in_duty(fourth, Role.APPROVER), DECIDED)
    assert act(told, "decide_case", cast.approver, DECIDED).decided_on == DECIDED


@pytest.mark.parametrize("kind", ["waived", "hearing"])
def test_who_wrote_the_defence_down_does_not_decide(
    kind: str, told: Case, county: Division, act: Any
) -> None:
    fifth = make_user("supervisor5", "严小青", Role.SUPERVISOR, county)
    note(told, fifth, kind, CAME)
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        act(told, "decide_case", in_duty(fifth, Role.APPROVER), DECIDED)


def test_who_asks_to_be_heard_takes_the_waiver_back(
    told: Case, fourth: User, act: Any, cast: Any, settings: Any, tmp_path: Path
) -> None:
    """Signed away on the 22nd, asked for on the 25th: the term runs, and the hearing is held
    after it was asked for."""
    how = {"brought_by": "李院长", "way": "brought"}
    for kind, on, words in (("agreed", TOLD, ""), ("hearing", CAME, "我们申请听证")):
        said = Said(kind=kind, received_on=on, words=words, **how)
        take_word(actor=fourth, about=told, said=said, scans=[b"%PDF-1.4 %%EOF"], on=CAME)
    with pytest.raises(Refusal, match="2026-05-29 以前可以陈述"):
        act(told, "decide_case", cast.approver, CAME)
    for early in (TOLD, CAME):
        with pytest.raises(Refusal, match="2026-05-25 才申请听证") as refused:
            note(told, fourth, "hearing", early, CAME)
        assert refused.value.at == ("happened_on",)
    with pytest.raises(Refusal, match="已在 2026-05-25 申请听证，请先举行听证"):
        act(told, "decide_case", cast.approver, DECIDED)
    note(told, fourth, "hearing", DECIDED)
    assert act(told, "decide_case", cast.approver, DECIDED).status == "decided"


def test_what_is_sealed_is_not_sealed_anew(filed: Case, team: Any, evidence: Any) -> None:
    """The books are sealed from 9 April to 9 May; in June that is not begun anew."""
    sealed = evidence(filed, hold="seal", title="进销存账 2 册")
    again = {"actor": team[0], "case": filed, "kind": "object", "title": "进销存账 2 册 ",
             "origin": "永兴医院", "hold": "seal"}  # fmt: skip
    june = date(2026, 6, 10)
    with pytest.raises(Refusal, match="“进销存账 2 册”已在封存，期限 2026-05-09") as refused:
        keeping.add_evidence(obtained_on=june, on=june, **again)
    assert refused.value.at == ("title",)
    keeping.add_evidence(obtained_on=june, on=june, **again | {"title": "处方 40 张"})
    keeping.release_evidence(actor=team[0], evidence=sealed, how="退还", on=june)
    assert filed.evidence.count() == 2


def test_evidence_has_a_day_that_may_be_so(filed: Case, evidence: Any) -> None:
    with pytest.raises(Refusal, match="取得日期不能早于 2021-01-01") as refused:
        evidence(filed, obtained_on=date(1990, 1, 1))
    assert refused.value.at == ("obtained_on",)
    with pytest.raises(Refusal, match="不能早于线索（2026-04-01）"):
        evidence(filed, obtained_on=date(2026, 3, 31), hold="seal")
    assert evidence(filed, obtained_on=date(2026, 3, 31)).pk


def test_a_person_whom_no_register_knows_is_masked(
    cast: Any, county: Division, as_user: Any, settings: Any
) -> None:
    """In the list and in the search; a unit is named."""
    settings.TODAY = date(2026, 4, 2)
    for name in ("王建国", "欧阳建国", "永川区康民大药房", "康民诊所（个体）"):
        told = Clue(source="handed", told="倒卖药品", party_name=name)
        services.open_clue(actor=cast.supervisor, area=county, clue=told, on=date(2026, 4, 1))
    page = as_user(cast.supervisor).get("/supervision/cases").content.decode()
    found = [find(cast.supervisor, case.number, 5) for case in Case.objects.all()]
    for shown in (page, str(found)):
        assert "王建国" not in shown and "欧阳建国" not in shown
        assert "王*国" in shown and "欧**国" in shown
        assert "永川区康民大药房" in shown and "康民诊所（个体）" in shown


def test_nothing_is_served_before_it_was_printed(
    checked: Case, team: Any, as_user: Any, settings: Any
) -> None:
    """Neither by the page nor by the service: the party cannot have held it."""
    settings.TODAY = TOLD
    with pytest.raises(Refusal, match="行政处理事先告知书还没有打印") as refused:
        services.notify_case(actor=team[0], case=checked, served=by_hand(TOLD), on=TOLD)
    assert refused.value.at == ("served_on",)
    client, url = as_user(team[0]), f"/supervision/cases/{checked.pk}"
    page = client.get(f"{url}/ask/notify_case", follow=True).content.decode()
    assert "请先打印、盖章，再登记送达" in page
    client.post(f"{url}/papers/notice")
    assert "迟登记的原因" in client.get(f"{url}/ask/notify_case").content.decode()


@pytest.fixture
def printed(checked: Case, team: Any) -> Case:
    """The notice is printed on 22 May."""
    print_papers(CASE_NOTICE, [Case.objects.get(pk=checked.pk)], actor=team[0], on=TOLD)
    past_the_guards(Paper.objects.all(), printed_at=start_of(TOLD))
    Case.objects.filter(pk=checked.pk).update(checked_at=start_of(date(2026, 5, 21)))
    return checked


def test_a_service_lies_not_before_its_paper(printed: Case, team: Any) -> None:
    """Entered on 5 June as of the day before the print, the hearing would be over."""
    with pytest.raises(Refusal, match=r"医保告〔\d+〕1号 在 2026-05-22 打印，送达日期不能早于"):
        services.notify_case(
            actor=team[0], case=printed, served=by_hand(date(2026, 5, 21)), on=date(2026, 6, 5)
        )


def test_who_enters_a_service_late_says_why(printed: Case, team: Any) -> None:
    """Five working days after the 22nd is the 29th; on 1 June the trail keeps a reason."""
    late = {"actor": team[0], "case": printed, "on": DECIDED}
    with pytest.raises(Refusal, match="超过 5 个工作日才登记，请写明原因") as refused:
        services.notify_case(served=by_hand(TOLD), **late)
    assert refused.value.at == ("late_reason",)
    services.notify_case(served=by_hand(TOLD, late_reason="回证由邮局寄回"), **late)
    line = AuditLine.objects.get(action="supervision.note_delivery")
    assert line.reason == "回证由邮局寄回"


def test_an_announcement_takes_thirty_days(printed: Case, team: Any) -> None:
    how = {"way": "announced", "receiver": "", "relation": "", "reference": "县政务网 2026-05-22"}
    by = {"actor": team[0], "case": printed}
    early, over = date(2026, 6, 20), date(2026, 6, 21)
    with pytest.raises(Refusal, match="最早 2026-06-21，期满后再登记") as refused:
        services.notify_case(served=by_hand(early, **how), on=early, **by)
    assert refused.value.at == ("served_on",)
    assert services.notify_case(served=by_hand(over, **how), on=over, **by).notified_on == over


def test_nobody_stands_by_number_in_what_is_kept(
    filed: Case, team: Any, act: Any, cast: Any
) -> None:
    """Neither in the case nor in the trail, which its administrator reads; the number of a
    settlement is whole."""
    words = "王建国 510225198001011234，手机 139 0000 1234，结算单 500225202600000012"
    kept = "王建国 510225************，手机 13***********，结算单 500225202600000012"
    on = date(2026, 5, 1)
    noted = keeping.add_note(
        actor=team[0], case=filed, kind="talk", happened_on=on, words=words, who=words, on=on
    )
    assert (noted.words, noted.who) == (kept, kept)
    ended = act(filed, "end_case", cast.approver, on, words)
    line = AuditLine.objects.get(action="supervision.end_case")
    assert (ended.opinion, line.reason, (line.after or {})["opinion"]) == (kept, kept, kept)
    record(actor=team[0], action="supervision.end_case", subject=ended, reason=words)
    assert not AuditLine.objects.filter(reason__contains="19800101").exists()


def test_one_officer_alone_moves_no_term(filed: Case, team: Any, cast: Any, as_user: Any) -> None:
    """Due on 7 July 2026: neither with days to come nor with days told afterwards."""
    on = date(2026, 8, 3)
    pause = {"actor": team[0], "case": filed, "kind": "expert", "paper_on": on, "on": on}
    for first, last, told, at in (
        (on, date(2035, 12, 31), "截止日期不能晚于今天", "last_day"),
        (date(2026, 4, 9), date(2026, 7, 31), "不能事后补登", "first_day"),
        (date(2026, 4, 9), None, "不能事后补登", "first_day"),
        (on, None, "请写明依据的文号", "paper"),
    ):
        with pytest.raises(Refusal, match=told) as refused:
            keeping.add_pause(first_day=first, last_day=last, paper="", **pause)
        assert refused.value.at == (at,)
    filed.refresh_from_db()
    assert filed.due_on == date(2026, 7, 7)
    keeping.add_pause(first_day=on, last_day=None, paper="鉴定委托书〔2026〕1号", **pause)
    row = CasePause.objects.get()
    assert (row.paper, row.paper_on, row.status) == ("鉴定委托书〔2026〕1号", on, "asked")
    assert list(waiting(cast.approver)) == [filed]
    with pytest.raises(Refusal, match="办案期限 2026-07-07 已过"):
        keeping.decide_pause(actor=cast.approver, row=row, event="agree_pause", on=on)
    page = f"/supervision/cases/{filed.pk}"
    url = f"/supervision/cases/pauses/{row.pk}"
    assert f"{url}/agree_pause" not in as_user(team[0]).get(page).content.decode()
    assert as_user(team[0]).post(f"{url}/agree_pause").status_code == 403
    approver = as_user(cast.approver)
    assert f"{url}/agree_pause" in approver.get(page).content.decode()
    told = approver.post(f"{url}/decline_pause", {"reason": "已逾期"}, follow=True)
    assert "吴国栋（已逾期）" in told.content.decode()
    row.refresh_from_db()
    assert (row.status, row.last_day, list(waiting(cast.approver))) == ("declined", on, [])
    with pytest.raises(IntegrityError), transaction.atomic():
        CasePause.objects.filter(pk=row.pk).update(status="agreed")


@pytest.fixture
def asked(filed: Case, team: Any) -> CasePause:
    """蒋正平 asks on 1 May for days that do not count."""
    on = date(2026, 5, 1)
    return keeping.add_pause(
        actor=team[0], case=filed, kind="expert", first_day=on, last_day=None,
        paper="鉴定委托书〔2026〕1号", paper_on=on, on=on,
    )  # fmt: skip


def test_a_case_does_not_end_while_days_wait_to_be_agreed_to(
    asked: CasePause, filed: Case, act: Any, cast: Any
) -> None:
    """It would stay the approver's work for ever, and so it did not stay of one that ended before
    that was asked."""
    on = date(2026, 5, 6)
    told = "“鉴定、专家评审”（自 2026-05-01）还没有批准，请先由复核人员批准或者不批准"
    with pytest.raises(Refusal, match=told):
        act(filed, "end_case", cast.approver, on, "事实不清")
    past_the_guards(Case.objects.filter(pk=filed.pk), status="ended")
    assert not waiting(cast.approver).exists()
    assert problem_of_archiving(Case.objects.get(pk=filed.pk)).startswith("扣除期间" + told[:9])
    past_the_guards(Case.objects.filter(pk=filed.pk), status="open")
    keeping.decide_pause(
        actor=cast.approver, row=asked, event="decline_pause", on=on, reason="没有委托"
    )
    assert act(filed, "end_case", cast.approver, on, "事实不清").status == "ended"


def test_a_pause_that_nobody_ends_counts_sixty_days(
    asked: CasePause, filed: Case, team: Any, cast: Any
) -> None:
    """From 1 May to 29 June: due on 7 July, so on 5 September and not a day later, however late it
    is ended."""
    keeping.decide_pause(actor=cast.approver, row=asked, event="agree_pause", on=date(2026, 5, 6))
    filed.refresh_from_db()
    for on in (date(2026, 6, 29), date(2026, 8, 30)):
        assert services.term_of(filed, on) == date(2026, 9, 5)
    late = {"actor": team[0], "pause": asked, "last_day": on, "on": on}
    assert keeping.end_pause(**late).status == "agreed"
    asked.refresh_from_db()
    assert (asked.last_day, asked.ended_by) == (date(2026, 6, 29), None)
    assert AuditLine.objects.get(action="supervision.end_full_pause").user is None
    with pytest.raises(Refusal, match="这段期间已经结束"):
        keeping.end_pause(**late)
    filed.refresh_from_db()
    assert filed.due_on == date(2026, 9, 5)


def test_a_full_pause_is_in_the_way_of_nothing(
    asked: CasePause, filed: Case, team: Any, cast: Any
) -> None:
    """It ended on 29 June of itself: the next one begins on 1 July without an end of it noted."""
    keeping.decide_pause(actor=cast.approver, row=asked, event="agree_pause", on=date(2026, 5, 6))
    more = {"actor": team[0], "case": filed, "kind": "test", "last_day": None,
            "paper": "检测委托书〔2026〕1号"}  # fmt: skip
    full = date(2026, 6, 29)
    with pytest.raises(Refusal, match="已有一段扣除期间没有结束"):
        keeping.add_pause(first_day=full, paper_on=full, on=full, **more)
    on = date(2026, 7, 1)
    assert keeping.add_pause(first_day=on, paper_on=on, on=on, **more).status == "asked"
    asked.refresh_from_db()
    assert asked.last_day == full


@pytest.mark.parametrize("kind", ["expert", "suspended"])
def test_another_agrees_on_which_day_a_pause_ends(
    kind: str, filed: Case, team: Any, cast: Any, as_user: Any, settings: Any
) -> None:
    """蒋正平 says on the 20th that what began on 1 May is over: twenty days do not count while that
    waits, nor more; given back it goes on, and ends when 罗明亮 says so on the 26th. 吴国栋, who
    agreed to the beginning, agrees to the end; whoever entered either does not."""
    one, first, last = team[0], date(2026, 5, 1), date(2026, 5, 20)
    row = keeping.add_pause(
        actor=one, case=filed, kind=kind, first_day=first, last_day=None,
        paper="委托书〔2026〕1号", paper_on=first, on=first,
    )  # fmt: skip
    keeping.decide_pause(actor=cast.approver, row=row, event="agree_pause", on=first)
    settings.TODAY = last
    url, page = f"/supervision/cases/pauses/{row.pk}", f"/supervision/cases/{filed.pk}"
    with pytest.raises(Refusal, match="您的角色不能登记扣除期间的结束"):
        keeping.end_pause(actor=cast.approver, pause=row, last_day=last, on=last)
    officer, approver = as_user(one), as_user(cast.approver)
    resumes = f"{url}/end"
    assert resumes in officer.get(page).content.decode()
    assert approver.post(f"{url}/ask_pause_end").status_code == 404
    assert 'value="2026-05-20"' in officer.get(resumes).content.decode()
    assert approver.get(resumes).status_code == 403
    officer.post(resumes, {"last_day": "2026-05-20"})
    shown = officer.get(page).content.decode()
    assert "2026-05-20，待批准" in shown and resumes not in shown
    row.refresh_from_db()
    assert (row.status, row.ends_on, row.last_day) == ("ending", last, None)
    assert list(waiting(cast.approver)) == [filed]
    assert "的结束还没有批准，请先由复核人员批准或者退回" in problem_of_pauses(filed)
    assert services.term_of(filed, date(2026, 5, 26)) == date(2026, 7, 27)
    settings.TODAY = date(2026, 5, 26)
    assert officer.post(f"{url}/agree_pause_end").status_code == 403
    with pytest.raises(Refusal, match="请由其他人批准结束"):
        keeping.decide_pause(
            actor=in_duty(one, Role.APPROVER), row=row, event="agree_pause_end", on=last
        )
    in_duty(one, Role.SUPERVISOR)
    approver.post(f"{url}/return_pause_end", {"reason": "鉴定意见还没有出来"})
    row.refresh_from_db()
    assert (row.status, row.ends_on) == ("agreed", None)
    shown = officer.get(page).content.decode()
    assert re.search("吴国栋 [0-9: -]+ 退回结束：鉴定意见还没有出来", shown)
    assert "吴国栋（鉴定" not in shown
    assert (row.opinion, row.end_opinion) == ("", "鉴定意见还没有出来")
    assert row.end_returned_by == cast.approver
    with pytest.raises(IntegrityError), transaction.atomic():
        row.opinion = "已批准"
        row.save(update_fields=["opinion"])
        CasePause.objects.filter(pk=row.pk).update(opinion="不批准")
    row.refresh_from_db()
    day = date(2026, 5, 26)
    again = keeping.end_pause(actor=team[1], pause=row, last_day=day, on=day)
    assert f"{url}/agree_pause_end" in approver.get(page).content.decode()
    approver.post(f"{url}/agree_pause_end")
    row.refresh_from_db()
    filed.refresh_from_db()
    assert (row.status, row.last_day, row.end_agreed_by) == ("agreed", again.ends_on, cast.approver)
    assert (filed.status, filed.due_on) == ("open", date(2026, 8, 2))
    assert not waiting(cast.approver).exists()


@pytest.fixture
def running(asked: CasePause, cast: Any) -> CasePause:
    """吴国栋 agrees on 6 May to what 蒋正平 asked for from the 1st."""
    agree = {"actor": cast.approver, "event": "agree_pause", "on": date(2026, 5, 6)}
    return keeping.decide_pause(row=asked, **agree)


def test_a_pause_ends_on_the_day_that_is_told(
    running: CasePause, filed: Case, team: Any, cast: Any, as_user: Any, settings: Any
) -> None:
    """The opinion came on Friday 15 May and is entered on Monday: fifteen days do not count, not
    eighteen. Neither a day to come, nor one before the first, nor one long past."""
    settings.TODAY = date(2026, 5, 18)
    officer, url = as_user(team[0]), f"/supervision/cases/pauses/{running.pk}/end"
    for day, wrong in (
        ("2026-05-19", "截止日期应在开始（2026-05-01）和今天（2026-05-18）之间"),
        ("2026-04-30", "截止日期应在开始（2026-05-01）和今天（2026-05-18）之间"),
        ("2026-05-08", "扣除期间的结束应在 5 个工作日内登记，截止日期不能更早"),
    ):
        assert wrong in officer.post(url, {"last_day": day}).content.decode()
        with pytest.raises(Refusal, match=wrong[:8]) as refused:
            keeping.end_pause(
                actor=team[0], pause=running, last_day=date.fromisoformat(day), on=settings.TODAY
            )
        assert refused.value.at == ("last_day",)
    officer.post(url, {"last_day": "2026-05-15"})
    running.refresh_from_db()
    assert (running.status, running.ends_on) == ("ending", date(2026, 5, 15))
    as_user(cast.approver).post(f"/supervision/cases/pauses/{running.pk}/agree_pause_end")
    running.refresh_from_db()
    filed.refresh_from_db()
    assert (running.last_day, filed.due_on) == (date(2026, 5, 15), date(2026, 7, 22))


def test_an_end_given_back_is_told_again_as_it_was(
    running: CasePause, filed: Case, team: Any, cast: Any
) -> None:
    """吴国栋 returns on 27 May what 蒋正平 told on the 18th, for want of the opinion's number; that
    it came on the 15th stays true."""
    day, back = date(2026, 5, 15), date(2026, 5, 27)
    end = {"actor": team[0], "pause": running, "last_day": day}
    with pytest.raises(Refusal, match="截止日期不能更早"):
        keeping.end_pause(on=back, **end)
    row = keeping.end_pause(on=date(2026, 5, 18), **end)
    decide = {"actor": cast.approver, "row": row, "on": back}
    keeping.decide_pause(event="return_pause_end", reason="请先登记鉴定意见", **decide)
    assert keeping.end_pause(on=back, **end).ends_on == day
    assert keeping.decide_pause(event="agree_pause_end", **decide).last_day == day
    filed.refresh_from_db()
    assert filed.due_on == date(2026, 7, 22)


def test_what_ended_before_it_was_full_ended_then(
    running: CasePause, filed: Case, team: Any, cast: Any
) -> None:
    """Full on 29 June; that the opinion came on the 26th is told on 1 July, and not passed over."""
    day, on = date(2026, 6, 26), date(2026, 7, 1)
    row = keeping.end_pause(actor=team[0], pause=running, last_day=day, on=on)
    assert (row.status, row.ends_on) == ("ending", day)
    row = keeping.decide_pause(actor=cast.approver, row=row, event="agree_pause_end", on=on)
    assert row.last_day == day


def test_an_officer_takes_back_the_end_that_waits(
    running: CasePause, filed: Case, team: Any, cast: Any, as_user: Any, settings: Any
) -> None:
    """蒋正平 put the wrong day forward; 吴国栋, who decides, does not take it back for him."""
    on = settings.TODAY = date(2026, 5, 18)
    officer, approver = as_user(team[0]), as_user(cast.approver)
    page, url = f"/supervision/cases/{filed.pk}", f"/supervision/cases/pauses/{running.pk}"
    withdraws = f"{url}/withdraw_pause_end"
    assert withdraws not in officer.get(page).content.decode()
    keeping.end_pause(actor=team[0], pause=running, last_day=on, on=on)
    assert withdraws in officer.get(page).content.decode()
    assert withdraws not in approver.get(page).content.decode()
    assert approver.post(withdraws).status_code == 403
    assert "已办理“撤回结束”" in officer.post(withdraws, follow=True).content.decode()
    running.refresh_from_db()
    assert (running.status, running.ends_on, running.end_opinion) == ("agreed", None, "")
    assert AuditLine.objects.get(action="supervision.withdraw_pause_end").user == team[0]
    assert not waiting(cast.approver).exists()
    officer.post(f"{url}/end", {"last_day": "2026-05-15"})
    running.refresh_from_db()
    assert (running.status, running.ends_on) == ("ending", date(2026, 5, 15))


def test_a_term_that_is_over_is_not_extended(filed: Case, cast: Any) -> None:
    extend = {"actor": cast.approver, "case": filed, "days": 30, "reason": "案情复杂"}
    with pytest.raises(Refusal, match="办案期限 2026-07-07 已过，不能再批准延长"):
        services.extend_case(on=date(2026, 7, 8), **extend)
    assert services.extend_case(on=date(2026, 7, 7), **extend).due_on == date(2026, 8, 6)


def test_a_suspension_asked_for_is_taken_back(
    filed: Case, team: Any, cast: Any, as_user: Any, settings: Any
) -> None:
    """Else 蒋正平 could neither report the case nor resume it; it is not agreed to afterwards."""
    on = settings.TODAY = date(2026, 5, 1)
    row = keeping.add_pause(
        actor=team[0], case=filed, kind="suspended", first_day=on, last_day=None,
        paper="中止审批表〔2026〕1号", paper_on=on, on=on,
    )  # fmt: skip
    page = as_user(team[0]).get(f"/supervision/cases/{filed.pk}").content.decode()
    assert "登记结束" in page
    keeping.end_pause(actor=team[0], pause=row, last_day=on, on=on)
    assert not filed.pauses.filter(last_day=None).exists()
    decide = {"actor": cast.approver, "row": row, "on": on, "reason": "已收回"}
    with pytest.raises(Refusal, match="已在 2026-05-01 结束，请办理“不批准”"):
        keeping.decide_pause(event="agree_pause", **decide)
    assert keeping.decide_pause(event="decline_pause", **decide).status == "declined"
