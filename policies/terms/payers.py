"""Who pays: the book (fund), the national code of the fund, and how the payment is booked.

A pack says these words of every layer; which account they lead to stands in funds/events.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# The funds that have a book of their own (funds.models.Book.FundType): medical assistance follows
# the same accounting rules in a book that is never mixed with insurance (2026 supplement).
BOOKS: Mapping[str, str] = {
    "resident": "城乡居民基本医疗保险基金",
    "assistance": "城乡医疗救助基金",
}

# Under which part of 5001 社会保险待遇支出 the payments for a kind of care stand.
BOOKED_AS: Mapping[str, str] = {"inpatient": "住院", "outpatient": "门诊", "other": "其他"}
# What a layer may say besides, by the book whose chart has the account: 5101 大病保险支出.
LAYER_BOOKED_AS: Mapping[str, Mapping[str, str]] = {
    "resident": {**BOOKED_AS, "serious": "大病"},
    "assistance": BOOKED_AS,
}

# National codes of the fund that pays (接口 fund_pay_type), as the interface standard lists them.
FUND_PAY_TYPES: Mapping[str, str] = {
    "310100": "城镇职工基本医疗保险统筹基金",
    "310101": "城镇职工基本医疗保险统筹基金（预付金）",
    "310102": "职工门诊统筹基金",
    "310200": "城镇职工基本医疗保险个人账户基金",
    "310300": "职工大病补助基金",
    "310400": "军转干部医疗补助基金",
    "310500": "代缴基金（破产改制）",
    "320100": "公务员医疗补助基金",
    "320200": "厅级干部补助基金",
    "330100": "大额医疗费用补助基金",
    "330200": "职工意外伤害基金",
    "340100": "离休人员医疗保障基金",
    "340200": "离休老工人门慢保障基金",
    "350100": "一至六级残疾军人医疗补助基金",
    "370100": "企业补充医疗保险基金",
    "370200": "公益补充保险基金",
    "390100": "城乡居民基本医疗保险基金",
    "390101": "城乡居民基本医疗保险基金（预付金）",
    "390102": "居民门诊统筹基金",
    "390200": "城乡居民大病医疗保险基金",
    "390300": "城乡居民大病补充保险基金",
    "390400": "居民意外伤害基金",
    "390500": "居民家庭账户金",
    "410100": "工伤保险基金",
    "510100": "生育基金",
    "610100": "医疗救助基金",
    "610200": "优抚对象医疗补助基金",
    "620100": "特惠保补偿金",
    "630100": "医院减免金",
    "640100": "医院减免金",
    "999109": "农村低收入人口医疗补充保险",
    "999900": "医院垫付",
    "999996": "医院垫付基金",
    "999997": "其他基金",
    "99999707": "新冠肺炎核酸检测财政补助",
    "99999737": "职工大病补助基金",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who pays a layer.

    ``book``: key of ``BOOKS``; ``fund_pay_type``: national code; ``booked_as``: key of
    ``LAYER_BOOKED_AS``, "" where the payment is booked as the visit's kind of care is.
    """

    book: str
    fund_pay_type: str
    booked_as: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseLayer:
    """The layer that benefits pay; every other layer comes on top of it."""

    code: str
    name: str
    payer: Payer
