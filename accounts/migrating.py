"""Makes the tables by the migrations in a fifth of the time.

After each operation Django renders the changed model anew and every model that relates to it: of
1 100 operations, 76 000 models, nine tenths of the time. PostgreSQL's schema editor reads no more
of the model before an addition than its table's name; so here what is added (a model, a field, a
constraint, an index) is added to the rendered model as it stands. Everything else goes Django's own
way. The states before and after share their models then, so this is for going forwards alone.
`tests/story/test_two_areas.py` asks that both ways lead to the same tables.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.state import ProjectState, StateApps

Change = Callable[..., None]


def _unrendered(state: ProjectState, change: Change, *facts: Any) -> StateApps | None:
    """Change the state alone; the rendered models, if there are any, as they were.

    None where the next who asks for them renders them anew: there are none, or they are those of
    the state from which this one was copied, as of the database that `migrate` begins with. A
    model finds others in the registry that it was rendered in, and would miss what is new here.
    """
    apps: StateApps | None = state.__dict__.pop("apps", None)
    change(state, *facts)
    if apps is None or any(
        model._meta.apps is not apps
        for models in apps.all_models.values()
        for model in models.values()
    ):
        return None
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
    state: Any = ProjectState
    ours = {
        "_alter_option": _option,
        "_append_option": _option,
        "_remove_option": _option,
        "add_field": _field,
        "add_model": _model,
    }
    usual = {name: getattr(state, name) for name in ours}
    for name, changed in ours.items():
        setattr(state, name, changed(usual[name]))
    try:
        yield
    finally:
        for name, method in usual.items():
            setattr(state, name, method)
