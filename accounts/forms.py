from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Agent


class PasswordField(forms.CharField):
    """A password, capped in bytes because hashing costs time by the byte."""

    def __init__(self, *, autocomplete: str, **options: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        super().__init__(strip=False, widget=widget, **options)

    def clean(self, value: Any) -> str:
        password: str = super().clean(value)
        if len(password.encode("utf-8", "replace")) > settings.MAX_PASSWORD_BYTES:
            raise ValidationError(
                _("A password may have at most %(limit)s bytes."),
                "too_long",
                {"limit": settings.MAX_PASSWORD_BYTES},
            )
        return password


class SignInForm(forms.Form):
    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = PasswordField(label=_("Password"), autocomplete="current-password")


class ResetRequestForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


class NewPasswordForm(forms.Form):
    """A password typed twice, checked against the rules for passwords."""

    password = PasswordField(
        label=_("New password"),
        autocomplete="new-password",
        help_text=_("At least 10 characters. Several words are easier to remember than one strange one."),
    )
    again = PasswordField(label=_("New password again"), autocomplete="new-password")

    def __init__(self, agent: Agent, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agent = agent

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password, self.agent)
        return password

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if "password" in self.cleaned_data and again != self.cleaned_data["password"]:
            raise ValidationError(_("The two passwords differ. Type them again."), "mismatch")
        return again


class ChangePasswordForm(NewPasswordForm):
    current = PasswordField(label=_("Current password"), autocomplete="current-password")

    field_order = ["current", "password", "again"]

    def clean_current(self) -> str:
        current: str = self.cleaned_data["current"]
        if not self.agent.check_password(current):
            raise ValidationError(_("This is not your current password."), "wrong")
        return current


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        help_text=_("The six digits that your app shows now, or one of your recovery codes."),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autofocus": True,
                "spellcheck": "false",
                "inputmode": "text",
            }
        ),
    )


class ConfirmForm(forms.Form):
    """The first code of a new app."""

    code = forms.CharField(
        label=_("Code"),
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class OwnPasswordForm(forms.Form):
    """The agent's password again, before something that a stranger at his desk must not do."""

    password = PasswordField(label=_("Your password"), autocomplete="current-password")

    def __init__(self, agent: Agent, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agent = agent

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.agent.check_password(password):
            raise ValidationError(_("This is not your password."), "wrong")
        return password


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("As my browser says")), *settings.LANGUAGES],
        help_text=_("Of pages and mails. Where the browser decides, mails are in English."),
    )

    class Meta:
        model = Agent
        fields = ("name", "signature", "time_zone", "language", "after_sending", "sends_as")
        widgets = {
            "signature": forms.Textarea(attrs={"rows": 4}),
            "time_zone": forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"}),
        }
        help_texts = {
            "signature": _("Stands below the replies that you write here. Markdown."),
            "sends_as": _(
                "What “Send” offers first. Beside it you choose otherwise, and that is remembered."
            ),
            "time_zone": _("Such as Europe/Vienna. Times are shown in it; empty means your browser’s."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["after_sending"].required = False

    def clean_after_sending(self) -> str:
        return str(self.cleaned_data["after_sending"] or self.initial["after_sending"])

    def clean_time_zone(self) -> str:
        zone: str = self.cleaned_data["time_zone"].strip()
        if zone and zone not in zoneinfo.available_timezones():
            raise ValidationError(_("There is no time zone of this name. Choose one of the list."), "unknown")
        return zone
