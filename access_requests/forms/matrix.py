"""What the access matrix takes from its address."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from partners import queries as directory
from portal.accounts.rules import Actor

from ..models import System
from ..queries.matrix import MatrixFilter
from ..wording.matrix import STATES
from .readiness import Labelled, site_field


def _choice(label: Any, rows: Any) -> Labelled:
    return Labelled(queryset=rows, required=False, label=label, empty_label=_("Any"))


class MatrixForm(forms.Form):
    """Site, programme and team of the site, job role, system, privileged alone, state."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = site_field(actor, empty=_("All sites"))
        fields: dict[str, forms.Field] = {"site": sites}
        # Programmes and teams are offered once there is a site; there are too many of them otherwise.
        code = str(self.data.get("site", ""))[:16].replace("\0", "")
        site = sites.queryset.filter(code=code).first() if sites.queryset is not None else None
        programmes = directory.programmes_visible_to(actor).filter(site=site) if site else None
        teams = directory.teams_visible_to(actor).filter(programme__site=site) if site else None
        if programmes is not None and teams is not None:
            fields["programme"] = _choice(_("Programme"), programmes.order_by("name", "pk"))
            fields["team"] = _choice(_("Team"), teams.order_by("name", "pk"))
        fields["job_role"] = _choice(_("Job role"), directory.job_roles())
        fields["system"] = _choice(_("System"), System.objects.filter(archived_at=None))
        fields["state"] = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("Any")), *STATES.items()])
        fields["privileged"] = forms.BooleanField(label=_("Privileged only"), required=False)
        self.fields.update(fields)

    def asked(self) -> MatrixFilter:
        """The filter that is asked for. Only after `is_valid`."""
        data = self.cleaned_data
        return MatrixFilter(
            **{
                f"{key}_id": data[key].pk if data.get(key) else None
                for key in ("site", "programme", "team", "job_role", "system")
            },
            privileged=data["privileged"],
            state=data["state"],
        )
