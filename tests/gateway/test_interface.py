"""The tables, what checks by them and what writes by them: by hand, faults in words."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from gateway.interface.answering import AnswerError, empty_fields, file_rows, written
from gateway.interface.checking import FAULTS, ROWS, Checked, check, check_head, check_lines
from gateway.interface.reading import Spec, head, spec_of, transactions
from gateway.interface.values import LOCAL


def spec(infno: str) -> Spec:
    found = spec_of(infno)
    assert found is not None
    return found


REGISTRATION = {
    "psn_no": "50011100000000000000000002",
    "insutype": "390",
    "begntime": "2026-03-17 09:00:00",
    "mdtrt_cert_type": "02",
    "mdtrt_cert_no": "500111199108259983",
    "psn_cert_type": "01",
    "certno": "500111199108259983",
    "psn_type": "15",
    "psn_name": "测试乙",
    "ipt_otp_no": "MZ0001",
    "atddr_no": "D500111000999",
    "dr_name": "医师01",
    "dept_code": "NK01",
    "dept_name": "内科",
    "caty": "A03",
}


def registered(**changes: Any) -> Checked:
    return check(spec("2201"), {"data": REGISTRATION | changes})


def messages(checked: Checked) -> list[str]:
    return [fault.message for fault in checked.faults]


class TestReading:
    def test_the_first_set_is_there_and_nothing_else_is(self):
        assert len(transactions()) == 83
        assert spec_of("2207") is spec_of("2207")
        assert spec_of("2101") is None

    def test_nodes_stand_inside_their_parents(self):
        patients = spec("3101").asks["data"].children["patient_dtos"]
        orders = patients.children["fsi_encounter_dtos"].children["fsi_order_dtos"]
        assert orders.many
        assert not orders.children["extend_order_map"].many
        assert "patient_dtos" not in spec("3101").asks

    def test_the_dictionary_wins_over_the_length(self):
        field = spec("2201").asks["data"].fields["psn_type"]
        assert field.codes is not None
        assert field.length == max(len(code) for code in field.codes) == 6

    def test_the_head_has_every_field_beside_the_input(self):
        assert "input" not in head().fields
        assert head().fields["fixmedins_name"].length == 200


class TestChecking:
    def test_a_whole_row_becomes_typed_values_without_the_empty_ones(self):
        checked = registered(card_sn="", exp_content=None)
        assert checked.faults == ()
        row = checked.values["data"]
        assert row["begntime"] == datetime(2026, 3, 17, 9, tzinfo=LOCAL)
        assert "card_sn" not in row
        assert "exp_content" not in row

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"psn_no": ""}, "data.psn_no（人员编号）：未填写，请补填"),
            ({"psn_no": "  "}, "data.psn_no（人员编号）：未填写，请补填"),
            (
                {"psn_no": "5" * 31},
                "data.psn_no（人员编号）：最长 30 个字符，现为 31 个，请缩短",
            ),
            ({"psn_no": 5}, "data.psn_no（人员编号）：应为字符串，请加双引号后重发"),
            (
                {"begntime": "2026-03-17"},
                "data.begntime（开始时间）：应为时间 yyyy-MM-dd HH:mm:ss，如 2026-03-17 08:30:00",
            ),
            (
                {"begntime": "2026-02-30 09:00:00"},
                "data.begntime（开始时间）：没有这个时间，应为 yyyy-MM-dd HH:mm:ss",
            ),
            (
                {"mdtrt_cert_type": "09"},
                "data.mdtrt_cert_type（就诊凭证类型）：不在字典内，"
                "应为：01 医保电子凭证、03 社会保障卡、02 居民身份证",
            ),
            (
                {"insutype": "999"},
                "data.insutype（险种类型）：不在字典内，请用【1901】查字典 insutype 后改填",
            ),
            (
                {"mdtrt_cert_type": "03"},
                "data.card_sn（卡识别码）：未填写，"
                "就诊凭证类型 mdtrt_cert_type 为 03 时必填，请补填",
            ),
            (
                {"psn_name": "乙\x00"},
                "data.psn_name（人员姓名）：含有看不见的控制字符或残缺字符，请去掉",
            ),
            (
                {"psn_name": "\ud800"},
                "data.psn_name（人员姓名）：含有看不见的控制字符或残缺字符，请去掉",
            ),
        ],
    )
    def test_each_fault_is_told_with_its_place_and_remedy(self, changes, told):
        assert messages(registered(**changes)) == [told]

    def test_unknown_fields_are_named_and_do_not_stop_the_message(self):
        checked = registered(colour="blau", deep={"er": [1]}, nichts="")
        assert checked.faults == ()
        assert checked.unknown == ("data.colour", "data.deep", "data.nichts")
        assert not {"colour", "deep", "nichts"} & checked.values["data"].keys()

    def test_an_unknown_node_stops_it(self):
        checked = check(spec("2201"), {"data": REGISTRATION, "more": {"x": 1}, "plain": "x"})
        assert messages(checked) == ["more：本交易没有这个节点，应为 data"]
        assert checked.unknown == ("plain",)

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ([], "input（交易输入）：应为 JSON 对象 {…}，请改正"),
            ("x", "input（交易输入）：应为 JSON 对象 {…}，请改正"),
            ({}, "feedetail（费用明细列表）：未传入，请在 input 下补传节点 feedetail，写作 [{…}]"),
            (
                {"feedetail": {}},
                "feedetail（费用明细列表）：传了空节点，一行也没有，请至少补一行，写作 [{…}]，"
                "必填 feedetl_sn、mdtrt_id、psn_no、chrg_bchno、rx_circ_flag 等 16 项",
            ),
            (
                {"feedetail": {"cnt": 1}},
                "feedetail（费用明细列表）：应为数组 [{…}]，一行也要放在数组里，请改正",
            ),
            ({"feedetail": [5]}, "feedetail[1]（费用明细列表第 1 行）：应为对象 {…}，请改正"),
            (
                {"feedetail": [{}] * (ROWS + 1)},
                "feedetail（费用明细列表）：行数过多，一次最多 2000 行，请分批上传",
            ),
        ],
    )
    def test_a_wrong_shape_is_told(self, given, told):
        assert messages(check(spec("2204"), given)) == [told]

    def test_an_array_for_one_row_is_told(self):
        assert messages(check(spec("2201"), {"data": [REGISTRATION]})) == [
            "data（输入）：应为对象 {…}，不是数组或单个值，请改正"
        ]

    def test_rows_are_counted_and_the_looking_ends(self):
        faults = check(spec("2204"), {"feedetail": [{}] * 500}).faults
        assert len(faults) == FAULTS
        assert (faults[0].node, faults[0].index) == ("feedetail", 0)
        assert faults[0].message.startswith("feedetail[1].")

    @pytest.mark.parametrize(
        ("sent", "value"),
        [
            (Decimal("12.34"), Decimal("12.34")),
            (12, Decimal("12.00")),
            ("12.3", Decimal("12.30")),
            ("12.3400", Decimal("12.34")),
            (Decimal("1E+2"), Decimal("100.00")),
            ("-0", Decimal("0.00")),
            (Decimal("99999999999999.99"), Decimal("99999999999999.99")),
        ],
    )
    def test_amounts_are_exact(self, sent, value):
        got = check(spec("2206"), {"data": {"medfee_sumamt": sent}}).values["data"]
        assert got["medfee_sumamt"] == value
        assert str(got["medfee_sumamt"]) == str(value)

    @pytest.mark.parametrize(
        ("sent", "told"),
        [
            (Decimal("12.345"), "最多 2 位小数，请改正"),
            ("0.001", "最多 2 位小数，请改正"),
            (12.5, "应为数字，请改正"),
            (True, "应为数字，请改正"),
            ({"a": 1}, "应为数字，请改正"),
            (Decimal("NaN"), "应为数字，请改正"),
            (Decimal("sNaN"), "应为数字，请改正"),
            (Decimal("Infinity"), "应为数字，请改正"),
            ("NaN", "应为数字（可带负号和小数点，不带千分号和指数），请改正"),
            ("1e3", "应为数字（可带负号和小数点，不带千分号和指数），请改正"),
            ("1,000.00", "应为数字（可带负号和小数点，不带千分号和指数），请改正"),
            ("１２", "应为数字（可带负号和小数点，不带千分号和指数），请改正"),
            ("1_0", "应为数字（可带负号和小数点，不带千分号和指数），请改正"),
            (Decimal("1E+999999"), "过大，小数点前最多 14 位，请核对"),
            (Decimal("100000000000000"), "过大，小数点前最多 14 位，请核对"),
            (10**4000, "过大，小数点前最多 14 位，请核对"),
            (Decimal("1E-999999"), "最多 2 位小数，请改正"),
        ],
    )
    def test_what_is_no_amount_is_told(self, sent, told):
        faults = check(spec("2206"), {"data": {"medfee_sumamt": sent}}).faults
        found = [fault for fault in faults if fault.field == "medfee_sumamt"]
        assert [fault.message for fault in found] == [f"data.medfee_sumamt（医疗费总额）：{told}"]

    def test_a_line_taken_back_names_the_line(self):
        line = {"cnt": -1}
        faults = check(spec("2301"), {"feedetail": [line, {"cnt": 1}]}).faults
        told = [fault for fault in faults if fault.field == "init_feedetl_sn"]
        assert [(fault.index, fault.message) for fault in told] == [
            (0, "feedetail[1].init_feedetl_sn（输入第 1 行 原费用流水号）：未填写，"
                "数量 cnt 为负数时必填，请补填")
        ]  # fmt: skip

    @pytest.mark.parametrize("how", [{"rule_ids": ["R01"]}, {"trig_scen": "1"}])
    def test_the_pre_check_needs_rules_or_an_occasion(self, how):
        def faults(**data: Any) -> list[str]:
            found = check(spec("3101"), {"data": data}).faults
            return [fault.message for fault in found if fault.field == "trig_scen"]

        assert faults(**how) == []
        assert faults(rule_ids=[""]) == [
            "data.trig_scen（触发场景）：未填写，与规则标识集合 rule_ids 至少填一项，请补填"
        ]

    def test_a_node_inside_is_checked_in_its_parents_row(self):
        encounter = {"fsi_order_dtos": [{"rx_id": "1" * 51}], "adm_date": "2026-03-10"}
        patient = {"patn_id": "P1", "fsi_encounter_dtos": [encounter]}
        checked = check(spec("3102"), {"data": {"patient_dtos": [patient], "trig_scen": "1"}})
        assert any(
            (fault.node, fault.index, fault.field) == ("fsi_order_dtos", 0, "rx_id")
            for fault in checked.faults
        )
        lacking = check(spec("3102"), {"data": {"trig_scen": "1"}}).faults
        assert [(fault.node, fault.field) for fault in lacking] == [("data", "patient_dtos")]

    def test_fields_without_a_node_stand_in_the_input_or_in_data(self):
        row = {
            "fixmedins_code": "H50011100999",
            "fixmedins_hilist_id": "YP1",
            "list_type": "101",
            "med_list_codg": "XA",
        }
        for given in (row, {"data": row}):
            checked = check(spec("3302"), given)
            assert checked.faults == ()
            assert checked.values == {"": row}

    def test_a_file_is_base64_or_a_list_of_bytes(self):
        def sent(value: Any) -> Checked:
            row = {"in": value, "filename": "a.txt", "fixmedins_code": "H50011100999"}
            return check(spec("9101"), {"fsUploadIn": row})

        assert sent("aGk=").values["fsUploadIn"]["in"] == b"hi"
        assert sent([104, -1]).values["fsUploadIn"]["in"] == b"h\xff"
        for wrong in ("a?", [300], 5, {"a": 1}):
            assert messages(sent(wrong)) == [
                "fsUploadIn.in（文件数据）：应为文件的 base64 文本，请改正"
            ]

    def test_the_head_is_checked_alike(self):
        lacking = {fault.field for fault in check_head({"input": {}}).faults}
        assert lacking == head().must
        assert messages(check_head("x")) == ["报文应为 JSON 对象 {…}，请改正"]

    def test_lines_of_a_file(self):
        good = "JS1\tJZ1\tP1\t112.40\t44.15\t0.00\t0"
        checked = check_lines(spec("3202"), good + "\n" + good.replace("112.40", "-112.40") + "\n")
        assert checked.faults == ()
        assert [row["medfee_sumamt"] for row in checked.values[""]] == [
            Decimal("112.40"),
            Decimal("-112.40"),
        ]
        wrong = check_lines(spec("3202"), good + "\nJS2\tJZ1\n" + good.replace("0.00", "null"))
        assert messages(wrong) == [
            "[2]（对账明细文件第 2 行）：应为 7 列，以制表符分隔，现为 2 列，请改正",
            "[3].acct_pay（对账明细文件第 3 行 个人账户支出）：未填写，请补填",
        ]


class TestAnswering:
    def test_every_field_is_there_in_its_form(self):
        at = datetime(2026, 3, 17, 1, 30, tzinfo=UTC)
        row = {"psn_name": "测" * 60, "brdy": date(1991, 8, 25), "setl_time": at, "age": 34}
        output = written(spec("2206"), {"setlinfo": row | {"pool_prop_selfpay": Decimal("0.5")}})
        assert isinstance(output, dict)
        info = output["setlinfo"]
        assert list(info) == list(spec("2206").answers["setlinfo"].fields)
        assert info["psn_name"] == "测" * 50
        assert (info["brdy"], info["setl_time"]) == ("1991-08-25", "2026-03-17 09:30:00")
        assert (str(info["age"]), str(info["pool_prop_selfpay"])) == ("34.0", "0.5000")
        assert (str(info["medfee_sumamt"]), info["exp_content"]) == ("0.00", "")
        assert output["setldetail"] == []

    def test_nodes_stand_in_their_parents(self):
        output = written(
            spec("3101"), {"result": [{"judge_result_detail_dtos": [{"jrd_id": "1"}]}, {}]}
        )
        assert isinstance(output, dict)
        first, second = output["result"]
        assert first["judge_result_detail_dtos"][0]["jrd_id"] == "1"
        assert second["judge_result_detail_dtos"] == []

    def test_fields_without_a_node_stand_in_the_output(self):
        assert written(spec("1301"), {"": {"data_cnt": 3, "filename": "1301.txt"}}) == {
            "file_qury_no": "",
            "filename": "1301.txt",
            "dld_end_time": "",
            "data_cnt": 3,
        }
        rows = written(spec("5204"), {"": [{"feedetl_sn": "1"}]})
        assert isinstance(rows, list)
        assert rows[0]["feedetl_sn"] == "1"
        assert written(spec("5204"), {}) == []
        assert written(spec("2202"), {}) == {}

    def test_the_misspelt_field_of_2208_says_the_same(self):
        output = written(spec("2208"), {"setlinfo": {"psn_cash_pay": Decimal("-68.25")}})
        assert isinstance(output, dict)
        assert output["setlinfo"]["pdn_cash_pay"] == Decimal("-68.25")

    @pytest.mark.parametrize(
        "answer",
        [
            {"nonode": {}},
            {"setlinfo": {"nofield": 1}},
            {"setlinfo": [{}, {}]},
            {"setlinfo": {"medfee_sumamt": 1.5}},
            {"setlinfo": {"medfee_sumamt": "1"}},
            {"setlinfo": {"medfee_sumamt": Decimal("1.005")}},
            {"setlinfo": {"medfee_sumamt": Decimal("NaN")}},
            {"setlinfo": {"medfee_sumamt": Decimal(10) ** 14}},
            {"setlinfo": {"psn_name": True}},
            {"setlinfo": {"brdy": "1991-08-25"}},
        ],
    )
    def test_what_the_tables_do_not_know_raises(self, answer):
        with pytest.raises(AnswerError):
            written(spec("2206"), answer)

    def test_what_must_not_be_empty_is_found(self):
        output = written(spec("9001"), {"signinoutb": {"sign_no": "S1"}})
        assert empty_fields(spec("9001"), output) == ["signinoutb.sign_time"]

    def test_the_lines_of_a_file(self):
        row = {"psn_no": "P1", "msgid": "M1", "stmt_rslt": "1", "medfee_sumamt": Decimal("60")}
        assert list(file_rows("3202", [row])) == [
            "P1\tnull\tnull\tM1\t1\tnull\tnull\t60.00\tnull\tnull"
        ]
        [line] = file_rows("1314", [{}])
        assert line == "\t".join(["null"] * 14)
        with pytest.raises(AnswerError):
            list(file_rows("1314", [{"没有的列": 1}]))
        with pytest.raises(AnswerError):
            list(file_rows("2207", []))
