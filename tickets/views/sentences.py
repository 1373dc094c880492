"""What happened to a ticket, as one would tell it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from accounts.custom_fields import in_words
from activity.models import Event
from tickets.clocks import Target
from tickets.models import Priority

_CHANGED = gettext_lazy("%(who)s changed the ticket")
_INTO = gettext_lazy("%(who)s merged this ticket into #{name}")
_INTO_OTHERS = gettext_lazy("%(who)s merged this ticket into #{name} of another contact")
_TAKEN_IN = gettext_lazy("%(who)s merged #{name} into this ticket")
_OTHERS_TAKEN_IN = gettext_lazy("%(who)s merged #{name} of another contact into this ticket")


def sentence(event: Event) -> str:
    """What happened, as one would tell it."""
    told = _SENTENCES.get(event.type, _plain(_CHANGED))(event) % {"who": _who(event)}
    by = event.facts.get("automation") or {}
    if by.get("kind") != "macro":
        return told
    return _("%(told)s, by the macro “%(name)s”") % {"told": told, "name": by["name"]}


def _who(event: Event) -> str:
    by = event.facts.get("automation") or {}
    if by.get("kind") == "trigger":
        return _("The trigger “%(name)s”") % {"name": by["name"]}
    return str(event.agent or event.contact or _("The helpdesk"))


def _assigned(event: Event) -> str:
    after = _after(event, "assignee")
    if after is None:
        return _("%(who)s took the assignee away")
    if event.agent_id == after["id"]:
        return _("%(who)s took the ticket")
    return _with(_("%(who)s assigned the ticket to {name}"), after["name"])


def _moved(event: Event) -> str:
    after = _after(event, "team")
    if after is None:
        return _("%(who)s took the ticket out of its team")
    return _with(_("%(who)s moved the ticket to the team {name}"), after["name"])


def _status(event: Event) -> str:
    return _with(_("%(who)s set the status to {name}"), _after(event, "status")["name"])


def _priority(event: Event) -> str:
    return _with(
        _("%(who)s set the priority to {name}"), str(Priority[_after(event, "priority").upper()].label)
    )


def _tagged(event: Event) -> str:
    before, after = (set(names) for names in event.changes["tags"])
    added, removed = sorted(after - before), sorted(before - after)
    if not removed:
        told = ngettext("%(who)s added the tag {name}", "%(who)s added the tags {name}", len(added))
        return _with(told, ", ".join(added))
    if not added:
        told = ngettext("%(who)s removed the tag {name}", "%(who)s removed the tags {name}", len(removed))
        return _with(told, ", ".join(removed))
    told = _("%(who)s added the tags {name} and removed {other}")
    return _with(told, ", ".join(added), other=", ".join(removed))


def _external(event: Event) -> str:
    after = _after(event, "external_id")
    if after is None:
        return _("%(who)s removed the external id")
    return _with(_("%(who)s set the external id to {name}"), after)


def _language(event: Event) -> str:
    after = _after(event, "language")
    if not after:
        return _("%(who)s took the language away")
    return _with(_("%(who)s set the language to {name}"), after)


def _filled_in(event: Event) -> str:
    """By the labels that the fields had then."""
    labels, told, emptied = event.facts.get("labels", {}), [], []
    for path, (_before, after) in event.changes.items():
        key = path.partition(".")[2]
        label = labels.get(key, key)
        if after is None:
            emptied.append(label)
        else:
            told.append(f"{label}: {Truncator(in_words(after)).chars(80)}")
    if not emptied:
        return _with(_("%(who)s filled in {name}"), ", ".join(told))
    if not told:
        return _with(_("%(who)s emptied {name}"), ", ".join(emptied))
    return _with(_("%(who)s filled in {name} and emptied {other}"), ", ".join(told), other=", ".join(emptied))


def _opened(event: Event) -> str:
    origin = event.facts.get("split_from")
    if origin is None:
        return _("%(who)s opened the ticket")
    return _with(_("%(who)s split this ticket off from #{name}"), str(origin))


def _merged(event: Event) -> str:
    """Told in both tickets, each with the number of the other."""
    facts = event.facts
    if "into" in facts:
        return _with(_INTO_OTHERS if facts["contacts_differ"] else _INTO, str(facts["into"]))
    return _with(_OTHERS_TAKEN_IN if facts["contacts_differ"] else _TAKEN_IN, str(facts["merged"]))


def _unmerged(event: Event) -> str:
    if "out_of" in event.facts:
        return _with(_("%(who)s took this ticket out of #{name} again"), str(event.facts["out_of"]))
    return _with(_("%(who)s took #{name} out of this ticket again"), str(event.facts["unmerged"]))


def _split(event: Event) -> str:
    count = event.facts["messages"]
    told = ngettext(
        "%(who)s split a message off into #{name}", "%(who)s split {count} messages off into #{name}", count
    )
    return _with(told, str(event.facts["into"]), count=str(count))


def _other(template: Any) -> Callable[[Event], str]:
    return lambda event: _with(str(template), str(event.facts["other"]))


def _of_a_proposal(template: Any) -> Callable[[Event], str]:
    return lambda event: _with(str(template), event.facts["by"])


def _snoozed(event: Event) -> str:
    until = timezone.localtime(datetime.fromisoformat(_after(event, "snoozed_until")))
    return _with(
        _("%(who)s snoozed the ticket until {name}"), date_format(until, pgettext("date", "j M Y, H:i"))
    )


def _follower(own: Any, other: Any) -> Callable[[Event], str]:
    def told(event: Event) -> str:
        agent = event.facts["agent"]
        return str(own) if agent["id"] == event.agent_id else _with(str(other), agent["name"])

    return told


def _stopped(event: Event) -> str:
    """What a trigger did not do, and why."""
    told = (
        _("The trigger “{name}” was not run here: too many triggers in a row answered each other")
        if event.facts["reason"] == "depth"
        else _("The trigger “{name}” was not run here: triggers have done enough to this ticket for an hour")
    )
    return _with(told, event.facts["name"])


def _after(event: Event, field: str) -> Any:
    return event.changes[field][1]


def _with(template: Any, name: str, **others: str) -> str:
    """Put names into a sentence that is still to be filled in with its subject."""
    names = {"name": name, **others}
    return str(template).format(**{key: value.replace("%", "%%") for key, value in names.items()})


def _plain(template: Any) -> Callable[[Event], str]:
    return lambda _event: str(template)


def _clock(sentences: dict[str, Any]) -> Callable[[Event], str]:
    """Sentences by the target whose clock it was."""
    return lambda event: str(sentences[event.facts["target"]])


_SENTENCES: dict[str, Callable[[Event], str]] = {
    "ticket.opened": _opened,
    "ticket.imported": _plain(gettext_lazy("%(who)s moved the ticket here from another system")),
    "ticket.replied": _plain(gettext_lazy("%(who)s replied")),
    "ticket.noted": _plain(gettext_lazy("%(who)s wrote an internal note")),
    "ticket.automation_stopped": _stopped,
    "ticket.webhook_called": lambda event: _with(
        _("%(who)s called the webhook “{name}”"), event.facts["webhook"]["name"]
    ),
    "ticket.assigned": _assigned,
    "ticket.moved": _moved,
    "ticket.solved": _status,
    "ticket.closed": _status,
    "ticket.reopened": _status,
    "ticket.status_changed": _status,
    "ticket.priority_changed": _priority,
    "ticket.tagged": _tagged,
    "ticket.subject_edited": _plain(gettext_lazy("%(who)s edited the subject")),
    "ticket.external_id_changed": _external,
    "ticket.language_changed": _language,
    "ticket.fields_changed": _filled_in,
    "ticket.merged": _merged,
    "ticket.unmerged": _unmerged,
    "ticket.split": _split,
    "ticket.linked": _other(gettext_lazy("%(who)s linked this ticket to #{name}")),
    "ticket.unlinked": _other(gettext_lazy("%(who)s removed the link to #{name}")),
    "ticket.snoozed": _snoozed,
    "ticket.proposed": _plain(gettext_lazy("%(who)s proposed something")),
    "ticket.proposal_approved": _of_a_proposal(gettext_lazy("%(who)s approved what {name} proposed")),
    "ticket.proposal_declined": _of_a_proposal(gettext_lazy("%(who)s declined what {name} proposed")),
    "ticket.proposal_withdrawn": _plain(gettext_lazy("%(who)s withdrew a proposal")),
    "ticket.woken": _plain(gettext_lazy("%(who)s woke the ticket")),
    "ticket.sla_near_breach": _clock(
        {
            Target.FIRST_RESPONSE: gettext_lazy("The first reply is due soon"),
            Target.RESOLUTION: gettext_lazy("The solution is due soon"),
        }
    ),
    "ticket.sla_breached": _clock(
        {
            Target.FIRST_RESPONSE: gettext_lazy("The first reply is overdue"),
            Target.RESOLUTION: gettext_lazy("The solution is overdue"),
        }
    ),
    "ticket.followed": _follower(
        gettext_lazy("%(who)s follows the ticket"), gettext_lazy("%(who)s made {name} a follower")
    ),
    "ticket.unfollowed": _follower(
        gettext_lazy("%(who)s no longer follows the ticket"),
        gettext_lazy("%(who)s took {name} off the followers"),
    ),
}
