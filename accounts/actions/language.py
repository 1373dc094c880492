"""What contacts write in: language tags as the standard spells them."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from accounts.actions.refusal import Refused


def language_tag(text: str) -> str:
    """A language tag (BCP 47) as it is written: `DE-at` is de-AT. Raises Refused."""
    parts = text.strip().replace("_", "-").split("-")
    if parts == [""]:
        return ""
    if len(text.strip()) > 12 or not re.fullmatch(r"[A-Za-z]{2,3}", parts[0], re.ASCII):
        parts = []
    if not parts or not all(re.fullmatch(r"[A-Za-z0-9]{2,8}", part, re.ASCII) for part in parts[1:]):
        raise Refused("language", "invalid", _("Give a language tag: de, en-GB, zh-Hant."))
    return "-".join([parts[0].lower(), *(_subtag(part) for part in parts[1:])])


def _subtag(part: str) -> str:
    return {2: part.upper(), 4: part.title()}.get(len(part), part.lower())
