"""The gate before a changed text: tried on the year's claims, read, signed by two, then adopted.

On the five claims of the conftest. 蒋正平 (基金监管) proposes 55 % instead of
50 % at the county hospital (adults, second tier): 王建国 4100.00 → 205.00 more, 2800.00 → 140.00
more; 张大山 800.00 → 40.00 more. Together 385.00 on 10900.00.
"""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounts.errors import Refusal
from accounts.models import AuditLine
from claims import under_measures
from policies.models import Pack, Trial
from policies.release import sign_trial
from policies.services import adopt_pack, propose_pack
from reports.whatif.services import request_simulation
from tests.reports.whatif.conftest import YEAR, compute_simulation

PAPER = "府发〔2026〕12号"


@pytest.fixture
def proposed(year, cast, county, better_county) -> Pack:
    return propose_pack(actor=cast.supervisor, area=county, source=better_county)


def tried(pack: Pack, cast, source: str = "") -> Trial:
    row = request_simulation(
        actor=cast.supervisor,
        area=pack.area,
        year=YEAR,
        source=source or pack.source,
        name=str(pack),
        pack=pack,
    )
    compute_simulation(row.pk)
    return Trial.objects.get(simulation=row.pk)


def adopt(pack: Pack, cast) -> Pack:
    return adopt_pack(actor=cast.approver, pack=pack, approval=PAPER)


class TestGate:
    def test_from_the_proposal_to_the_adoption(self, proposed, cast, county):
        with pytest.raises(Refusal, match="还没有在 2026 年度的结算单上试算过"):
            adopt(proposed, cast)
        trial = tried(proposed, cast)
        assert (trial.claims, trial.changed, trial.unequal) == (5, 3, 0)
        assert (trial.before, trial.after) == (Decimal("10900.00"), Decimal("11285.00"))
        assert trial.change == Decimal("385.00")
        assert (trial.better, trial.worse) == (2, 0)
        assert [row["change"] for row in trial.differences["claims"]] == [20500, 14000, 4000]
        with pytest.raises(Refusal, match="还没有两人签字"):
            adopt(proposed, cast)
        sign_trial(actor=cast.supervisor, trial=trial)
        with pytest.raises(Refusal, match="必须由不同的人办理"):
            sign_trial(actor=cast.supervisor, trial=trial)
        with pytest.raises(Refusal, match="还没有两人签字"):
            adopt(proposed, cast)
        trial = sign_trial(actor=cast.accountant, trial=trial)
        assert trial.status == "signed"
        adopted = adopt(proposed, cast)
        assert (adopted.status, adopted.approval, adopted.version) == ("adopted", PAPER, 2)
        told = AuditLine.objects.filter(action__in=["policies.read_trial", "policies.sign_trial"])
        assert {line.user for line in told} == {cast.supervisor, cast.accountant}

    def test_a_trial_of_another_text_opens_nothing(self, proposed, cast, pack):
        trial = tried(proposed, cast, source=proposed.source + "# 另一份\n")
        sign_trial(actor=cast.supervisor, trial=trial)
        sign_trial(actor=cast.accountant, trial=trial)
        with pytest.raises(Refusal, match="还没有在 2026 年度的结算单上试算过"):
            adopt(proposed, cast)

    def test_a_year_with_few_claims_says_too_little(self, proposed, cast, monkeypatch):
        """2026 has five claims; 2025, the other year, eleven, of which five are not half."""
        counts = {2026: 5, 2025: 11}
        monkeypatch.setattr(under_measures, "claim_years", lambda area_code: list(counts))
        monkeypatch.setattr(under_measures, "claim_count", lambda area_code, year: counts[year])
        trial = tried(proposed, cast)
        sign_trial(actor=cast.supervisor, trial=trial)
        sign_trial(actor=cast.accountant, trial=trial)
        with pytest.raises(Refusal, match="还没有在 2025 年度的结算单上试算过：该年度现有 11 笔"):
            adopt(proposed, cast)
        counts[2025] = 10
        assert adopt(proposed, cast).status == "adopted"

    def test_who_may_not_sign(self, proposed, cast):
        trial = tried(proposed, cast)
        for who in (cast.auditor, cast.clerk_a):
            with pytest.raises(Refusal, match="您的角色不能办理"):
                sign_trial(actor=who, trial=trial)

    def test_the_database_keeps_figures_and_hands(self, proposed, cast):
        trial = tried(proposed, cast)
        sign_trial(actor=cast.supervisor, trial=trial)
        rows = Trial.objects.filter(pk=trial.pk)
        for change in (
            lambda: rows.update(after=0),
            lambda: rows.update(status="computed"),
            lambda: rows.update(status="signed", signed_by=cast.supervisor),
            lambda: rows.update(status="signed"),
            rows.delete,
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                change()

    def test_the_pages(self, proposed, cast, as_user):
        tried(proposed, cast)
        client = as_user(cast.approver)
        where = f"/policies/{proposed.pk}"
        page = client.get(where).content.decode()
        assert "2026 年度已有 4 人按现行办法参保" in page
        assert "已有 5 笔按现行办法结算" in page
        assert "385.00" in page and "205.00" in page and "差得最多的结算单" in page
        assert "现在还不能采用：试算的差异还没有两人签字" in page
        trial = Trial.objects.get()
        page = client.post(f"{where}/trials/{trial.pk}/sign", follow=True).content.decode()
        assert "现为“一人已签”" in page and "已看过差异，签字" not in page
        page = client.post(f"{where}/adopt", {"approval": PAPER}).content.decode()
        assert "现在还不能采用：试算的差异还没有两人签字" in page
        second = as_user(cast.accountant)
        page = second.post(f"{where}/trials/{trial.pk}/sign", follow=True).content.decode()
        assert "现为“两人已签”" in page
        page = client.post(f"{where}/adopt", {"approval": " "}).content.decode()
        assert "请写明批准文号" in page
        page = client.post(f"{where}/adopt", {"approval": PAPER}, follow=True).content.decode()
        assert f"<dd>{PAPER}</dd>" in page
