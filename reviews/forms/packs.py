"""Forms on the pages of packs: what is said, corrected, looked for and checked."""

from typing import Any, Final

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.refusals import RefusedError

from ..choices import PackState
from ..models import ReviewKind
from ..queries.packs import Filters
from ..wording import refusal_text
from .base import choose

_HASH: Final = RegexValidator(r"\A[0-9a-f]{64}\Z", _("A content hash has 64 digits from 0 to 9 and a to f."), "hash")


class _Said(forms.Form):
    def refuse(self, refused: RefusedError) -> None:
        """Say over the form why it is not kept."""
        self.add_error(
            refused.field if refused.field in self.fields else None, refusal_text(refused.code, refused.params)
        )


class CommentForm(_Said):
    """A comment on a line, or on the whole pack without one."""

    line = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    text = forms.CharField(
        label=pgettext_lazy("on a pack", "Comment"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write a comment.")},
    )  # fmt: skip

    def __init__(self, *args: Any, line: int | None = None, **kwargs: Any) -> None:
        kwargs |= {"auto_id": f"c{line or 0}-%s", "initial": {"line": line}}
        super().__init__(*args, **kwargs)


class ReviseForm(_Said):
    """Why the numbers are made anew."""

    reason = forms.CharField(
        label=_("What is corrected"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say what is corrected.")},
    )  # fmt: skip


class CheckForm(forms.Form):
    """A content hash as a file says it."""

    hash = forms.CharField(
        label=_("Content hash"), max_length=80, validators=[_HASH],
        help_text=_("It stands at the foot of each file and on the pack's page."),
    )  # fmt: skip

    def clean_hash(self) -> str:
        """Without case."""
        return str(self.cleaned_data["hash"])


class ArchiveForm(forms.Form):
    """What the archive is narrowed down to; its fields stand in the address."""

    kind = forms.ChoiceField(label=_("Kind of review"), required=False)
    site = forms.ChoiceField(label=_("About"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *PackState.choices])

    def __init__(self, *args: Any, kinds: list[ReviewKind], sites: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "kind", [("", _("All")), *[(one.code, one.label) for one in kinds]])
        of_sites = [(one.code, one.label) for one in sites]
        choose(self, "site", [("", _("All")), ("-", _("Partners and the network")), *of_sites])

    def filters(self) -> Filters:
        """What was chosen; what does not exist narrows nothing down."""
        self.is_valid()
        given = self.cleaned_data
        return Filters(given.get("kind", ""), given.get("site", ""), given.get("state", ""))
