from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("password/", views.change_password, name="change_password"),
    path("password/reset/", views.request_reset, name="request_reset"),
    path("password/choose/<str:token>/", views.choose_password, name="choose_password"),
    path("theme/", views.theme, name="theme"),
    # The admin's own pages for this are never reached: these patterns stand before it.
    path("admin/login/", views.sign_in_to_admin, name="sign_in_to_admin"),
    path("admin/logout/", views.sign_out, name="sign_out_of_admin"),
    path("admin/password_change/", views.change_password, name="change_password_in_admin"),
]
