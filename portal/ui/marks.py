"""The status vocabulary as HTML: icons, severity, state, SLA pill, avatars. Plain functions, because a queue page makes hundreds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from django.templatetags.static import static
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from portal.ui.times import Style, duration_text, placed_text, time_text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: What each case state is called in `data-state` and its glyph, and what people read.
STATES: Final[Mapping[str, tuple[str, StrOrPromise]]] = {
    "new": ("new", pgettext_lazy("case state", "New")),
    "triaged": ("triaged", _("Triaged")),
    "in_progress": ("progress", _("In progress")),
    "waiting_customer": ("customer", _("Waiting on customer")),
    "waiting_third_party": ("third", _("Waiting on third party")),
    "resolved": ("resolved", _("Resolved")),
    "closed": ("closed", _("Closed")),
    "merged": ("merged", _("Merged")),
    "rejected": ("rejected", _("Rejected")),
}
RAG: Final[Mapping[str, StrOrPromise]] = {
    "g": _("On target"),
    "a": _("Watch"),
    "r": _("Off target"),
    "n": _("No data"),
}
_SLA_ICONS: Final = {"late": "warn", "breached": "over", "paused": "pause", "met": "check", "missed": "over"}
_SLA_WORDS: Final[Mapping[str, StrOrPromise]] = {"late": _("Due now:"), "breached": _("Breached:")}
#: States in which nothing ticks.
_STILL: Final = ("paused", "met", "missed")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")


@lru_cache(maxsize=1)
def sprite() -> str:
    """Address of the icon file."""
    return static("icons.svg")


@lru_cache(maxsize=512)
def plain_icon(name: str, extra: str = "") -> SafeString:
    """An icon that says nothing by itself."""
    classes = f"icon {extra}".rstrip()
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>', classes, sprite(), name)


def icon(name: str, label: StrOrPromise = "") -> SafeString:
    """An icon; with a label, one that screen readers name and that has a tooltip."""
    if not label:
        return plain_icon(name)
    return format_html(
        '<span class="hint-icon" title="{0}">{1}<span class="sr">{0}</span></span>', label, plain_icon(name)
    )


def kbd(key: str) -> SafeString:
    """A key cap."""
    return format_html('<kbd class="kbd">{}</kbd>', key)


def severity(level: object) -> SafeString:
    """Bars and S1..S4."""
    return _severity(str(level), get_language())


@lru_cache(maxsize=64)
def _severity(level: str, _language: str | None) -> SafeString:
    return format_html(
        '<span class="sev" data-sev="{0}"><svg aria-hidden="true"><use href="{1}#i-sev-{0}"/></svg>'
        '<span class="sr">{2} </span>S{0}</span>',
        level,
        sprite(),
        gettext("Severity"),
    )


def case_state(state: str, label: StrOrPromise = "") -> SafeString:
    """Glyph and name of a case's state; an unknown state is shown as its code."""
    return _case_state(str(state), str(label), get_language())


@lru_cache(maxsize=256)
def _case_state(state: str, label: str, _language: str | None) -> SafeString:
    glyph, name = STATES.get(state, ("new", state))
    return format_html(
        '<span class="state" data-state="{}">{}<span>{}</span></span>', glyph, plain_icon(f"st-{glyph}"), label or name
    )


def rag(colour: str, label: StrOrPromise = "") -> SafeString:
    """Red, amber, green or no data, with words."""
    return format_html(
        '<span class="rag" data-rag="{}">{}{}</span>', colour, plain_icon(f"rag-{colour}"), label or RAG[colour]
    )


def badge(text: StrOrPromise, tone: str = "", icon_name: str = "") -> SafeString:
    """A small label; without a tone it is grey."""
    return _badge(str(text), tone, icon_name)


@lru_cache(maxsize=512)
def _badge(text: str, tone: str, icon_name: str) -> SafeString:
    glyph = plain_icon(icon_name) if icon_name else ""
    if not tone:
        return format_html('<span class="badge">{}{}</span>', glyph, text)
    return format_html('<span class="badge" data-tone="{}">{}{}</span>', tone, glyph, text)


def bar(percent: float, state: str = "") -> SafeString:
    """A thin meter; the words stand beside it."""
    return format_html(
        '<svg class="bar" data-state="{}" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="4"/></svg>',
        state,
        _percent(percent),
    )


def progress(percent: float, tone: str = "", label: StrOrPromise = "") -> SafeString:
    """A labelled `progress` and its number."""
    return format_html(
        '<span class="prog"><progress value="{0}" max="100" aria-label="{1}" data-tone="{2}"></progress><b class="num">{0}%</b></span>',
        _percent(percent),
        label or gettext("Progress"),
        tone,
    )


