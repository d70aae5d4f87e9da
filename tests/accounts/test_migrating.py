"""What is added to rendered models finds its relations, also in an older county's database."""

from typing import Any

from django.db import models
from django.db.migrations.state import ModelState, ProjectState

from accounts.migrating import rendered_in_place


def _state(*names: str) -> ProjectState:
    found = ProjectState()
    for name in names:
        found.add_model(_model(name))
    return found


def _model(name: str) -> ModelState:
    return ModelState("shop", name, [("id", models.BigAutoField(primary_key=True))])


def _related(state: ProjectState) -> Any:
    return state.apps.get_model("shop", "Order")._meta.get_field("buyer").related_model


def _buyer() -> "models.Field[Any, Any]":
    return models.ForeignKey("shop.Buyer", models.PROTECT)


def test_an_old_model_is_related_to_a_new_one() -> None:
    """`migrate` goes on with a copy of the state whose models it has rendered."""
    before = _state("Order")
    assert before.apps.get_model("shop", "Order")
    state = before.clone()
    with rendered_in_place():
        state.add_model(_model("Buyer"))
        state.add_field("shop", "order", "buyer", _buyer(), True)
        assert _related(state) is state.apps.get_model("shop", "Buyer")


def test_what_is_rendered_is_not_rendered_again() -> None:
    state = _state("Order", "Buyer")
    order = state.apps.get_model("shop", "Order")
    with rendered_in_place():
        state.add_field("shop", "order", "buyer", _buyer(), True)
        assert state.apps.get_model("shop", "Order") is order
        assert _related(state) is state.apps.get_model("shop", "Buyer")
