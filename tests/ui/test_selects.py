"""Lists to choose from are drawn to the letter as Django's templates draw them, whatever they offer."""

from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from portal.ui import forms as portal_forms
from portal.ui.forms import PortalFormRenderer

EVIL = "<script>\"'&"
CHOICES: dict[str, list[tuple[Any, Any]]] = {
    "none": [],
    "plain": [("", _("Any site")), ("S1", "Chengdu"), ("S2", EVIL), (EVIL, "Dalian")],
    "numbers": [(1, 12345), (12345, "Big"), (0, 0), (None, "Nothing"), (True, "Yes")],
    "grouped": [("", "Any"), (EVIL, [("a", "A"), (2, "B")]), ("Rest", [("c", EVIL)])],
    "safe": [("a", SafeString("<b>A</b>")), (SafeString("&amp;"), "B")],
}


@pytest.mark.parametrize(
    "attrs", [{}, {"class": "input", "required": True, "disabled": False, "data-n": 1234, "title": EVIL}]
)
@pytest.mark.parametrize("value", ["", "S2", "12345", 2, None, ["a", "S1"], EVIL])
@pytest.mark.parametrize("choices", CHOICES)
@pytest.mark.parametrize("widget", [forms.Select, forms.SelectMultiple])
def test_like_django(widget: type[forms.Select], choices: str, value: Any, attrs: dict[str, Any]) -> None:
    made = widget(attrs=attrs, choices=CHOICES[choices])
    drawn = made.render("site", value, {"id": "id_site"}, renderer=PortalFormRenderer())
    assert drawn == made.render("site", value, {"id": "id_site"}, renderer=DjangoTemplates())
    assert "<script>" not in drawn


def test_a_list_needs_no_template(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_args: object) -> None:
        raise AssertionError

    monkeypatch.setattr(portal_forms.PortalFormRenderer, "get_template", refused)
    made = forms.Select(choices=CHOICES["plain"])
    assert 'value="S1" selected' in made.render("site", "S1", renderer=PortalFormRenderer())


def test_options_of_another_kind_keep_their_template() -> None:
    class Marked(forms.Select):
        option_template_name = "django/forms/widgets/radio_option.html"

    made = Marked(choices=[("a", "A")])
    drawn = made.render("site", "a", renderer=PortalFormRenderer())
    assert drawn == made.render("site", "a", renderer=DjangoTemplates())
    assert 'type="select"' in drawn
