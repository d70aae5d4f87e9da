"""Agreements of several years, and the catalogue with what it was before."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.test import Client

from institutions.catalogue import items_by_code
from institutions.models import Agreement, CatalogueItem, Institution
from institutions.resources import AgreementResource, PriceHistoryResource
from tests.institutions.test_agreements import stopped
from tests.masterdata import confirm, faults, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]
AGREEMENTS = ["协议编号", "机构代码", "起始日期", "截止日期", "状态"]
TODAY = date(2026, 7, 10)
ITEMS = ["编码", "名称", "目录", "费用类别", "支付类别", "单位", "限价", "中医药", "基本药物",
         "抗菌药物", "产地", "启用日期", "停用日期"]  # fmt: skip


def item(code: str, price: str, first: str, last: str = "") -> list[str]:
    head = [code, "阿莫西林胶囊", "药品", "西药费", "甲类", "盒", price]
    return [*head, "否", "是", "是", "", first, last]


def test_agreements_of_three_years_are_one_table(
    cast: SimpleNamespace, township_hospital: Institution, as_user: Callable[..., Client]
) -> None:
    Agreement.objects.filter(institution=township_hospital).delete()
    client = as_user(cast.supervisor)
    rows = [
        AGREEMENTS,
        ["LS-2024", "H50022500101", "2024-01-01", "2024-12-31", "有效"],
        ["LS-2025", "H50022500101", "2025-01-01", "2025-12-31", "有效"],
        ["LS-2026", "H50022500101", "2026-01-01", "2026-12-31", "有效"],
    ]
    assert "新增 3" in send(client, "/institutions/agreements/load", rows)
    confirm(client, "/institutions/agreements/load")
    assert Institution.objects.contracted_on(date(2024, 6, 1)).get() == township_hospital
    assert not Institution.objects.contracted_on(date(2027, 1, 1)).exists()
    told = faults(
        AgreementResource(cast.supervisor, TODAY),
        [
            AGREEMENTS,
            ["LS-2027", "H50022500101", "2026-12-01", "2027-12-31", "有效"],
            ["LS-2028", "H50022500101", "2028-02-01", "2028-01-01", "有效"],
            ["LS-2029", "H50022500999", "2029-02-01", "2029-12-31", "有效"],
        ],
    )
    assert told[0] == ("第 2 行：起始日期：与协议 LS-2026（2026-01-01 至 2026-12-31）的协议期重叠")
    assert told[1].startswith("第 3 行：截止日期：截止日期不能早于起始日期")
    assert told[2].startswith("第 4 行：机构代码：")


def test_one_hand_with_a_table_does_not_get_round_two(
    cast: SimpleNamespace, hospital: Institution, township_hospital: Institution
) -> None:
    """DZ-2025-001 runs to the end of 2026 and two ended it from 1 September."""

    def told(*row: str) -> list[str]:
        return faults(AgreementResource(cast.supervisor, TODAY), [AGREEMENTS, list(row)])

    here, there = "H50022500001", "H50022500101"
    ended = Agreement.objects.get(institution=hospital)
    beside = Agreement.objects.get(institution=township_hospital).number
    stopped(cast, ended, state="ended", first_day=date(2026, 9, 1), last_day=None)
    (cut,) = told(ended.number, here, "2025-01-01", "2026-08-31", "有效")
    assert "不能改日期，新的协议请在页面上由两人签订" in cut
    (longer,) = told(beside, there, "2025-01-01", "2027-12-31", "有效")
    assert "不能延长到 2026-12-31 以后，续签请在页面上由两人签订" in longer
    (new,) = told("LS-2027", there, "2027-01-01", "2027-12-31", "有效")
    assert "该机构已登记过协议，今天及以后的协议请在页面上由两人签订" in new
    assert told("LS-2024", there, "2024-01-01", "2024-12-31", "有效") == []
    assert told(beside, there, "2025-01-01", "2026-11-30", "有效") == []


def test_the_catalogue_comes_with_its_earlier_prices(
    cast: SimpleNamespace, as_user: Callable[..., Client]
) -> None:
    client = as_user(cast.supervisor)
    rows = [
        ITEMS,
        item("X01", "12.50", "2024-01-01", "2024-12-31"),
        item("X01", "11.80", "2026-01-01"),
        item("X01", "12.00", "2025-01-01", "2025-12-31"),
    ]
    assert "新增 3" in send(client, "/institutions/catalogue/history", rows)
    confirm(client, "/institutions/catalogue/history")
    for day, price in ((date(2024, 5, 1), "12.50"), (date(2025, 5, 1), "12.00"),
                       (date(2026, 5, 1), "11.80")):  # fmt: skip
        assert items_by_code("500225", day, ["X01"])["X01"].price_limit == Decimal(price)
    assert "无变化 3" in send(client, "/institutions/catalogue/history", rows)
    told = faults(
        PriceHistoryResource(cast.supervisor, TODAY),
        [
            ITEMS,
            item("X01", "9.00", "2023-01-01", "2023-12-31"),
            item("X02", "9.00", "2023-01-01"),
            item("X02", "8.00", "2024-01-01"),
        ],
    )
    assert told == [
        "第 2 行：编码：X01 已在目录中，变动请用“三个目录”表",
        "第 4 行：启用日期：与同一编码 2023-01-01 启用的版本日期重叠，请填停用日期",
    ]
    assert CatalogueItem.objects.count() == 3
