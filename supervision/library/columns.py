"""The columns of the published tables, as the extracted file names them and as people do."""

from lib.tables.layout import Column, Layout

LAYOUT = Layout(
    (
        Column("batch", "批次", ("batch",), example="1"),
        Column("seq", "序号", ("seq",), example="1"),
        Column("rule_kind", "规则类别", ("rule_kind",), example="sex"),
        Column("subject", "对象", ("subject",), note="drug 或 service", example="drug"),
        Column("item_code", "项目编码", ("item_code",), example="ZD03AAA0043010100166"),
        Column("item_name", "项目名称", ("item_name",), example="艾附暖宫丸"),
        Column("limit_kind", "限定方式", ("limit_kind",), example="sex_is"),
        Column("limit_value", "限定值", ("limit_value",), example="2"),
        Column("limit_text", "限定", ("limit_text",), example="女"),
        Column("unit", "单位", ("unit",)),
        Column("window", "时间范围", ("window",)),
        Column("pair_code", "被包含项目编码", ("pair_code",)),
        Column("pair_name", "被包含项目", ("pair_name",)),
        Column("legal_ground", "依据", ("legal_ground",), example="药品说明书适应症"),
        Column("ground_source", "依据来源", ("ground_source",)),
        Column("caveat", "备注", ("caveat",)),
    ),
    ("batch", "seq", "rule_kind", "subject", "item_code", "item_name", "limit_kind", "limit_value"),
    # Eight published batches are 15 618 rows; several times over.
    max_rows=60_000,
)
# How long each column may be: what the model holds.
LENGTHS = {
    "item_code": 30, "item_name": 120, "limit_value": 30, "limit_text": 60, "unit": 10,
    "window": 20, "pair_code": 30, "pair_name": 120, "legal_ground": 200, "ground_source": 20,
    "caveat": 200,
}  # fmt: skip
