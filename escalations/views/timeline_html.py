"""A case's stream as HTML: written in Python, one format string an entry, because a page shows two hundred."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portal.ui import marks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from escalations.views.timeline import Line

_MESSAGE: Final = (
    '\n<li id="e{pk}">{avatar}<article class="msg"{kind}><header>{name}{behalf}<span>{text}</span>{logged}{mark}{source}'
    '<span class="push row nowrap">{at}{split}{redact}</span></header><div>{body}{below}</div></article></li>'
)
_EVENT: Final = (
    '\n<li id="e{pk}"><span class="node"{tone}>{icon}</span>'
    '<div class="event"><p>{text}{name}{behalf} · {at}{source}</p>{body}{below}</div></li>'
)
_REDACT: Final = (
    '<button type="button" class="btn btn--sm btn--quiet btn--icon" id="redact-{pk}" commandfor="do-redact" '
    'command="show-modal" hx-get="{url}" hx-target="#do-redact" hx-swap="innerHTML" aria-label="{label}" '
    'title="{label}">{icon}</button>'
)
_SPLIT: Final = (
    '<a class="btn btn--sm btn--quiet btn--icon" href="{url}" aria-label="{label}" title="{label}">{icon}</a>'
)
_NONE: Final = SafeString()


def lines_html(lines: Iterable[Line]) -> SafeString:
    """The entries as items of a list."""
    return SafeString("".join(_message(line) if line.is_message else _event(line) for line in lines))


def _message(line: Line) -> SafeString:
    return format_html(
        _MESSAGE,
        pk=line.pk,
        avatar=marks.avatar({"name": line.customer} if line.customer else line.actor),
        kind=_if(' data-kind="{}"', line.tone),
        name=_if("<b>{}</b>", line.customer or line.actor_name),
        behalf=_NONE if line.customer else _if("<span>{}</span>", line.behalf),
        logged=_if('<span class="tiny">{}</span>', _logged(line)),
        text=line.text,
        mark=line.mark[0],
        source=_source(line),
        at=marks.local_time(line.at, line.style),
        split=_split(line),
        redact=_redact(line),
        body=_body(line, "pre"),
        below=line.mark[1],
    )


def _logged(line: Line) -> str:
    """Who wrote down what the customer said."""
    if not line.customer:
        return ""
    return " ".join(part for part in (_("logged by %(name)s") % {"name": line.actor_name}, line.behalf) if part)


def _event(line: Line) -> SafeString:
    return format_html(
        _EVENT,
        pk=line.pk,
        tone=_if(' data-tone="{}"', line.tone),
        icon=marks.plain_icon(line.icon),
        text=line.text,
        name=_if(" · {}", line.actor_name),
        behalf=_if(" ({})", line.behalf),
        at=marks.local_time(line.at, line.style),
        source=_if(" {}", _source(line)),
        body=_body(line, "pre soft") if line.redacted or line.body else _NONE,
        below=line.mark[1],
    )


def _body(line: Line, classes: str) -> SafeString:
    if line.redacted:
        return format_html('<p><span class="redact">{}</span></p>', line.redacted)
    body = marked(line.body, line.named)
    return format_html('<p class="{}"{}>{}</p>', classes, _if(' lang="{}"', line.lang), body)


def marked(text: str, named: Iterable[tuple[int, int]]) -> SafeString:
    """The text with the names in it marked: pairs of start and length, in its order."""
    found, at = SafeString(), 0
    for start, length in named:
        found += format_html('{}<b class="mention">{}</b>', text[at:start], text[start : start + length])
        at = start + length
    return found + escape(text[at:])


def _source(line: Line) -> SafeString:
    return format_html('<a class="badge" href="{}">{}</a>', line.source_url, line.source) if line.source else _NONE


def _split(line: Line) -> SafeString:
    if not line.split_url:
        return _NONE
    icon, label = marks.plain_icon("swap"), _("Make a case of this")
    return format_html(_SPLIT, url=line.split_url, label=label, icon=icon)


def _redact(line: Line) -> SafeString:
    if not line.redact_url:
        return _NONE
    icon, label = marks.plain_icon("eyeoff"), _("Remove these words")
    return format_html(_REDACT, pk=line.pk, url=line.redact_url, label=label, icon=icon)


def _if(shape: str, value: str) -> SafeString:
    """The value in its shape; nothing for nothing."""
    return format_html(shape, value) if value else _NONE
