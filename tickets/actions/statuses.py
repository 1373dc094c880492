"""What must stay true of the statuses, whoever configures them."""

from __future__ import annotations

from django.db import models

from accounts.actions.configure import guard
from accounts.actions.refusal import Refused
from accounts.sentences import gettext as _
from tickets.models import Status


@guard(Status)
def keep_a_status_of_every_category(before: models.Model, after: models.Model | None) -> None:
    """“Solve” means the first solved status: there has to be one."""
    assert isinstance(before, Status)
    if isinstance(after, Status) and after.category == before.category:
        return
    others = (
        Status.objects.select_for_update(no_key=True).filter(category=before.category).exclude(pk=before.pk)
    )
    if not others:
        category = before.get_category_display()
        raise Refused(
            "category" if after else "",
            "last_of_category",
            _(
                "“%(before)s” is the only status that means “%(category)s”. Add another one of that category first."
            )
            % {"before": before.name, "category": category},
        )
