"""What every admin page of the project has in common: it asks the policy, writes through verbs, shows history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.paginator import Paginator
from django.db import IntegrityError, models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions import Refused, remove, save
from accounts.admin.forms import VerbForm, described
from accounts.admin.paginator import CappedPaginator
from accounts.history import visible_events
from accounts.models import Agent
from accounts.policy import NotAllowed
from activity.actor import Actor, Door

if TYPE_CHECKING:
    UnfoldModelAdmin = admin.ModelAdmin[Any]
else:
    from unfold.admin import ModelAdmin as UnfoldModelAdmin

HISTORY_PAGE = 50


def actor_of(request: HttpRequest) -> Actor:
    """Who is acting: the agent who is signed in to the admin."""
    assert isinstance(request.user, Agent)
    return Actor(Door.ADMIN, agent=request.user, request_id=getattr(request, "request_id", ""))


class ModelAdmin(UnfoldModelAdmin):
    """Django's own log, popups and bulk writes are off: verbs record events, and those are the history."""

    form = VerbForm
    actions = None
    compressed_fields = False
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False
    paginator = CappedPaginator
    about: Any = ""
    """What the page is for, in one line for the admin's home."""
    shown_as: ClassVar[dict[str, str]] = {}
    """What stands in the place of a form's own field for people who may look but not change."""
    refusals: ClassVar[tuple[type[Exception], ...]] = (NotAllowed, Refused, IntegrityError)

    # --- Rows ---------------------------------------------------------------------------------------------

    def visible(self, actor: Actor) -> models.QuerySet[Any]:
        """The rows that exist for the actor."""
        rows: models.QuerySet[Any] = self.model._default_manager.all()
        return rows

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows: models.QuerySet[Any] = self.visible(actor_of(request))
        if not self.has_view_permission(request):
            rows = rows.none()
        ordering = self.get_ordering(request)
        if ordering:
            rows = rows.order_by(*ordering)
        return rows

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The database knows no NUL: an address that holds one was made by hand."""
        if any("\x00" in value for values in request.GET.lists() for value in values[1]):
            raise SuspiciousOperation("NUL in a parameter of a list.")
        return super().get_changelist_instance(request)

    def get_field_queryset(
        self, db: str | None, db_field: Any, request: HttpRequest
    ) -> models.QuerySet[Any] | None:
        """Choices of related rows are the rows that the other page would list."""
        other = self.admin_site._registry.get(db_field.related_model)
        return other.get_queryset(request) if other else super().get_field_queryset(db, db_field, request)

    def get_fieldsets(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        return self.arranged(request, super().get_fieldsets(request, obj), obj)

    def arranged(
        self, request: HttpRequest, fieldsets: Any, obj: models.Model | None
    ) -> list[tuple[Any, dict[str, Any]]]:
        """Leaves out relations to rows that the person may not see: saving would empty them."""
        may_write = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        names = {} if may_write else self.shown_as
        hidden = {
            field.name
            for field in self._optional_relations()
            if not self._may_see(request, field.related_model)
        }
        return [
            (name, {**options, "fields": [names.get(f, f) for f in options["fields"] if f not in hidden]})
            for name, options in fieldsets
        ]

    def _optional_relations(self) -> list[Any]:
        single = [field for field in self.model._meta.fields if field.is_relation and field.null]
        return [*single, *self.model._meta.many_to_many]

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Leaves out filters that would name rows which the person may not see."""
        return [spec for spec in super().get_list_filter(request) if self._may_filter(request, spec)]

    def _may_filter(self, request: HttpRequest, spec: Any) -> bool:
        name = _filtered_field(spec)
        if name is None:
            return True
        field = self.model._meta.get_field(name)
        return not field.is_relation or self._may_see(request, field.related_model)

    def _may_see(self, request: HttpRequest, model: Any) -> bool:
        other = self.admin_site._registry.get(model)
        return other is not None and other.has_view_permission(request)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only what a filter of this page would ask: nothing from the address is expanded into the ORM."""
        filters = self.get_list_filter(request)
        names = list(filter(None, map(_filtered_field, filters)))
        own = {getattr(spec, "parameter_name", None) for spec in filters}
        endings = ("", "__exact", "__id__exact", "__isnull", "__in", "__gte", "__lt")
        return lookup in own | {f"{name}{ending}" for name in names for ending in endings}

    @property
    def media(self) -> forms.Media:
        """Only what the form's own fields need: the admin's scripts serve popups and bulk actions."""
        return forms.Media()

    # --- Writing ------------------------------------------------------------------------------------------

    def write(self, instance: models.Model, form: Any, actor: Actor) -> None:
        """Store what the form says, by a verb. Pages with a verb of their own override this."""
        save(instance, actor=actor, related=form.related())

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        for name in set(form.base_fields) - set(kwargs.get("fields") or form.base_fields):
            del form.base_fields[name]  # Not on the page, so its absence from the answer says nothing.
        form.actor, form.refusal = actor_of(request), getattr(request, "verb_refusal", None)
        return form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except self.refusals as refusal:
            # The transaction is rolled back; shown again, the form holds what was typed and says why.
            request.verb_refusal = refusal  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Nothing yet: the row and its relations are one change, which `save_related` makes."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        self.write(form.instance, form, actor_of(request))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        remove(obj, actor=actor_of(request))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        try:
            return super().delete_view(request, object_id, extra_context)
        except (NotAllowed, Refused, models.ProtectedError) as refusal:
            self.message_user(request, _why_kept(refusal), messages.ERROR)
            return HttpResponseRedirect(self.url("change", unquote(object_id)))

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        """Says what will go, and which kinds of things still need it, without naming or counting any of these:
        not everybody may see them."""
        rows = list(objs)
        keepers = {kind for row in rows for kind in _kinds_that_keep(row)}
        counts = {str(self.opts.verbose_name_plural): len(rows)}
        return [str(row) for row in rows], counts, set(), sorted(keepers)

    # --- Pages --------------------------------------------------------------------------------------------

    def url(self, page: str, *args: Any) -> str:
        """The address of one of this model's pages: list, add, change, history, …"""
        page = "changelist" if page == "list" else page
        return reverse(
            f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args
        )

    def found(self, request: HttpRequest, object_id: str) -> Any:
        """The row of a page of our own. Unseen and absent are the same 404."""
        row = self.get_object(request, unquote(object_id))
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        return row

    def page(
        self, request: HttpRequest, template: str, title: str, obj: Any = None, **context: Any
    ) -> TemplateResponse:
        """A page of our own within the admin's frame."""
        frame = self.admin_site.each_context(request)
        return TemplateResponse(
            request, template, {**frame, "opts": self.opts, "title": title, "original": obj, **context}
        )

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.found(request, object_id)
        if not may_read_history(request):
            raise PermissionDenied
        events = visible_events(actor_of(request)).about(row).newest_first()
        page = Paginator(events.select_related("agent", "contact"), HISTORY_PAGE).get_page(
            request.GET.get("p")
        )
        template: Any = self.object_history_template or "admin/object_history.html"
        return self.page(request, template, str(row), row, page=page, tab="history")

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Events are the history; see `activity`."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Events are the history."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Events are the history."""

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Without the popup buttons beside related rows: they need scripts that the policy refuses."""
        formfield: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        widget = getattr(formfield, "widget", None)
        if isinstance(widget, RelatedFieldWidgetWrapper):
            formfield.widget = widget.widget
        return formfield


class ReadOnlyAdmin(ModelAdmin):
    """For what may be looked at here and is changed elsewhere."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _filtered_field(spec: Any) -> str | None:
    """The field that an entry of `list_filter` asks about, if it is not a filter of its own."""
    if isinstance(spec, str):
        return spec
    return spec[0] if isinstance(spec, tuple) else None


def may_read_history(request: HttpRequest) -> bool:
    return request.user.has_perm("activity.view_event")


def _kinds_that_keep(row: models.Model) -> Iterator[str]:
    """The kinds of rows because of which the database would refuse to delete this one."""
    for relation in row._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel) or relation.on_delete is not models.PROTECT:
            continue
        if relation.related_model._base_manager.filter(**{relation.field.name: row}).exists():
            yield str(relation.related_model._meta.verbose_name_plural)


def _why_kept(refusal: Exception) -> str:
    if isinstance(refusal, models.ProtectedError):
        kinds = sorted({str(row._meta.verbose_name_plural) for row in refusal.protected_objects})
        return _("It was not deleted, because it is still needed by: %s.") % ", ".join(kinds)
    return described(refusal)[1]
