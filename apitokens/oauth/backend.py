"""From Django's request to the toolkit's."""

from __future__ import annotations

from django.http import HttpRequest
from oauth2_provider.oauth2_backends import OAuthLibCore


class Backend(OAuthLibCore):
    def _get_escaped_full_path(self, request: HttpRequest) -> str:
        """The address as Django read it, written anew: what is no encoding at all would be an error of oauthlib's."""
        query = request.GET.urlencode()
        return f"{request.path}?{query}" if query else request.path
