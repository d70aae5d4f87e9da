"""A few wrongs of each kind among honest claims: found, and nothing beside them.

`bench/planted.py` does the same with as many as one likes.
"""

from collections import defaultdict

import pytest

from accounts.models import Division
from supervision.models import Alert
from supervision.services import screen_new_claims
from tests.claims.conftest import Register
from tests.supervision.planting import CERTAIN, KINDS, Planter, plant, scores

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("most", [7, 2000])
def test_what_was_planted_is_found(
    county: Division, village_a: Division, register: Register, cast, most: int
) -> None:
    """In runs of seven claims the neighbours of a group come in different runs."""
    for at in range(100):
        register.person(f"钱{at}", register.household(village_a))
    planter = Planter(county, cast.clerk_a, cast.supervisor)
    plant(planter, 1)
    while screen_new_claims(area=county, most=most):
        pass
    told = defaultdict(set)
    for rule, settlement in Alert.objects.values_list("rule", "settlement"):
        told[rule].add(settlement)
    found = scores(planter.truth, told)
    assert len(planter.truth) == len(KINDS) - 1  # two kinds of A02
    assert [one for one in found if one.recall < 1] == []
    assert [one for one in found if one.precision < 1] == []
    assert planter.truth.keys() >= CERTAIN
