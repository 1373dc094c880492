"""The pages that let agents in and out. Redirect targets are checked; nothing tells who has an account."""

from __future__ import annotations

import ipaddress
import time

from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions, attempts, sessions
from accounts.door import AgentRequest, remembered, safe_next, signed_in
from accounts.forms import ChangePasswordForm, CodeForm, NewPasswordForm, ResetRequestForm, SignInForm
from accounts.models import Agent
from accounts.models.agent import normalize_email
from activity.actor import Door

QUARTER = 15 * 60
WAIT_FOR_CODE = 10 * 60
"""Seconds between the password and the code, at most."""
_WAITING = "waits_for_second_step"
THEMES = {"light", "dark", "auto"}

page = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@page
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated and request.method != "POST":
        return redirect(safe_next(request))
    form = SignInForm(request.POST or None)
    if not form.is_valid():
        return _sign_in_page(request, form, 422 if form.is_bound else 200)
    email, password = normalize_email(form.cleaned_data["email"]), form.cleaned_data["password"]
    if _tries_too_often(f"sign-in:{email}:{_network(request)}", request):
        form.add_error(None, _("Too many attempts. Wait a quarter of an hour, then try again."))
        return _sign_in_page(request, form, 429)
    agent = authenticate(request, username=email, password=password)
    if not isinstance(agent, Agent):
        form.add_error(None, _("E-mail address and password do not match. Check both, then try again."))
        return _sign_in_page(request, form, 422)
    attempts.forget(f"sign-in:{email}:{_network(request)}")
    if actions.has_second_step(agent):
        request.session.cycle_key()
        request.session[_WAITING] = {
            "agent": agent.pk,
            "hash": agent.get_session_auth_hash(),
            "at": time.time(),
        }
        target = safe_next(request, otherwise="")
        return redirect(reverse("accounts:second_step", query={"next": target} if target else None))
    return _let_in(request, agent)


@never_cache
@page
@sensitive_post_parameters("code")
def second_step(request: HttpRequest) -> HttpResponse:
    """After the password, a code. Whoever gets here knows the password, so he may lock only himself out."""
    agent = _waiting(request)
    if agent is None:
        messages.info(request, _("That took too long. Sign in again."))
        return redirect("accounts:sign_in")
    form = CodeForm(request.POST or None)
    if not form.is_valid():
        return _second_step_page(request, form, 422 if form.is_bound else 200)
    if attempts.too_many(f"second-step:{agent.pk}", limit=10, seconds=QUARTER):
        form.add_error(None, _("Too many attempts. Wait a quarter of an hour, then try again."))
        return _second_step_page(request, form, 429)
    how = actions.pass_second_step(agent, form.cleaned_data["code"])
    if not how:
        form.add_error("code", _("This code does not fit, or it was used already. Try the next one."))
        return _second_step_page(request, form, 422)
    attempts.forget(f"second-step:{agent.pk}")
    return _let_in(request, agent, second_step=how)


def _waiting(request: HttpRequest) -> Agent | None:
    """Who gave his password in this browser a moment ago, unless he changed it or was shut out since."""
    waiting = request.session.get(_WAITING) or {}
    agent = Agent.objects.select_related("role").filter(pk=waiting.get("agent")).first()
    if agent is None or not agent.can_sign_in or time.time() - waiting["at"] > WAIT_FOR_CODE:
        return None
    return agent if constant_time_compare(waiting["hash"], agent.get_session_auth_hash()) else None


def _let_in(request: HttpRequest, agent: Agent, second_step: str = "") -> HttpResponse:
    request.session.pop(_WAITING, None)
    sessions.describe(request, agent)
    login(request, agent, backend="accounts.backends.EmailBackend")
    actions.note_sign_in(agent, door=Door.WEB, address=request.META["REMOTE_ADDR"], second_step=second_step)
    return redirect(safe_next(request))


def _second_step_page(request: HttpRequest, form: CodeForm, status: int) -> HttpResponse:
    context = {"form": form, "next": safe_next(request, otherwise="")}
    return render(request, "accounts/second_step.html", context, status=status)


def _sign_in_page(request: HttpRequest, form: SignInForm, status: int) -> HttpResponse:
    context = {"form": form, "next": safe_next(request, otherwise="")}
    return render(request, "accounts/sign_in.html", context, status=status)


