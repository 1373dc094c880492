from __future__ import annotations

from django.urls import path

from helpdesk.mcp.views import endpoint

urlpatterns = [path("mcp", endpoint, name="mcp"), path("mcp/", endpoint)]
