"""How a webhook does: a word or two for its badge, and a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from automations.models import Webhook, Why


@dataclass(frozen=True, slots=True)
class Standing:
    """`tone` is one of the key desk's: grave, warns, calm. The words say it, too."""

    tone: str
    badge: str
    sentence: str


def standing(webhook: Webhook) -> Standing:
    if webhook.disabled_at is not None:
        return _off(webhook)
    if webhook.key is not None and webhook.key.state != "live":
        return Standing("grave", _("key refused"), _("Nothing is sent: its key is refused."))
    if webhook.resting_until is not None and webhook.resting_until > timezone.now():
        until = {"until": webhook.resting_until.strftime("%Y-%m-%d %H:%M")}
        return Standing(
            "warns", _("resting"), _("Its receiver asked to be left alone until %(until)s UTC.") % until
        )
    if webhook.failing_since is not None:
        return _failing(webhook)
    if webhook.succeeded_at is None:
        return Standing("calm", _("not used yet"), _("Nothing was sent yet. Send a test."))
    return Standing("calm", _("good"), _("What is sent arrives."))


def _off(webhook: Webhook) -> Standing:
    assert webhook.disabled_at is not None
    since = {
        "since": webhook.disabled_at.strftime("%Y-%m-%d %H:%M"),
        "why": webhook.get_disabled_why_display(),
    }
    tone = "calm" if webhook.disabled_why == Why.BY_HAND else "grave"
    return Standing(tone, _("off"), _("Off since %(since)s UTC: %(why)s.") % since)


def _failing(webhook: Webhook) -> Standing:
    assert webhook.failing_since is not None
    told = ngettext(
        "%(count)d attempt failed, the first %(ago)s ago. After three days without a success it is switched off.",
        "%(count)d attempts failed, the first %(ago)s ago. After three days without a success it is switched off.",
        webhook.failures,
    )
    said = told % {"count": webhook.failures, "ago": timesince(webhook.failing_since, depth=1)}
    return Standing("grave" if webhook.failures > 2 else "warns", _("failing"), said)
