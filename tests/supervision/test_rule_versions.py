"""The county's own thresholds: proposed by 监管岗, tried on past months, released by another, and
then used wherever rules are asked.

张建国, 何秀兰 and 刘大娘 of 桥亭村 were admitted to 永兴医院 on 3 March (A12: three of a village);
王建国 came back to it on 24 March, twelve days after his discharge (A05: ten by default).
"""

from datetime import date
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import override_settings
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import Division
from desk.jobs import run as take_up
from lib.periods import Month
from supervision.models import Alert, RuleTrial, RuleVersion
from supervision.rules.bounds import CARDS
from supervision.runs.services import standings
from supervision.services import screen_new_claims
from supervision.thresholds.cards import DAY_CARDS, EVERY_CARD, InForce, ReviewDays
from supervision.thresholds.reading import in_force
from supervision.thresholds.services import decide_version, propose_version, request_trial
from supervision.thresholds.trying import beside

pytestmark = pytest.mark.django_db
APRIL = date(2026, 4, 2)
MARCH = Month(2026, 3)


@pytest.fixture(autouse=True)
def in_april() -> Any:
    with override_settings(TODAY=APRIL):
        yield


@pytest.fixture
def claims(wang: Any, neighbours: Any, settled: Any) -> SimpleNamespace:
    first, again = settled(wang, 5, 12), settled(wang, 24, 28)
    return SimpleNamespace(first=first, again=again, three=[settled(p, 3, 8) for p in neighbours])


def proposed(
    cast: Any, county: Division, *, off: tuple[str, ...] = (), on: date = APRIL, **values: int
) -> RuleVersion:
    return propose_version(
        actor=cast.supervisor, area=county, values=InForce().values | values, off=off,
        first_day=on, evidence="稽核例会纪要 3 号", reason="本县误报较多", on=APRIL,
    )  # fmt: skip


def tried(cast: Any, version: RuleVersion) -> RuleTrial:
    trial = request_trial(actor=cast.supervisor, version=version, first=MARCH, last=MARCH, on=APRIL)
    take_up("supervision.ruletrial", trial.pk, APRIL)
    trial.refresh_from_db()
    return trial


def released(cast: Any, version: RuleVersion, on: date = APRIL) -> RuleVersion:
    tried(cast, version)
    return decide_version(actor=cast.approver, row=version, event="approve_rule_version", on=on)


def found(rule: str) -> set[str]:
    return set(Alert.objects.filter(rule=rule).values_list("settlement__number", flat=True))


def test_a_version_is_used_once_two_people_released_it(
    cast: Any, county: Division, claims: Any
) -> None:
    version = proposed(cast, county, off=("A12",), split_days=15)
    assert in_force(county.code, APRIL) == InForce()
    released(cast, version)
    screen_new_claims(area=county)
    assert found("A05") == {claims.again.number} and not found("A12")
    alert = Alert.objects.get(rule="A05")
    assert (alert.version, "12 天后" in alert.finding) == (version, True)


def test_without_a_version_the_defaults_hold(cast: Any, county: Division, claims: Any) -> None:
    proposed(cast, county, off=("A12",), split_days=15)
    screen_new_claims(area=county)
    assert not found("A05") and len(found("A12")) == 3
    assert set(Alert.objects.values_list("version", flat=True)) == {None}


def test_a_trial_says_what_changes_and_writes_no_alert(
    cast: Any, county: Division, claims: Any, as_user: Any
) -> None:
    """A05: 0 now, 1 with 15 days, 2 400.00; A12: 3 now, none with four of a village, 7 200.00."""
    version = proposed(cast, county, split_days=15, group_persons=4)
    trial = tried(cast, version)
    assert (trial.status, trial.looked_at, trial.percent) == ("done", 5, 100)
    told = {one.rule.code: one for one in beside(trial)}
    split, crowd = told["A05"], told["A12"]
    assert (split.now, split.proposed, split.new, split.gone) == (0, 1, 1, 0)
    assert (split.new_fund, split.gone_fund) == (2400, 0)
    assert (crowd.now, crowd.proposed, crowd.new, crowd.gone) == (3, 0, 0, 3)
    assert (crowd.new_fund, crowd.gone_fund) == (0, 7200)
    assert not Alert.objects.exists() and not claims.again.holds.exists()
    address = reverse("supervision:trial_hits")
    listed = as_user(cast.approver).get(address, {"difference": "new"}).content.decode()
    assert claims.again.number in listed and claims.three[0].number not in listed
    gone = as_user(cast.approver).get(address, {"difference": "gone"}).content.decode()
    assert claims.three[0].number in gone and "7,200.00" in gone
    book = as_user(cast.approver).post(f"{address}/export", {"reason": "会议讨论"})
    assert book.status_code == 200 and "spreadsheet" in book["Content-Type"]
    page = as_user(cast.approver).get(reverse("supervision:rule_version", args=[version.pk]))
    assert "出院后再入院的间隔不超过" in page.content.decode()


