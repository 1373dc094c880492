"""The verbs behind the admin's forms: what an admin configures is authorised and recorded like everything else."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.db.models.fields.files import FieldFile

from accounts.admin_permissions import permission_for
from accounts.models import Agent, Role
from accounts.policy import require
from accounts.actions.agents import refuse_wider
from activity.actor import Actor
from activity.recording import record

_SECRET = {"password", "digest"}


@transaction.atomic
def save(instance: models.Model, *, actor: Actor) -> None:
    """Create or update a configured row, recording what changed. Nobody widens rights beyond his own."""
    require(actor, permission_for(type(instance), "change"))
    before = type(instance)._default_manager.filter(pk=instance.pk).first() if instance.pk else None
    _refuse_widening(instance, before, actor)
    changes = _changes(before, instance) if before else {}
    instance.save()
    if before is None:
        record(actor, f"{_kind(instance)}.created", instance)
    elif changes:
        record(actor, f"{_kind(instance)}.changed", instance, changes=changes)


@transaction.atomic
def remove(instance: models.Model, *, actor: Actor) -> None:
    """Delete a configured row. Raises ProtectedError when others still need it."""
    require(actor, permission_for(type(instance), "delete"))
    record(actor, f"{_kind(instance)}.deleted", instance)
    instance.delete()


def _refuse_widening(instance: models.Model, before: models.Model | None, actor: Actor) -> None:
    if isinstance(instance, Role):
        refuse_wider(actor, instance)
    if isinstance(instance, Agent):
        refuse_wider(actor, instance.role)
        if isinstance(before, Agent):
            # Otherwise an admin of less could take an admin of more out of office, or over his account.
            refuse_wider(actor, before.role)


def _kind(instance: models.Model) -> str:
    return str(instance._meta.model_name)


def _changes(before: models.Model, after: models.Model) -> dict[str, tuple[Any, Any]]:
    pairs = {
        field.name: (_plain(before, field), _plain(after, field))
        for field in after._meta.concrete_fields
        if field.name not in _SECRET and not getattr(field, "auto_now", False)
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _plain(instance: models.Model, field: models.Field[Any, Any]) -> Any:
    value = getattr(instance, field.name if field.is_relation else field.attname)
    if isinstance(value, models.Model):
        return {"id": value.pk, "name": str(value)}
    if value is None or isinstance(value, str | int | float | bool | list):
        return value
    return str(value) if not isinstance(value, FieldFile) else value.name
