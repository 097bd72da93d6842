"""Giving a case to whoever is free: who that would be and why not the others, then doing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from escalations import actions, queries
from escalations.choices import Unfit
from escalations.forms.workload import GiveForm
from escalations.queries import assigning
from escalations.rules.assigning import pick
from escalations.views.operation import Context, Done

if TYPE_CHECKING:
    from django import forms
    from django.http import QueryDict


class PreviewedGiveForm(GiveForm):
    """The form with what its page shows of the service's people."""

    def __init__(self, data: QueryDict | None, *, context: Context) -> None:
        super().__init__(data, initial={"version": context.case.version})
        self.context = context

    def fits(self) -> list[tuple[assigning.Member, str, bool]]:
        """Everybody with why not them, the one who would get it marked and first."""
        case, now = self.context.case, timezone.now()
        wanted = assigning.wanted_of(case)
        circle = assigning.circle_of(assigning.staff_of(case.service_id, now, reader=self.context.actor), [case], now)
        rows = circle.fits(case, wanted)
        chosen = pick([one.member.candidate for one in rows if not one.why_not], wanted)
        found = [(one.member, _why(one.why_not), one.member.candidate == chosen) for one in rows]
        return sorted(found, key=lambda row: (not row[2], bool(row[1]), row[0].load, row[0].name))


def _why(code: str) -> str:
    return str(Unfit(code).label) if code else ""


def give_form(context: Context, data: QueryDict | None) -> forms.Form:
    """Who would get it."""
    return PreviewedGiveForm(data, context=context)


def run_give(context: Context, form: forms.Form) -> Done:
    """Give it to them, or to whoever is free by now."""
    version = form.cleaned_data["version"]
    outcome = actions.give_next(actor=context.actor, ref=context.case.pk, expected_version=version)
    name = next(iter(queries.names_of([outcome.case.owner_id]).values()), "")
    return Done(_("%(ref)s assigned to %(name)s") % {"ref": outcome.case.ref, "name": name}, outcome.undo)
