"""Every address of the portal, wing by wing."""

from django.urls import include, path

urlpatterns = [
    path("", include("portal.home.urls")),
    path("account/tokens/", include("portal.api.urls")),
    path("account/", include("portal.accounts.urls")),
    path("accounts/", include("portal.accounts.allauth_urls")),
    path("inbox/", include("portal.notifications.urls")),
    path("mailboxes/", include("portal.mailbox.urls")),
    path("webhooks/", include("portal.webhooks.urls")),
    path("files/", include("portal.files.urls")),
    path("ui/", include("portal.ui.urls")),
    path("audit/", include("portal.audit.urls")),
    path("api/v1/", include("portal.api.routes")),
    path("directory/", include("partners.urls")),
    path("sla/", include("sla.urls")),
    path("performance/", include("kpis.urls")),
    path("access/", include("access_requests.urls")),
    path("reviews/", include("reviews.urls")),
    path("", include("escalations.urls")),
]

handler400 = "portal.ui.views.bad_request"
handler403 = "portal.ui.views.forbidden"
handler404 = "portal.ui.views.not_found"
handler500 = "portal.api.views.server_error"
