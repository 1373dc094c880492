"""The door for a WSGI server: `granian --interface wsgi helpdesk.wsgi:application`."""

import os

# Read by the settings: web requests get a connection pool and short statement timeouts, commands do not.
os.environ["PROCESS"] = "web"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from helpdesk.checks import refuse_unsafe_start

application = get_wsgi_application()
refuse_unsafe_start()

if settings.TRUSTED_PROXIES:
    # Only a request that comes from one of these may say for whom, and over which scheme, it was made.
    application = wrap_wsgi_with_proxy_headers(application, trusted_hosts=settings.TRUSTED_PROXIES)
