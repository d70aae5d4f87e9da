"""蒋正平 of the county's supervision keeps institutions, doctors and the catalogues by file."""

from datetime import date
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from accounts.errors import Refusal
from accounts.models import AuditLine
from desk import masterdata
from desk.models import MasterFile
from institutions.models import CatalogueItem, Institution, Level, Practitioner
from institutions.resources import CatalogueResource, InstitutionResource, PractitionerResource
from tests.conftest import file_of, table_in
from tests.masterdata import confirm, faults, send

pytestmark = pytest.mark.django_db
TODAY = date(2026, 4, 2)
CATALOGUE = "/institutions/catalogue/load"
HEADER = [cell.title for cell in CatalogueResource.fields.values()]


@pytest.fixture(autouse=True)
def _spring(settings):
    settings.TODAY = TODAY


def item(code, name, limit, *, first="2025-01-01", last="", category="西药费"):
    return [
        code,
        name,
        "药品",
        category,
        "甲类",
        "盒",
        limit,
        "否",
        "是",
        "否",
        "否",
        "",
        first,
        last,
    ]


@pytest.fixture
def amoxicillin(county):
    return CatalogueItem.objects.create(
        area=county, catalogue="drug", code="X01", name="阿莫西林胶囊", initials="amxljn",
        category="western_drug", payment_class="A", unit="盒", price_limit=Decimal("12.50"),
        is_essential=True, first_day=date(2025, 1, 1),
    )  # fmt: skip


