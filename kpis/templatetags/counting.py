"""Tags for figures: `{% figure markup entry at where %}`, `{% how_link markup at name where %}`, `{% counted one %}`; months and
what is put together in the reader's way: `{{ day|month }}`, `{{ names|listed }}`, `{% joined a b %}`, `{% labelled a b %}`, `{% comma %}`, `{% list_comma %}`."""

from collections.abc import Iterable
from datetime import date
from html import escape
from typing import Any

from django.template import Library
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portal.audit import wording

from ..wording.periods import month_text
from ..wording.values import count_text

register = Library()


@register.filter
def minus(value: object) -> str:
    """A number with a true minus."""
    return str(value).replace("-", "−")


@register.filter
def count(value: int) -> str:
    """`11,565`."""
    return count_text(value)


@register.filter
def month(day: date) -> str:
    """The month that a day lies in: `October 2026`."""
    return month_text(day)


@register.filter
def listed(parts: Iterable[object]) -> str:
    """The items of a list, with the reader's comma between them."""
    return wording.listed(parts)


@register.simple_tag
def joined(*parts: object) -> str:
    """`Chengdu, October 2026`."""
    return wording.joined(*parts)


@register.simple_tag
def labelled(label: object, text: object) -> str:
    """`Chengdu: Service level`."""
    return wording.labelled(label, text)


@register.simple_tag
def list_comma() -> str:
    """What stands between the items of a list."""
    return wording.listed(("", ""))


@register.simple_tag
def comma() -> str:
    """What stands between a name and a time."""
    return wording.comma()


@register.simple_tag
def figure(markup: Any, entry: Any, at: str, where: str = "") -> SafeString:
    """Value, interval and sample of a figure, and the way to how it was counted."""
    return SafeString(markup.part(entry, at, where))


@register.simple_tag
def how_link(markup: Any, at: str, name: str, where: str = "") -> SafeString:
    """The way to how a figure was counted; `at` is its key on the page."""
    return SafeString(markup.link(at, name, where))


@register.simple_tag
def counted(one: Any) -> SafeString:
    """The formulas of a figure with their versions, and what they were filled with."""
    value = f" {escape(one.entry.value)}" if one.entry else ""
    place = f' <span class="muted">{escape(one.where)}</span>' if one.where else ""
    return SafeString(
        f"<p><b>{escape(one.kpi.label)}</b>{value}{place}</p>{''.join([_formula(how) for how in one.hows])}"
        f"{_filled(one.entry) if one.entry else ''}"
    )


def _formula(how: Any) -> str:
    parts = [_("Version %(number)s") % {"number": how.number}]
    if how.days:
        parts[0] = wording.joined(parts[0], how.days)
    parts += [f"{name} {value}" for name, value in how.parameters]
    if how.reason:
        parts.append(how.reason)
    said = " · ".join(parts)
    return (
        f'<p>= <span class="formula">{escape(how.formula)}</span><br><span class="tiny muted">{escape(said)}</span></p>'
    )


def _filled(entry: Any) -> str:
    if entry.why:
        rows = [(_("No figure"), entry.why)]
    else:
        rows = [(_("Numerator"), entry.numerator)]
        given = (
            (_("Denominator"), entry.denominator), ("n", entry.n), (_("Counted"), entry.over),
            (_("95-percent interval"), entry.interval),
        )  # fmt: skip
        rows += [(name, text) for name, text in given if text]
    if until := entry.settles:
        rows.append((_("Provisional"), _("It may still change until %(day)s.") % {"day": until}))
    if entry.before:
        rows.append((_("Before"), entry.earlier))
    if verdict := entry.verdict:
        rows.append((_("Status"), verdict))
    return f'<dl class="props small">{"".join([f"<dt>{escape(a)}</dt><dd>{escape(b)}</dd>" for a, b in rows])}</dl>'
