"""Rows that are reached from another row are scoped as all rows of their model are."""

from typing import Any

import pytest

from accounts.models import Division, User
from accounts.roles import Role
from claims.models import Visit
from claims.paper_intake.models import HandedPaper
from claims.second.models import SecondRun
from funds.payments.models import PaymentBatch, PaymentFile


@pytest.mark.parametrize(
    ("related", "model", "path"),
    [
        (Visit(pk=7).papers, HandedPaper, "visit__division__code"),
        (PaymentBatch(pk=7).files, PaymentFile, "batch__area__code"),
    ],
)
def test_related_rows_know_the_path_of_their_model(related: Any, model: Any, path: str) -> None:
    clerk = User(role=Role.TOWNSHIP_CLERK, is_active=True, division=Division(code="431381101"))
    assert related.all().scope(clerk) == model.objects.all().scope(clerk)
    assert str(related.visible_to(clerk).scope(clerk)) == (
        f"(AND: ('{path}__startswith', '431381101'))"
    )


def test_a_job_is_asked_for_by_its_state_within_scope() -> None:
    officer = User(role=Role.SUPERVISOR, is_active=True, division=Division(code="431381"))
    sql = str(SecondRun.objects.visible_to(officer).unfinished().query)
    assert '"code"' in sql and "LIKE 431381%" in sql and '"status" IN (' in sql
