"""The hospital fetches the county's catalogues: whole at first, afterwards what is new."""

import threading
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Division
from gateway.files.catalogues import moment_of, version_of
from gateway.files.models import StoredFile
from gateway.files.reading import text_rows
from gateway.interface.reading import catalogue_columns
from institutions.mapping import Sent, decide_mappings, propose_mappings
from institutions.models import CatalogueItem, Institution
from policies.models import Pack
from tests.claims.conftest import item
from tests.gateway.conftest import System, client_of
from tests.gateway.files.test_files import down

ON = date(2026, 3, 20)
Told = dict[str, str]


def fetched(system: System, infno: str, ver: str = "0") -> tuple[dict[str, Any], list[Told]]:
    """The answer, and the file's rows by title, what is empty left out."""
    told = system.ask(infno, {"data": {"ver": ver}})
    titles = catalogue_columns()[infno]
    rows = [
        {title: text for title, text in zip(titles, row, strict=True) if text}
        for row in text_rows(down(system, told["file_qury_no"], told["filename"]))
    ]
    assert told["data_cnt"] == len(rows)
    return told, rows


def latest(rows: list[Told]) -> str:
    return max(row["版本号"] for row in rows)


def test_medicines_in_the_printed_order_of_columns(system: System, pack: Pack) -> None:
    told, rows = fetched(system, "1301")
    assert told["dld_end_time"] == "2026-04-19"
    assert told["filename"] == f"1301_{latest(rows)}.txt.zip" and len(latest(rows)) == 20
    assert [row["医疗目录编码"] for row in rows] == ["X01", "X02", "X09"]
    first = rows[0]
    assert first.pop("数据更新时间") and first.pop("唯一记录号")
    assert moment_of(first.pop("版本号")) == CatalogueItem.objects.get(code="X01").changed_at
    assert first.pop("版本名称").endswith(" 版")
    assert first == {
        "医疗目录编码": "X01",
        "药品通用名": "阿莫西林胶囊",
        "药品类别": "101",
        "药品类别名称": "西药费",
        "中成药标志": "0",
        "开始日期": "2025-01-01",
        "最小销售单位": "盒",
        "最小计价单位": "盒",
        "拼音助记码": "amxljn",
        "特殊限价药品标志": "0",
        "限制使用标志": "0",
        "基本药物标志": "0",
        "基本药物标志名称": "否",
        "国家医保药品目录甲乙类标识": "甲",
        "有效标志": "1",
        "数据创建时间": "2025-01-01",
        "下发标志": "1",
        "生效时间": "2025-01-01",
    }


def test_each_kind_has_its_own(system: System, county: Division) -> None:
    item(county, "C01", "一次性注射器", category="material", catalogue="service")
    item(county, "T01", "黄芪", category="herbal_drug")
    assert [row["耗材名称"] for row in fetched(system, "1306")[1]] == ["一次性注射器"]
    assert [row["单味药名称"] for row in fetched(system, "1302")[1]] == ["黄芪"]
    services = [row["医疗服务项目名称"] for row in fetched(system, "1305")[1]]
    assert services == ["普通床位", "CT平扫", "输血", "手术费"]
    assert system.ask("1306A", {"data": {"ver": "0"}})["dld_endtime"] == "2026-04-19"


def test_afterwards_only_what_is_new(system: System, county: Division) -> None:
    version = latest(fetched(system, "1301")[1])
    told, none = fetched(system, "1301", version)
    assert none == [] and told["filename"] == f"1301_{version}.txt.zip"
    item(county, "X77", "新药")
    CatalogueItem.objects.filter(code="X01").update(last_day=date(2026, 3, 31))
    _, rows = fetched(system, "1301", version)
    assert {row["医疗目录编码"]: row.get("结束日期") for row in rows} == {
        "X01": "2026-03-31",
        "X77": None,
    }
    assert latest(rows) > version
    assert fetched(system, "1301", latest(rows))[1] == []
    # What is no version of ours knows nothing; whoever has an older one gets as much as then.
    for unknown in ("0", "V1.0", "99999999999999999999"):
        assert len(fetched(system, "1301", unknown)[1]) == 4