def test_a_rule_that_is_switched_off_shows_what_it_would_no_longer_find(
    cast: Any, county: Division, wang: Any, settled: Any
) -> None:
    claim = settled(wang, 5, 12)
    type(wang).objects.filter(pk=wang.pk).update(death_date=date(2026, 3, 1))
    trial = tried(cast, proposed(cast, county, off=("A01",)))
    one = next(one for one in beside(trial) if one.rule.code == "A01")
    assert (one.now, one.proposed, one.gone_fund) == (1, 0, claim.fund_amount)


def test_a_trial_goes_on_where_a_worker_died(
    cast: Any, county: Division, claims: Any, monkeypatch: Any
) -> None:
    from supervision.thresholds import trying

    monkeypatch.setattr(trying, "AT_ONCE", 2)
    version = proposed(cast, county, split_days=15)
    asked = request_trial(
        actor=cast.approver, version=version, first=Month(2026, 2), last=MARCH, on=APRIL
    )
    real, times = trying._try_next, []

    def dies_at_the_third(*given: Any) -> bool:
        times.append(1)
        if len(times) == 3:
            raise SystemExit
        return real(*given)

    monkeypatch.setattr(trying, "_try_next", dies_at_the_third)
    with pytest.raises(SystemExit):
        take_up("supervision.ruletrial", asked.pk, APRIL)
    asked.refresh_from_db()
    assert (asked.status, asked.looked_at, asked.month) == ("running", 2, date(2026, 3, 1))
    take_up("supervision.ruletrial", asked.pk, APRIL)
    asked.refresh_from_db()
    assert (asked.status, asked.looked_at) == ("done", 5)
    assert {one.rule.code: one.new for one in beside(asked)}["A05"] == 1


