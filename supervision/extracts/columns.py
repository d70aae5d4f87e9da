"""The five tables with their columns in the printed order (columns.csv), and why one stays empty.

Names, order and titles are those of the extraction workbooks that inspections hand out.
"""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

LIST = Path(__file__).with_name("columns.csv")
# Table → what people call it, in the printed order.
TITLES: Mapping[str, str] = {
    "setl_d": "结算",
    "mdtrt_d": "就诊",
    "fee_list_d": "费用明细",
    "setl_list_diag_d": "结算清单诊断",
    "setl_list_oprn_d": "结算清单手术操作",
}
# Why a column stays empty.
REASONS: Mapping[str, str] = {
    "staff": "单位、公务员等事项，城乡居民医保没有",
    "agency": "清算机构编号由国家平台编配，本系统没有",
    "hospital": "医院病案和收费系统的内容，本系统不登记",
    "platform": "国家平台的编号、标志或区分，本系统没有",
    "local": "本县办法自定，没有对应的国家编码",
    "maternity": "生育登记事项，本系统没有",
    "borne": "本系统只记实际承担的起付线，见 act_pay_dedc",
    "unclear": "原表无说明，含义不能确定",
    "share": "各办法计算方法不同，见 preselfpay_amt",
    "partition": "数据平台的分区日期，由接收方填写",
    "operations": "本系统不登记国家编码的手术操作，本表只有表头",
}


class Column(NamedTuple):
    """One column; `empty`: key of REASONS, "" where the portal fills it."""

    name: str
    title: str
    empty: str


def _read() -> dict[str, tuple[Column, ...]]:
    found: dict[str, list[Column]] = {table: [] for table in TITLES}
    with LIST.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["table"]].append(Column(row["name"], row["title"], row["empty"]))
    return {table: tuple(columns) for table, columns in found.items()}


TABLES = _read()
