"""What the period after brings: holidays, meetings and visits, joiners, actions that fall due."""

from collections import Counter
from datetime import timedelta

from partners import queries as directory
from sla.queries.calendars import newest_version

from ...blocks import Column, Row, Table, Text
from ...choices import OPEN_ACTIONS, EngagementState
from ...models import Engagement
from .context import Built, Context, name_of, said
from .doing import about, action_table, actions, with_sites


def build(context: Context) -> Built:
    """Four tables, of the period that follows."""
    since, until = context.until, context.start_of(context.following.last + timedelta(days=1))
    due = list(actions(context).filter(state__in=OPEN_ACTIONS, due_at__gte=since, due_at__lt=until))
    unknown = [
        said("no_calendar", site={"en": one.name, "zh": one.name_zh})
        for one in context.sites
        if one.calendar_id is None
    ]
    blocks = [
        _holidays(context), _meetings(context), _joiners(context),
        action_table(context, "due", said("next.due"), due, said("next.nothing_due")),
    ]  # fmt: skip
    return Built(blocks, missing=unknown)


def _holidays(context: Context) -> Table:
    first, last = context.following.first.isoformat(), context.following.last.isoformat()
    known = {pk: newest_version(pk).holidays for pk in {one.calendar_id for one in context.sites if one.calendar_id}}
    rows = [
        Row(f"{site.code}:{day}", [day, name_of(site), Text(*[*names, "", ""][:2])])
        for site in context.sites
        if site.calendar_id
        for day, names in sorted(known[site.calendar_id].items())
        if first <= day <= last
    ]
    columns = [
        Column("day", said("column.day"), "day"),
        Column("site", said("column.site")),
        Column("days_off", said("column.days_off")),
    ]
    return Table("holidays", said("next.holidays"), columns, rows, said("next.no_holidays"))


def _meetings(context: Context) -> Table:
    until = context.start_of(context.following.last + timedelta(days=1))
    planned = Engagement.objects.filter(
        about(context), state=EngagementState.PLANNED, starts_at__gte=context.until, starts_at__lt=until
    )
    meetings = list(planned.select_related("site").order_by("starts_at", "pk"))
    rows = [Row(str(one.pk), [one.starts_at.isoformat(), one.title]) for one in meetings]
    columns = [Column("begins", said("column.begins"), "instant"), Column("meeting", said("column.meeting"))]
    table = Table("meetings", said("next.meetings"), columns, rows, said("next.no_meetings"))
    return with_sites(context, table, [one.site for one in meetings])


def _joiners(context: Context) -> Table:
    """How many begin by day and site; no names, which not every reader may see."""
    following = context.following
    begun = directory.starting_between(context.site_ids, following.first, following.last)
    counted = Counter((one.period.lower, one.site_id) for one in begun)
    sites = {site.pk: site for site in context.sites}
    rows = [
        Row(f"{sites[pk].code}:{day}", [day.isoformat(), name_of(sites[pk]), number])
        for (day, pk), number in sorted(counted.items())
    ]
    columns = [
        Column("day", said("column.day"), "day"),
        Column("site", said("column.site")),
        Column("count", said("column.count"), "number"),
    ]
    return Table("joiners", said("next.joiners"), columns, rows, said("next.no_joiners"))
