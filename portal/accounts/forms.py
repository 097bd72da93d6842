"""The input boundary of the screens about people."""

from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.accounts.actions import Grant
from portal.accounts.choices import Refusal, Role
from portal.accounts.models import User
from portal.accounts.registry import scope_choices
from portal.accounts.rules import RefusedError

_NOTHING = [("", "–")]


@cache
def time_zones() -> list[tuple[str, str]]:
    """All zones this machine knows, by name; without the historical aliases that have no place."""
    names = {name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix", "right"))}
    return [(name, name.replace("_", " ")) for name in ["UTC", *sorted(names)]]


def _set_choices(form: forms.Form, name: str, choices: list[Any]) -> None:
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField):
        field.choices = choices


class TimeZoneField(forms.CharField):
    """An IANA zone, typed or chosen from the list beside it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Time zone"), max_length=64, initial="UTC", **kwargs)
        self.widget.attrs |= {"list": "time-zones", "autocomplete": "off"}

    def clean(self, value: Any) -> Any:
        """The name as the list has it, whatever its case and spaces."""
        text = super().clean(value)
        known = _zones_by_text().get(text.replace(" ", "_").casefold())
        if known is None:
            raise ValidationError(_("Choose a time zone from the list, such as Asia/Shanghai."))
        return known


@cache
def _zones_by_text() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


class GrantForm(forms.Form):
    """A role and, for most roles, the site, partner or service that it is for."""

    role = forms.ChoiceField(label=_("Role"), choices=[("", _("Choose a role")), *Role.choices])
    scope = forms.ChoiceField(
        label=_("For"), required=False, help_text=_("Administrators, auditors and IT fulfilment need none.")
    )
    is_lead = forms.BooleanField(label=_("Leads the service"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _set_choices(self, "scope", [*_NOTHING, *scope_choices()])

    def clean(self) -> dict[str, Any]:
        """Role and scope must fit each other."""
        data = super().clean() or {}
        if not self.errors:
            try:
                self.grant().check()
            except RefusedError:
                name = "is_lead" if data.get("is_lead") and data.get("role") != Role.ASSOCIATE else "scope"
                self.add_error(name, Refusal.SCOPE.label)
        return data

    def grant(self) -> Grant:
        """What was chosen."""
        data = self.cleaned_data
        kind, __, pk = data.get("scope", "").partition(":")
        fields = {f"{kind}_id": int(pk)} if kind else {}
        return Grant(role=data["role"], is_lead=data.get("is_lead", False), **fields)


class InviteForm(GrantForm):
    """Who is to come in, and as what."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)
    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=120)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, initial="en")
    time_zone = TimeZoneField()
    field_order = ("email", "name", "language", "time_zone", "role", "scope", "is_lead")


class UserFilter(forms.Form):
    """What the list of users can be filtered by."""

    q = forms.CharField(label=_("Name or e-mail"), max_length=120, required=False)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("Any role")), *Role.choices])
    scope = forms.ChoiceField(label=_("For"), required=False)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("Any state")), ("active", _("Active")), ("invited", _("Invited")), ("inactive", _("Inactive"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _set_choices(self, "scope", [("", _("Anywhere")), *scope_choices()])

    def scope_labels(self) -> dict[tuple[str, int], str]:
        """What the choices call each scope, by ("site", 12)."""
        found = {}
        for _heading, options in self.fields["scope"].choices:  # type: ignore[attr-defined]
            for value, label in options if isinstance(options, list) else ():
                kind, __, pk = str(value).partition(":")
                found[kind, int(pk)] = str(label)
        return found

    def chosen_scope(self) -> tuple[str, int] | None:
        """The scope as ("site", 12), or None."""
        kind, __, pk = self.cleaned_data["scope"].partition(":")
        return (kind, int(pk)) if kind else None


class ProfileForm(forms.Form):
    """What people change about themselves."""

    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=120)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = TimeZoneField()
    shortcuts_enabled = forms.BooleanField(
        label=_("Single-key shortcuts"),
        required=False,
        help_text=_("Keys such as J, K and A on lists. Off, only combinations work."),
    )

    @classmethod
    def of(cls, user: User, data: Any = None) -> "ProfileForm":
        """The form as it stands for this user, or filled in with `data`."""
        return cls(data, initial={name: getattr(user, name) for name in cls.base_fields})


class StandInForm(forms.Form):
    """Who stands in, from the start of one day to the end of another in the principal's time zone."""

    email = forms.EmailField(
        label=_("E-mail of the stand-in"),
        max_length=254,
        widget=forms.EmailInput({"list": "colleagues", "autocomplete": "off"}),
    )
    first_day = forms.DateField(label=_("First day"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    last_day = forms.DateField(label=_("Last day"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))

    def period(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The days as instants, the end exclusive; a first day that is today begins now. Raises RefusedError."""
        try:
            start = datetime.combine(self.cleaned_data["first_day"], time.min, zone).astimezone(UTC)
            after = self.cleaned_data["last_day"] + timedelta(days=1)
            end = datetime.combine(after, time.min, zone).astimezone(UTC)
        except OverflowError:
            raise RefusedError(Refusal.PERIOD) from None
        now = timezone.now()
        return (now if start < now < start + timedelta(days=1) else start), end


class NewPasswordForm(forms.Form):
    """The first password, twice."""

    password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=password_validators_help_text_html,
    )
    password2 = forms.CharField(
        label=_("The same again"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password1(self) -> str:
        """Strong enough, and not made of the person's own name."""
        password: str = self.cleaned_data["password1"]
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        """Both must be the same."""
        data = super().clean() or {}
        if data.get("password1") and data.get("password2") and data["password1"] != data["password2"]:
            self.add_error("password2", _("The two passwords differ."))
        return data
