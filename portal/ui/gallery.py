"""Example data for the gallery of components."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone

from portal.ui import marks
from portal.ui.gallery_charts import example_charts, example_sparks
from portal.ui.pagination import Page


class GalleryForm(forms.Form):
    """One field of each kind, some of them wrong."""

    title = forms.CharField(label="Case title", help_text="One line, no names.")
    severity = forms.ChoiceField(label="Severity", choices=[("2", "S2: many people or money at risk")])
    first_shift = forms.DateField(label="First shift")
    body = forms.CharField(label="Message", widget=forms.Textarea, required=False)
    channel = forms.ChoiceField(
        label="Channel",
        choices=[("mail", "E-mail"), ("phone", "Phone")],
        widget=forms.RadioSelect,
        help_text="How they asked to be reached.",
    )
    sites = forms.MultipleChoiceField(
        label="Sites", choices=[("1", "Chengdu"), ("2", "Manila")], widget=forms.CheckboxSelectMultiple, required=False
    )
    shared = forms.BooleanField(label="Share with the partner", required=False, help_text="They see the text as it is.")
    token = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_first_shift(self) -> None:
        """Always wrong, to show the error."""
        raise forms.ValidationError("Choose today or later.")


def gallery_context(request: HttpRequest) -> dict[str, Any]:
    """What `ui/components.html` shows."""
    form = GalleryForm({"title": "Duplicate charge across two cards", "severity": "2", "first_shift": "2026-11-14"})
    now = timezone.now()
    return {
        "form": form,
        "plain_form": GalleryForm(auto_id="plain_%s"),
        "clocks": _clocks(),
        "rows": _rows(),
        "severities": [1, 2, 3, 4],
        "states": list(marks.STATES),
        "rags": ["g", "a", "r", "n"],
        "people": [
            {"id": at, "name": name}
            for at, name in enumerate(("Olga Marchenko", "Mei Lin", "Tom Fry", "Ana Reis", "林美"), 0)
        ],
        "moments": [now, now - timedelta(days=3), now - timedelta(days=900)],
        "durations": [45, 1080, 3900, 274000, -2520],
        "page": Page([], "x", None),
        "icons": _icon_names(),
        "charts": example_charts(),
        "sparks": example_sparks(),
    }


def _clocks() -> list[dict[str, Any]]:
    now = timezone.now()

    def clock(state: str, minutes: float, percent: int) -> dict[str, Any]:
        due = now + timedelta(minutes=minutes, seconds=30)
        target = timedelta(minutes=minutes * 100 / percent if percent else 60)
        late = due - max(timedelta(minutes=10), target * 0.08)
        return {
            "state": state,
            "due": due,
            "pct": percent,
            "start": due - target,
            "warn_at": due - target / 4,
            "late_at": late,
        }

    return [
        clock("ok", 130, 60),
        clock("warn", 18, 20),
        clock("late", 4, 3),
        clock("breached", -42, 0),
        {"state": "paused", "text": "Paused, 22h left", "due": None},
        {"state": "met", "text": "Met, 16m", "due": None},
        {"state": "missed", "text": "Met 32m late", "due": None},
    ]


def _rows() -> list[dict[str, Any]]:
    subjects = (
        "Guest locked out overnight with infant; host unreachable",
        "Payout of 18 hosts held",
        "Tax invoice missing",
    )
    return [
        {
            "id": 20418 + at,
            "subject": subject,
            "severity": 1 + at,
            "clock": _clocks()[at + 1],
            "owner": {"id": at + 1, "name": "Mei Lin"},
        }
        for at, subject in enumerate(subjects)
    ]


def _icon_names() -> list[str]:
    return [
        "home",
        "inbox",
        "key",
        "users",
        "chart",
        "grid",
        "book",
        "search",
        "bell",
        "clock",
        "lock",
        "eye",
        "reply",
        "note",
        "flag",
    ]
