"""What a key could really do, in words: counted from the data, by the policy that its requests will meet."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import resources
from accounts.admin.fields import in_plain_words
from accounts.api.views import OPERATIONS, may
from accounts.models import Agent
from accounts.permissions import ADMINISTRATIVE, ORDINARY, SPECIAL, Permission, of_action
from accounts.policy import rights, role_rights
from activity.actor import Actor, Door, Grant
from apitokens.models import ApiKey

Rights = frozenset[Permission]


def lines(key: ApiKey) -> list[str]:
    """Sentences about a key, which need not be saved yet."""
    return [*effects(key, counts=True), *_limits(key)]


def effects(key: ApiKey, *, counts: bool) -> list[str]:
    """As whom it acts and what it may do; with figures only for whoever may know them."""
    return [*_identity(key), *_effect(key, counts)]


def _identity(key: ApiKey) -> Iterator[str]:
    if key.is_superuser_key:
        yield _t("Acts as any agent that a request names, as far as his role goes.")
        if key.agent is None:
            yield _t("A request that names nobody is refused. The key itself allows: %s.") % _said(
                key.permissions
            )
            return
        yield _t("For a request that names nobody it acts as %s:") % key.agent
    if key.agent and not key.agent.is_active:
        yield _t("%s is not active: every request is refused.") % key.agent


def _effect(key: ApiKey, counts: bool) -> Iterator[str]:
    if key.agent is None or not key.agent.is_active:
        return
    actor = acting(key, key.agent)
    usable, role = usable_by(actor), key.agent.role.name
    yield from _reading(actor, usable, counts)
    doing = usable - of_action("read") - ADMINISTRATIVE
    yield _t("May %s.") % _said(doing) if doing else _t("May change nothing.")
    if usable & ADMINISTRATIVE:
        yield _t("May administer: keys, settings, and what only administrators may.")
    if left_out := (role_rights(key.agent) & key.permissions) - usable - ADMINISTRATIVE:
        yield _t("May not %s: the operations it is limited to leave that out.") % _said(left_out)
    if left_out := role_rights(key.agent) - key.permissions - ADMINISTRATIVE - SPECIAL:
        yield _t("May not %s: the key's access does not include it.") % _said(left_out)
    if refused := key.permissions - role_rights(key.agent):
        yield _t("May not %(what)s, because the role %(role)s may not.") % {
            "what": _said(refused),
            "role": role,
        }


def acting(key: ApiKey, agent: Agent) -> Actor:
    """Who would act, if a request came with this key."""
    grant = Grant("api_key", key.pk or 0, key.name, key.permissions, tuple(key.tags))
    return Actor(Door.API, agent=agent, grant=grant)


def usable_by(actor: Actor) -> Rights:
    """The permissions that key and role both give, and that some operation needs which the key's tags admit."""
    held = rights(actor)
    if actor.grant is None or not actor.grant.tags:
        return held
    admitted = [operation for operation in OPERATIONS.values() if may(actor, operation, held)]
    needed = {operation.permission for operation in admitted if operation.permission}
    return held & needed.union(*(operation.either for operation in admitted))


def _reading(actor: Actor, usable: Rights, counts: bool) -> Iterator[str]:
    seen = resources.seen_by(actor, usable) if counts else []
    if seen:
        yield _t("Sees %s.") % get_text_list([one.words for one in seen], _t("and"))
    others = usable & of_action("read") - {one.permission for one in seen}
    if others:
        yield (_t("Also reads %s.") if seen else _t("Reads %s.")) % _listed(others)
    if not seen and not others:
        yield _t("Reads nothing.")


def _limits(key: ApiKey) -> Iterator[str]:
    if key.tags:
        yield _t("Only these operations: %s.") % ", ".join(key.tags)
    if key.addresses:
        yield _t("Only from %s.") % ", ".join(key.addresses)
    if key.rate_limit:
        yield _t("At most %d requests a minute.") % key.rate_limit
    if key.expires_at:
        yield _t("Works until %s UTC.") % date_format(key.expires_at, "DATETIME_FORMAT")
    else:
        yield _t("Never expires.")


def _said(permissions: Rights) -> str:
    """Rights as what somebody may do: “reply; read tickets, tags; delete views”."""
    rest = set(permissions)
    parts = [str(phrase) for permission, phrase in _PHRASES.items() if permission in rest]
    if rest & ADMINISTRATIVE:
        parts.append(_t("use admin functions"))
    rest -= _PHRASES.keys() | ADMINISTRATIVE
    for action, phrase in _VERBS.items():
        if some := {permission for permission in rest if permission.action == action}:
            parts.append(str(phrase) % _listed(some))
    return "; ".join(parts) or _t("nothing")


def _listed(permissions: Rights | set[Permission]) -> str:
    action = next(iter(permissions)).action
    if permissions >= of_action(action) - _PHRASES.keys():
        return _t("everything")
    return ", ".join(in_plain_words(p.resource) for p in Permission if p in permissions and p in ORDINARY)


_PHRASES = {
    Permission.MESSAGES_WRITE: _("reply"),
    Permission.NOTES_WRITE: _("write internal notes"),
    Permission.TICKETS_IMPORT: _("import old tickets"),
    Permission.TICKETS_PROPOSE: _("propose replies and changes"),
}
_VERBS = {"read": _("read %s"), "write": _("create and change %s"), "delete": _("delete %s")}
