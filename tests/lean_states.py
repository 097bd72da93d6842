"""Migrating a whole database at once, without making every model anew for each constraint and each new table."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db.migrations.state import ModelState, ProjectState


@contextmanager
def lean_states() -> Iterator[None]:
    """Meanwhile a new model, a constraint or an index makes that model anew, and not all that are related to it.

    The tables come out the same. A migration that runs Python gets models that are all made anew, as always.
    """
    with (
        patch.object(ProjectState, "add_model", _add_model),
        patch.object(ProjectState, "_append_option", _append_option),
    ):
        yield


def _add_model(self: Any, model_state: ModelState) -> None:
    key = model_state.app_label, model_state.name_lower
    self.models[key] = model_state
    if self._relations is not None:
        self.resolve_model_relations(key)
    _make_anew(self, key)


def _append_option(self: Any, app_label: str, model_name: str, option_name: str, obj: object) -> None:
    options = self.models[app_label, model_name].options
    options[option_name] = [*options[option_name], obj]
    _make_anew(self, (app_label, model_name))


def _make_anew(state: Any, key: tuple[str, str]) -> None:
    if "apps" in state.__dict__:
        # Tells Django that models point at outdated ones: it makes them all anew before it runs Python.
        state.is_delayed = True
        state._reload({key})
