from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = "Orders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import admin_permissions, history, resources
        from accounts.permissions import Permission
        from orders import finding as own
        from orders import policy
        from tickets import finding, panels

        admin_permissions.register("orders.order", "orders")
        admin_permissions.register("orders.ordernote", "order_notes")
        history.register(
            "order",
            policy.visible,
            reads=Permission.ORDERS_READ,
            private=dict.fromkeys(
                ("order.noted", "order.note_edited", "order.note_deleted"), Permission.ORDER_NOTES_READ
            ),
        )
        resources.register(Permission.ORDERS_READ, policy.visible)
        finding.register(gettext_lazy("Orders"), own.orders)
        panels.register("orders:panel", Permission.ORDERS_READ)
