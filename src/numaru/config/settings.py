"""Settings of one installation. What a person may choose comes from the environment; what the house decided stands here."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.utils.csp import CSP

from numaru.config import logs
from numaru.kernel.keyfile import read_or_make

ROOT = Path(__file__).resolve().parents[3]
HOME = Path(os.environ.get("NUMARU_HOME") or ROOT / ".numaru").resolve()
WEB_THREADS = int(os.environ.get("NUMARU_WEB_THREADS", "16"))  # requests at once in one web process
STATIC_HASHED = bool(os.environ.get("NUMARU_STATIC_HASHED"))  # set by `up`, which has collected the files


def _database() -> dict[str, object]:
    from psycopg.conninfo import conninfo_to_dict

    found = conninfo_to_dict(os.environ.get("DATABASE_URL", ""))
    found["options"] = f'-c search_path="$user",public,keys {found.get("options") or ""}'.strip()  # wrapped keys have a schema of their own
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": str(found.pop("dbname", "numaru")),
        "USER": str(found.pop("user", "")),
        "PASSWORD": str(found.pop("password", "")),
        "HOST": str(found.pop("host", "")),
        "PORT": str(found.pop("port", "")),
        "OPTIONS": {"pool": {"min_size": 1, "max_size": WEB_THREADS + 4, "timeout": 10}} | dict(found),
    }


SECRET_KEY = os.environ.get("NUMARU_SECRET_KEY") or read_or_make(HOME / "keys" / "secret", lambda: secrets.token_urlsafe(48))
DEBUG = False
ALLOWED_HOSTS = os.environ.get("NUMARU_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("NUMARU_ORIGINS", "").split(",") if o]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "numaru.kernel",
    "numaru.kernel.approvals",
    "numaru.kernel.audit",
    "numaru.kernel.imports",
    "numaru.kernel.staff",
    "numaru.kernel.leaks",
    "numaru.kernel.policies",
    "numaru.kernel.retention",
    "numaru.kernel.vault",
    "numaru.kernel.backup",
    "numaru.kernel.notices",
    "numaru.kernel.tallies",
    "numaru.kernel.desk",
    "numaru.ui",
    "numaru.facilities.metering",
    "numaru.facilities.parties",
    "numaru.facilities.catalogue",
    "numaru.facilities.clocks",
    "numaru.facilities.messaging",
    "numaru.facilities.timeline",
    "numaru.facilities.indicators",
    "numaru.facilities.work",
    "numaru.domains.subscribers",
    "numaru.domains.billing",
    "numaru.adapters.mail",
    "numaru.adapters.text",
    "numaru.adapters.push",
    "numaru.adapters.letters",
    "numaru.faces.console",
    "numaru.faces.rest",
    "numaru.faces.portal",
    "numaru.config",
]
MIDDLEWARE = [
    "numaru.faces.rest.door.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "numaru.ui.clean.CleanMiddleware",
    "numaru.config.seen.SeenMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "numaru.kernel.policies.middleware.PolicyMiddleware",
    "numaru.faces.portal.guard.ReaderMiddleware",
    "numaru.ui.language.LanguageMiddleware",
    "numaru.faces.console.guard.SignInMiddleware",
    "numaru.faces.console.guard.RefusalMiddleware",
    "numaru.faces.portal.guard.PortalMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "numaru.config.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "kernel.Staff"
AUTH_PASSWORD_VALIDATORS = [{"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}}]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"

USE_TZ = True
TIME_ZONE = os.environ.get("NUMARU_ZONE", "Asia/Seoul")  # the operator zone: decides days, months, due dates and series
USE_I18N = True
LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", "한국어"), ("en", "English")]

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "numaru.config.static.HashedFiles" if STATIC_HASHED else "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}

SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "connect-src": [CSP.SELF],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
PUBLIC = os.environ.get("NUMARU_PUBLIC", "").rstrip("/")  # the address under which receivers of messages reach the house
TLS = os.environ.get("NUMARU_TLS", "0") in ("1", "yes", "on")  # the house is reached by https: cookies never travel without it
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
SESSION_ENGINE = "numaru.kernel.staff.sessions"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = ("__Host-session", "__Host-csrf") if SESSION_COOKIE_SECURE else ("sessionid", "csrftoken")
SESSION_EXPIRE_AT_BROWSER_CLOSE = True  # the server ends it earlier, by policies
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "numaru.config.troubles.csrf_failed"
PORTAL_COOKIE_NAME = (
    "__Host-portal" if SESSION_COOKIE_SECURE else "portal"
)  # subscribers: a session of its own (docs/decisions/portal-accounts.md)
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20

# Sign-in (docs/decisions/sign-in.md): no sign-up, no e-mail, our own gates against guessing instead of allauth's per-process ones.
ACCOUNT_ADAPTER = "numaru.kernel.staff.doors.AccountDoor"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_RATE_LIMITS = False
ACCOUNT_LOGIN_TIMEOUT = 600
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
MFA_ADAPTER = "numaru.kernel.staff.doors.FactorDoor"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Numaru"
MFA_TOTP_TOLERANCE = 1  # a clock may be half a minute wrong
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_RECOVERY_CODE_COUNT = 10
MFA_RATE_LIMITS = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SESSION_COOKIE_SECURE  # browsers give passkeys to https and to localhost alone

LOGGING = logs.config()
