"""Observations, findings, practices that are shared, themes."""

from django.urls import path

from ..views import findings, sharing, themes

urlpatterns = [
    path("engagements/<int:pk>/observations/", findings.observations, name="observations"),
    path("observations/<int:pk>/withdraw/", findings.observation_withdraw, name="observation_withdraw"),
    path("findings/", findings.findings, name="findings"),
    path("findings/new/", findings.finding_new, name="finding_new"),
    path("findings/<int:pk>/", findings.finding, name="finding"),
    path("findings/<int:pk>/change/", findings.finding_change, name="finding_change"),
    path("findings/<int:pk>/withdraw/", findings.finding_withdraw, name="finding_withdraw"),
    path("findings/<int:pk>/share/", sharing.share, name="finding_share"),
    path("practices/", sharing.practices, name="practices"),
    path("practices/<int:pk>/", sharing.practice, name="practice"),
    path("themes/", themes.themes, name="themes"),
    path("themes/new/", themes.theme_new, name="theme_new"),
    path("themes/<slug:code>/", themes.theme, name="theme"),
]