def test_a_row_that_stays_as_it_is_has_not_changed(system: System, county: Division) -> None:
    before = CatalogueItem.objects.get(code="X01").changed_at
    CatalogueItem.objects.filter(code="X01").update(name="阿莫西林胶囊")
    assert CatalogueItem.objects.get(code="X01").changed_at == before
    CatalogueItem.objects.filter(code="X01").update(changed_at="2020-01-01T00:00:00Z")
    assert CatalogueItem.objects.get(code="X01").changed_at == before
    CatalogueItem.objects.filter(code="X01").update(price_limit=Decimal("9.90"))
    assert CatalogueItem.objects.get(code="X01").changed_at > before


def test_the_file_of_a_version_is_made_once_for_all(
    system: System, township_hospital: Institution, county: Division
) -> None:
    other = System(client_of(township_hospital))
    first = system.ask("1301", {"data": {"ver": "0"}})
    assert other.ask("1301", {"data": {"ver": "0"}}) == first
    assert StoredFile.objects.count() == 1
    for number in range(40):
        item(county, f"Y{number:02d}", "又一种药")
    fresh = item(county, "Z99", "最后一种药")
    with CaptureQueriesContext(connection) as made:
        told = system.ask("1301", {"data": {"ver": "0"}})
    with CaptureQueriesContext(connection) as kept:
        assert system.ask("1301", {"data": {"ver": "0"}}) == told
    assert told["data_cnt"] == 44 and version_of(fresh.changed_at) in told["filename"]
    assert len(kept) < len(made) <= 25


def test_what_the_county_does_not_keep_is_empty_and_told(system: System) -> None:
    for infno in ("1303", "1307", "1308", "1311", "1313", "1314", "1315"):
        told = system.send(system.message(infno, {"data": {"ver": "0"}}))
        assert "本县不维护" in told["warn_msg"] and told["output"]["data_cnt"] == 0
        answer = told["output"]
        assert list(text_rows(down(system, answer["file_qury_no"], answer["filename"]))) == []
    page = {"data": {"updt_time": "2020-01-01", "page_num": 1, "page_size": 10}}
    told = system.send(system.message("1304", page))
    assert told["output"] == [] and "民族药品" in told["warn_msg"]


def test_chronic_diseases_come_from_the_measures(system: System, pack: Pack) -> None:
    _, rows = fetched(system, "1309")
    names = {row["门慢门特病种目录代码"]: row["门慢门特病种名称"] for row in rows}
    assert names["diabetes"] == "糖尿病" and names["dialysis"] == "肾功能衰竭透析治疗"
    assert {row["医保区划"] for row in rows} == {"500225"}
    assert fetched(system, "1309", latest(rows))[1] == []
    told, none = fetched(system, "1310")
    assert none == [] and told["filename"].startswith("1310_")


def test_another_county_s_items_are_not_in_it(system: System, other_county: Division) -> None:
    item(other_county, "X55", "外县的药")
    codes = [row["医疗目录编码"] for row in fetched(system, "1301")[1]]
    assert "X55" not in codes and "X01" in codes
    assert "X55" not in {row["hilist_code"] for row in paged(system, "1312")}


@pytest.mark.django_db(transaction=True)
def test_moments_are_given_in_the_order_of_the_commits(system: System, county: Division) -> None:
    """One writes first and commits last; whoever fetches meanwhile misses nothing of it."""
    wrote, may_end = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            item(county, "S-SLOW", "先写后提交", catalogue="drug")
            wrote.set()
            may_end.wait(10)
        connection.close()

    def quick() -> None:
        item(county, "S-QUICK", "后写")
        connection.close()

    threads = [threading.Thread(target=slow), threading.Thread(target=quick)]
    threads[0].start()
    assert wrote.wait(10)
    threads[1].start()
    threads[1].join(0.3)
    assert threads[1].is_alive()  # waits for the one before
    version = latest(fetched(system, "1301")[1])
    may_end.set()
    for thread in threads:
        thread.join(10)
    _, rows = fetched(system, "1301", version)
    assert {row["医疗目录编码"] for row in rows} == {"S-SLOW", "S-QUICK"}
    assert rows[0]["版本号"] > rows[1]["版本号"]  # S-QUICK was given the later one


