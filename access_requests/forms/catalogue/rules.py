"""Approval rules with their stages, and conflict rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ...actions.catalogue import RuleValues, SodValues, StageValues
from ...actions.catalogue.approval import MAX_STAGES
from ...choices import StageKind
from ...models import Group
from ...queries import catalogue
from .base import CatalogueForm, code_field, id_choice, offer


class RuleForm(CatalogueForm):
    """What a rule is called, and who decides at each stage."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = catalogue.named(Group.objects.all())
        for number in range(1, MAX_STAGES + 1):
            self.fields[f"kind_{number}"] = forms.ChoiceField(
                label=_("Stage %(n)s") % {"n": number}, required=False, choices=[("", _("None")), *StageKind.choices]
            )
            self.fields[f"group_{number}"] = id_choice(_("Group of stage %(n)s") % {"n": number})
            offer(self, f"group_{number}", offered, _("None"))

    @classmethod
    def initial_from(cls, row: Any) -> dict[str, Any]:
        """The row's values and its stages."""
        found = super().initial_from(row)
        for stage in row.stages.order_by("number"):
            found |= {f"kind_{stage.number}": stage.kind, f"group_{stage.number}": stage.group_id}
        return found

    def stage_rows(self) -> list[tuple[Any, Any]]:
        """The fields of each stage, as the page shows them."""
        return [(self[f"kind_{n}"], self[f"group_{n}"]) for n in range(1, MAX_STAGES + 1)]

    def values(self) -> RuleValues:
        """What was typed."""
        return RuleValues(**self.named())

    def stages(self) -> list[StageValues]:
        """The stages that were chosen, gaps closed. A group that the kind does not need is left out."""
        data = self.cleaned_data
        chosen = [(data[f"kind_{n}"], data[f"group_{n}"]) for n in range(1, MAX_STAGES + 1) if data[f"kind_{n}"]]
        return [StageValues(kind, group if kind.startswith("group") else None) for kind, group in chosen]


class NewRuleForm(RuleForm):
    """A rule that does not exist yet."""

    code = code_field()
    field_order = ("version", "name", "name_zh", "code")


class SodRuleForm(CatalogueForm):
    """What a conflict rule is called."""

    def values(self) -> SodValues:
        """What was typed."""
        return SodValues(**self.named())


class NewSodRuleForm(SodRuleForm):
    """Two entitlements that nobody may hold together."""

    code = code_field()
    left = id_choice(_("Nobody who holds"), required=True)
    right = id_choice(_("may also hold"), required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = catalogue.entitlement_choices()
        for name in ("left", "right"):
            offer(self, name, choices, _("Choose one"))
