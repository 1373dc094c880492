"""Form fields that several admin pages share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.permissions import ORDINARY, SPECIAL, Permission, of_action

ACTIONS = ("read", "write", "delete")
_ACTIONS = {
    "read": pgettext_lazy("right", "read"),
    "write": pgettext_lazy("right", "write"),
    "delete": pgettext_lazy("right", "delete"),
}
SUGGESTED = 300
EVERY_RESOURCE = tuple(dict.fromkeys(p.resource for p in Permission if p is not Permission.ADMIN))


class TemplateWidget(forms.Widget):
    """Renders with the project's own templates, where Django's form renderer does not look."""

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        return mark_safe(render_to_string(template_name, context))  # noqa: S308 - a template escapes.


class LinesWidget(UnfoldAdminTextareaWidget):  # type: ignore[misc]
    def format_value(self, value: Any) -> str:
        return "\n".join(value) if isinstance(value, list | tuple) else (value or "")


class LinesField(forms.CharField):
    """Several values, one per line, or with `commas` between them, too. Each is checked by `check`, which returns it
    as it shall be stored, or raises ValidationError, or ValueError with a whole sentence."""

    def __init__(self, *, check: Callable[[str], str] = str, commas: bool = False, **options: Any) -> None:
        options.setdefault("widget", LinesWidget(attrs={"rows": 3}))
        super().__init__(**options)
        self.check = check
        self.commas = commas

    def clean(self, value: Any) -> Any:
        kept: list[str] = []
        errors = []
        for line in self._parts(super().clean(value)):
            try:
                kept.append(self.check(line))
            except ValidationError as error:
                sentence = _("“%(line)s”: %(why)s") % {"line": line[:80], "why": " ".join(error.messages)}
                errors.append(ValidationError(sentence))
            except ValueError as error:
                errors.append(ValidationError(str(error)))
        if errors:
            raise ValidationError(errors)
        return list(dict.fromkeys(kept))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return list(initial or []) != self._parts(data or "")

    def _parts(self, text: str) -> list[str]:
        lines = (text.replace(",", "\n") if self.commas else text).splitlines()
        return [line.strip() for line in lines if line.strip()]


class SuggestInput(TemplateWidget, forms.TextInput):
    """A text field with the browser's own list of suggestions."""

    template_name = "admin/widgets/suggest.html"
    suggestions: Iterable[str] = ()

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return {**super().get_context(name, value, attrs), "suggestions": self.suggestions}


class NamedRowField(forms.CharField):
    """A row chosen by typing its name, however many there are. Where a name is not unique, “#12” says which."""

    widget = SuggestInput

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)
        self.rows: models.QuerySet[Any] | None = None

    def offer(self, rows: models.QuerySet[Any]) -> None:
        """Choose among these. The first few are suggested; the others can be typed."""
        self.rows = rows
        self.widget.suggestions = rows.order_by("name").values_list("name", flat=True)[:SUGGESTED]

    def prepare_value(self, value: Any) -> Any:
        return f"#{value}" if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed or self.rows is None:
            return None
        by_id = typed.startswith("#") and typed[1:].isdecimal() and len(typed) < 19
        found = list(
            self.rows.filter(pk=int(typed[1:])) if by_id else self.rows.filter(name__iexact=typed)[:2]
        )
        if not found:
            raise ValidationError(_("There is no “%s”. Add it first, or check the spelling.") % typed[:80])
        if len(found) > 1:
            numbers = ", ".join(f"#{row.pk}" for row in self.rows.filter(name__iexact=typed))
            raise ValidationError(_("Several have this name. Write which one: %s.") % numbers)
        return found[0]


def in_plain_words(resource: str) -> str:
    return _t(resource.replace("_", " "))


WORDS = (_("events"), _("keys"), _("settings"), _("views"))
"""Resources whose names stand nowhere else for translation; those of models do."""


class PermissionGrid(TemplateWidget, forms.CheckboxSelectMultiple):
    """A table of resources by actions, a checkbox where the vocabulary has such a right."""

    template_name = "admin/widgets/permission_grid.html"
    held: frozenset[Permission] = frozenset()
    """What the person who looks may do himself. The rest is shown, but cannot be given."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        chosen = set(value or [])
        rows = [(in_plain_words(resource), self._cells(resource, chosen)) for resource in EVERY_RESOURCE]
        admin = self._cell(Permission.ADMIN, chosen)
        return {
            "name": name,
            "id": (attrs or {}).get("id", name),
            "actions": [_ACTIONS[action] for action in ACTIONS],
            "rows": rows,
            "admin": admin,
            "everything": Permission.ADMIN in chosen,
            "special": [(_SPECIAL[p], self._cell(p, chosen)) for p in Permission if p in SPECIAL],
        }

    def _cells(self, resource: str, chosen: set[str]) -> list[dict[str, Any] | None]:
        values = (f"{resource}:{action}" for action in ACTIONS)
        return [self._cell(Permission(value), chosen) if value in _KNOWN else None for value in values]

    def _cell(self, permission: Permission, chosen: set[str]) -> dict[str, Any]:
        return {
            "value": permission.value,
            "checked": permission in chosen,
            "disabled": permission not in self.held and permission not in chosen,
        }


_SPECIAL = {
    Permission.TICKETS_IMPORT: _("May import old tickets with the times and authors they had elsewhere."),
    Permission.TICKETS_PROPOSE: _("May propose replies and changes, for others to approve."),
}

_KNOWN = frozenset(permission.value for permission in Permission)


class PermissionsField(forms.MultipleChoiceField):
    widget = PermissionGrid

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=[(p.value, p.value) for p in Permission], required=False, **options)

    def clean(self, value: Any) -> list[str]:
        chosen = set(super().clean(value))
        return [permission.value for permission in Permission if permission in chosen]


def in_words(permissions: Iterable[str]) -> str:
    """Rights as a person would say them: “reads tickets, tags; writes tags”."""
    held = {Permission(value) for value in permissions if value in _KNOWN}
    if Permission.ADMIN in held:
        return _t("everything, as an administrator")
    actions = [_said(action, held) for action in (*ACTIONS, "import", "propose")]
    if held >= ORDINARY:
        actions = [_t("reads, writes and deletes everything"), *actions[-2:]]
    return "; ".join(filter(None, actions)) or _t("nothing")


_VERBS = {
    "read": _("reads %s"), "write": _("writes %s"), "delete": _("deletes %s"), "import": _("imports %s"),
    "propose": _("proposes for %s"),
}  # fmt: skip


def _said(action: str, held: set[Permission]) -> str:
    resources = [
        permission.resource for permission in Permission if permission in held and permission.action == action
    ]
    if not resources:
        return ""
    all_of_it = of_action(action)
    what = _t("everything") if all_of_it and held >= all_of_it else ", ".join(map(in_plain_words, resources))
    return str(_VERBS[action] % what)
