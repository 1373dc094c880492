from __future__ import annotations

from django.urls import URLPattern, path

from automations.api.macros import ApplyMacro, MacroDetail, Macros
from automations.api.triggers import TriggerDetail, TriggerRuns, Triggers

urlpatterns: list[URLPattern] = [
    path("macros", Macros.as_view()),
    path("macros/<id:pk>", MacroDetail.as_view()),
    path("tickets/<id:pk>/macro", ApplyMacro.as_view()),
    path("triggers", Triggers.as_view()),
    path("triggers/<id:pk>", TriggerDetail.as_view()),
    path("triggers/<id:pk>/runs", TriggerRuns.as_view()),
]
