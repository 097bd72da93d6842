"""Merging: the form with both cases in view, and doing it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from escalations import access, actions, rules
from escalations.choices import Sensitivity
from escalations.forms import MergeForm
from escalations.queries import statutory as law
from escalations.views.common import case_url, lang_of, reason_text, refusal
from escalations.views.operation import Context, Done
from portal.ui.times import placed_text

if TYPE_CHECKING:
    from escalations.models import Case


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two cases as the preview shows it."""

    case: Case
    url: str
    lang: str
    fate: str


class PreviewedMergeForm(MergeForm):
    """The form with what its page shows of the two cases."""

    def __init__(self, data: QueryDict | None, *, context: Context) -> None:
        self.source, self._context = context.case, context
        super().__init__(data, find=partial(_found, context), initial={"version": context.case.version})

    @property
    def sides(self) -> list[Side]:
        """Both cases, the one that goes on first; nothing before it is found."""
        if self.survivor is None:
            return []
        return [_side(self.survivor, _("goes on")), _side(self.source, _("ends"))]

    @property
    def becomes(self) -> str:
        """The sensitivity to which the survivor is raised; empty if it keeps its own."""
        if self.survivor is None:
            return ""
        level = rules.higher_sensitivity(self.source.sensitivity, self.survivor.sensitivity)
        return "" if level == self.survivor.sensitivity else str(Sensitivity(level).label)

    @property
    def strangers(self) -> bool:
        """Whether the two cases name different customers."""
        refs = {one.customer_ref.strip().casefold() for one in (self.source, self.survivor) if one is not None}
        return len(refs - {""}) > 1

    @cached_property
    def deadlines(self) -> list[str]:
        """The answers that the law waits for in the case that ends, each with its due time, for those who see that inside."""
        if not self._context.rights.sees_internal:
            return []
        views = law.owed(self.source.pk)
        zones = law.zones_by_clock(self._context.actor, self.source.pk, views)
        return [f"{view.label}: {placed_text(view.due_at, zones.get(view.id, ''))}" for view in views]


def _side(case: Case, fate: str) -> Side:
    return Side(case, case_url(case), lang_of(case.subject), fate)


def _found(context: Context, ref: str) -> Case:
    """The case that goes on, if it can. Raises ValidationError; a case out of sight is one that is not there."""
    if access.case_id(ref) is None:
        raise ValidationError(_("Type a reference like EC-20418."))
    try:
        survivor = access.get_case(context.actor, ref)
        actions.check_merge(context.actor, context.case, survivor)
    except Http404:
        raise ValidationError(reason_text("not_visible")) from None
    except actions.Refused as error:
        raise ValidationError(refusal(error)) from None
    return survivor


def merge_form(context: Context, data: QueryDict | None) -> MergeForm:
    """Which case goes on, and why."""
    return PreviewedMergeForm(data, context=context)


def run_merge(context: Context, form: forms.Form) -> Done:
    """Merge, and go on in the case that is left."""
    data = form.cleaned_data
    outcome = actions.merge(
        actor=context.actor,
        source=context.case.pk,
        target=data["target"],
        reason=data["reason"],
        expected_version=data["version"],
    )
    words = {"ref": context.case.ref, "into": outcome.case.ref}
    return Done(_("%(ref)s merged into %(into)s") % words, go_to=case_url(outcome.case))
