from django.urls import path

from apitokens.api.keys import EndRotation, KeyDetail, KeyRequests, Keys, Regenerate, Revoke, Rotate
from apitokens.api.me import Me, MyRequests

urlpatterns = [
    path("me", Me.as_view()),
    path("me/requests", MyRequests.as_view()),
    path("keys", Keys.as_view()),
    path("keys/<id:pk>", KeyDetail.as_view()),
    path("keys/<id:pk>/regenerate", Regenerate.as_view()),
    path("keys/<id:pk>/rotate", Rotate.as_view()),
    path("keys/<id:pk>/rotate/end", EndRotation.as_view()),
    path("keys/<id:pk>/revoke", Revoke.as_view()),
    path("keys/<id:pk>/requests", KeyRequests.as_view()),
]
