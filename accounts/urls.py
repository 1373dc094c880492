from django.urls import path

from accounts.views import own, signing_in

app_name = "accounts"

urlpatterns = [
    path("sign-in/", signing_in.sign_in, name="sign_in"),
    path("sign-in/code/", signing_in.second_step, name="second_step"),
    path("sign-in/token/", signing_in.token, name="token"),
    path("sign-out/", signing_in.sign_out, name="sign_out"),
    path("password/", signing_in.change_password, name="change_password"),
    path("password/reset/", signing_in.request_reset, name="request_reset"),
    path("password/choose/<str:token>/", signing_in.choose_password, name="choose_password"),
    path("settings/", own.profile, name="profile"),
    path("settings/notifications/", own.notifications, name="notification_choices"),
    path("settings/security/", own.security, name="security"),
    path("settings/security/sessions/", own.end_session, name="end_session"),
    path("settings/security/second-step/", own.change_second_step, name="change_second_step"),
    path("settings/security/second-step/app/", own.set_up_second_step, name="set_up_second_step"),
    path("theme/", signing_in.theme, name="theme"),
    # The admin's own pages for this are never reached: these patterns stand before it.
    path("admin/login/", signing_in.sign_in_to_admin, name="sign_in_to_admin"),
    path("admin/logout/", signing_in.sign_out, name="sign_out_of_admin"),
    path("admin/password_change/", signing_in.change_password, name="change_password_in_admin"),
]
