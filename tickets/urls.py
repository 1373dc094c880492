from django.urls import URLPattern, path

app_name = "tickets"

urlpatterns: list[URLPattern] = []
