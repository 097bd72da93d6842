"""Systems and entitlements."""

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from partners.choices import Language
from portal.webhooks.guard import BlockedError, check_url
from portal.webhooks.queries import active_targets
from sla.forms.fields import SpanField

from ...actions.catalogue import Checks, EntitlementValues, SystemValues
from ...choices import Channel, DataClass, Proof
from ...models import ApprovalRule, Group, System
from ...queries import catalogue
from ...wording import refusal
from .base import CatalogueForm, code_field, id_choice, offer

MAX_NUMBER: Final = 1_000_000
MAX_CHECKS: Final = 12


class ChecksForm(CatalogueForm):
    """What to try before trouble is reported, line by line, in both languages."""

    first_checks = forms.CharField(
        label=_("First checks"), required=False, max_length=2600, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What to try before reporting trouble, one a line."),
    )  # fmt: skip
    first_checks_zh = forms.CharField(
        label=_("First checks in Chinese"), required=False, max_length=2600,
        widget=forms.Textarea(attrs={"rows": 4, "lang": "zh-Hans"}),
        help_text=_("The same, line for line. Empty: the lines above are shown."),
    )  # fmt: skip

    @classmethod
    def initial_from(cls, row: Any) -> dict[str, Any]:
        """The row's values; checks are lines."""
        lines = {name: "\n".join(getattr(row, name)) for name in ("first_checks", "first_checks_zh")}
        return super().initial_from(row) | lines

    def clean_first_checks(self) -> tuple[str, ...]:
        """The lines that say something."""
        return _lines(self.cleaned_data["first_checks"])

    def clean_first_checks_zh(self) -> tuple[str, ...]:
        """As many lines, or none."""
        lines, english = _lines(self.cleaned_data["first_checks_zh"]), self.cleaned_data.get("first_checks")
        if lines and english is not None and len(lines) != len(english):
            raise ValidationError(refusal("system_checks_paired"))
        return lines

    def checks(self) -> Checks:
        """What was typed."""
        data = self.cleaned_data
        return {"first_checks": data["first_checks"], "first_checks_zh": data["first_checks_zh"]}


def _lines(text: str) -> tuple[str, ...]:
    lines = tuple(line.strip() for line in text.splitlines() if line.strip())
    if len(lines) > MAX_CHECKS or any(len(line) > 200 for line in lines):
        raise ValidationError(_("Use at most 12 lines of 200 characters."))
    return lines


