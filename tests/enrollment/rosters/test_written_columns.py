"""The bulk writers of rosters name every column that the database would refuse to be without."""

import pytest
from django.db.models import NOT_PROVIDED

from enrollment.models import RegisterHousehold, RegisterRow
from enrollment.rosters.staging import HOUSEHOLD_COLUMNS, ROW_COLUMNS
from enrollment.rosters.writing import WRITTEN

COPIED = {RegisterHousehold: HOUSEHOLD_COLUMNS, RegisterRow: ROW_COLUMNS}
NAMED = {model: set(columns) for model, columns in [*WRITTEN.items(), *COPIED.items()]}


def needed(model):
    return {
        field.column
        for field in model._meta.concrete_fields
        if not (field.null or field.primary_key or field.generated)
        and field.db_default is NOT_PROVIDED
    }


@pytest.mark.parametrize("model", NAMED, ids=lambda model: model.__name__)
def test_every_column_without_a_default_is_named(model):
    """A column added to the model with only a Python default is found here, not by a village."""
    assert needed(model) - NAMED[model] == set()


@pytest.mark.parametrize("model", NAMED, ids=lambda model: model.__name__)
def test_no_column_is_named_that_is_not_there(model):
    assert NAMED[model] - {field.column for field in model._meta.concrete_fields} == set()


def test_a_forgotten_column_is_found():
    from enrollment.models import Person

    assert "initials" in needed(Person) and "death_date" not in needed(Person)