class TestCatalogue:
    def test_a_new_price_begins_a_row_and_ends_the_old_one_the_day_before(
        self, amoxicillin, cast, as_user
    ):
        client = as_user(cast.supervisor)
        page = send(client, CATALOGUE, [
            HEADER,
            item("X01", "阿莫西林胶囊", "11.80", first="2026-05-01"),
            item("X02", "头孢拉定胶囊", "18", first="2026-04-01"),
        ])  # fmt: skip
        assert "新增 1" in page and "变更 1" in page
        assert "原：12.50" in page and "原：2025-01-01" in page
        assert CatalogueItem.objects.count() == 1  # a preview writes nothing
        assert "新增 1 条，变更 1 条，无变化 0 条" in confirm(client, CATALOGUE)
        amoxicillin.refresh_from_db()
        assert (amoxicillin.price_limit, amoxicillin.last_day) == (
            Decimal("12.50"),
            date(2026, 4, 30),
        )
        new = CatalogueItem.objects.get(code="X01", first_day=date(2026, 5, 1))
        assert (new.price_limit, new.last_day, new.initials) == (Decimal("11.80"), None, "amxljn")
        assert new.is_essential
        cefradine = CatalogueItem.objects.get(code="X02")
        assert (cefradine.initials, cefradine.price_limit) == ("tbldjn", Decimal(18))
        assert AuditLine.objects.filter(action="institutions.keep_item").count() == 2
        added = AuditLine.objects.get(action="institutions.add_items")
        assert (added.after, added.division_code) == ({"codes": ["X02"]}, "500225")
        told = AuditLine.objects.get(action="desk.load_master_file").after
        assert (told["kind"], told["new"], told["changed"], told["same"]) == ("三个目录", 1, 1, 0)

    def test_the_same_file_again_changes_nothing(self, amoxicillin, cast, as_user):
        client = as_user(cast.supervisor)
        rows = [HEADER, item("X01", "阿莫西林胶囊", "11.80", first="2026-05-01")]
        send(client, CATALOGUE, rows)
        confirm(client, CATALOGUE)
        page = send(client, CATALOGUE, rows)
        assert "无变化 1" in page and "与现有数据完全一致" in page
        assert CatalogueItem.objects.count() == 2

    def test_five_faults_are_told_by_row_and_column(self, amoxicillin, cast, as_user):
        rows = [
            HEADER,
            item("X01", "阿莫西林胶囊", "11.80"),
            item("X02", "", "18"),
            item("X03", "维生素C片", "十元"),
            item("X04", "感冒灵颗粒", "9.90", category="饮料"),
            item("X05", "葡萄糖注射液", "4", first="2026-02-30"),
            item("X06", "甘草片", "3"),
        ]
        told = faults(CatalogueResource(cast.supervisor, TODAY), rows)
        assert told == [
            "第 2 行：启用日期：限价、支付类别等有变动，启用日期请填新标准执行的日期（明天或以后）",
            "第 3 行：名称：没有填写，请补上",
            "第 4 行：限价：“十元”应为金额，以元为单位，最多两位小数，如 128.50",
            "第 5 行：费用类别：“饮料”应为：床位费、诊察费、检查费、特殊检查费、化验费、治疗费、"
            "手术费、护理费、卫生材料费、西药费、中药饮片费、中成药费、血费、一般诊疗费、其他费",
            "第 6 行：启用日期：“2026-02-30”应为 年-月-日，如 2026-03-01",
        ]
        client = as_user(cast.supervisor)
        page = send(client, CATALOGUE, rows)
        assert "有 5 行不能读入，整份表都没有写入" in page and "确认写入" not in page
        plan = masterdata.plan_of(CatalogueResource, MasterFile.objects.get(), on=TODAY)
        with pytest.raises(Refusal, match="有 5 行不能读入"):
            masterdata.confirm(
                CatalogueResource, actor=cast.supervisor, fingerprint=plan.fingerprint, on=TODAY
            )
        assert CatalogueItem.objects.count() == 1

    def test_a_name_is_mended_in_place_and_an_item_ends(self, amoxicillin, cast, as_user):
        client = as_user(cast.supervisor)
        row = item("X01", "阿莫西林分散片", "12.50", last="2026-06-30")
        send(client, CATALOGUE, [HEADER, row])
        confirm(client, CATALOGUE)
        amoxicillin.refresh_from_db()
        assert (amoxicillin.name, amoxicillin.last_day) == ("阿莫西林分散片", date(2026, 6, 30))
        assert amoxicillin.initials == "amxlfsp"
        late = item("X01", "阿莫西林分散片", "12.50", last="2026-04-01")
        told = faults(CatalogueResource(cast.supervisor, TODAY), [HEADER, late])
        assert "停用日期不能早于今天" in told[0]

    def test_letters_and_numbers_that_only_programs_take_are_told(self, cast, county):
        rows = [
            HEADER,
            item("X07", "感冒\ue000灵", "9.90"),
            item("X08", "甘草片", "1e3"),
            item("X\u200b09", "维生素\ufeffC片", "１．５０"),
        ]
        assert faults(CatalogueResource(cast.supervisor, TODAY), rows) == [
            "第 2 行：名称：第 3 个字（U+E000）是自造字，别的电脑显示不出，请删去后重新输入",
            "第 3 行：限价：“1e3”是科学记数法，请写成 1000",
        ]

    def test_what_leaves_comes_back_unchanged(self, amoxicillin, cast, as_user):
        client = as_user(cast.supervisor)
        rows = table_in(client.post(f"{CATALOGUE}/export").getvalue())
        assert rows == [HEADER, item("X01", "阿莫西林胶囊", "12.5")]
        assert "无变化 1" in send(client, CATALOGUE, rows)
        assert table_in(client.get(f"{CATALOGUE}/template").getvalue()) == [HEADER]
        assert AuditLine.objects.get(action="export").after["what"] == "三个目录"

    def test_another_file_or_other_data_need_a_new_look(self, amoxicillin, cast, as_user):
        client = as_user(cast.supervisor)
        send(client, CATALOGUE, [HEADER, item("X01", "阿莫西林片", "12.50")])
        plan = masterdata.plan_of(CatalogueResource, MasterFile.objects.get(), on=TODAY)
        CatalogueItem.objects.filter(pk=amoxicillin.pk).update(name="阿莫西林颗粒")
        with pytest.raises(Refusal, match="有人改过这些数据"):
            masterdata.confirm(
                CatalogueResource, actor=cast.supervisor, fingerprint=plan.fingerprint, on=TODAY
            )
        send(client, CATALOGUE, [HEADER, item("X09", "另一份", "1")])
        with pytest.raises(Refusal, match="换了文件"):
            masterdata.confirm(
                CatalogueResource, actor=cast.supervisor, fingerprint=plan.fingerprint, on=TODAY
            )
        client.post(f"{CATALOGUE}/discard")
        assert not MasterFile.objects.exists()
        assert CatalogueItem.objects.get().name == "阿莫西林颗粒"

    def test_a_preview_costs_the_same_for_many_rows(self, amoxicillin, cast):
        def statements(rows):
            content = file_of([HEADER, *rows])
            with CaptureQueriesContext(
                connection,
            ) as found:
                CatalogueResource(cast.supervisor, TODAY).plan(content)
            return len(found)

        few = statements([item("X01", "阿莫西林胶囊", "12.50")])
        many = statements([item(f"X{at:03d}", f"药品{at}", "3") for at in range(60)])
        assert few == many <= 12