@require_safe
def sign_in_to_admin(request: HttpRequest) -> HttpResponse:
    """The admin's own sign-in page is ours: one form, one limit, one history."""
    if request.user.is_authenticated:
        raise PermissionDenied(_("Your role does not enter the admin. An administrator can change that."))
    target = safe_next(request, otherwise=reverse("admin:index"))
    return redirect(reverse("accounts:sign_in", query={"next": target}))


@require_safe
@signed_in
def token(request: AgentRequest) -> HttpResponseBase:
    """Who is signed in, and the token of forms: for a page that stood there while its agent signed in elsewhere."""
    return JsonResponse({"agent": str(request.user.pk), "token": get_token(request)})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, Agent):
        actions.note_sign_out(request.user, door=Door.WEB)
    logout(request)
    return redirect("accounts:sign_in")


@never_cache
@page
def request_reset(request: HttpRequest) -> HttpResponse:
    """Ask for a link. The answer is the same whether or not somebody has the address."""
    form = ResetRequestForm(request.POST or None)
    if not form.is_valid():
        return render(
            request, "accounts/request_reset.html", {"form": form}, status=422 if form.is_bound else 200
        )
    if attempts.too_many(f"reset:{_network(request)}", limit=20, seconds=QUARTER):
        form.add_error(None, _("Too many attempts. Wait a quarter of an hour, then try again."))
        return render(request, "accounts/request_reset.html", {"form": form}, status=429)
    _mail_reset(normalize_email(form.cleaned_data["email"]))
    return render(request, "accounts/reset_requested.html", {"email": form.cleaned_data["email"]})


def _mail_reset(email: str) -> None:
    if attempts.too_many(f"reset:{email}", limit=3, seconds=60 * 60):
        return
    agent = Agent.objects.with_email(email).first()
    if agent is not None and agent.can_sign_in:
        actions.request_reset(agent, door=Door.WEB)


@never_cache
@page
@sensitive_post_parameters()
def choose_password(request: HttpRequest, token: str) -> HttpResponse:
    """Where the links of invitations and resets lead."""
    try:
        link = actions.peek(token)
        form = NewPasswordForm(link.agent, request.POST or None)
        if not form.is_valid():
            context = {"form": form, "link": link}
            status = 422 if form.is_bound else 200
            return render(request, "accounts/choose_password.html", context, status=status)
        actions.choose_password(token=token, password=form.cleaned_data["password"], door=Door.WEB)
    except actions.InvalidLink:
        return render(request, "accounts/link_invalid.html", status=410)
    messages.success(request, _("Your password is set. Sign in with it."))
    return redirect("accounts:sign_in")


@page
@sensitive_post_parameters()
@signed_in
def change_password(request: AgentRequest) -> HttpResponseBase:
    form = ChangePasswordForm(request.user, request.POST or None)
    if form.is_bound and attempts.too_many(f"password:{request.user.pk}", limit=10, seconds=QUARTER):
        form.add_error(None, _("Too many attempts. Wait a quarter of an hour, then try again."))
        return render(request, "accounts/change_password.html", {"form": form}, status=429)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "accounts/change_password.html", {"form": form}, status=status)
    actions.change_password(request.user, password=form.cleaned_data["password"], actor=request.actor)
    update_session_auth_hash(request, request.user)
    messages.success(request, _("Your password is changed. Other devices have been signed out."))
    return redirect("accounts:security")


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or the system's choice in a cookie of this browser."""
    return remembered(request, "theme", THEMES)


def _tries_too_often(bucket: str, request: HttpRequest) -> bool:
    """Counted per account *and* address, so that nobody can lock somebody else out; and per address."""
    per_address = attempts.too_many(f"sign-in:{_network(request)}", limit=100, seconds=QUARTER)
    return attempts.too_many(bucket, limit=10, seconds=QUARTER) or per_address


def _network(request: HttpRequest) -> str:
    """The client's address; of an IPv6 address the /64, which one household or server owns as a whole."""
    address = request.META["REMOTE_ADDR"]
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return str(address)
    return str(parsed if parsed.version == 4 else ipaddress.ip_network((parsed, 64), strict=False))
