from django.urls import path

from orders.api.notes import NoteDetail, Notes, OrderNotes
from orders.api.orders import OrderByNumber, OrderDetail, Orders, OrderTracking

urlpatterns = [
    path("orders", Orders.as_view()),
    path("orders/<id:pk>", OrderDetail.as_view()),
    path("orders/<id:pk>/tracking", OrderTracking.as_view()),
    path("orders/<id:pk>/notes", OrderNotes.as_view()),
    path("orders/external/<path:external_id>", OrderByNumber.as_view()),
    path("order_notes", Notes.as_view()),
    path("order_notes/<id:pk>", NoteDetail.as_view()),
]
