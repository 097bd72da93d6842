"""How Django draws forms here: `{{ form }}` and `{{ field.as_field_group }}` look like the design's fields; and what a field offers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import django.forms
from django.conf import settings
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_noop

from portal.ui.selects import is_plain, select_html

# What a choice says before anything is chosen. The words are Django's; it has them in no other language.
UNCHOSEN = gettext_noop("- Select an option -")


class PortalFormRenderer(DjangoTemplates):
    """Django's widgets, our form and field templates."""

    form_template_name = "ui/forms/form.html"
    field_template_name = "ui/forms/field.html"

    @cached_property
    def engine(self) -> Any:
        """Django's own widget templates, and ours with the tags that they use."""
        options = {"builtins": ["django.templatetags.i18n", "portal.ui.templatetags.ui"]}
        folders = [Path(settings.BASE_DIR) / "templates", Path(django.forms.__file__).parent / "templates"]
        return self.backend({"APP_DIRS": True, "DIRS": folders, "NAME": "portalforms", "OPTIONS": options})

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        """A widget or a form; a list to choose from without templates."""
        if is_plain(template_name, context.get("widget", {})):
            return select_html(context["widget"])
        return super().render(template_name, context, request)


def choose(form: django.forms.BaseForm, name: str, choices: Iterable[tuple[Any, Any]]) -> django.forms.ChoiceField:
    """Give a field of the form its choices, which are not known before: pairs of value and label, or of label and such pairs."""
    field = cast("django.forms.ChoiceField", form.fields[name])
    field.choices = list(choices)
    return field
