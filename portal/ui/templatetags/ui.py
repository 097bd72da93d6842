"""The design's pieces as template tags; `docs/decisions/ui-conventions.md` lists them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from django.forms import BaseForm, BoundField
from django.http import QueryDict
from django.template import Context, Library
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from portal.accounts.choices import Role
from portal.accounts.queries import principals_of
from portal.ui import fields, marks, pressing, registry, times

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

register = Library()

register.simple_tag(marks.icon, name="icon")
register.simple_tag(marks.kbd, name="kbd")
register.simple_tag(marks.severity, name="severity")
register.simple_tag(marks.case_state, name="case_state")
register.simple_tag(marks.sla_pill, name="sla_pill")
register.simple_tag(marks.rag, name="rag")
register.simple_tag(marks.badge, name="badge")
register.simple_tag(marks.avatar, name="avatar")
register.simple_tag(marks.who, name="who")
register.simple_tag(marks.bar, name="bar")
register.simple_tag(marks.progress, name="progress")
register.simple_tag(marks.local_time, name="local_time")
register.simple_tag(marks.placed_time, name="placed_time")
register.simple_tag(times.duration_text, name="duration")
register.simple_tag(pressing.once_field, name="once")

_BANNER_ICONS = {"": "info", "red": "over", "amber": "warn", "violet": "shield", "green": "check"}


@register.filter
def capped(value: int, cap: int = 1000) -> str:
    """The number; from the cap on `1,000+`."""
    return f"{cap:,}+" if value >= cap else f"{value:,}"


@register.simple_tag
def field(bound: BoundField, extra: str = "") -> SafeString:
    """A form field with label, control, hint and error."""
    return fields.render_field(bound, extra)


@register.simple_tag
def form_errors(form: BaseForm) -> SafeString:
    """The banner over a form that names what is wrong and links to it; nothing if all is well."""
    found = fields.problems(form) if form.is_bound else []
    return render_to_string("ui/_form_errors.html", {"problems": found}) if found else SafeString()


@register.simple_block_tag
def banner(content: str, tone: str = "", icon_name: str = "") -> SafeString:
    """A condition of the whole page."""
    data = format_html(' data-tone="{}"', tone) if tone else ""
    glyph = marks.icon(icon_name or _BANNER_ICONS.get(tone, "info"))
    return format_html('<div class="banner"{}>{}<div>{}</div></div>', data, glyph, content)


@register.simple_block_tag
def empty(content: str, icon_name: str, title: StrOrPromise) -> SafeString:
    """Nothing is here, and what to do about it."""
    return format_html('<div class="empty">{}<h3>{}</h3>{}</div>', marks.icon(icon_name), title, content)


@register.simple_tag
def crumbs(*pairs: StrOrPromise) -> SafeString:
    """A breadcrumb trail of address (URL name, path or "") and label, alternating."""
    steps = list(zip(pairs[::2], pairs[1::2], strict=True))
    items = format_html_join(
        "",
        "<li>{}</li>",
        ((_crumb(str(url), label, last=at == len(steps)),) for at, (url, label) in enumerate(steps, 1)),
    )
    return format_html('<nav aria-label="{}"><ol class="crumbs">{}</ol></nav>', gettext("Breadcrumb"), items)


def _crumb(url: str, label: StrOrPromise, *, last: bool) -> SafeString:
    if not url:
        return (
            format_html('<span aria-current="page">{}</span>', label) if last else format_html("<span>{}</span>", label)
        )
    return format_html('<a href="{}">{}</a>', url if url.startswith("/") else reverse(url), label)


@register.simple_tag
def same_for_all(template: str) -> SafeString:
    """A piece of the shell that differs by language alone: it is rendered once for each."""
    return _piece(template, get_language())


@lru_cache(maxsize=32)
def _piece(template: str, _language: str | None) -> SafeString:
    return render_to_string(template)


@register.simple_tag
def icon_file() -> str:
    """Address of the icon sprite, for the script."""
    return marks.sprite()


@register.simple_tag
def now_in_zone() -> SafeString:
    """Date and time in the viewer's zone; the script keeps it going."""
    zone = timezone.get_current_timezone_name()
    local = times.in_zone(timezone.now())
    return format_html(
        '<span class="tiny muted wide-only nowrap"><span data-clock="{}" data-at="{}">{}</span> {}</span>',
        zone,
        local.isoformat(),
        times.time_text(local, "full"),
        local.tzname() or zone,
    )


@register.simple_tag(takes_context=True)
def my_roles(context: Context) -> str:
    """The viewer's own roles, in words."""
    own = (standing.role for standing in context["request"].actor.standings if standing.principal_id is None)
    return " · ".join(str(Role(role).label) for role in dict.fromkeys(own))


@register.simple_tag(takes_context=True)
def stand_ins(context: Context) -> list[str]:
    """Names of those for whom the viewer stands in now."""
    return list(principals_of(context["request"].actor).values())


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: object) -> str:
    """The page's query string with changes, "?" included: None removes a key, a list repeats it."""
    request = context.get("request")
    params = request.GET.copy() if request else QueryDict(mutable=True)
    for key, value in changes.items():
        many = isinstance(value, Iterable) and not isinstance(value, str)
        values = cast("Iterable[object]", value) if many else [value]
        wanted = [str(item) for item in values if item is not None and item != ""]
        if wanted:
            params.setlist(key, wanted)
        else:
            params.pop(key, None)
    return f"?{params.urlencode()}"


@register.inclusion_tag("ui/_pager.html", takes_context=True)
def pager(context: Context, page: Any, label: StrOrPromise = "") -> dict[str, Any]:
    """Previous and next of a `keyset_page`; `label` stands at the left."""

    def link(cursor: str | None) -> str:
        return query(context, cursor=cursor, v=None) if cursor else ""

    return {"previous": link(page.prev_cursor), "following": link(page.next_cursor), "label": label}


@register.simple_tag(takes_context=True)
def panels(context: Context, page: str, obj: object = None) -> SafeString:
    """What the wings registered for this page and this actor."""
    request = context["request"]
    parts = []
    for panel in registry.panels_of(page):
        data = panel.context(request.actor, obj)
        if data is not None:
            parts.append(render_to_string(panel.template, {"actor": request.actor, "object": obj, **data}, request))
    return format_html_join("", "{}", ((part,) for part in parts))
