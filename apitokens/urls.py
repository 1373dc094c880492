from django.urls import path, re_path

from apitokens.views import allowed, authorize, endpoints, metadata

app_name = "apitokens"

urlpatterns = [
    # With and without a slash at the end, and never a redirect between them: it would lose what was posted.
    re_path(r"^oauth/authorize/?$", authorize.authorize, name="authorize"),
    re_path(r"^oauth/token/?$", endpoints.token, name="token"),
    re_path(r"^oauth/revoke/?$", endpoints.revoke, name="revoke"),
    re_path(r"^oauth/introspect/?$", endpoints.introspect, name="introspect"),
    re_path(
        r"^\.well-known/oauth-authorization-server/?$", metadata.authorization_server, name="server_metadata"
    ),
    path(".well-known/oauth-authorization-server/<path:suffix>", metadata.authorization_server),
    re_path(
        r"^\.well-known/oauth-protected-resource/?$", metadata.protected_resource, name="resource_metadata"
    ),
    path(".well-known/oauth-protected-resource/<path:suffix>", metadata.protected_resource),
    path("settings/applications/", allowed.applications, name="applications"),
    path("settings/applications/<int:pk>/", allowed.withdraw, name="withdraw"),
]
