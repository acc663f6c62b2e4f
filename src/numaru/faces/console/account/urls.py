"""Addresses of the door and of one's own account. The names are allauth's: it leads from step to step by them. What stands here is all there
is: no sign-up, no e-mail, no password by e-mail."""

from __future__ import annotations

from django.urls import path

from numaru.faces.console.account import views

urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="account_login"),
    path("sign-in/second/", views.Second.as_view(), name="mfa_authenticate"),
    path("sign-in/passkey/", views.PasskeySignIn.as_view(), name="mfa_login_webauthn"),
    path("sign-in/new-password/<str:secret>/", views.link, name="account_link"),
    path("account/", views.index, name="mfa_index"),
    path("account/start/", views.start, name="account_start"),
    path("account/password/", views.password, name="account_password"),
    path("account/authenticator/", views.AddTotp.as_view(), name="mfa_activate_totp"),
    path("account/authenticator/remove/", views.RemoveTotp.as_view(), name="mfa_deactivate_totp"),
    path("account/passkeys/", views.index, name="mfa_list_webauthn"),
    path("account/passkeys/add/", views.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/remove/", views.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("account/recovery-codes/", views.Codes.as_view(), name="mfa_view_recovery_codes"),
    path("account/recovery-codes/new/", views.NewCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("account/confirm/", views.ConfirmPassword.as_view(), name="account_reauthenticate"),
    path("account/confirm/code/", views.ConfirmCode.as_view(), name="mfa_reauthenticate"),
    path("account/confirm/passkey/", views.ConfirmPasskey.as_view(), name="mfa_reauthenticate_webauthn"),
    path("account/sessions/end/", views.end, name="account_end_others"),
    path("account/sessions/<int:session>/end/", views.end, name="account_end_session"),
]
