"""Addresses of the pages of figures."""

from django.urls import path

from ..views import exports, network, notes, scorecard, spread, why

urlpatterns = [
    path("", network.network, name="network"),
    path("export/", exports.network, name="network_export"),
    path("why/<slug:kpi>/", why.network, name="network_why"),
    path("spread/<slug:kpi>/", spread.network, name="network_spread"),
    path("sites/", scorecard.scorecards, name="scorecards"),
    path("notes/new/", notes.new, name="note_new"),
    path("notes/<int:pk>/withdraw/", notes.withdraw, name="note_withdraw"),
    path("partners/<slug:key>/", scorecard.partner, name="partner"),
    path("partners/<slug:key>/why/<slug:kpi>/", why.partner, name="partner_why"),
    path("partners/<slug:key>/export/", exports.partner, name="partner_export"),
    path("sites/<slug:key>/", scorecard.site, name="site"),
    path("sites/<slug:key>/spread/<slug:kpi>/", spread.site, name="site_spread"),
    path("sites/<slug:key>/why/<slug:kpi>/", why.site, name="site_why"),
    path("sites/<slug:key>/export/", exports.site, name="site_export"),
    path("programmes/<int:key>/", scorecard.programme, name="programme"),
    path("programmes/<int:key>/spread/<slug:kpi>/", spread.programme, name="programme_spread"),
    path("programmes/<int:key>/why/<slug:kpi>/", why.programme, name="programme_why"),
    path("programmes/<int:key>/export/", exports.programme, name="programme_export"),
    path("queues/<int:key>/", scorecard.queue, name="queue"),
    path("queues/<int:key>/spread/<slug:kpi>/", spread.queue, name="queue_spread"),
    path("queues/<int:key>/export/", exports.queue, name="queue_export"),
    path("teams/<int:key>/", scorecard.team, name="team"),
    path("teams/<int:key>/spread/<slug:kpi>/", spread.team, name="team_spread"),
    path("teams/<int:key>/export/", exports.team, name="team_export"),
    path("people/<int:key>/", scorecard.person, name="person"),
    path("people/<int:key>/export/", exports.person, name="person_export"),
]
