"""刘翠芬's day surgery of 20000.00 under six layers of invented names (see
tests/claims/test_layers.py): each is said with its amount, its fund and its article."""

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
import simplejson

from accounts.models import Division
from claims.models import Settlement
from gateway.fhir import names
from policies.models import Pack
from policies.services import terms_of
from tests.claims.conftest import Register, line
from tests.claims.test_layers import PAID, SURGERY, pack  # noqa: F401 - a fixture
from tests.gateway.fhir.test_reading import told

pytestmark = pytest.mark.django_db
NAMES = ("共济统筹", "大额互补", "邻里互济", "仁济救助", "暖灯补助", "丰年补助", "堤岸兜底")
FUNDS = ("390100", "390200", "390300", "610100", "620100", "999109", "610200")


@pytest.fixture
def claim(
    counter: Callable[..., Settlement], register: Register, village_a: Division
) -> Settlement:
    liu = register.person("刘翠芬", register.household(village_a), statuses=["dibao"])
    return counter(liu, line("X01", "200", "100"), visit=SURGERY)


@pytest.mark.parametrize("kind", ["ClaimResponse", "ExplanationOfBenefit"])
def test_each_layer_is_said_with_amount_fund_and_article(
    get: Callable[..., Any],
    cast: SimpleNamespace,
    pack: Pack,  # noqa: F811 - the fixture
    claim: Settlement,
    kind: str,
) -> None:
    answer = get(cast.hospital_clerk, f"{kind}/{claim.number}")
    found = simplejson.loads(answer.content, use_decimal=True)
    layers = [
        one
        for one in found["adjudication"]
        if one["category"]["coding"][0]["system"] == names.codes("layer")
    ]
    said = [
        (
            one["category"]["coding"][0]["code"],
            one["category"]["coding"][0]["display"],
            one["category"]["coding"][1]["code"],
            one["amount"]["value"],
        )
        for one in layers
    ]
    assert said == [
        (code, name, fund, Decimal(amount))
        for (code, amount), name, fund in zip(PAID.items(), NAMES, FUNDS, strict=True)
    ]
    terms = terms_of(pack)
    articles = [terms.benefit(claim.benefit).article, *(one.article for one in terms.layers)]
    assert [told(one)["article"] for one in layers] == articles
    assert len(set(articles)) == len(articles)
    total = {one["category"]["coding"][0]["code"]: one["amount"]["value"] for one in found["total"]}
    assert (total["fund_amount"], total["cash_amount"]) == (Decimal(19000), Decimal(1000))
