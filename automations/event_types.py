"""The types of events that can be chosen, in words. A type is `kind.past_participle`; `kind.*` and `*` mean all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.actions.refusal import Refused
from automations.event_names import FIRST, first_words, recorded
from automations.models import TEST

MOST = 100

KINDS: dict[str, Promise] = {
    "ticket": _("Tickets"),
    "contact": _("Contacts"),
    "organization": _("Organizations"),
    "order": _("Orders"),
    "tag": _("Tags"),
    "agent": _("Agents"),
    "apikey": _("Keys"),
    "webhook": _("Webhooks"),
}
"""The kinds whose types are offered one by one. The first part of a type is not always the name of the kind: keys'
events are called `key.…`."""

WORDS: dict[str, Promise] = {
    "ticket.opened": _("opened"),
    "ticket.replied": _("an agent replied"),
    "ticket.message_received": _("the contact wrote"),
    "ticket.noted": _("an internal note was written"),
    "ticket.status_changed": _("another status, not yet solved"),
    "ticket.solved": _("solved"),
    "ticket.closed": _("closed"),
    "ticket.reopened": _("opened again"),
    "ticket.assigned": _("assigned"),
    "ticket.moved": _("moved to a team"),
    "ticket.priority_changed": _("priority changed"),
    "ticket.tagged": _("tags changed"),
    "ticket.fields_changed": _("custom fields changed"),
    "ticket.subject_edited": _("subject changed"),
    "ticket.snoozed": _("snoozed"),
    "ticket.woken": _("back from its snooze"),
    "ticket.merged": _("merged into another"),
    "ticket.unmerged": _("taken out of a merge"),
    "ticket.split": _("split"),
    "ticket.deleted": _("deleted"),
    "ticket.reply_failed": _("a reply could not be delivered"),
    "ticket.sla_near_breach": _("an SLA target is near"),
    "ticket.sla_breached": _("an SLA target was missed"),
    "ticket.webhook_called": _("a trigger called a webhook"),
    "contact.created": _("new"),
    "contact.changed": _("changed"),
    "organization.created": _("new"),
    "organization.changed": _("changed"),
    "order.created": _("new"),
    "order.changed": _("changed"),
    "order.noted": _("a remark was written"),
    "order.tracked": _("a parcel was added"),
    "order.deleted": _("deleted"),
    "tag.created": _("new"),
    "tag.renamed": _("renamed"),
    "tag.deleted": _("deleted"),
    "agent.created": _("new"),
    "agent.changed": _("changed"),
    "key.created": _("new"),
    "key.changed": _("changed"),
    "key.suspended": _("suspended"),
    "key.expiring": _("expires soon"),
    "key.revoked": _("revoked"),
    "webhook.disabled": _("switched off"),
}


def offered() -> list[tuple[Promise, list[tuple[str, Promise]]]]:
    """The kinds with their types, the whole kind first."""
    return [(name, list(_of_kind(kind, name))) for kind, name in KINDS.items()]


def _of_kind(kind: str, name: Promise) -> Iterable[tuple[str, Promise]]:
    first = FIRST.get(kind, kind)
    yield f"{first}.*", format_lazy("{}: {}", name, _("everything"))
    for type_, words in WORDS.items():
        if type_.startswith(f"{first}."):
            yield type_, format_lazy("{} ({})", words, type_)


def in_words(pattern: str) -> str:
    """“Tickets: an agent replied”; what has no words is shown as it is written."""
    if pattern in {"*", TEST}:
        return _t("everything") if pattern == "*" else _t("A test")
    first, _dot, rest = pattern.partition(".")
    kind = next((kind for kind, word in FIRST.items() if word == first), first)
    words = _t("everything") if rest == "*" else WORDS.get(pattern)
    return f"{KINDS[kind]}: {words}" if kind in KINDS and words else pattern


def check(patterns: Sequence[str]) -> None:
    """Raises Refused unless these are types, of kinds that there are. A webhook without any waits to be called."""
    if len(patterns) > MOST:
        raise Refused(
            "types",
            "invalid",
            _t("Choose at most %(most)d types; ticket.* is one.") % {"most": MOST},
        )
    known = {"*", *(f"{first}.*" for first in first_words()), *recorded()}
    for pattern in patterns:
        if pattern not in known:
            raise Refused("types", "invalid", _no_type(pattern[:80], known))


def _no_type(pattern: str, known: Iterable[str]) -> str:
    alike = get_close_matches(pattern, sorted(known), n=1, cutoff=0.8)
    if alike:
        names = {"type": pattern, "alike": alike[0]}
        return _t("“%(type)s” is no type of event. Did you mean %(alike)s?") % names
    return _t("“%(type)s” is no type of event.") % {"type": pattern}
