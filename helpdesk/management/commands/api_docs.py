"""`manage.py api_docs`: brings the tables of `docs/api/*.md` up to date with the OpenAPI document."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand

from helpdesk.api.markdown import pages


class Command(BaseCommand):
    help = "Write the tables of docs/api/*.md anew, from the API's own declarations."

    def handle(self, *, verbosity: int, **_options: Any) -> None:
        for path, text in pages().items():
            if path.read_text() != text:
                path.write_text(text)
                if verbosity:
                    self.stdout.write(f"Wrote {path.name}.")
