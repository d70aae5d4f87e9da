"""The probe on the draft page: asked for with one button, computed by a worker, read with pictures.

Dazu with the county's 50% at the city's 35% and the city's at 50%: (x − 1 000) × 50% and
(x − 200) × 35% are equal at 2 866.67, where the city begins to be the better one.
"""

from datetime import date

import pytest

from accounts.models import AuditLine
from claims.probes.models import Probe
from claims.probes.services import request_probe
from claims.probing import COARSE, Probed, probe
from desk.jobs import run
from policies.drafts import start_draft
from policies.loader import load_adopted

TODAY = date(2026, 6, 30)
COUNTY = "{when: {level: county, age_group: adult}, ratio: 50%}"
CITY = "{when: {level: [city, province], age_group: adult}, ratio: 35%}"


@pytest.fixture(autouse=True)
def _coarse(monkeypatch):
    """Pages show the same of a few thousand claims as of millions."""
    monkeypatch.setattr(
        "claims.probes.models.probe", lambda terms, tell: probe(terms, COARSE, tell)
    )


@pytest.fixture
def draft(cast, pack):
    made = start_draft(actor=cast.supervisor, pack=pack)
    source = made.source
    assert source.count(COUNTY) == source.count(CITY) == 1
    made.source = source.replace(COUNTY, COUNTY.replace("50%", "35%")).replace(
        CITY, CITY.replace("35%", "50%")
    )
    made.save(update_fields=["source"])
    return made


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_from_the_draft_to_its_findings(cast, draft, as_user, django_capture_on_commit_callbacks):
    client = as_user(cast.supervisor)
    button = f'action="/claims/probes/draft/{draft.pk}"'
    assert button in text(client.get(f"/policies/drafts/{draft.pk}"))
    with django_capture_on_commit_callbacks(execute=True):
        asked = client.post(f"/claims/probes/draft/{draft.pk}")
    page = text(client.get(asked["Location"]))
    assert "倒挂（" in page
    assert "二档住院：医疗机构级别“县级医院”比“市级医院”负担重（二档住院报销比例）" in page
    assert "第二十三条(二)2" in page
    assert "<svg" in page and "医疗机构级别 县级医院的个人负担" in page
    line = AuditLine.objects.get(action="policies.probe")
    assert line.after["sha256"] == Probe.objects.get().sha256


def test_waiting_then_asked_again_it_is_the_same_row(cast, draft, as_user, monkeypatch):
    nothing = Probed(findings=(), situations=1, settled=1)
    monkeypatch.setattr("claims.probes.models.probe", lambda terms, tell: nothing)
    first = request_probe(actor=cast.supervisor, text=draft)
    page = text(as_user(cast.supervisor).get(f"/claims/probes/{first.pk}"))
    assert f"/claims/probes/{first.pk}/status" in page
    assert run("claims.probe", first.pk, TODAY)
    page = text(as_user(cast.supervisor).get(f"/claims/probes/{first.pk}"))
    assert "没有找到异常" in page
    assert request_probe(actor=cast.accountant, text=draft) == first
    draft.source += "\n# 改过\n"
    assert request_probe(actor=cast.supervisor, text=draft) != first


def test_a_wrong_text_fails_in_words(cast, draft, as_user):
    draft.source = draft.source.replace("ratio: 40%", "ratio: 400%", 1)
    wrong = request_probe(actor=cast.supervisor, text=draft)
    run("claims.probe", wrong.pk, TODAY)
    wrong.refresh_from_db()
    assert wrong.status == Probe.Status.FAILED
    assert "400%" in wrong.failure
    page = text(as_user(cast.supervisor).get(f"/claims/probes/{wrong.pk}"))
    assert "这次探查没有成功" in page
    again = request_probe(actor=cast.supervisor, text=draft)
    assert again != wrong


def test_another_county_and_other_roles_see_nothing(cast, draft, as_user):
    made = request_probe(actor=cast.supervisor, text=draft)
    assert as_user(cast.clerk_a).get(f"/claims/probes/{made.pk}").status_code == 403
    assert as_user(cast.reviewer).post(f"/claims/probes/draft/{draft.pk}").status_code == 403
    assert as_user(cast.supervisor).get(f"/claims/probes/{made.pk + 1}").status_code == 404


def test_the_crossing_by_hand(draft):
    """dazu has one layer, so two fen are rounding: the city is ahead by three first at 2 866.81,
    2 666.81 × 35% = 933.3835 and 1 866.81 × 50% = 933.405."""
    found = probe(load_adopted(draft.source, "d"), COARSE).findings
    fitting = [f for f in found if "二档住院：医疗机构级别“县级医院”比“市级医院”" in f.title]
    assert len(fitting) == 1 and fitting[0].example is not None
    claims = [claim[1:] for claim in fitting[0].example.claims]
    assert claims == [(2866_81, 933_38, 1933_43), (2866_81, 933_41, 1933_40)]