@pytest.mark.django_db(transaction=True)
def test_eight_who_ask_at_once_get_the_one_file(system: System, county: Division) -> None:
    for number in range(200):
        item(county, f"Y{number:03d}", "一种药")
    answers: list[dict[str, Any]] = []
    begin = threading.Barrier(8)

    def ask() -> None:
        begin.wait(10)
        answers.append(system.ask("1301", {"data": {"ver": "0"}}))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(answers) == 8 and len({one["file_qury_no"] for one in answers}) == 1
    assert StoredFile.objects.count() == 1 and answers[0]["data_cnt"] == 203


# -- pages ----------------------------------------------------------------------------------------


def paged(system: System, infno: str, **given: Any) -> list[dict[str, Any]]:
    row = {"updt_time": "2020-01-01", "page_num": 1, "page_size": 100} | given
    found: Any = system.ask(infno, {"data": row})
    assert isinstance(found, list)
    return found


def test_insured_items_a_page_at_a_time(system: System) -> None:
    rows = paged(system, "1312", list_type="101")
    assert [row["hilist_code"] for row in rows] == ["X01", "X02", "X09"]
    second = rows[1]
    assert (second["hilist_name"], second["chrgitm_lv"]) == ("头孢曲松钠注射液", "02")
    assert (second["list_type"], second["med_chrgitm_type"]) == ("101", "09")
    assert (second["begndate"], second["enddate"], second["vali_flag"]) == ("2025-01-01", "", "1")
    pages = [paged(system, "1312", page_num=n, page_size=3) for n in (1, 2, 3)]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert len({row["rid"] for page in pages for row in page}) == 7
    assert [row["hilist_code"] for row in paged(system, "1312", chrgitm_lv="03")] == ["X09"]
    assert [row["hilist_code"] for row in paged(system, "1312", hilist_name="头孢")] == ["X02"]
    assert [row["hilist_code"] for row in paged(system, "1312", pinyin="AMX")] == ["X01"]
    assert paged(system, "1312", insu_admdvs="500226") == []
    assert paged(system, "1312", lmt_used_flag="1") == []
    assert paged(system, "1312", updt_time="2099-01-01") == []
    assert paged(system, "1312", query_date="2024-12-31") == []
    same = paged(system, "1316", med_list_codg="X01")
    assert [(row["med_list_codg"], row["hilist_code"]) for row in same] == [("X01", "X01")]
    asked = {"data": {"updt_time": "2020-01-01", "page_num": 0, "page_size": 100}}
    assert system.refused("1312", asked).startswith("data.page_num：当前页数从 1 起")
    asked = {"data": {"updt_time": "2020-01-01", "page_num": 1, "page_size": 1001}}
    assert system.refused("1312", asked).startswith("data.page_size：本页数据量应为 1 至 1000")


def test_statements_of_a_page_do_not_grow(system: System, county: Division, pack: Pack) -> None:
    def counted(infno: str) -> int:
        with CaptureQueriesContext(connection) as found:
            paged(system, infno)
        return len(found)

    infnos = ("1312", "1316", "1317", "1318", "1319")
    few = {infno: counted(infno) for infno in infnos}
    for number in range(30):
        item(county, f"Y{number:02d}", "又一种药", price_limit=Decimal(5))
    assert {infno: counted(infno) for infno in infnos} == few
    assert max(few.values()) <= 14


def test_price_limits_for_each_level(system: System) -> None:
    rows = paged(system, "1318")
    assert [
        (row["hilist_code"], row["hilist_lmtpric_type"], row["hilist_pric_uplmt_amt"])
        for row in rows
    ] == [("F01", level, Decimal("30.000000")) for level in ("1", "2", "3")]
    assert [row["rid"] for row in paged(system, "1318", page_num=2, page_size=2)] == [
        rows[2]["rid"]
    ]
    one = paged(system, "1318", hilist_lmtpric_type="2", page_size=1)
    assert [row["hilist_lmtpric_type"] for row in one] == ["2"]
    assert [row["rid"] for row in paged(system, "1318", rid=rows[0]["rid"])] == [
        row["rid"] for row in rows
    ]