class TestInstitutions:
    HEADER = ["机构代码", "名称", "级别", "类别", "所在区划代码", "执业中"]

    def test_a_clinic_is_added_and_one_is_named_anew(
        self, township_hospital, village_a, cast, as_user
    ):
        client = as_user(cast.supervisor)
        page = send(client, "/institutions/load", [
            self.HEADER,
            ["H50022500201", "桥亭村卫生室", "村卫生室", "基层门诊", village_a.code, "是"],
            ["H50022500101", "龙水镇中心医院", "乡镇(社区)卫生院", "综合", "500225101", "是"],
        ])  # fmt: skip
        assert "原：龙水镇卫生院" in page
        assert "新增 1 条，变更 1 条" in confirm(client, "/institutions/load")
        clinic = Institution.objects.get(code="H50022500201")
        assert (clinic.level, clinic.kind, clinic.division) == (Level.VILLAGE, "clinic", village_a)
        township_hospital.refresh_from_db()
        assert township_hospital.name == "龙水镇中心医院"
        line = AuditLine.objects.filter(action="institutions.keep_institution").latest("pk")
        assert line.division_code.startswith("500225")

    def test_level_and_closing_have_a_day_and_two_hands(self, township_hospital, cast):
        row = ["H50022500101", "龙水镇卫生院", "乡镇(社区)卫生院", "综合", "500225101", "否"]
        told = faults(InstitutionResource(cast.supervisor, TODAY), [self.HEADER, row])
        assert len(told) == 1 and "执业状态变更须写明自哪天起，请在机构页面提出" in told[0]
        row[2], row[5] = "县级医院", "是"
        told = faults(InstitutionResource(cast.supervisor, TODAY), [self.HEADER, row])
        assert len(told) == 1 and "级别变更须写明自哪天起，请在机构页面提出" in told[0]

    def test_beds_are_told_and_stay_where_the_file_is_silent(
        self, township_hospital, cast, as_user
    ):
        client = as_user(cast.supervisor)
        row = ["H50022500101", "龙水镇卫生院", "乡镇(社区)卫生院", "综合", "500225101", "是"]
        send(client, "/institutions/load", [[*self.HEADER, "核定床位"], [*row, "40"]])
        confirm(client, "/institutions/load")
        row[1] = "龙水镇中心医院"
        send(client, "/institutions/load", [self.HEADER, row])
        confirm(client, "/institutions/load")
        township_hospital.refresh_from_db()
        assert (township_hospital.name, township_hospital.beds) == ("龙水镇中心医院", 40)

    def test_another_county_is_unknown(self, other_county, cast):
        told = faults(InstitutionResource(cast.supervisor, TODAY), [
            self.HEADER,
            ["H50022600001", "荣昌县人民医院", "县级医院", "综合", other_county.code, "是"],
            ["H50022600002", "荣昌县中医院", "县级医院", "综合", "500225", "是"],
            ["5002250001", "某医院", "特级医院", "综合", "500225", "也许"],
        ])  # fmt: skip
        assert told[0] == "第 2 行：所在区划代码：本辖区没有“500226”这个区划，请核对"
        assert told[1] == "第 3 行：机构代码：机构代码第 2 至 7 位应是本统筹区代码 500225"
        for words in (
            "机构代码应为 H 加 11 位数字",
            "级别：“特级医院”应为：",
            "执业中：“也许”应填 是 或 否",
        ):
            assert words in told[2]

    def test_only_the_supervision_keeps_them(self, cast, as_user):
        for person in (cast.clerk_a, cast.reviewer, cast.hospital_clerk, cast.sysadmin):
            assert as_user(person).get("/institutions/load").status_code == 403


