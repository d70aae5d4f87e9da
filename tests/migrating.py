"""Makes the test database's tables by the migrations, in a third of the time.

After each operation Django renders the changed model anew and every model that relates to it: of
700 operations, 42 000 models, nine tenths of the time. PostgreSQL's schema editor reads no more of
the model before an addition than its table's name; so here what is added (a model, a field, a
constraint, an index) is added to the rendered model as it stands. Everything else, and every
migration outside the tests, goes Django's own way; `tests/story/test_two_areas.py` asks that
both ways lead to the same tables.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db.migrations.state import ProjectState, StateApps

Change = Callable[..., None]


def _unrendered(state: ProjectState, change: Change, *facts: Any) -> StateApps | None:
    """Change the state alone; the rendered models, if there are any, as they were."""
    apps: StateApps | None = state.__dict__.pop("apps", None)
    change(state, *facts)
    if apps is not None:
        state.__dict__["apps"] = apps
    return apps


def _option(change: Change) -> Change:
    def changed(state: ProjectState, app: str, name: str, option: str, *facts: Any) -> None:
        if apps := _unrendered(state, change, app, name, option, *facts):
            model = apps.all_models[app][name]
            setattr(model._meta, option, list(state.models[app, name].options[option]))

    return changed


def _field(change: Change) -> Change:
    def changed(state: ProjectState, app: str, name: str, field: str, *facts: Any) -> None:
        if apps := _unrendered(state, change, app, name, field, *facts):
            model = apps.all_models[app][name]
            state.models[app, name].fields[field].clone().contribute_to_class(model, field)
            apps.clear_cache()

    return changed


def _model(change: Change) -> Change:
    def changed(state: ProjectState, model: Any) -> None:
        if apps := _unrendered(state, change, model):
            apps.render_multiple([model])

    return changed


@contextmanager
def rendered_in_place() -> Iterator[None]:
    with patch.multiple(
        ProjectState,
        _append_option=_option(ProjectState._append_option),
        _remove_option=_option(ProjectState._remove_option),
        add_field=_field(ProjectState.add_field),
        add_model=_model(ProjectState.add_model),
    ):
        yield