def test_what_is_paid_first_by_the_measures_of_the_time(system: System, pack: Pack) -> None:
    rows = paged(system, "1319")
    told = {row["hilist_code"]: row["selfpay_prop"] for row in rows}
    assert told == {
        "X01": Decimal(0),
        "X02": Decimal(0),
        "X09": Decimal(1),  # outside the catalogue
        "S01": Decimal(1),  # a special examination that nobody approved
        "S02": Decimal(1),
        "S03": Decimal(0),
        "F01": Decimal(0),
    }
    first = rows[0]
    assert (first["begndate"], first["enddate"]) == ("2025-01-01", "2027-12-31")
    assert (first["selfpay_prop_psn_type"], first["selfpay_prop_type"]) == ("390", "10")
    warned = system.send(
        system.message("1319", {"data": {"updt_time": "2020-01-01", "page_num": 1, "page_size": 9}})
    )
    assert "随审批、急诊" in warned["warn_msg"]
    pages = [paged(system, "1319", page_num=n, page_size=4) for n in (1, 2, 3)]
    assert [len(page) for page in pages] == [4, 3, 0]
    assert paged(system, "1319", selfpay_prop_psn_type="310") == []


def test_own_codes_are_told_to_their_owner(
    system: System, township_hospital: Institution, cast: Any
) -> None:
    sent = Sent(
        own_code="YP-1", own_name="阿莫西林", kind="101", code="X01",
        first_day=date(2026, 1, 1), details=(("规格", "0.25g"),),
    )  # fmt: skip
    (one,) = propose_mappings(actor=cast.hospital_clerk, sent=[sent])
    assert paged(system, "1317") == []  # the county has not agreed yet
    decide_mappings(actor=cast.supervisor, mappings=[one.pk], event="agree_mapping", on=ON)
    (row,) = paged(system, "1317")
    assert (row["medins_list_codg"], row["med_list_codg"]) == ("YP-1", "X01")
    assert (row["fixmedins_code"], row["spec"], row["vali_flag"]) == (
        "H50022500001", "0.25g", "1",
    )  # fmt: skip
    assert paged(System(client_of(township_hospital)), "1317") == []
    assert paged(system, "1317", fixmedins_code="H50022500101") == []
    assert paged(system, "1317", query_date="2025-06-01") == []


# -- dictionaries ---------------------------------------------------------------------------------


def dictionary(system: System, kind: str, **given: str) -> list[dict[str, Any]]:
    row = {
        "type": kind,
        "parent_value": "0",
        "admdvs": "500225",
        "date": "2026-03-20",
        "Vali_Flag": "1",
    }
    found: list[dict[str, Any]] = system.ask("1901", {"data": row | given})["list"]
    return found


def test_national_words_and_the_county_s_own(system: System, pack: Pack) -> None:
    rows = dictionary(system, "gend")
    assert {row["value"]: row["label"] for row in rows} == {
        "0": "未知", "2": "女", "1": "男", "9": "未说明性别",
    }  # fmt: skip
    assert rows[0] == {
        "type": "gend",
        "label": "未知",
        "value": "0",
        "parentValue": "0",
        "sort": 1,
        "valiFlag": "1",
        "createUser": "国家医保局",
        "createDate": "2024-10-01",
        "version": 127,
    }
    local = {row["value"]: row["label"] for row in dictionary(system, "local_care")}
    assert local["inpatient"] == "住院" and local["chronic"] == "慢性病门诊"
    facts = dictionary(system, "local_fact")
    assert {row["createUser"] for row in facts} == {"大足县"}
    assert dictionary(system, "gend", Vali_Flag="0") == []
    assert dictionary(system, "gend", parent_value="1") == []
    row = {"type": "nothing", "parent_value": "0", "admdvs": "500225", "date": "2026-03-20",
           "Vali_Flag": "1"}  # fmt: skip
    words = system.refused("1901", {"data": row})
    assert words.startswith("data.type：没有字典 nothing；本县自有的字典：local_")
    words = system.refused("1901", {"data": row | {"type": "medins_lv"}})
    assert words == (
        "data.type：没有字典 medins_lv：字段 medins_lv 用的字典是 hosp_lv，请按字典名查询"
    )
