"""What a key could really do, in words: counted from the data, by the policy that its requests will meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import resources
from accounts.admin.fields import in_plain_words
from accounts.api.operations import OPERATIONS, Operation, may
from accounts.api.routes import routes
from accounts.models import Agent
from accounts.permissions import ADMINISTRATIVE, ALL, ORDINARY, SPECIAL, Permission, of_action
from accounts.policy import rights, role_rights
from activity.actor import Actor, Door, Grant
from apitokens import assistants
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
    actor, open_ = acting(key, key.agent), _behind_its_door(key)
    usable, role = usable_by(actor), key.agent.role.name
    yield from _reading(actor, usable, counts)
    doing = usable - of_action("read") - ADMINISTRATIVE
    yield _t("May %s.") % _said(doing) if doing else _t("May change nothing.")
    if usable & ADMINISTRATIVE:
        yield _t("May administer: keys, settings, and what only administrators may.")
    if left_out := (role_rights(key.agent) & key.permissions & open_) - usable - ADMINISTRATIVE:
        yield _t("May not %s: the operations it is limited to leave that out.") % _said(left_out)
    if left_out := (role_rights(key.agent) & open_) - key.permissions - ADMINISTRATIVE - SPECIAL:
        yield _t("May not %s: the key's access does not include it.") % _said(left_out)
    if refused := (key.permissions & open_) - role_rights(key.agent):
        yield _t("May not %(what)s, because the role %(role)s may not.") % {
            "what": _said(refused),
            "role": role,
        }


def acting(key: ApiKey, agent: Agent) -> Actor:
    """Who would act, if a request came with this key."""
    kind, door = ("bot_token", Door.MCP) if key.is_bot_token else ("api_key", Door.API)
    grant = Grant(kind, key.pk or 0, key.name, key.permissions, tuple(key.tags))
    return Actor(door, agent=agent, grant=grant)


def usable_by(actor: Actor) -> Rights:
    """The permissions that key and role both give, and that some operation needs which its door and tags admit."""
    held, is_bot = rights(actor), actor.door == Door.MCP
    if actor.grant is None or not (actor.grant.tags or is_bot):
        return held
    there = _tools() if is_bot else OPERATIONS.values()
    return held & _needed(operation for operation in there if may(actor, operation, held))


def _behind_its_door(key: ApiKey) -> Rights:
    """What the operations need that a credential of this kind can reach at all."""
    return _needed(_tools()) if key.is_bot_token else ALL


def _tools() -> list[Operation]:
    return [route.operation for name, route in routes().items() if assistants.is_tool(name)]


def _needed(operations: Iterable[Operation]) -> Rights:
    some = list(operations)
    needed = frozenset(operation.permission for operation in some if operation.permission)
    return needed.union(*(operation.either for operation in some))


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