def sla_pill(clock: object) -> SafeString:
    """A clock's pill (see `docs/decisions/ui-conventions.md` for what `clock` holds); a dash where there is none."""
    if clock is None:
        return _no_clock(get_language())
    state, due = str(_get(clock, "state")), _instant(_get(clock, "due"))
    return format_html(
        '<span class="sla" data-state="{}"{}>{}{}<span class="left">{}</span></span>',
        state,
        _sla_data(clock, due) if due and state not in _STILL and _get(clock, "ticking") is not False else "",
        _glyph(state, _get(clock, "pct")),
        _sla_word(state, get_language()) if state in _SLA_WORDS else "",
        _get(clock, "text") or _left(state, due, _get(clock, "left")),
    )


@lru_cache(maxsize=8)
def _no_clock(_language: str | None) -> SafeString:
    return format_html('<span class="muted" aria-hidden="true">–</span><span class="sr">{}</span>', gettext("No clock"))


@lru_cache(maxsize=16)
def _sla_word(state: str, _language: str | None) -> SafeString:
    return format_html('<span class="sr">{} </span>', _SLA_WORDS[state])


def _sla_data(clock: object, due: datetime) -> SafeString:
    """Attributes of instants and numbers: nothing in them needs escaping."""
    parts = [f' data-due="{due.isoformat()}"']
    for key, name in (("start", "start"), ("warn_at", "warn"), ("late_at", "late")):
        at = _instant(_get(clock, key))
        if at:
            parts.append(f' data-{name}="{at.isoformat()}"')
    left = _get(clock, "left")
    if isinstance(left, int | float):
        parts.append(f' data-left="{round(left)}"')
    return SafeString("".join(parts))


def _glyph(state: str, percent: object) -> SafeString:
    if state in _SLA_ICONS:
        return plain_icon(_SLA_ICONS[state])
    return _ring(_percent(percent if isinstance(percent, int | float) else 100))


@lru_cache(maxsize=101)
def _ring(percent: int) -> SafeString:
    return format_html(
        '<svg class="ring" viewBox="0 0 16 16" aria-hidden="true"><circle class="track" cx="8" cy="8" r="6"/>'
        '<circle cx="8" cy="8" r="6" pathLength="100" stroke-dasharray="{} 100"/></svg>',
        percent,
    )


def _left(state: str, due: datetime | None, left: float | None) -> str:
    if state == "paused":
        return gettext("Paused")
    if state == "met" or due is None:
        return gettext("Met")
    seconds = (due - timezone.now()).total_seconds() if left is None else left
    return duration_text(min(seconds, -1) if state == "breached" else seconds)


def _get(thing: object, key: str) -> Any:
    return thing.get(key) if isinstance(thing, Mapping) else getattr(thing, key, None)


def _instant(value: object) -> datetime | None:
    return parse_datetime(value) if isinstance(value, str) else value if isinstance(value, datetime) else None


def _percent(value: float) -> int:
    return max(0, min(100, round(value)))


def local_time(at: datetime | None, style: Style = "auto", tz: str | None = None) -> SafeString | str:
    """An instant as people read it, in the viewer's zone or in `tz`; nothing for None."""
    if at is None:
        return ""
    full = time_text(at, "full", tz)
    shown = full if style == "full" else time_text(at, style, tz)
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), full, shown)


def placed_time(at: datetime, zone: str = "") -> SafeString:
    """An instant by the clocks of a place, with the name of its zone."""
    return format_html('<time class="placed" datetime="{}">{}</time>', at.isoformat(), placed_text(at, zone))


def initials(name: str) -> str:
    """Up to two letters; of a Chinese name the last character, as friends would call."""
    name = name.strip()
    if _HAN.search(name):
        return name[-1]
    words = [word for word in re.split(r"[\s.\-_@]+", name) if word]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


def avatar(user: object, size: str = "") -> SafeString:
    """Initials in a circle; a dashed one for nobody."""
    if user is None or user == "":
        return format_html('<span class="avatar none" aria-hidden="true">{}</span>', plain_icon("user"))
    return _avatar(_id(user), str(_get(user, "name") or "?"), size)


def _id(user: object) -> int:
    pk = _get(user, "pk") or _get(user, "id") or 0
    return pk if isinstance(pk, int) else 0


@lru_cache(maxsize=1024)
def _avatar(pk: int, name: str, size: str) -> SafeString:
    return format_html(
        '<span class="{}" data-hue="{}" aria-hidden="true">{}</span>',
        f"avatar {size}".rstrip(),
        1 + pk % 4 if pk else 0,
        initials(name),
    )


def who(user: object, nobody: StrOrPromise = "") -> SafeString:
    """Avatar and name; without a user "Unassigned" or what is given."""
    if user is None or user == "":
        return _nobody(str(nobody or gettext("Unassigned")))
    return _who(_id(user), str(_get(user, "name") or ""), get_language())


@lru_cache(maxsize=64)
def _nobody(text: str) -> SafeString:
    return format_html('<span class="who muted">{}<span class="clip">{}</span></span>', avatar(None), text)


@lru_cache(maxsize=1024)
def _who(pk: int, name: str, _language: str | None) -> SafeString:
    return format_html(
        '<span class="who">{}<span class="clip soft">{}</span></span>',
        _avatar(pk, name or "?", ""),
        name or gettext("No name"),
    )
