"""The pages of the what-if and its command: who may ask, see and take it away."""

import io
import json

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditLine
from policies.drafts import start_draft
from reports.whatif.models import Simulation
from reports.whatif.services import request_simulation
from tests.conftest import past_the_guards
from tests.reports.whatif.conftest import TODAY, YEAR, compute_simulation


@pytest.fixture(autouse=True)
def _last_of_june(settings):
    settings.TODAY = TODAY


@pytest.fixture
def done(simulation) -> Simulation:
    compute_simulation(simulation.pk)
    simulation.refresh_from_db()
    return simulation


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


class TestRequest:
    def test_the_supervisor_tries_a_version(
        self, year, cast, pack, as_user, django_capture_on_commit_callbacks
    ):
        client = as_user(cast.supervisor)
        choice = {"year": YEAR, "policy": f"pack-{pack.pk}"}
        with django_capture_on_commit_callbacks(execute=True):
            asked = client.post("/reports/whatif/request", choice)
        page = text(client.get(asked["Location"]))
        assert "核对一致" in page and "10,900.00" in page
        assert Simulation.objects.get().pack == pack

    def test_the_accountant_tries_a_draft(self, year, cast, pack, as_user):
        draft = start_draft(actor=cast.supervisor, pack=pack)
        client = as_user(cast.accountant)
        assert f'value="draft-{draft.pk}" selected' in text(
            client.get(f"/reports/whatif/?policy=draft-{draft.pk}")
        )
        client.post("/reports/whatif/request", {"year": YEAR, "policy": f"draft-{draft.pk}"})
        assert Simulation.objects.get().pack is None
        assert Simulation.objects.get().name == str(draft)

    @pytest.mark.parametrize(
        ("choice", "told"),
        [
            ({"year": 2019, "policy": "pack-0"}, "没有这个年度"),
            ({"year": YEAR, "policy": "pack-999999"}, "没有这个办法"),
            ({}, "请选择办法"),
        ],
    )
    def test_a_wrong_choice_is_told_beside_the_field(self, year, cast, as_user, choice, told):
        page = text(as_user(cast.supervisor).post("/reports/whatif/request", choice))
        assert told in page
        assert not Simulation.objects.exists()

    @pytest.mark.parametrize("who", ["approver", "reviewer", "auditor"])
    def test_readers_may_look_but_not_ask(self, done, cast, as_user, who):
        client = as_user(getattr(cast, who))
        assert "开始试算" not in text(client.get("/reports/whatif/"))
        assert "10,335.00" in text(client.get(f"/reports/whatif/{done.pk}"))
        assert client.post("/reports/whatif/request", {}).status_code == 403

    @pytest.mark.parametrize("who", ["clerk_a", "cashier", "hospital_clerk", "cadre_a", "sysadmin"])
    def test_other_roles_are_refused(self, done, cast, as_user, who):
        assert as_user(getattr(cast, who)).get(f"/reports/whatif/{done.pk}").status_code == 403

    def test_another_countys_officer_sees_nothing(self, done, cast, as_user):
        client = as_user(cast.other_officer)
        assert client.get(f"/reports/whatif/{done.pk}").status_code == 404
        assert client.get(f"/reports/whatif/{done.pk}/status").status_code == 404
        assert "还没有试算" in text(client.get("/reports/whatif/"))


class TestProgress:
    def test_the_page_shows_how_far_it_is_and_then_reloads(self, simulation, cast, as_user):
        client = as_user(cast.supervisor)
        Simulation.objects.filter(pk=simulation.pk).update(percent=45, stage="按原办法重算核对")
        page = text(client.get(f"/reports/whatif/{simulation.pk}"))
        assert 'hx-trigger="every 1s"' in page and "按原办法重算核对" in page
        status = f"/reports/whatif/{simulation.pk}/status"
        assert 'value="45"' in text(client.get(status))
        assert 'hx-trigger="every 2s"' in text(client.get("/reports/whatif/"))
        compute_simulation(simulation.pk)
        assert client.get(status)["HX-Refresh"] == "true"
        page = text(client.get("/reports/whatif/"))
        assert "hx-trigger" not in page and "10,335.00" in page

    def test_a_failure_is_shown_in_words(self, cast, county, pack, as_user):
        row = request_simulation(
            actor=cast.supervisor, area=county, year=YEAR, source=pack.source, name="x"
        )
        compute_simulation(row.pk)
        assert "还没有结算单" in text(as_user(cast.auditor).get(f"/reports/whatif/{row.pk}"))


