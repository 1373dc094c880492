"""The forms of the key desk."""

from __future__ import annotations

import secrets

from apitokens.forms.choices import administers, kinds_for, may_make_agents
from apitokens.forms.key import SERVICE_FIELDS, SPECIAL_FIELDS, KeyForm, in_short
from apitokens.forms.rotation import RotationForm

__all__ = [
    "SERVICE_FIELDS",
    "SPECIAL_FIELDS",
    "KeyForm",
    "RotationForm",
    "administers",
    "in_short",
    "kinds_for",
    "may_make_agents",
    "new_form_token",
]


def new_form_token() -> str:
    """Marks one rendering of a form whose answer shows a secret, so that sending it twice does nothing twice."""
    return secrets.token_urlsafe(16)
