"""Groups and their members."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ...actions.catalogue import GroupValues
from ...queries import catalogue
from .base import CatalogueForm, code_field, id_choice, offer


class GroupForm(CatalogueForm):
    """What a group is called."""

    def values(self) -> GroupValues:
        """What was typed."""
        return GroupValues(**self.named())


class NewGroupForm(GroupForm):
    """A group that does not exist yet."""

    code = code_field()


class MemberForm(forms.Form):
    """Who joins a group."""

    user = id_choice(_("Person"), required=True)

    def __init__(self, *args: Any, but: Collection[int] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = catalogue.possible_members().exclude(pk__in=but)
        offer(self, "user", list(people.values_list("pk", "name")), _("Choose somebody"))
