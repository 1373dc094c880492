"""Files, tags and agents, as forms ask for them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Agent
from accounts.models.agent import AgentQuerySet
from accounts.policy import visible
from activity.actor import Actor
from tickets import text
from tickets.actions import File
from tickets.actions.attach import MAX_FILE, MAX_FILES
from tickets.models.tag import normalize_tag

MAX_TOGETHER = 100 * 1024 * 1024
"""Bytes of all files of one message: they are held in memory while they are stored."""

MAX_TAG = 60
MAX_TAGS = 40


def _say(sentence: object, limit: int) -> str:
    return str(sentence) % {"n": limit}


_limited = lazy(_say, str)
"""A sentence about a limit, in the language of the page that it comes to stand on."""


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files, refused by size before their content is read."""

    widget = _ManyFiles

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """The limits and what to say about them, for a browser that checks before it sends."""
        return super().widget_attrs(widget) | {
            "data-most": MAX_FILES,
            "data-most-said": _limited(gettext_lazy("A message may have at most %(n)s files."), MAX_FILES),
            "data-bytes": MAX_FILE,
            "data-bytes-said": _limited(gettext_lazy("A file may have at most %(n)s MB."), MAX_FILE // 2**20),
        }

    def clean(self, data: Any, initial: Any = None) -> list[File]:
        uploads: list[UploadedFile[Any]] = [upload for upload in data or [] if upload]
        self._refuse_too_much(uploads)
        return [File(upload.name or "", upload.content_type or "", upload.read()) for upload in uploads]

    @staticmethod
    def _refuse_too_much(uploads: list[UploadedFile[Any]]) -> None:
        if len(uploads) > MAX_FILES:
            raise ValidationError(_("A message may have at most %(n)s files.") % {"n": MAX_FILES})
        for upload in uploads:
            if (upload.size or 0) > MAX_FILE:
                limit = {"name": upload.name, "n": MAX_FILE // 2**20}
                raise ValidationError(_("%(name)s is too large: a file may have at most %(n)s MB.") % limit)
        if sum(upload.size or 0 for upload in uploads) > MAX_TOGETHER:
            limit = {"n": MAX_TOGETHER // 2**20}
            raise ValidationError(_("The files of a message may have at most %(n)s MB together.") % limit)


class TagNamesField(forms.CharField):
    """Tags separated by commas."""

    def clean(self, value: Any) -> list[str]:
        typed = super().clean(value)
        names = list(dict.fromkeys(filter(None, map(normalize_tag, text.clean_text(typed).split(",")))))
        for name in names:
            if len(name) > MAX_TAG:
                limit = {"name": name[:20], "n": MAX_TAG}
                raise ValidationError(_("The tag “%(name)s…” is too long: %(n)s characters at most.") % limit)
        if len(names) > MAX_TAGS:
            raise ValidationError(_("A ticket may have at most %(n)s tags.") % {"n": MAX_TAGS})
        return names


def assignable(actor: Actor) -> AgentQuerySet:
    """The agents that tickets can be given to: those the actor may see, and himself in any case."""
    everyone: AgentQuerySet = Agent.objects.assignable()
    return everyone.filter(Q(pk__in=visible(actor, Agent)) | Q(pk=actor.agent.pk if actor.agent else None))
