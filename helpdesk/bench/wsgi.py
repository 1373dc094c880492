"""The production server's door, with the bench's URL map."""

import os

os.environ["PROCESS"] = "web"  # Before the settings are read, as in helpdesk/wsgi.py.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

from django.conf import settings

settings.ROOT_URLCONF = "helpdesk.bench.urls"

from helpdesk.wsgi import application  # noqa: E402 - it reads the setting.

__all__ = ["application"]
