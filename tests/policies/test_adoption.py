"""Adopting: under a paper's number, or refused with a reason; beside everything that changes."""

from datetime import date

import pytest

from accounts.errors import Refusal
from accounts.models import AuditLine
from policies.models import Pack
from policies.numbers import differences, everything_of
from policies.services import adopt_pack, propose_pack, refuse_pack
from tests.conftest import PACKS

PAPER = "府发〔2026〕12号"
SOURCE = (PACKS / "dazu.yaml").read_text(encoding="utf-8")


def adopt(pack: Pack, cast) -> Pack:
    return adopt_pack(actor=cast.approver, pack=pack, approval=PAPER)


class TestWithoutClaims:
    def test_an_area_without_claims_needs_no_trial(self, cast, county):
        pack = propose_pack(actor=cast.supervisor, area=county, source=SOURCE)
        assert adopt(pack, cast).status == "adopted"

    @pytest.mark.parametrize("paper", ["", "  ", "文"])
    def test_the_number_of_the_paper_is_asked_for(self, cast, county, paper):
        pack = propose_pack(actor=cast.supervisor, area=county, source=SOURCE)
        with pytest.raises(Refusal, match="请写明批准文号"):
            adopt_pack(actor=cast.approver, pack=pack, approval=paper)

    def test_the_second_person_may_refuse_with_a_reason(self, cast, county, as_user):
        pack = propose_pack(actor=cast.supervisor, area=county, source=SOURCE)
        with pytest.raises(Refusal, match="请写明不予采用的原因"):
            refuse_pack(actor=cast.approver, pack=pack, reason="")
        client = as_user(cast.approver)
        reason = {"reason": "第二十三条与批复不一致"}
        page = client.post(f"/policies/{pack.pk}/refuse", reason, follow=True).content.decode()
        assert "不予采用，已退回提出人" in page and reason["reason"] in page
        pack.refresh_from_db()
        assert (pack.status, pack.refused_by) == ("refused", cast.approver)
        line = AuditLine.objects.get(action="policies.refuse")
        assert line.reason == reason["reason"]
        with pytest.raises(Refusal, match="现为“不予采用”"):
            adopt(pack, cast)

    def test_versions_are_counted_through_all_years(self, pack, cast, county):
        later = SOURCE.replace("from: 2012-01-01", "from: 2027-01-01")
        first = propose_pack(actor=cast.supervisor, area=county, source=later)
        second = propose_pack(actor=cast.supervisor, area=county, source=later)
        assert (pack.version, first.version, second.version) == (1, 2, 3)
        assert first.first_day == date(2027, 1, 1)


class TestComparison:
    """Everything that a text changes is listed, at each place where it holds."""

    def changed(self, *pairs: tuple[str, str]) -> set[tuple[str, str, str, str]]:
        text = SOURCE
        for before, after in pairs:
            assert text.count(before) == 1, before
            text = text.replace(before, after)
        return {
            (each.group, each.item, each.before, each.after)
            for each in differences(everything_of(SOURCE), everything_of(text))
        }

    def test_a_table_that_two_tiers_share_stands_under_both(self):
        line = next(
            row for row in SOURCE.partition("&deductibles")[2].splitlines() if "county" in row
        )
        found = self.changed((line, line.replace("amount: 200", "amount: 300")))
        assert {row[0] for row in found} == {"一档住院", "二档住院"}
        assert {row[2:] for row in found} == {("200", "300")}

    def test_a_condition_a_word_and_a_name_are_changes_too(self):
        found = self.changed(('fund_pay_type: "390100"', 'fund_pay_type: "390102"'))
        assert {row[2:] for row in found} == {("390100", "390102")}
