#!/usr/bin/env python
"""Run a management command: `python manage.py help` lists them."""

import os
import sys

# These need no database, so none is started for them.
WITHOUT_DATABASE = {"check", "collectstatic", "help", "spectacular"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
    from django.core.management import execute_from_command_line

    start_embedded_postgres()
    execute_from_command_line(sys.argv)


def start_embedded_postgres() -> None:
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    from helpdesk import embedded_postgres

    try:
        is_embedded = embedded_postgres.url(settings.VAR_DIR) == settings.DATABASE_URL
    except ImproperlyConfigured as error:
        sys.exit(f"{error}\nTo try the product out without settings, set ENVIRONMENT=demo.")
    if is_embedded and sys.argv[1:2] and sys.argv[1] not in WITHOUT_DATABASE:
        embedded_postgres.ensure(settings.VAR_DIR, durable=settings.ENVIRONMENT != "test")


if __name__ == "__main__":
    main()
