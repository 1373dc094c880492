"""The door for a WSGI server: `granian --interface wsgi helpdesk.wsgi:application`."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import resolve
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from helpdesk import chunked
from helpdesk.chunked import Application


def _application() -> Application:
    # Read by the settings: web requests get a connection pool and a short statement timeout.
    os.environ["PROCESS"] = "web"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
    handler = chunked.wrap(get_wsgi_application())

    from helpdesk.checks import refuse_unsafe_start

    refuse_unsafe_start()
    _settle()
    if not settings.TRUSTED_PROXIES:
        return handler
    # Only a request that comes from one of these may say for whom, and over which scheme, it was made.
    wrapped: Application = wrap_wsgi_with_proxy_headers(handler, trusted_hosts=settings.TRUSTED_PROXIES)
    return wrapped


def _settle() -> None:
    """Spare requests the garbage collector's looks at what is loaded once and stays: each would take 0.1 seconds."""
    resolve("/healthz")  # With the addresses, every view is loaded.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


application = _application()
