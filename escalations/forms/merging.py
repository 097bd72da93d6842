"""Merging one case into another one: which, and, after a look at both, why."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from escalations.forms.base import Versioned, focus, reason_field

if TYPE_CHECKING:
    from escalations.models import Case

Find = Callable[[str], "Case"]


class MergeForm(Versioned):
    """Asks in two steps: the reference; then, with both cases in view, the reason. Merging cannot be undone, so it is only
    valid for the case that was looked at (`seen`).

    `find` gives the case that goes on, or raises ValidationError; `survivor` is that case once it is found.
    """

    target = forms.CharField(
        label=_("Merge into"), max_length=24, help_text=_("The case that goes on, for example EC-20418.")
    )
    reason = reason_field(
        _("Why they are one matter"), required=False, help_text=_("Stands in the activity, for colleagues only.")
    )

    def __init__(self, data: QueryDict | None = None, *, find: Find, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.survivor: Case | None = None
        self._find = find
        self._seen = data.get("seen", "") if data is not None else ""
        focus(self, "target")

    @property
    def _looked(self) -> bool:
        return self.survivor is not None and self._seen == self.survivor.ref

    def clean_target(self) -> str:
        """The reference of a case that this one can be merged into."""
        self.survivor = self._find(self.cleaned_data["target"])
        return self.survivor.ref

    def clean(self) -> dict[str, Any]:
        """A reason from whoever has seen both; before that it is not asked for."""
        data = super().clean() or self.cleaned_data
        self.fields["reason"].required = True
        if self._looked and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _now("Say why."))
        return data

    def is_valid(self) -> bool:
        """Whether all is said about the very case that was looked at."""
        return super().is_valid() and self._looked

    def visible_fields(self) -> list[forms.BoundField]:
        """The reason is asked for with both cases in view."""
        return [bound for bound in super().visible_fields() if bound.name != "reason" or self.survivor is not None]

    @property
    def harmless(self) -> bool:
        """Whether the button only shows both cases yet."""
        return self.survivor is None

    @property
    def submit(self) -> str:
        """What the button does now."""
        return _now("Merge for good") if self.survivor is not None else _now("Show both")
