"""Bundles and what is in them."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from partners import queries as directory
from portal.accounts.rules import SYSTEM
from portal.ui.versioned import MAX_VERSION

from ...actions.catalogue import BundleValues
from ...queries import catalogue
from .base import CatalogueForm, code_field, id_choice, offer


class BundleForm(CatalogueForm):
    """What a bundle is called, and whether policy approves it."""

    birthright = forms.BooleanField(
        label=_("Approved by policy"), required=False,
        help_text=_("Nobody is asked: the job alone is reason enough. The policy is written down as who decided."),
    )  # fmt: skip

    def values(self) -> BundleValues:
        """What was typed."""
        return BundleValues(**self.named(), birthright=self.cleaned_data["birthright"])


class NewBundleForm(BundleForm):
    """A bundle that does not exist yet: for whom it is cannot be changed later."""

    code = code_field()
    job_role = id_choice(_("Job role"), required=True)
    programme = forms.ChoiceField(label=_("Programme"), required=False)
    site = id_choice(_("Site"))
    field_order = ("version", "name", "name_zh", "code", "job_role", "programme", "site", "birthright")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = directory.job_roles().filter(archived_at=None).order_by("name", "pk")
        offer(self, "job_role", [(row.pk, row.label) for row in roles], _("Choose a job role"))
        offer(self, "programme", catalogue.programme_choices(), _("All programmes"))
        sites = directory.sites_visible_to(SYSTEM).filter(archived_at=None).order_by("name", "pk")
        offer(self, "site", [(row.pk, row.label) for row in sites], _("All sites"))


class VersionForm(forms.Form):
    """What a bundle brings from now on."""

    version = forms.IntegerField(min_value=1, max_value=MAX_VERSION, widget=forms.HiddenInput)
    entitlements = forms.TypedMultipleChoiceField(
        label=_("Brings"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, content: Collection[int] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = [
            (pk, _("%(system)s: %(name)s") % {"system": system, "name": name})
            for system, things in catalogue.entitlement_choices(content)
            for pk, name in things
        ]
        offer(self, "entitlements", labels)
