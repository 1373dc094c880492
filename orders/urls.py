from django.urls import path

from orders import views

app_name = "orders"

urlpatterns = [
    path("tickets/<int:pk>/orders/", views.panel, name="panel"),
    path("tickets/<int:pk>/orders/<int:order_pk>/", views.attach, name="attach"),
]
