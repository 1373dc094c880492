from __future__ import annotations

from django.urls import path

from automations.views import macros, own

app_name = "automations"

urlpatterns = [
    path("tickets/<int:pk>/macros/", macros.choose, name="choose"),
    path("tickets/<int:pk>/macros/<int:macro_pk>/", macros.apply, name="apply"),
    path("tickets/<int:pk>/macros/undo/", macros.undo, name="undo"),
    path("settings/macros/", own.macros, name="own_macros"),
    path("settings/macros/new/", own.new, name="new_macro"),
    path("settings/macros/<int:pk>/", own.edit, name="edit_macro"),
    path("settings/macros/<int:pk>/delete/", own.delete, name="delete_macro"),
]
