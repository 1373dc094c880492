"""What agents send from the workspace, checked before a verb hears of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.custom_fields import ValueField, in_use, options, value_fields
from accounts.models import AfterSending, Agent, CustomField, FieldKind, Team, Thing
from accounts.models.agent import AgentQuerySet
from accounts.policy import visible
from activity.actor import Actor
from tickets import policy, text
from tickets.actions import File
from tickets.actions.attach import MAX_FILE, MAX_FILES
from tickets.models import MessageKind, Priority, SavedView, Sharing, Status, Ticket
from tickets.models.tag import normalize_tag
from tickets.models.view import Sort

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


class MessageForm(forms.Form):
    """A reply or a note. Its text is checked by the verb, so that there is one rule for every door."""

    kind = forms.ChoiceField(choices=MessageKind.choices)
    body = forms.CharField(required=False, strip=False, max_length=text.MAX_BODY * 4)
    attachments = FilesField(required=False)
    status = forms.ModelChoiceField(Status.objects.all(), required=False)
    after = forms.ChoiceField(choices=AfterSending.choices, required=False)
    seen = forms.IntegerField(min_value=0, max_value=2**63 - 1, required=False)
    """The newest message that its writer has in front of him."""
    draft = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    """The version of the draft that the text goes on from."""
    writer = forms.CharField(max_length=40, required=False)
    anyway = forms.BooleanField(required=False)


class DraftForm(forms.Form):
    kind = forms.ChoiceField(choices=MessageKind.choices)
    body = forms.CharField(required=False, strip=False)
    based_on = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    writer = forms.CharField(max_length=40, required=False)


class UploadForm(forms.Form):
    kind = forms.ChoiceField(choices=MessageKind.choices)
    file = FilesField(required=False)

    def clean_file(self) -> File:
        files: list[File] = self.cleaned_data["file"]
        if len(files) != 1:
            raise ValidationError(_("Send one file at a time."))
        return files[0]


class NewTicketForm(forms.Form):
    email = forms.EmailField(label=gettext_lazy("Contact’s e-mail address"), max_length=254)
    name = forms.CharField(
        label=gettext_lazy("Contact’s name"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Only used if the address is new."),
    )
    author = forms.ChoiceField(
        label=gettext_lazy("Who wrote the message?"),
        choices=[("contact", gettext_lazy("The contact")), ("agent", gettext_lazy("I did"))],
        initial="contact",
        widget=forms.RadioSelect,
    )
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=250)
    body = forms.CharField(
        label=gettext_lazy("Message"),
        strip=False,
        max_length=text.MAX_BODY,
        widget=forms.Textarea(attrs={"rows": 9}),
        help_text=gettext_lazy("Markdown works: **bold**, lists, > quotes."),
    )
    attachments = FilesField(label=gettext_lazy("Files"), required=False)
    team = forms.ModelChoiceField(
        Team.objects.none(),
        label=gettext_lazy("Team"),
        required=False,
        empty_label=gettext_lazy("The channel’s default"),
    )
    assignee = forms.ModelChoiceField(
        Agent.objects.none(),
        label=gettext_lazy("Assignee"),
        required=False,
        empty_label=gettext_lazy("Nobody"),
    )
    priority = forms.TypedChoiceField(
        label=gettext_lazy("Priority"),
        choices=Priority.choices,
        coerce=lambda value: Priority(int(value)),
        initial=Priority.NORMAL,
    )
    tags = TagNamesField(
        label=gettext_lazy("Tags"),
        required=False,
        max_length=2_000,
        help_text=gettext_lazy("Separated by commas."),
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Team]", self.fields["team"]).queryset = visible(actor, Team)
        cast("forms.ModelChoiceField[Agent]", self.fields["assignee"]).queryset = assignable(actor)
        self.own = in_use(Thing.TICKET)
        self.fields |= value_fields(self.own, {})

    @property
    def own_fields(self) -> list[forms.BoundField]:
        """The controls of custom fields."""
        return [self[field.path] for field in self.own]

    @property
    def own_values(self) -> dict[str, Any]:
        return {field.key: self.cleaned_data[field.path] for field in self.own}


class FillInForm(forms.Form):
    """The value of one custom field."""

    def __init__(self, field: CustomField, ticket: Ticket, *args: Any) -> None:
        super().__init__(*args)
        self.custom, self.current = field, ticket.custom_fields.get(field.key)
        self.fields["value"] = ValueField(field, self.current)
        self.fields["value"].widget.attrs["aria-labelledby"] = "picker-title"

    @property
    def look(self) -> str:
        """How it is asked for: by one click on an option, by any number of checks, or by typing."""
        looks = {FieldKind.CHOICE: "choice", FieldKind.BOOLEAN: "choice", FieldKind.MULTI_CHOICE: "choices"}
        return looks.get(FieldKind(self.custom.kind), "typed")

    @property
    def options(self) -> list[tuple[str, str, bool]]:
        """(value to send, label, is it chosen)."""
        now = self["value"].value() or ""
        chosen = now if isinstance(now, list) else [now]
        listed = options(self.custom, self.current)
        none = [("", _("none"))] if self.look == "choice" else []
        return [(value, label, value in chosen) for value, label in [*listed, *none]]


class ChangeForm(forms.Form):
    """A new value for one property of a ticket."""

    value: forms.Field

    def __init__(self, actor: Actor, ticket: Ticket, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor, self.ticket = actor, ticket

    @property
    def options(self) -> list[tuple[Any, str, bool]]:
        """(value to send, label, is it the ticket's value now) of every choice, the likeliest first."""
        current = self.current()
        listed = [(getattr(value, "value", value), str(label)) for value, label in self.choices]
        return [(value, label, value == current) for value, label in self.arranged(listed)]

    def arranged(self, choices: list[tuple[Any, str]]) -> list[tuple[Any, str]]:
        return choices

    @property
    def choices(self) -> Iterable[tuple[Any, Any]]:
        return cast("Iterable[tuple[Any, Any]]", cast("forms.ChoiceField", self.fields["value"]).choices)

    def current(self) -> Any:
        """The ticket's value now, as a choice spells it."""
        raise NotImplementedError

    def sent(self) -> Any:
        """The value that was chosen, spelt in the same way."""
        value = self.cleaned_data["value"]
        return getattr(value, "pk", value)

    def told(self, value: Any) -> str:
        """A value as the agent knows it."""
        return next(
            (label for sent, label, _now in self.options if str(sent) == str(value or "")), str(value)
        )


class StatusForm(ChangeForm):
    value = forms.ModelChoiceField(Status.objects.all(), empty_label=None)

    def current(self) -> int:
        return self.ticket.status_id


class PriorityForm(ChangeForm):
    value = forms.TypedChoiceField(
        choices=sorted(Priority.choices, reverse=True), coerce=lambda value: Priority(int(value))
    )

    def current(self) -> int:
        return self.ticket.priority


class AssigneeForm(ChangeForm):
    value = forms.ModelChoiceField(Agent.objects.none(), required=False, empty_label=gettext_lazy("Nobody"))

    def __init__(self, actor: Actor, ticket: Ticket, *args: Any, **kwargs: Any) -> None:
        super().__init__(actor, ticket, *args, **kwargs)
        cast("forms.ModelChoiceField[Agent]", self.fields["value"]).queryset = assignable(actor)

    def arranged(self, choices: list[tuple[Any, str]]) -> list[tuple[Any, str]]:
        """Oneself first, then nobody, then the colleagues."""
        me = self.actor.agent.pk if self.actor.agent else None
        own = [(value, _("%(name)s (me)") % {"name": label}) for value, label in choices if value == me]
        return own + [(value, label) for value, label in choices if value != me]

    def current(self) -> int | str:
        return self.ticket.assignee_id or ""


class TeamForm(ChangeForm):
    value = forms.ModelChoiceField(Team.objects.none(), required=False, empty_label=gettext_lazy("No team"))

    def __init__(self, actor: Actor, ticket: Ticket, *args: Any, **kwargs: Any) -> None:
        super().__init__(actor, ticket, *args, **kwargs)
        cast("forms.ModelChoiceField[Team]", self.fields["value"]).queryset = visible(actor, Team)

    def current(self) -> int | str:
        return self.ticket.team_id or ""


class SubjectForm(ChangeForm):
    value = forms.CharField(label=gettext_lazy("Subject"), max_length=250)

    def current(self) -> str:
        return self.ticket.subject

    def told(self, value: Any) -> str:
        return str(value)


class LanguageForm(ChangeForm):
    value = forms.CharField(
        label=gettext_lazy("Language"),
        max_length=12,
        required=False,
        help_text=gettext_lazy("A language tag: de, en-GB. Empty when nobody knows."),
    )

    def current(self) -> str:
        return self.ticket.language

    def told(self, value: Any) -> str:
        return str(value) or _("None")


class TagsForm(ChangeForm):
    """Tags to keep or take from those there are, and new ones by name."""

    value = forms.MultipleChoiceField(required=False)
    new = TagNamesField(label=gettext_lazy("New tags"), required=False, max_length=2_000)

    def __init__(self, actor: Actor, ticket: Ticket, *args: Any, **kwargs: Any) -> None:
        super().__init__(actor, ticket, *args, **kwargs)
        self.own = [tag.name for tag in ticket.tags.all()]
        others = policy.visible_tags(actor).exclude(name__in=self.own).values_list("name", flat=True)[:500]
        names = [*self.own, *others]
        cast("forms.MultipleChoiceField", self.fields["value"]).choices = [(name, name) for name in names]

    @property
    def options(self) -> list[tuple[Any, str, bool]]:
        chosen = self.data.getlist("value") if self.is_bound else self.own  # type: ignore[attr-defined]
        return [(name, str(name), name in chosen) for name, _label in self.choices]

    @property
    def names(self) -> list[str]:
        return [*self.cleaned_data["value"], *self.cleaned_data["new"]]

    def current(self) -> list[str]:
        return sorted(tag.name for tag in self.ticket.tags.all())

    def sent(self) -> list[str]:
        return sorted(self.names)

    def told(self, value: Any) -> str:
        return ", ".join(value) or _("No tags")


class SavedViewForm(forms.Form):
    """A filter to keep, and for whom."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    query = forms.CharField(
        label=gettext_lazy("Filter"),
        max_length=500,
        help_text=gettext_lazy("As in the search. “me” is whoever looks."),
    )
    audience = forms.ChoiceField(label=gettext_lazy("Who sees it"))
    sort = forms.ChoiceField(label=gettext_lazy("Order"), choices=Sort.choices, required=False)
    position = forms.IntegerField(
        label=gettext_lazy("Position"),
        min_value=0,
        max_value=10_000,
        required=False,
        help_text=gettext_lazy("Views with a smaller number stand higher."),
    )

    def __init__(self, actor: Actor, *args: Any, view: SavedView | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.teams = {team.pk: team for team in self._teams(actor, view)}
        cast("forms.ChoiceField", self.fields["audience"]).choices = [
            (
                Sharing.PERSONAL,
                _("Only me") if not view or view.owner == actor.agent else _("Only its owner"),
            ),
            *((f"team-{team.pk}", _("Team %(name)s") % {"name": team}) for team in self.teams.values()),
            (Sharing.EVERYONE, _("Everyone")),
        ]

    @staticmethod
    def _teams(actor: Actor, view: SavedView | None) -> Iterable[Team]:
        """The agent's own, and the one that the view is shared with already."""
        own = Q(agents=actor.agent) | Q(pk=view.team_id if view else None)
        return visible(actor, Team).filter(own).distinct()

    @staticmethod
    def values_of(view: SavedView) -> dict[str, Any]:
        """What the form shows of a view."""
        audience = f"team-{view.team_id}" if view.team_id else view.sharing
        shown = {"name": view.name, "query": view.query, "sort": view.sort, "position": view.position}
        return shown | {"audience": audience}

    @property
    def given(self) -> dict[str, Any]:
        """For the verb: what was filled in."""
        audience: str = self.cleaned_data["audience"]
        team = self.teams.get(int(audience.removeprefix("team-"))) if audience.startswith("team-") else None
        values = {"sharing": Sharing.TEAM if team else audience, "team": team}
        texts = {name: self.cleaned_data[name] for name in ("name", "query")}
        chosen = {
            name: self.cleaned_data[name]
            for name in ("sort", "position")
            if self.cleaned_data[name] not in ("", None)
        }
        return values | texts | chosen


def assignable(actor: Actor) -> AgentQuerySet:
    """The agents that tickets can be given to: those the actor may see, and himself in any case."""
    everyone: AgentQuerySet = Agent.objects.assignable()
    return everyone.filter(Q(pk__in=visible(actor, Agent)) | Q(pk=actor.agent.pk if actor.agent else None))
