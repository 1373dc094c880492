from django.urls import path

from apitokens.api.me import Me, MyRequests

urlpatterns = [
    path("me", Me.as_view()),
    path("me/requests", MyRequests.as_view()),
]
