from __future__ import annotations

from django.urls import URLPattern, path

from automations.api.macros import ApplyMacro, MacroDetail, Macros
from automations.api.triggers import TriggerDetail, TriggerRuns, Triggers
from automations.api.webhooks import (
    Deliveries,
    DeliveryDetail,
    Disable,
    Enable,
    EndRotation,
    Redeliver,
    RedeliverSpan,
    Rotate,
    Test,
    WebhookDetail,
    Webhooks,
)

urlpatterns: list[URLPattern] = [
    path("macros", Macros.as_view()),
    path("macros/<id:pk>", MacroDetail.as_view()),
    path("tickets/<id:pk>/macro", ApplyMacro.as_view()),
    path("triggers", Triggers.as_view()),
    path("triggers/<id:pk>", TriggerDetail.as_view()),
    path("triggers/<id:pk>/runs", TriggerRuns.as_view()),
    path("webhooks", Webhooks.as_view()),
    path("webhooks/<id:pk>", WebhookDetail.as_view()),
    path("webhooks/<id:pk>/rotate", Rotate.as_view()),
    path("webhooks/<id:pk>/rotate/end", EndRotation.as_view()),
    path("webhooks/<id:pk>/disable", Disable.as_view()),
    path("webhooks/<id:pk>/enable", Enable.as_view()),
    path("webhooks/<id:pk>/test", Test.as_view()),
    path("webhooks/<id:pk>/redeliver", RedeliverSpan.as_view()),
    path("webhooks/<id:pk>/deliveries", Deliveries.as_view()),
    path("webhook_deliveries/<id:pk>", DeliveryDetail.as_view()),
    path("webhook_deliveries/<id:pk>/redeliver", Redeliver.as_view()),
]