class TestPage:
    def test_figures_gains_and_balance(self, done, cast, as_user):
        page = text(as_user(cast.auditor).get(f"/reports/whatif/{done.pk}"))
        for told in (
            "10,900.00", "10,335.00", "-565.00", "36.09% → 34.22%", "36.95% → 35.03%",
            "4,917.34", "4.18 → 3.70", "核对一致", "910.00", "县级医院", "龙水镇",
            "普通居民", "45—59 岁", "二档", "已结算未支付 3 笔",
        ):  # fmt: skip
            assert told in page, told
        assert page.count("<svg ") == 2

    def test_differences_name_the_settlement(self, year, people, cast, county, pack, as_user):
        from enrollment.models import Enrollment

        past_the_guards(Enrollment.objects.filter(person=people.wang), consecutive_years=3)
        row = request_simulation(
            actor=cast.supervisor, area=county, year=YEAR, source=pack.source, name="x"
        )
        compute_simulation(row.pk)
        page = text(as_user(cast.auditor).get(f"/reports/whatif/{row.pk}"))
        assert "核对有差异" in page and year.march.number in page


class TestExport:
    def test_every_table_with_numbers_as_numbers(self, done, cast, as_user):
        response = as_user(cast.auditor).post(f"/reports/whatif/{done.pk}/export")
        assert f"whatif-500225-2026-{done.pk}.xlsx" in response["Content-Disposition"]
        book = openpyxl.load_workbook(io.BytesIO(response.getvalue()))
        sheets = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
        assert sheets["合计"][1] == (
            "合计", 5, 30200, 10900, 10335, -565, 36.09, 34.22, 36.95, 35.03,
        )  # fmt: skip
        assert sheets["按机构级别"][1][:5] == ("县级医院", 4, 10200, 4250, 4635)
        assert ("笔", "个人负担增加", 1, 950, None, None) in sheets["得失"]
        assert ("可支付月数", 4.18, 3.7) in [row[:3] for row in sheets["基金"]]

    def test_the_trail_knows_what_left(self, done, cast, as_user):
        as_user(cast.accountant).post(f"/reports/whatif/{done.pk}/export")
        line = AuditLine.objects.get(action="export")
        assert (line.user, line.after["criteria"]["simulation"]) == (cast.accountant, done.pk)

    def test_who_may_not_and_what_is_not_there_yet(self, simulation, cast, as_user):
        address = f"/reports/whatif/{simulation.pk}/export"
        assert as_user(cast.reviewer).post(address).status_code == 403
        assert as_user(cast.auditor).post(address).status_code == 404
        assert as_user(cast.auditor).get(address).status_code == 405


class TestCommand:
    def run(self, tmp_path, source, *options, area="500225", year=YEAR):
        policy = tmp_path / "draft.yaml"
        policy.write_text(source, encoding="utf-8")
        out = io.StringIO()
        call_command(
            "simulate", "--area", area, "--year", str(year), "--policy", str(policy), *options,
            stdout=out, stderr=io.StringIO(),
        )  # fmt: skip
        return out.getvalue()

    def test_the_same_figures_as_the_page(self, done, worse_city, tmp_path):
        figures = json.loads(self.run(tmp_path, worse_city, "--json"))
        for part in ("total", "tables", "layers", "gains", "fund", "check"):
            assert figures[part] == done.figures[part], part

    def test_in_words(self, done, worse_city, tmp_path):
        told = self.run(tmp_path, worse_city)
        assert "基金支出实际 10,900.00，试算 10,335.00，增减 -565.00" in told
        assert "个人负担减少 1 人共 345.00，增加 1 人共 910.00" in told
        assert "可支付月数：实际 4.18，试算 3.70" in told
        assert Simulation.objects.count() == 1  # the command writes nothing

    def test_bad_input_is_refused_in_words(self, done, tmp_path, worse_city):
        with pytest.raises(CommandError, match="没有代码为 999999 的统筹区"):
            self.run(tmp_path, worse_city, area="999999")
        with pytest.raises(CommandError, match="2019 年度还没有结算单"):
            self.run(tmp_path, worse_city, year=2019)
        with pytest.raises(CommandError, match=r"draft\.yaml"):
            self.run(tmp_path, "title: x")
        with pytest.raises(CommandError, match="读不到政策包"):
            call_command("simulate", area="500225", year=YEAR, policy=tmp_path / "none.yaml")
