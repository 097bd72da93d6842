"""`{% counted at kpi hows where entry %}`: how a figure was counted. A page has a hundred of them, so they are put together here."""

from collections.abc import Sequence
from typing import Any

from django.template import Library
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portal.ui import marks

register = Library()


@register.simple_tag
def counted(at: str, kpi: Any, hows: Sequence[Any], where: str = "", entry: Any = None) -> SafeString:
    """A button and what it opens: the formulas with their versions, and of an `entry` what they were filled with.

    `at` ends its ids; `where` is whose figure it is, if the page shows more than one.
    """
    label = _("How %(name)s is counted") % {"name": kpi.label}
    spoken = f"{label}, {where}" if where else label
    value = f" {escape(entry.value)}" if entry else ""
    place = f' <span class="muted">{escape(where)}</span>' if where else ""
    at = escape(at)
    return SafeString(
        f'<button type="button" class="btn btn--quiet btn--sm btn--icon how-at" popovertarget="how-{at}" '
        f'aria-label="{escape(spoken)}">{marks.icon("info")}</button><div class="menu how" id="how-{at}" popover>'
        f"<p><b>{escape(kpi.label)}</b>{value}{place}</p>{''.join([_formula(how) for how in hows])}"
        f"{_filled(entry) if entry else ''}</div>"
    )


def _formula(how: Any) -> str:
    parts = [_("Version %(number)s") % {"number": how.number}]
    if how.days:
        parts[0] += f", {how.days}"
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
        given = ((_("Denominator"), entry.denominator), ("n", entry.n), (_("95% interval"), entry.interval))
        rows += [(name, text) for name, text in given if text]
    if entry.before:
        rows.append((_("Before"), entry.earlier))
    if verdict := entry.verdict:
        rows.append((_("Status"), verdict))
    return f'<dl class="props small">{"".join([f"<dt>{escape(a)}</dt><dd>{escape(b)}</dd>" for a, b in rows])}</dl>'
