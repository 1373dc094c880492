"""Notifications by mail, to those who chose that."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import timezone
from procrastinate.contrib.django import app as queue

from accounts import notices
from accounts.languages import spoken_to
from accounts.models import Notification
from accounts.notices import Mail


@queue.task(name="accounts.mail_notification", retry=5)
def mail_notification(notification_id: int) -> None:
    """Once, even if the task runs twice; and only what the agent may see at this moment."""
    told = Notification.objects.select_related("agent").filter(pk=notification_id, mailed_at=None).first()
    if told is None or not told.agent.can_sign_in or not notices.may_hear(told):
        return
    with spoken_to(told.agent):
        mail = (notices.kind_of(told).mail or _usual)(told)
    if mail is None:
        return
    send_mail(mail.subject, mail.text, None, [told.agent.email])
    told.mailed_at = timezone.now()
    told.save(update_fields=["mailed_at"])


def _usual(told: Notification) -> Mail:
    context = {
        "agent": told.agent,
        "sentence": notices.sentence(told),
        "label": told.subject_label,
        "link": f"{settings.SITE_URL}{notices.kind_of(told).url(told)}",
    }
    subject = " ".join(f"{context['sentence']}: {told.subject_label}".split())
    return Mail(subject, render_to_string("accounts/mail/notification.txt", context))
