"""The URL map: which app answers where."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from helpdesk.health import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health),
    path("", include("helpdesk.api.urls")),
    path("", include("helpdesk.mcp.urls")),
    path("", include("accounts.urls")),  # Before the admin, whose sign-in page it replaces.
    path("", include("apitokens.urls")),
    path("", include("tickets.urls")),
    path("", include("orders.urls")),
    path("", include("automations.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "helpdesk.errors.bad_request"
handler403 = "helpdesk.errors.permission_denied"
handler404 = "helpdesk.errors.page_not_found"
handler500 = "helpdesk.errors.server_error"
