"""The root of the API, what may be known without a key, and the documents."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from rest_framework.request import Request
from rest_framework.response import Response

import helpdesk
from accounts.api.filters import wrong
from accounts.api.operations import Operation, abilities, may
from accounts.api.views import ApiView
from accounts.models import HelpdeskSettings
from accounts.policy import rights
from helpdesk.api import shapes


class Index(ApiView):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("index.read", None, "What this credential can reach", needs_agent=False),
    }
    answers = {"GET": shapes.Index}

    def get(self, request: Request) -> Response:
        """Every path that holds at least one operation this credential may perform."""
        from helpdesk.api.urls import paths

        actor, reachable = self.call.actor, dict[str, Any]()
        held = rights(actor) if actor else frozenset()
        for path, view in paths():
            methods = [m for m, operation in view.operations.items() if may(actor, operation, held)]
            if methods:
                reachable[path] = {
                    "methods": methods,
                    "url": f"{settings.SITE_URL}/api/v1/{path}".rstrip("/"),
                }
        return Response({"data": {"paths": reachable, "docs_url": f"{settings.SITE_URL}/api/docs"}})


class Discover(ApiView):
    """Public: what a client needs to know before it has a key. Tells nothing about people or versions inside."""

    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation(
            "helpdesk.discover", None, "What this helpdesk is (no credential needed)", needs_agent=False
        ),
    }
    needs_credential = False
    answers = {"GET": shapes.Discovery}

    def get(self, request: Request) -> Response:
        desk = HelpdeskSettings.objects.get(pk=1)
        site = settings.SITE_URL
        data = {
            "helpdesk_uuid": str(desk.uuid),
            "is_helpdesk": True,
            "name": desk.name,
            "helpdesk_url": site,
            "base_api_url": f"{site}/api/v1/",
            "build": helpdesk.BUILD,
            "api_versions": ["v1"],
            "auth": {
                "schemes": ["Bearer", "key"],
                "oauth_metadata_url": f"{site}/.well-known/oauth-authorization-server",
            },
            "openapi_url": f"{site}/api/v1/openapi.json",
            "docs_url": f"{site}/api/docs",
            "browser_url": f"{site}/api/browser",
            "mcp_url": f"{site}/mcp",
        }
        return Response({"data": data})


class OpenApiForMe(ApiView):
    """The OpenAPI document with those operations alone that this credential can perform: the `abilities` of `/me`."""

    operations: ClassVar[dict[str, Operation]] = {}
    parameters = frozenset({"for"})

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """No operation, so no tags leave it out: what a key can do, every key may know."""
        self.format_kwarg = None
        self.perform_authentication(request)
        self._refuse_unknown_parameters(request)
        self._refuse_repeated_parameters(request)
        self._require_credential()
        self._negotiate(request)

    def get(self, request: Request) -> HttpResponse:
        from helpdesk.api.narrowed import narrowed_json

        if request.query_params["for"] != "me":
            raise wrong("for", "for must be me. Without it, the document is whole.")
        return HttpResponse(narrowed_json(frozenset(abilities(self.call.actor))), "application/json")


@method_decorator(csrf_exempt, name="dispatch")
class OpenApi(View):
    """The OpenAPI document. Public: it describes the product, not the data. `?for=me` asks for one key's share."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponseBase:
        from helpdesk.api.schema import document_json

        if request.GET:  # Also what it does not know, to be refused.
            return OpenApiForMe.as_view()(request)
        return HttpResponse(
            document_json(), "application/json", headers={"Cache-Control": "public, no-cache"}
        )


@csrf_exempt
@require_safe
def browser(request: HttpRequest) -> HttpResponse:
    """Try the API in a browser. The key stays in the page's memory."""
    return render(request, "helpdesk/api_browser.html")


@csrf_exempt
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """How to call the API, and every operation of the OpenAPI document, readable without JavaScript."""
    from helpdesk.api.reference import page

    return render(request, "helpdesk/api_docs.html", page())
