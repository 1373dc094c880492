from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import template
from django.urls import Resolver404, resolve
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

register = template.Library()

_LINK = re.compile(r'<a href="([^"]+)"[^>]*>(.*)</a>', re.DOTALL)


@register.simple_tag(takes_context=True)
def shown(context: Any, field: Any) -> SafeString:
    """A read-only field's value. Django links each related row; who may not open its page gets the name alone."""
    contents = field.contents()
    link = _LINK.fullmatch(contents)
    if link is None or _may_open(context["request"], link[1]):
        return contents  # type: ignore[no-any-return]
    return mark_safe(link[2])  # noqa: S308 - Django has escaped it as part of the link.


@register.filter
def word(name: str) -> str:
    """A name of the code's, such as a field's or a kind's, as people read it: translated where its words are."""
    return gettext(name)


@register.filter
def called(field: str, facts: Mapping[str, Any] | None) -> str:
    """A changed field as history tells of it: of custom fields, the label it had then."""
    labels = (facts or {}).get("labels", {})
    return str(labels.get(field.removeprefix("custom_fields."), word(field)))


@register.filter
def is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _may_open(request: Any, url: str) -> bool:
    try:
        page = resolve(url).func.model_admin  # type: ignore[attr-defined]
    except (Resolver404, AttributeError):
        return False
    return bool(page.has_view_permission(request))