def test_nobody_releases_what_was_not_tried_or_what_is_their_own(
    cast: Any, county: Division, claims: Any
) -> None:
    version = proposed(cast, county, split_days=15)
    agree = {"row": version, "event": "approve_rule_version", "on": APRIL}
    with pytest.raises(Refusal, match="还没有完成的试运行"):
        decide_version(actor=cast.approver, **agree)
    with (
        pytest.raises(IntegrityError, match="before a trial"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE supervision_ruleversion SET status = 'approved', decided_by_id = %s,"
            " decided_on = '2026-04-02'",
            [cast.approver.pk],
        )
    tried(cast, version)
    with pytest.raises(Refusal, match="您的角色不能办理"):
        decide_version(actor=cast.supervisor, **agree)
    with pytest.raises(Refusal, match="生效日期 2026-04-02 已过"):
        decide_version(actor=cast.approver, **agree | {"on": date(2026, 4, 3)})
    decide_version(actor=cast.approver, **agree)
    with pytest.raises(Refusal, match="只有待审批的版本可以试运行"):
        request_trial(actor=cast.approver, version=version, first=MARCH, last=MARCH, on=APRIL)


def test_what_may_not_be_asked_for(cast: Any, county: Division) -> None:
    with pytest.raises(Refusal, match="“出院后再入院的间隔不超过”应在 1 至 30 天之间，现为 31"):
        proposed(cast, county, split_days=31)
    with pytest.raises(Refusal, match="“复审：初审以后”应在 1 至 30 个工作日之间，现为 0"):
        proposed(cast, county, second_days=0)
    with pytest.raises(Refusal, match="生效日期不能早于今天"):
        proposed(cast, county, split_days=15, on=date(2026, 4, 1))
    with pytest.raises(Refusal, match="没有要变更的"):
        proposed(cast, county)
    with pytest.raises(Refusal, match="规则 K01 不在这里停用"):
        proposed(cast, county, off=("K01",))
    version = proposed(cast, county, split_days=15)
    with pytest.raises(Refusal, match="已有一份规则版本待审批"), transaction.atomic():
        proposed(cast, county, split_days=14)
    with pytest.raises(Refusal, match="已经结束的月份"):
        request_trial(
            actor=cast.supervisor, version=version, first=MARCH, last=Month(2026, 4), on=APRIL
        )
    with pytest.raises(Refusal, match="最多试运行 12 个月"):
        request_trial(
            actor=cast.supervisor, version=version, first=Month(2025, 3), last=MARCH, on=APRIL
        )


def test_a_version_holds_from_its_day_and_the_latest_wins(cast: Any, county: Division) -> None:
    later = date(2026, 5, 1)
    first = released(cast, proposed(cast, county, split_days=15))
    second = released(cast, proposed(cast, county, split_days=20, on=later))
    assert in_force(county.code, date(2026, 4, 1)) == InForce()
    assert in_force(county.code, date(2026, 4, 30)).version == first.pk
    assert in_force(county.code, later).version == second.pk
    assert in_force(county.code, later).bounds.split_days == 20


def test_a_version_that_waits_for_its_day_is_not_undone_unseen(
    cast: Any, county: Division, as_user: Any
) -> None:
    """Released on 2 April for 1 May: 20 days. Whoever asks for another begins with these 20, and
    for no day before; what was asked for before the release is not released after it."""
    later = date(2026, 5, 1)
    first = released(cast, proposed(cast, county, split_days=20, on=later))
    with pytest.raises(Refusal, match=f"规则版本 {first.pk} 号已审批，自 2026-05-01 起生效"):
        proposed(cast, county, group_persons=4)
    form = as_user(cast.supervisor).get(reverse("supervision:new_rule_version")).context["form"]
    assert (form["split_days"].value(), form["first_day"].value()) == (20, later)
    page = reverse("supervision:rule_version", args=[first.pk])
    assert [one.was for one in as_user(cast.approver).get(page).context["changes"]] == [10]
    second = proposed(cast, county, split_days=20, group_persons=4, on=later)
    page = reverse("supervision:rule_version", args=[second.pk])
    changes = as_user(cast.approver).get(page).context["changes"]
    assert [one.card.name for one in changes] == [CARDS["group_persons"].name]
    decide_version(actor=cast.supervisor, row=second, event="withdraw_rule_version", on=APRIL)
    with patch("supervision.thresholds.services.latest", return_value=None):
        third = proposed(cast, county, group_persons=4)
    tried(cast, third)
    with pytest.raises(Refusal, match="请在它的基础上提出，生效日期不早于 2026-05-01"):
        decide_version(actor=cast.approver, row=third, event="approve_rule_version", on=APRIL)


def test_the_cards_are_whole() -> None:
    assert EVERY_CARD.keys() == CARDS.keys() | DAY_CARDS.keys()
    assert DAY_CARDS.keys() == ReviewDays.__dataclass_fields__.keys()
    assert DAY_CARDS["appeal_days"].name == "机构申诉：送达以后", "the term runs from service"
    for name, card in DAY_CARDS.items():
        assert card.least <= getattr(ReviewDays(), name) <= card.most and card.source


def test_the_pages_lead_from_the_rules_to_the_release(
    cast: Any, county: Division, claims: Any, as_user: Any
) -> None:
    supervisor, approver = as_user(cast.supervisor), as_user(cast.approver)
    form = supervisor.get(reverse("supervision:new_rule_version")).context["form"]
    sent = {name: form[name].value() for name in form.fields} | {
        "evidence": "稽核例会纪要 3 号", "reason": "间隔放宽", "first_day": "2026-04-02",
    }  # fmt: skip
    sent = {name: value for name, value in sent.items() if value is not False}
    wrong = supervisor.post(reverse("supervision:new_rule_version"), sent | {"split_days": "99"})
    assert "“出院后再入院的间隔不超过”应在 1 至 30 天之间" in wrong.content.decode()
    sent |= {"split_days": "１５"}
    del sent["on_A12"]
    told = supervisor.post(reverse("supervision:new_rule_version"), sent, follow=True)
    assert "停用：A12" in told.content.decode()
    version = RuleVersion.objects.get()
    assert (version.content["split_days"], version.off) == (15, ["A12"])
    page = reverse("supervision:rule_version", args=[version.pk])
    agree = reverse("supervision:decide_rule_version", args=[version.pk, "approve_rule_version"])
    assert "还没有完成的试运行" in approver.post(agree, follow=True).content.decode()
    span = {"first": "2026-03", "last": "2026-03"}
    asked = approver.post(reverse("supervision:try_rule_version", args=[version.pk]), span)
    assert asked.status_code == 302
    take_up("supervision.ruletrial", RuleTrial.objects.get().pk, APRIL)
    assert "现行与拟定比较" in approver.get(page).content.decode()
    approver.post(agree)
    version.refresh_from_db()
    assert (version.status, version.decided_by) == ("approved", cast.approver)
    by_code = {one.rule.code: one for one in standings(cast.supervisor)}
    assert (by_code["A12"].is_on, by_code["A12"].since) == (False, APRIL)
    assert (by_code["A05"].is_on, by_code["A05"].since) == (True, APRIL)
    assert [value for _, value in by_code["A05"].bounds] == [15]
    assert (by_code["A03"].is_on, by_code["A03"].since) == (True, None)
    assert by_code["K01"].is_on is None
    rules = supervisor.get(reverse("supervision:rules")).content.decode()
    assert f"规则版本 {version.pk} 号" in rules and "停用" in rules and "提出变更" in rules
    assert as_user(cast.auditor).get(reverse("supervision:new_rule_version")).status_code == 403