class SystemForm(ChecksForm):
    """What is configured of a system."""

    owner = id_choice(_("Owner"), hint=_("Decides where an approval asks the owner; sees what failed."))
    group = id_choice(_("IT group"), hint=_("Its members carry out what is approved."))
    rule = id_choice(_("Approval"), hint=_("Holds for all that is held here, unless an entitlement says otherwise."))
    channel = forms.ChoiceField(label=_("Channel"), choices=Channel.choices)
    ticket_address = forms.EmailField(
        label=_("Ticket address"), required=False, max_length=254, help_text=_("For the e-mail channel.")
    )
    ticket_language = forms.ChoiceField(
        label=_("Language of letters"), choices=Language.choices, initial=Language.ENGLISH, required=False,
        help_text=_("What the ticket address reads. Answers are understood in both languages."),
    )  # fmt: skip
    webhook_target = id_choice(_("Webhook"), hint=_("For the webhook channel."))
    scim_url = forms.CharField(
        label=_("SCIM address"),
        required=False,
        max_length=200,
        help_text=_("For the SCIM channel: the base of /Users."),
    )
    scim_token = forms.CharField(
        label=_("SCIM token"),
        required=False,
        max_length=4000,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Kept encrypted and never shown again. Empty: the one that is there stays."),
    )
    proof = forms.ChoiceField(
        label=_("Verified by"), choices=[(one.value, one.label) for one in (Proof.LEAD, Proof.READ_BACK)]
    )
    data_class = forms.ChoiceField(label=_("Data class"), choices=DataClass.choices)
    lead_minutes = SpanField(
        label=_("Usual time"), least=0, required=True, initial=480, help_text=_("Business time, like 8h or 90m.")
    )
    seat_limit = forms.IntegerField(
        label=_("Seats"), required=False, min_value=0, max_value=MAX_NUMBER, help_text=_("Empty: no limit.")
    )
    seat_cost = forms.DecimalField(
        label=_("Cost per seat and month"), required=False, min_value=0, max_digits=9, decimal_places=2
    )
    currency = forms.CharField(label=_("Currency"), required=False, min_length=3, max_length=3)

    def __init__(self, *args: Any, row: System | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = list(catalogue.possible_members().values_list("pk", "name"))
        if row is not None and row.owner is not None and row.owner_id not in dict(people):
            people.append((row.owner.pk, row.owner.name))
        offer(self, "owner", people, _("Nobody"))
        offer(self, "group", catalogue.named(Group.objects.all(), but=row.group_id if row else None), _("None"))
        offer(self, "rule", _rules(row.rule_id if row else None), _("The manager of the site"))
        targets = [(one.pk, one.name) for one in active_targets()]
        if row is not None and row.webhook_target is not None and row.webhook_target_id not in dict(targets):
            targets.append((row.webhook_target.pk, row.webhook_target.name))
        offer(self, "webhook_target", targets, _("None"))

    def clean_scim_url(self) -> str:
        """Only addresses that requests may go to; who is behind the name is looked up with every request."""
        url: str = self.cleaned_data["scim_url"].strip()
        if url:
            try:
                check_url(url)
            except BlockedError as error:
                raise ValidationError(_("Requests may not go to this address. It begins with https://.")) from error
        return url

    def clean_currency(self) -> str:
        """Three capitals."""
        text: str = self.cleaned_data["currency"].upper()
        if text and not (text.isascii() and text.isalpha()):
            raise ValidationError(_("Say in which currency, with three letters."))
        return text

    def values(self) -> SystemValues:
        """What was typed."""
        data = self.cleaned_data
        return SystemValues(
            **self.named(), owner_id=data["owner"], group_id=data["group"], rule_id=data["rule"],
            channel=data["channel"], ticket_address=data["ticket_address"],
            ticket_language=data["ticket_language"] or Language.ENGLISH,
            webhook_target_id=data["webhook_target"], scim_url=data["scim_url"], data_class=data["data_class"],
            proof=data["proof"], seat_limit=data["seat_limit"], seat_cost=data["seat_cost"],
            currency=data["currency"], lead_minutes=data["lead_minutes"], **self.checks(),
        )  # fmt: skip


class NewSystemForm(SystemForm):
    """A system that does not exist yet."""

    code = code_field()
    field_order = ("version", "name", "name_zh", "code")


class EntitlementForm(ChecksForm):
    """What is configured of an entitlement."""

    rule = id_choice(_("Approval"))
    privileged = forms.BooleanField(label=_("Privileged"), required=False)
    max_days = forms.IntegerField(
        label=_("Longest duration in days"), required=False, min_value=1, max_value=3660,
        help_text=_("Needed for privileged access. Empty: until it is taken away."),
    )  # fmt: skip
    external_value = forms.CharField(
        label=_("Name in the system"), required=False, max_length=200,
        help_text=_("The group or role there; for SCIM the group’s name."),
    )  # fmt: skip

    def __init__(self, *args: Any, but: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "rule", _rules(but), _("As the system says"))

    def values(self) -> EntitlementValues:
        """What was typed."""
        data = self.cleaned_data
        return EntitlementValues(
            **self.named(), rule_id=data["rule"], privileged=data["privileged"], max_days=data["max_days"],
            external_value=data["external_value"], **self.checks(),
        )  # fmt: skip


class NewEntitlementForm(EntitlementForm):
    """An entitlement that does not exist yet."""

    code = code_field()
    field_order = ("version", "name", "name_zh", "code")


def _rules(but: int | None) -> list[tuple[int, str]]:
    return catalogue.named(ApprovalRule.objects.all(), but=but)