class TestPractitioners:
    URL = "/institutions/practitioners/load"
    HEADER = ["医师代码", "姓名", "机构代码", "职称"]

    def test_doctors_are_named_and_leave_with_a_reason(self, hospital, cast, as_user):
        client = as_user(cast.supervisor)
        rows = [self.HEADER, ["D0001", "韩永康", hospital.code, "主治医师"]]
        send(client, self.URL, rows)
        stored = MasterFile.objects.get()
        with connection.cursor() as cursor:
            cursor.execute("SELECT content FROM desk_masterfile")
            assert "韩" not in cursor.fetchone()[0] and stored.content
        confirm(client, self.URL)
        assert Practitioner.objects.get().institution == hospital
        assert not MasterFile.objects.exists()
        refused = client.post(f"{self.URL}/export", follow=True)
        assert "请写明导出用途" in refused.content.decode()
        sheet = client.post(f"{self.URL}/export", {"reason": "年度考核"})
        # Certificate and registration, which nobody gave, have their columns.
        assert [row[:4] for row in table_in(sheet.getvalue())] == rows
        assert AuditLine.objects.get(action="export").reason == "年度考核"

    def test_somebody_elses_doctor_is_refused(self, hospital, other_county, cast):
        far = Institution.objects.create(
            code="H50022600001", name="荣昌县人民医院", level=Level.COUNTY, division=other_county
        )
        Practitioner.objects.create(code="D0001", name="秦永", institution=far)
        told = faults(PractitionerResource(cast.supervisor, TODAY), [
            self.HEADER,
            ["D0001", "韩永康", hospital.code, ""],
            ["D0002", "韩永平", far.code, ""],
        ])  # fmt: skip
        assert told == [
            "第 2 行：医师代码：医师代码 D0001 已由外地机构使用，请与医师本人核对",
            "第 3 行：机构代码：本辖区没有“H50022600001”这个机构，请核对",
        ]


@pytest.mark.django_db(transaction=True)
def test_two_confirmations_at_once_write_once(amoxicillin, cast, as_user):
    client = as_user(cast.supervisor)
    send(client, CATALOGUE, [HEADER, item("X02", "头孢拉定胶囊", "18")])
    plan = masterdata.plan_of(CatalogueResource, MasterFile.objects.get(), on=TODAY)
    together, answers = Barrier(2), []

    def press():
        together.wait()
        try:
            masterdata.confirm(
                CatalogueResource, actor=cast.supervisor, fingerprint=plan.fingerprint, on=TODAY
            )
            answers.append("written")
        except Refusal as refusal:
            answers.append(refusal.message)
        finally:
            connections.close_all()

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == sorted(["written", "这份表已经确认过或已放弃，没有重复写入"])
    assert CatalogueItem.objects.filter(code="X02").count() == 1
    assert AuditLine.objects.filter(action="desk.load_master_file").count() == 1
