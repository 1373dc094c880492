"""Everybody's own settings: profile, notifications, password, sessions, two-step sign-in."""

from __future__ import annotations

import zoneinfo
from typing import Any

import segno
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions, attempts, notices
from accounts.actions import Refused
from accounts.door import AgentRequest, signed_in
from accounts.forms import ConfirmForm, OwnPasswordForm, ProfileForm
from accounts.models import Agent, HelpdeskSettings, SecondStep

QUARTER = 15 * 60

page = require_http_methods(["GET", "HEAD", "POST"])


@page
@signed_in
def profile(request: AgentRequest) -> HttpResponseBase:
    form = ProfileForm(request.POST or None, instance=Agent.objects.get(pk=request.user.pk))
    if form.is_bound and form.is_valid():
        actions.change_profile(actor=request.actor, **form.cleaned_data)
        messages.success(request, _("Your profile is saved."))
        return redirect("accounts:profile")
    context = {"form": form, "zones": sorted(zoneinfo.available_timezones())}
    return render(request, "accounts/settings/profile.html", context, status=422 if form.is_bound else 200)


@page
@signed_in
def notifications(request: AgentRequest) -> HttpResponseBase:
    """How the agent wants to hear of each kind."""
    offered = notices.offered(request.actor)
    if request.method == "POST":
        ways = {
            kind.key: (f"shown-{kind.key}" in request.POST, f"mailed-{kind.key}" in request.POST)
            for kind in offered
        }
        actions.choose_notifications(ways, actor=request.actor)
        messages.success(request, _("Saved. From now on you hear of things in this way."))
        return redirect("accounts:notification_choices")
    chosen = notices.choices_of(request.actor)
    rows = [(kind, *chosen[kind.key]) for kind in offered]
    return render(request, "accounts/settings/notifications.html", {"rows": rows})


@require_safe
@signed_in
def security(request: AgentRequest) -> HttpResponseBase:
    return _security_page(request)


@require_POST
@signed_in
def end_session(request: AgentRequest) -> HttpResponseBase:
    """End the session that the form names; without a name, every other one."""
    ended = actions.end_sessions(
        actor=request.actor, named=request.POST.get("session", ""), but=request.session.session_key
    )
    told = ngettext("%(count)d session is ended.", "%(count)d sessions are ended.", ended) % {"count": ended}
    messages.success(request, told if ended else _("That session had ended already."))
    return redirect("accounts:security")


@require_POST
@sensitive_post_parameters("password")
@signed_in
def change_second_step(request: AgentRequest) -> HttpResponseBase:
    """Begin setting it up, switch it off, or get new recovery codes: each asks for the password again."""
    form = OwnPasswordForm(request.user, request.POST)
    if attempts.too_many(f"password:{request.user.pk}", limit=10, seconds=QUARTER):
        form.add_error(None, _("Too many attempts. Wait a quarter of an hour, then try again."))
        return _security_page(request, password=form, status=429)
    if not form.is_valid():
        return _security_page(request, password=form, status=422)
    try:
        return _changed_second_step(request, request.POST.get("do", ""))
    except Refused as refusal:
        form.add_error(None, refusal.message)
        return _security_page(request, password=form, status=422)


def _changed_second_step(request: AgentRequest, wish: str) -> HttpResponseBase:
    agent, actor = request.user, request.actor
    if wish == "renew":
        return _codes_page(request, actions.renew_recovery_codes(agent, actor=actor), renewed=True)
    if wish == "remove":
        actions.remove_second_step(agent, actor=actor)
        messages.success(request, _("Two-step sign-in is off."))
        return redirect("accounts:security")
    actions.begin_second_step(agent, actor=actor)
    return redirect("accounts:set_up_second_step")


@page
@sensitive_post_parameters("code")
@sensitive_variables("address")
@signed_in
def set_up_second_step(request: AgentRequest) -> HttpResponseBase:
    """Show the seed that was begun, until a code of the app confirms it."""
    step = SecondStep.objects.filter(agent=request.user, confirmed_at=None).select_related("agent").first()
    if step is None:
        return redirect("accounts:security")
    form = ConfirmForm(request.POST or None)
    if form.is_valid():
        if attempts.too_many(f"second-step:{request.user.pk}", limit=10, seconds=QUARTER):
            form.add_error(None, _("Too many attempts. Wait a quarter of an hour, then try again."))
        else:
            try:
                code = form.cleaned_data["code"].replace(" ", "")
                return _codes_page(
                    request, actions.confirm_second_step(request.user, code=code, actor=request.actor)
                )
            except Refused as refusal:
                form.add_error(refusal.field or None, refusal.message)
    address = actions.setup_address(step, issuer=HelpdeskSettings.objects.get(pk=1).name)
    context = {
        "form": form,
        "picture": segno.make(address, micro=False).svg_data_uri(
            scale=4, border=3, dark="#000", light="#fff"
        ),
        "key": actions.setup_key(step),
    }
    return render(request, "accounts/settings/set_up.html", context, status=422 if form.is_bound else 200)


@sensitive_variables("codes")
def _codes_page(request: AgentRequest, codes: list[str], *, renewed: bool = False) -> HttpResponseBase:
    """The recovery codes, in this answer only."""
    return render(request, "accounts/settings/codes.html", {"codes": codes, "renewed": renewed})


def _security_page(
    request: AgentRequest, *, password: OwnPasswordForm | None = None, status: int = 200
) -> HttpResponseBase:
    step = SecondStep.objects.filter(agent=request.user, confirmed_at__isnull=False).first()
    context: dict[str, Any] = {
        "sessions": [_told(session, request) for session in actions.live_sessions(request.user)],
        "step": step,
        "codes_left": request.user.recovery_codes.filter(used_at=None).count() if step else 0,
        "password": password or OwnPasswordForm(request.user),
    }
    return render(request, "accounts/settings/security.html", context, status=status)


def _told(session: Any, request: AgentRequest) -> dict[str, Any]:
    return {
        "row": session,
        "name": actions.name_of(session),
        "browser": browser_words(session.browser),
        "is_this": session.session_key == request.session.session_key,
    }


_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"),
    ("Windows", "Windows"), ("Mac OS", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def browser_words(user_agent: str) -> str:
    """What people call it: "Firefox on Linux"."""
    browser = next((word for mark, word in _BROWSERS if mark in user_agent), user_agent[:40])
    system = next((word for mark, word in _SYSTEMS if mark in user_agent), "")
    if not browser:
        return _("An unknown browser")
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system} if system else browser
