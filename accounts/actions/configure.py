"""The verbs behind the admin's forms: what an admin configures is authorised and recorded like everything else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from django.db import models, transaction
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _

from accounts.actions.agents import refuse_wider, refuse_wider_agent, refuse_wider_team
from accounts.actions.refusal import InUse, Taken
from accounts.actions.values import fill
from accounts.actions.versions import refuse_stale
from accounts.admin_permissions import permission_for
from accounts.models import Agent, Role, Team
from accounts.models.custom_field import WithCustomFields
from accounts.policy import as_person, decide, require
from activity.actor import Actor
from activity.recording import record
from activity.screening import screen

_UNTOLD = {"password", "digest", "version"}
_VALUES = "custom_fields"

Changes = dict[str, tuple[Any, Any]]
Related = Mapping[str, Iterable[models.Model]]
Guard = Callable[[models.Model, models.Model | None], None]

_guards: dict[type[models.Model], list[Guard]] = defaultdict(list)

Keeper = Callable[[models.Model, Actor], str]

_keepers: dict[type[models.Model], list[Keeper]] = defaultdict(list)

M = TypeVar("M", bound=models.Model)


def guard(model: type[models.Model]) -> Callable[[Guard], Guard]:
    """Register a check of `(row before, row after or None when it is deleted)`. It raises Refused."""

    def register(function: Guard) -> Guard:
        _guards[model].append(function)
        return function

    return register


def keeper(model: type[models.Model]) -> Callable[[Keeper], Keeper]:
    """Register a check of `(row, actor)` before it is deleted: a sentence why it must stay, or nothing.

    The sentence counts only what the actor may see.
    """

    def register(function: Keeper) -> Keeper:
        _keepers[model].append(function)
        return function

    return register


@transaction.atomic
def create(model: type[M], *, actor: Actor, related: Related | None = None, **fields: Any) -> M:
    """Make a configured row: see `save`."""
    instance = model()
    _assign(instance, fields)
    save(instance, actor=actor, related=related)
    return instance


@transaction.atomic
def change(
    row: M, *, actor: Actor, related: Related | None = None, based_on: int | None = None, **fields: Any
) -> M:
    """Change the given fields of a configured row as it is now: see `save`."""
    now = type(row)._default_manager.select_for_update(no_key=True).get(pk=row.pk)
    _assign(now, fields)
    save(now, actor=actor, related=related, based_on=based_on)
    return now


def _assign(row: models.Model, fields: Mapping[str, Any]) -> None:
    """Values of custom fields come by key; those that are not named stay as they are."""
    for name, value in fields.items():
        setattr(
            row,
            name,
            fill(row, value).values if isinstance(row, WithCustomFields) and name == _VALUES else value,
        )


@transaction.atomic
def save(
    instance: models.Model, *, actor: Actor, related: Related | None = None, based_on: int | None = None
) -> None:
    """Create or update a configured row, recording what changed. Nobody widens rights beyond his own.

    `related` maps the names of many-to-many relations to the rows they shall hold. Of a row with versions,
    `based_on` is the one that the change was made against: Stale is raised when others changed the same fields
    to something else. Raises Refused.
    """
    require(actor, permission_for(type(instance), "change"))
    before = _locked(instance)
    _refuse_widening(instance, before, actor)
    if before is not None:
        _guard(before, instance)
    screen(instance, actor=actor)
    changes = _changes(before, instance) if before else {}
    if before is not None and based_on is not None:
        refuse_stale(before, based_on, changes)
    _refuse_taken(instance, before, changes, actor)
    _write(instance, before, changes)
    for name, rows in (related or {}).items():
        changes |= _relate(instance, name, rows, actor)
    if before is None:
        record(actor, f"{_kind(instance)}.created", instance)
    elif changes:
        record(actor, f"{_kind(instance)}.changed", instance, changes=changes)


@transaction.atomic
def remove(instance: models.Model, *, actor: Actor) -> None:
    """Delete a configured row. Raises InUse or ProtectedError when others still need it, and Refused."""
    require(actor, permission_for(type(instance), "delete"))
    before = _locked(instance)
    if before is None:
        return
    _refuse_widening(instance, before, actor)
    _guard(before, None)
    _refuse_in_use(before, actor)
    record(actor, f"{_kind(instance)}.deleted", instance)
    instance.delete()


def _locked(instance: models.Model) -> models.Model | None:
    """The row as it is now, held until the transaction ends.

    Without its key: events of others that name this row may be written meanwhile, or two people who change
    each other would wait for one another.
    """
    if not instance.pk:
        return None
    return type(instance)._default_manager.select_for_update(no_key=True).filter(pk=instance.pk).first()


def _write(instance: models.Model, before: models.Model | None, changes: Changes) -> None:
    """Only what changed is written, so that two people who change different fields do not undo each other."""
    if before is None:
        instance.save()
    elif changes:
        stamps = [field.name for field in instance._meta.fields if getattr(field, "auto_now", False)]
        if hasattr(before, "version"):
            instance.version = before.version + 1  # type: ignore[attr-defined]
            stamps.append("version")
        instance.save(update_fields={name.partition(".")[0] for name in [*changes, *stamps]})


def _guard(before: models.Model, after: models.Model | None) -> None:
    for check in _guards[type(before)]:
        check(before, after)


def _refuse_in_use(row: models.Model, actor: Actor) -> None:
    for reason in _keepers[type(row)]:
        if sentence := reason(row, actor):
            raise InUse(sentence)


def _refuse_taken(
    instance: models.Model, before: models.Model | None, changes: Changes, actor: Actor
) -> None:
    """A clear answer before a unique constraint gives an unclear one. Names the other row to whose role reads it."""
    for field in instance._meta.concrete_fields:
        value = getattr(instance, field.attname)
        if not field.unique or field.primary_key or value is None or (before and field.name not in changes):
            continue
        others = type(instance)._default_manager.filter(**{field.attname: value}).exclude(pk=instance.pk)
        other = others.values_list("pk", flat=True).first()
        if other is not None:
            kind = str(instance._meta.verbose_name)
            may_know = decide(as_person(actor), permission_for(type(instance), "view"))
            known = other if may_know else None
            owner = (
                f"{kind[:1].upper()}{kind[1:]} {known}" if known else _("Another %(kind)s") % {"kind": kind}
            )
            sentence = _("%(owner)s already has the %(field)s “%(value)s”.")
            told = {"owner": owner, "field": field.verbose_name, "value": value}
            raise Taken(field.name, sentence % told, known)


def _refuse_widening(instance: models.Model, before: models.Model | None, actor: Actor) -> None:
    """Also refuses to touch whoever has more: an admin of less could take him out of office, or over his account."""
    for row in (instance, before):
        if isinstance(row, Agent):
            refuse_wider(actor, row.role)
            refuse_wider_agent(actor, row)
        if isinstance(row, Role):
            refuse_wider(actor, row)


def _relate(instance: models.Model, name: str, rows: Iterable[models.Model], actor: Actor) -> Changes:
    """Make the relation hold these rows. Returns what changed, by id and name."""
    manager = getattr(instance, name)
    before, after = {row.pk: row for row in manager.all()}, {row.pk: row for row in rows}
    if before.keys() == after.keys():
        return {}
    for added in after.keys() - before.keys():
        team = after[added] if isinstance(instance, Agent) else instance
        if isinstance(team, Team):
            refuse_wider_team(actor, team)
    manager.set(after.values())
    return {name: (_named(before.values()), _named(after.values()))}


def _named(rows: Iterable[models.Model]) -> list[dict[str, Any]]:
    return sorted(({"id": row.pk, "name": str(row)} for row in rows), key=lambda named: str(named["name"]))


def _kind(instance: models.Model) -> str:
    return str(instance._meta.model_name)


def _changes(before: models.Model, after: models.Model) -> Changes:
    pairs = {
        field.name: (_plain(before, field), _plain(after, field))
        for field in after._meta.concrete_fields
        if field.name not in _UNTOLD | {_VALUES} and not getattr(field, "auto_now", False)
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]} | _changed_values(before, after)


def _changed_values(before: models.Model, after: models.Model) -> Changes:
    """Of custom fields, each for itself."""
    if not isinstance(before, WithCustomFields) or not isinstance(after, WithCustomFields):
        return {}
    was, now = before.custom_fields, after.custom_fields
    changed = sorted(key for key in was.keys() | now.keys() if was.get(key) != now.get(key))
    return {f"{_VALUES}.{key}": (was.get(key), now.get(key)) for key in changed}


def _plain(instance: models.Model, field: models.Field[Any, Any]) -> Any:
    value = getattr(instance, field.name if field.is_relation else field.attname)
    if isinstance(value, models.Model):
        return {"id": value.pk, "name": str(value)}
    if value is None or isinstance(value, str | int | float | bool | list):
        return value
    return str(value) if not isinstance(value, FieldFile) else value.name
