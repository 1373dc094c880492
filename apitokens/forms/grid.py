"""What a key may do, resource by resource: a table of radio buttons whose value is a list of scopes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.admin.fields import TemplateWidget, in_plain_words
from accounts.permissions import ORDINARY, RESOURCES, Permission, meaning

NONE, READ, FULL, OTHER = "none", "read", "full", "other"
LEVELS = ((NONE, _("No access")), (READ, _("Read only")), (FULL, _("Full access")))


def scopes_of(resource: str, level: str) -> list[str]:
    """The scopes that a level of access to one resource stands for."""
    every = [p.value for p in Permission if p.resource == resource and p in ORDINARY]
    return {NONE: [], READ: [scope for scope in every if scope.endswith(":read")], FULL: every}[level]


class ScopeGrid(TemplateWidget):
    """One row of radio buttons per resource. Its value is the list of scopes."""

    template_name = "apitokens/widgets/scope_grid.html"
    use_fieldset = True

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        chosen = {p.value for p in meaning(value or []) & ORDINARY}
        rows = [self._row(name, resource, chosen) for resource in RESOURCES]
        return {"id": (attrs or {}).get("id", name), "rows": rows, "levels": LEVELS, "other": OTHER}

    def _row(self, name: str, resource: str, chosen: set[str]) -> dict[str, Any]:
        scopes = sorted(scope for scope in chosen if scope.startswith(f"{resource}:"))
        levels = (level for level in (NONE, READ, FULL) if set(scopes_of(resource, level)) == set(scopes))
        level = next(levels, OTHER)
        # The values travel with “other”, so that saving a form that nobody touched changes nothing.
        return {
            "name": f"{name}-{resource}",
            "resource": in_plain_words(resource),
            "level": level,
            "scopes": " ".join(scopes),
        }

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [
            scope
            for resource in RESOURCES
            for scope in _chosen(resource, data.get(f"{name}-{resource}", NONE))
        ]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not any(f"{name}-{resource}" in data for resource in RESOURCES)


def _chosen(resource: str, value: str) -> list[str]:
    """A level by its name, or “other” scopes as they are. Unknown ones are refused by the verb."""
    if value in {NONE, READ, FULL}:
        return scopes_of(resource, value)
    every = set(scopes_of(resource, FULL))
    return [scope for scope in value.split() if scope in every]


class ScopesField(forms.Field):
    widget = ScopeGrid

    def has_changed(self, initial: Any, data: Any) -> bool:
        return meaning(initial or []) != meaning(data or [])
