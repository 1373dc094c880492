"""What follows from events about people: the mails that let them in."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from accounts.actions.links import make_link
from accounts.languages import spoken_to
from accounts.models import Agent, LinkPurpose
from activity.models import Event
from activity.recording import reactor


@reactor("agent.invited")
def mail_invitation(event_id: int) -> None:
    _mail_link(event_id, LinkPurpose.INVITE)


@reactor("agent.password_reset_requested")
def mail_reset_link(event_id: int) -> None:
    _mail_link(event_id, LinkPurpose.RESET)


def _mail_link(event_id: int, purpose: LinkPurpose) -> None:
    """The link is made here, when the mail is written, so that no queue ever holds a usable one."""
    event = Event.objects.get(pk=event_id)
    agent = Agent.objects.get(pk=event.subject_id)
    if not agent.can_sign_in:
        return
    context = {"agent": agent, "link": make_link(agent, purpose), "site": settings.SITE_URL}
    with spoken_to(agent):
        subject = render_to_string(f"accounts/mail/{purpose}_subject.txt", context).strip()
        text = render_to_string(f"accounts/mail/{purpose}.txt", context)
    send_mail(subject, text, None, [agent.email])
