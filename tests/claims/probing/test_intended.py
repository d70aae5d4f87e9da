"""有意为之: a finding that the measures mean is marked for their text, and for no other."""

import pytest
from django.db import IntegrityError, InternalError, transaction

from accounts.errors import Refusal
from accounts.models import AuditLine
from claims.probes.models import Intended, Probe
from claims.probes.services import (
    findings_with_marks,
    mark_finding,
    request_probe,
    unmark_finding,
)
from claims.probing import Finding, Probed
from desk.jobs import run
from policies.drafts import start_draft
from policies.services import propose_pack
from tests.claims.probing.test_page import TODAY, text

OPEN_ENDED = "一档住院：费用超过 50,030.00 元以后，每多花 100 元个人负担 100.00 元，没有止境"
IDLE = "住院 · 比例第 4 行，在全部情形中从不起作用"
WHY = "年累计限额以上不付，是办法的本意"
ARTICLE = "第二十三条(一)2"


def finding(kind: str, title: str) -> Finding:
    return Finding(kind=kind, title=title, article=ARTICLE, size=0, situations=0)


@pytest.fixture(autouse=True)
def _two_findings(monkeypatch):
    found = (finding("idle", IDLE), finding("open_ended", OPEN_ENDED))
    monkeypatch.setattr(
        "claims.probes.models.probe",
        lambda terms, tell: Probed(findings=found, situations=1, settled=1),
    )


@pytest.fixture
def probe(cast, pack) -> Probe:
    draft = start_draft(actor=cast.supervisor, pack=pack)
    return done(request_probe(actor=cast.supervisor, text=draft))


def done(row: Probe) -> Probe:
    run("claims.probe", row.pk, TODAY)
    row.refresh_from_db()
    return row


def key(probe: Probe, title: str) -> str:
    return next(each["key"] for each in probe.findings if each["title"] == title)


def mark(cast, probe: Probe, title: str = OPEN_ENDED, **given: str) -> Intended:
    given = {"article": ARTICLE, "reason": WHY} | given
    return mark_finding(actor=cast.supervisor, probe=probe, finding=key(probe, title), **given)


def open_titles(probe: Probe) -> list[str]:
    return [each["title"] for each, said in findings_with_marks(probe) if said is None]


def test_marked_with_reason_and_article_then_taken_back(cast, probe):
    assert open_titles(probe) == [IDLE, OPEN_ENDED]
    made = mark(cast, probe)
    assert open_titles(probe) == [IDLE]
    assert [each["title"] for each, _ in findings_with_marks(probe)] == [IDLE, OPEN_ENDED]
    line = AuditLine.objects.get(action="policies.mark_finding")
    assert (line.reason, line.after["article"], line.after["title"]) == (WHY, ARTICLE, OPEN_ENDED)
    with pytest.raises(Refusal, match="撤回有意为之的原因"):
        unmark_finding(actor=cast.supervisor, mark=made, reason="")
    unmark_finding(actor=cast.supervisor, mark=made, reason="条文看错了")
    assert open_titles(probe) == [IDLE, OPEN_ENDED]
    with pytest.raises(Refusal):
        unmark_finding(actor=cast.supervisor, mark=made, reason="再撤一次")
    assert mark(cast, probe).pk != made.pk


@pytest.mark.parametrize(
    ("given", "said"),
    [({"article": ""}, "请写明依据的条文"), ({"reason": "无"}, "请写明为什么有意为之")],
)
def test_not_without_article_and_reason(cast, probe, given, said):
    with pytest.raises(Refusal, match=said):
        mark(cast, probe, **given)


def test_once_only_and_only_what_was_found(cast, probe):
    mark(cast, probe)
    with pytest.raises(Refusal, match="刚才已由别人标明"):
        mark(cast, probe)
    with pytest.raises(Refusal, match="没有这一处"):
        mark_finding(
            actor=cast.supervisor, probe=probe, finding="0" * 64, article=ARTICLE, reason=WHY
        )


def test_a_letter_more_is_another_text(cast, pack, probe):
    mark(cast, probe)
    draft = start_draft(actor=cast.supervisor, pack=pack)
    draft.source += "\n# 改过\n"
    other = done(request_probe(actor=cast.supervisor, text=draft))
    assert open_titles(other) == [IDLE, OPEN_ENDED]


def test_what_is_said_stays(cast, probe):
    made = Intended.objects.filter(pk=mark(cast, probe).pk)
    for change in (
        lambda: made.update(reason="别的"),
        lambda: made.update(finding="0" * 64),
        made.delete,
    ):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            change()
    unmark_finding(actor=cast.supervisor, mark=made.get(), reason="条文看错了")
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
        made.update(status="stands")


def test_on_the_page(cast, probe, as_user):
    client = as_user(cast.supervisor)
    page = text(client.get(f"/claims/probes/{probe.pk}"))
    assert page.count("标明有意为之</button>") == 2
    given = {"finding": key(probe, OPEN_ENDED), "article": ARTICLE, "reason": WHY}
    page = text(client.post(f"/claims/probes/{probe.pk}/mark", given, follow=True))
    assert "有意为之（1）" in page and WHY in page and "待看 1 处" in page
    assert page.index(IDLE) < page.index(OPEN_ENDED)
    made = Intended.objects.get()
    address = f"/claims/probes/{probe.pk}/unmark/{made.pk}"
    assert "请写明撤回有意为之的原因" in text(client.post(address, {"reason": ""}, follow=True))
    text(client.post(address, {"reason": "条文看错了"}, follow=True))
    assert "有意为之（1）" not in text(client.get(f"/claims/probes/{probe.pk}"))


def test_who_reads_and_does_not_propose_cannot_mark(cast, probe, as_user):
    page = text(as_user(cast.accountant).get(f"/claims/probes/{probe.pk}"))
    assert "标明有意为之</button>" not in page
    assert as_user(cast.accountant).post(f"/claims/probes/{probe.pk}/mark").status_code == 403


def test_the_page_of_a_version_shows_what_is_open_first(cast, pack, county, as_user):
    source = pack.source.replace("version: 1", "version: 2") + "\n# 第二版\n"
    proposed = propose_pack(actor=cast.supervisor, area=county, source=source)
    client = as_user(cast.supervisor)
    assert "处没有标明" not in text(client.get(f"/policies/{proposed.pk}"))
    asked = client.post(f"/claims/probes/pack/{proposed.pk}")
    probe = done(Probe.objects.get())
    assert asked["Location"] == f"/claims/probes/{probe.pk}"
    page = text(client.get(f"/policies/{proposed.pk}"))
    assert "2 处没有标明是否有意" in page and OPEN_ENDED in page
    mark(cast, probe)
    page = text(client.get(f"/policies/{proposed.pk}"))
    assert "1 处没有标明是否有意" in page and WHY in page
    mark(cast, probe, IDLE)
    assert "各处都已标明有意为之" in text(client.get(f"/policies/{proposed.pk}"))
