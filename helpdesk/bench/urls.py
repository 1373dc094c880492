"""The product's URL map and one view more. Only the bench's own server uses it."""

from django.urls import path

from helpdesk.bench.views import bare
from helpdesk.urls import handler400, handler403, handler404, handler500
from helpdesk.urls import urlpatterns as product

urlpatterns = [path("bench/bare", bare), *product]

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
