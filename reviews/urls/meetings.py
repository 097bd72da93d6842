"""Meetings, series, the calendar."""

from django.urls import path, re_path

from ..views import agenda, calendar_feed, meetings, series

urlpatterns = [
    path("meetings/", meetings.engagements, name="engagements"),
    path("meetings/new/", meetings.engagement_new, name="engagement_new"),
    path("meetings/<int:pk>/", meetings.engagement, name="engagement"),
    path("meetings/<int:pk>/change/", meetings.engagement_change, name="engagement_change"),
    path("meetings/<int:pk>/call-off/", meetings.engagement_cancel, name="engagement_cancel"),
    path("meetings/<int:pk>/reply/", meetings.engagement_reply, name="engagement_reply"),
    path("meetings/<int:pk>/calendar/", meetings.engagement_file, name="engagement_file"),
    path("meetings/<int:pk>/begin/", agenda.engagement_begin, name="engagement_begin"),
    path("meetings/<int:pk>/hold/", agenda.engagement_hold, name="engagement_hold"),
    path("meetings/<int:pk>/minutes/", agenda.minutes_send, name="minutes_send"),
    path("meetings/<int:pk>/agenda/build/", agenda.agenda_build, name="agenda_build"),
    path("meetings/<int:pk>/agenda/add/", agenda.agenda_add, name="agenda_add"),
    path("meetings/<int:pk>/agenda/<int:item>/notes/", agenda.notes_save, name="notes_save"),
    re_path(
        r"^meetings/(?P<pk>[0-9]{1,18})/agenda/(?P<item>[0-9]{1,18})/(?P<act>up|down|done|open|remove)/$",
        agenda.agenda_item,
        name="agenda_item",
    ),
    path("meetings/<int:pk>/notes/", agenda.notes_now, name="notes_now"),
    path("meetings/<int:pk>/decisions/", agenda.decision_add, name="decision_add"),
    path("meetings/<int:pk>/decisions/<int:decision>/withdraw/", agenda.decision_withdraw, name="decision_withdraw"),
    path("series/", series.all_series, name="all_series"),
    path("series/new/", series.series_new, name="series_new"),
    path("series/<int:pk>/", series.series, name="series"),
    path("series/<int:pk>/change/", series.series_change, name="series_change"),
    path("series/<int:pk>/end/", series.series_end, name="series_end"),
    path("calendar/", calendar_feed.calendar, name="calendar"),
    path("calendar/all/", calendar_feed.calendars, name="calendars"),
    path("calendar/all/<int:pk>/revoke/", calendar_feed.calendar_revoke_of, name="calendar_revoke_of"),
    path("calendar/revoke/", calendar_feed.calendar_revoke, name="calendar_revoke"),
    path("calendar/<str:token>.ics", calendar_feed.calendar_read, name="calendar_read"),
]
