"""The verbs on the helpdesk as a whole. Its settings are changed by `configure.save`."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.actions.configure import guard
from accounts.actions.refusal import Refused
from accounts.models import HelpdeskSettings
from accounts.models.helpdesk import TRIAL
from accounts.networks import check_address
from accounts.permissions import Permission
from accounts.policy import require
from activity.actor import Actor
from activity.recording import record


@guard(HelpdeskSettings)
def _check_addresses(before: Model, after: Model | None) -> None:
    assert isinstance(after, HelpdeskSettings)
    for address in after.api_addresses:
        check_address(address, "api_addresses")


@transaction.atomic
def start_trial(*, actor: Actor) -> HelpdeskSettings:
    """Open the API for seven days although the plan does not include it. Once. Raises Refused."""
    desk = HelpdeskSettings.objects.select_for_update(no_key=True).get(pk=1)
    require(actor, Permission.SETTINGS_WRITE)
    if desk.plan in desk.plans_with_api:
        raise Refused("", "not_needed", _("The plan includes the API already. No trial is needed."))
    if desk.trial_started_at is not None and desk.includes_api(timezone.now()):
        return desk
    if desk.trial_started_at is not None:
        ended = desk.trial_started_at + TRIAL
        raise Refused(
            "",
            "used",
            _("The trial ended on %(ended)s. Change the plan to let programs in.")
            % {"ended": date_format(ended, "DATE_FORMAT")},
        )
    desk.trial_started_at = timezone.now()
    desk.save(update_fields=["trial_started_at"])
    record(actor, "helpdesksettings.trial_started", desk)
    return desk
