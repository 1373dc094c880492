from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, include, path

from accounts.api import urls as people
from accounts.api.views import ApiView, UnknownPath
from apitokens.api import urls as credentials
from automations.api import urls as automations
from helpdesk.api.views import Discover, Index, OpenApi, browser, docs
from orders.api import urls as orders
from tickets.api import urls as tickets

resources: list[URLPattern] = [
    path("", Index.as_view()),
    *credentials.urlpatterns,
    path("helpdesk/discover", Discover.as_view()),
    *tickets.urlpatterns,
    *people.urlpatterns,
    *orders.urlpatterns,
    *automations.urlpatterns,
]
"""Every resource under /api/v1/. Aliases and trailing slashes are taken care of before (`aliases`)."""

urlpatterns = [
    path("api/docs", docs, name="api_docs"),
    path("api/browser", browser, name="api_browser"),
    path("api/v1/openapi.json", OpenApi.as_view(), name="openapi"),
    path("api/v1", Index.as_view(), name="api_index"),
    path("api/v1/", include(resources)),
    path("api/<path:unknown>", UnknownPath.as_view()),
    path("v1/<path:unknown>", UnknownPath.as_view()),
]


def paths() -> Iterator[tuple[str, type[ApiView]]]:
    """Each path of the API below its base, with its view."""
    for pattern in resources:
        name = str(pattern.pattern).replace("<id:pk>", "{id}").replace("<path:external_id>", "{external_id}")
        yield name, pattern.callback.view_class  # type: ignore[attr-defined]
