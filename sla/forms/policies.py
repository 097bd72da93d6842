"""The form of a policy: its fields come from what the wing registered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sla import registry
from sla.actions import LevelContent, PolicyContent, TargetContent
from sla.choices import Recipient
from sla.forms.fields import PercentsField, SpanField
from sla.models import Policy
from sla.queries import calendar_choices

LEVELS = 4  # shown; one more than are stored, at most nine


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together under a heading."""

    title: str
    fields: list[forms.BoundField]

    @property
    def used(self) -> bool:
        """True if anything is filled in, or wrong."""
        return any(one.errors or one.value() not in (None, "", []) for one in self.fields)


class PolicyForm(forms.Form):
    """Everything that a policy says. After `is_valid`, `content` is what would be stored."""

    expected = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=120, required=False)
    position = forms.IntegerField(
        label=gettext_lazy("Place in the list"),
        min_value=1,
        max_value=1000,
        help_text=gettext_lazy("The first policy that matches holds. 1 is asked first."),
    )

    def __init__(
        self,
        *args: Any,
        subject_kind: str,
        policy_id: int | None = None,
        stored: PolicyContent | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind = registry.kind_of(subject_kind)
        self.policy_id = policy_id
        self.content: PolicyContent | None = None
        self._people = sorted(
            {who for level in (stored.levels if stored else ()) for who in level.who if who.isdigit()}
        )
        self._levels_shown = range(1, 1 + min(9, max(LEVELS, 1 + len(stored.levels if stored else ()))))
        self._add_match()
        self._add_targets(stored)
        self._add_levels()

    def _add_match(self) -> None:
        for name, dimension in self.kind.dimensions.items():
            self.fields[f"match-{name}"] = forms.MultipleChoiceField(
                label=dimension.label,
                choices=[(str(value), label) for value, label in dimension.choices()],
                required=False,
                widget=forms.CheckboxSelectMultiple,
                help_text=_("None chosen: any."),
            )

    def _add_targets(self, stored: PolicyContent | None) -> None:
        calendars = calendar_choices()
        used = {target.calendar_id for target in stored.targets.values()} if stored else set()
        missing = used - {pk for pk, _label in calendars}
        choices = [("", _("Choose a calendar")), *calendars, *((pk, _("Archived calendar")) for pk in missing)]
        states = [(str(value), label) for value, label in self.kind.states()]
        for metric in self.kind.metrics:
            self.fields[f"minutes-{metric}"] = SpanField(
                least=1,
                label=_("Business time"),
                help_text=_("Like 90m, 4h or 2d; a day is 24 hours of business time. Empty: no clock for this."),
            )
            self.fields[f"calendar-{metric}"] = forms.TypedChoiceField(
                label=_("Calendar"), choices=choices, coerce=int, empty_value=None, required=False
            )
            self.fields[f"warn-{metric}"] = PercentsField(label=_("Warn at percent of the target"))
            self.fields[f"pause-{metric}"] = forms.MultipleChoiceField(
                label=_("Paused while"), choices=states, required=False, widget=forms.CheckboxSelectMultiple
            )

    def _add_levels(self) -> None:
        names = dict(get_user_model().objects.filter(pk__in=self._people).values_list("pk", "name"))
        who = [*Recipient.choices, *((pk, names.get(int(pk), pk)) for pk in self._people)]
        for level in self._levels_shown:
            self.fields[f"after-{level}"] = SpanField(
                least=0, label=_("Business time after the breach"), help_text=_("Like 0m, 90m or 4h.")
            )
            self.fields[f"who-{level}"] = forms.MultipleChoiceField(
                label=_("Who hears of it"), choices=who, required=False, widget=forms.CheckboxSelectMultiple
            )
            self.fields[f"people-{level}"] = forms.CharField(
                label=_("Also these people"),
                required=False,
                max_length=500,
                help_text=_("E-mail addresses of users, with commas."),
            )

    @property
    def match_fields(self) -> list[forms.BoundField]:
        """What a subject must be for the policy to hold."""
        return [self[f"match-{name}"] for name in self.kind.dimensions]

    @property
    def target_groups(self) -> list[Group]:
        """One group per metric."""
        parts = ("minutes", "calendar", "warn", "pause")
        return [
            Group(str(label), [self[f"{part}-{metric}"] for part in parts])
            for metric, label in self.kind.metrics.items()
        ]

    @property
    def level_groups(self) -> list[Group]:
        """One group per escalation level."""
        return [
            Group(_("Level %(n)d") % {"n": level}, [self[f"{part}-{level}"] for part in ("after", "who", "people")])
            for level in self._levels_shown
        ]

    def clean_name(self) -> str:
        """The name, which no other policy of the list has."""
        name: str = self.cleaned_data["name"]
        same = Policy.objects.filter(subject_kind=self.kind.key, name__iexact=name, archived_at=None)
        if same.exclude(pk=self.policy_id or 0).exists():
            raise forms.ValidationError(_("Another policy has this name."))
        return name

    def clean(self) -> dict[str, Any]:
        """Put the parts together."""
        data = super().clean() or self.cleaned_data
        targets = dict(self._targets(data))
        levels = list(self._levels(data))
        if not targets and not self.errors:
            self.add_error(f"minutes-{next(iter(self.kind.metrics))}", _("Give at least one target."))
        if not self.errors:
            match = {name: tuple(data[f"match-{name}"]) for name in self.kind.dimensions if data[f"match-{name}"]}
            self.content = PolicyContent(dict(sorted(match.items())), dict(sorted(targets.items())), tuple(levels))
        return data

    def _targets(self, data: Mapping[str, Any]) -> Iterator[tuple[str, TargetContent]]:
        for metric in self.kind.metrics:
            minutes, calendar = data.get(f"minutes-{metric}"), data.get(f"calendar-{metric}")
            if minutes and not calendar and not self.has_error(f"calendar-{metric}"):
                self.add_error(f"calendar-{metric}", _("Choose the calendar on which this time counts."))
            elif minutes and calendar:
                warn, pause = data.get(f"warn-{metric}", ()), data.get(f"pause-{metric}", ())
                yield metric, TargetContent(minutes, calendar, tuple(warn), tuple(pause))

    def _levels(self, data: Mapping[str, Any]) -> Iterator[LevelContent]:
        last = -1
        for level in self._levels_shown:
            after, who = data.get(f"after-{level}"), [*data.get(f"who-{level}", ())]
            who += [pk for pk in self._ids(level, data.get(f"people-{level}", "")) if pk not in who]
            if after is None and not who:
                continue
            if after is None:
                self.add_error(f"after-{level}", _("Say how long after the breach."))
            elif not who:
                self.add_error(f"who-{level}", _("Say who hears of it."))
            elif after < last:
                self.add_error(f"after-{level}", _("A later level comes no earlier than the one before."))
            else:
                last = after
                yield LevelContent(after, tuple(who))

    def _ids(self, level: int, text: str) -> list[str]:
        emails = [part.strip().lower() for part in text.replace("，", ",").split(",") if part.strip()]
        found = (
            {
                email.lower(): str(pk)
                for pk, email in get_user_model()
                .objects.filter(email__in=emails, is_active=True)
                .values_list("pk", "email")
            }
            if emails
            else {}
        )
        for email in emails:
            if email not in found:
                self.add_error(f"people-{level}", _("Nobody here has the address %(email)s.") % {"email": email})
        return list(found.values())


def initial_of(policy: Policy, content: PolicyContent, number: int) -> dict[str, Any]:
    """What the form shows of a stored policy."""
    found: dict[str, Any] = {
        "expected": number,
        "name": policy.name,
        "name_zh": policy.name_zh,
        "position": policy.position,
    }
    found |= {f"match-{name}": list(values) for name, values in content.match.items()}
    for metric, target in content.targets.items():
        found |= {
            f"minutes-{metric}": target.minutes,
            f"calendar-{metric}": target.calendar_id,
            f"warn-{metric}": ", ".join(map(str, target.warn)),
            f"pause-{metric}": list(target.pause_states),
        }
    for number_of, level in enumerate(content.levels, 1):
        found |= {f"after-{number_of}": level.minutes_after, f"who-{number_of}": list(level.who)}
    return found
