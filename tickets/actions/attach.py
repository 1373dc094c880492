from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.refusal import InUse, Refused
from accounts.permissions import Permission
from accounts.policy import require
from activity.actor import Actor
from activity.screening import screened
from tickets.models import Attachment, Message
from tickets.models.attachment import private_storage
from tickets.text import clean_line

MAX_FILE = 25 * 1024 * 1024
"""Bytes of one file."""

UNSENT = timedelta(days=1)
"""How long an upload waits for the message it was made for."""

MAX_FILES = 20
"""Files of one message."""

_FALLBACK_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class File:
    """A file somebody sent. Its name and type are claims of the sender, never trusted."""

    name: str
    content_type: str
    content: bytes


@transaction.atomic
def upload(file: File, *, actor: Actor) -> Attachment:
    """Keep a file for a message that its uploader is about to write."""
    require(actor, Permission.MESSAGES_WRITE)
    return store(file, actor=actor, message=None)


@transaction.atomic
def discard_upload(attachment: Attachment, *, actor: Actor) -> None:
    """Delete one's own file that is not sent yet. Like the upload itself it is no history: nobody else saw it."""
    require(actor, Permission.MESSAGES_WRITE)
    now = Attachment.objects.select_for_update().get(pk=attachment.pk)
    if now.message_id is not None:
        raise InUse(_("This file was sent, and stays with its message."))
    if actor.agent is None or now.uploaded_by_id != actor.agent.pk:
        raise Attachment.DoesNotExist
    transaction.on_commit(partial(private_storage().delete, str(now.file.name)))
    now.delete()


@transaction.atomic
def forget_unsent_uploads() -> None:
    """Delete the files that wait longer than a day to be sent. Those of a draft wait as long as it does."""
    stale = Attachment.objects.filter(message=None, draft=None, created_at__lt=timezone.now() - UNSENT)
    for attachment in stale.select_for_update(skip_locked=True):
        transaction.on_commit(partial(private_storage().delete, str(attachment.file.name)))
        attachment.delete()


def forget_orphan_files() -> None:
    """Delete the files of no row: what a request wrote that was then rolled back, or a process that was killed."""
    storage, oldest = private_storage(), timezone.now() - UNSENT
    folders, _files = storage.listdir("") if storage.exists("") else ([], [])
    for folder in folders:
        names = [f"{folder}/{name}" for name in storage.listdir(folder)[1]]
        known = set(Attachment.objects.filter(file__in=names).values_list("file", flat=True))
        for name in set(names) - known:
            if storage.get_modified_time(name) < oldest:
                storage.delete(name)


def attach(message: Message, files: Sequence[Attachment | File], *, actor: Actor) -> None:
    """Give a message its files: new ones, and the author's own uploads, each of which can be used once."""
    if len(files) > MAX_FILES:
        raise Refused(
            "attachments", "too_many", _("A message may have at most %(most)s files.") % {"most": MAX_FILES}
        )
    for file in files:
        if isinstance(file, File):
            store(file, actor=actor, message=message)
    _claim(message, [file for file in files if isinstance(file, Attachment)], actor=actor)


def _claim(message: Message, uploads: Iterable[Attachment], *, actor: Actor) -> None:
    wanted = {upload.pk for upload in uploads}
    if not wanted:
        return
    pending = Attachment.objects.filter(pk__in=wanted, message=None, uploaded_by=actor.agent)
    if pending.update(message=message, draft=None) != len(wanted):
        raise Refused(
            "attachments", "not_found", _("An attachment was sent already, or is not yours. Upload it again.")
        )


def store(file: File, *, actor: Actor, message: Message | None) -> Attachment:
    if len(file.content) > MAX_FILE:
        raise Refused(
            "attachments",
            "too_large",
            _("%(file)s: a file may have at most %(most)s MB.")
            % {"file": file.name, "most": MAX_FILE // 2**20},
        )
    where: dict[str, Any] = {"where": "attachment", **({"ticket": message.ticket_id} if message else {})}
    name = screened(_safe_name(file.name), actor=actor, **where)
    content = screened(file.content, actor=actor, **where)
    attachment = Attachment(
        message=message,
        uploaded_by=actor.agent,
        name=name,
        content_type=_safe_type(file.content_type),
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    attachment.file.save("", ContentFile(content), save=False)
    attachment.save()
    return attachment


def _safe_name(name: str) -> str:
    """The last part of a path, printable, at most 200 characters."""
    last = clean_line(name).replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable())[:200] or "file"


def _safe_type(content_type: str) -> str:
    kind = content_type.partition(";")[0].strip().lower()
    plain = kind.isascii() and kind.count("/") == 1 and all(c.isalnum() or c in "/.+-_" for c in kind)
    return kind if plain and len(kind) <= 100 else _FALLBACK_TYPE
