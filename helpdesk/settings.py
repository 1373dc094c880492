"""
Every setting of the project, by sections, read from the environment.

ENVIRONMENT chooses how much is asked of the environment:

- ``production`` (the default): secrets, database and addresses must be given; nothing unsafe starts.
- ``demo`` (``make run``): secrets are made once under VAR_DIR, the database is an embedded PostgreSQL.
- ``test`` (pytest and the static checks): fixed secrets, the embedded PostgreSQL.

What an admin decides is data in the admin, not a setting here.
"""

import os
import sys
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from activity.rounds import make_up_for_failed_ones
from helpdesk import demo_secrets, embedded_postgres

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- Environment ------------------------------------------------------------------------------------------

ENVIRONMENT = env.str("ENVIRONMENT", default="production")
if ENVIRONMENT not in {"production", "demo", "test"}:
    raise ImproperlyConfigured(f"ENVIRONMENT must be production, demo or test, not {ENVIRONMENT!r}.")
PRODUCTION = ENVIRONMENT == "production"

VAR_DIR = env.path("VAR_DIR", default=str(BASE_DIR / "var"))
VAR_DIR = Path(str(VAR_DIR)).resolve()

# web: answers requests. worker: runs tasks. command: everything else, such as migrations and the tests.
PROCESS = env.str("PROCESS", default="worker" if sys.argv[1:2] == ["procrastinate"] else "command")

DEBUG = env.bool("DEBUG", default=False)

# --- Secrets ----------------------------------------------------------------------------------------------

if ENVIRONMENT == "demo":
    for _name, _value in demo_secrets.ensure(VAR_DIR).items():
        os.environ.setdefault(_name, _value)
elif ENVIRONMENT == "test":
    os.environ["SECRET_KEY"] = "no-secret-at-all-but-long-enough-for-the-checks"  # noqa: S105
    os.environ["API_KEY_PEPPERS"] = "the-pepper-that-the-tests-hash-their-keys-with"

SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# Newest first: new keys are hashed with the first, and keys hashed with any of them are recognised.
API_KEY_PEPPERS: list[str] = env.list("API_KEY_PEPPERS")

# --- Addresses --------------------------------------------------------------------------------------------

PORT = env.int("PORT", default=8000)
# Links in mails and in answers start with this, never with the Host header, which a stranger can choose.
SITE_URL = (
    env.str("SITE_URL") if PRODUCTION else env.str("SITE_URL", default=f"http://127.0.0.1:{PORT}")
).rstrip("/")
if urlsplit(SITE_URL).scheme not in {"http", "https"} or not urlsplit(SITE_URL).netloc:
    raise ImproperlyConfigured("SITE_URL must be a whole address, such as https://help.example.com.")
ALLOWED_HOSTS: list[str] = (
    env.list("ALLOWED_HOSTS")
    if PRODUCTION
    else env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
)
CSRF_TRUSTED_ORIGINS = [SITE_URL]
# Addresses or networks whose X-Forwarded-For and X-Forwarded-Proto are believed (see wsgi.py).
TRUSTED_PROXIES: list[str] = env.list("TRUSTED_PROXIES", default=[])
HTTPS_ONLY = env.bool("HTTPS_ONLY", default=PRODUCTION)

# --- Applications -----------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "helpdesk",
    "orders",
    "automations",
    "tickets",
    "oauth2_provider",  # Before our own app, whose admin pages replace the toolkit's.
    "apitokens",
    "accounts",
    "activity",
    "unfold.apps.BasicAppConfig",  # Before the admin, whose templates it replaces.
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "helpdesk.admin_site.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
]

MIDDLEWARE = [
    "helpdesk.api.middleware.ApiMiddleware",  # Outermost: it answers for every error under /api.
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.languages.in_the_browsers_language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.time_zones.in_the_agents_time_zone",
    "accounts.languages.in_the_agents_language",
    "helpdesk.errors.in_place_of_nothing",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "helpdesk.urls"
WSGI_APPLICATION = "helpdesk.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "helpdesk.templates.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "accounts.settings_pages.settings_pages",
            ],
        },
    },
]

# --- Database ---------------------------------------------------------------------------------------------

# Without a DATABASE_URL, a trial runs on the embedded PostgreSQL, which manage.py and the tests start.
DATABASE_URL = (
    env.str("DATABASE_URL") if PRODUCTION else env.str("DATABASE_URL", default=embedded_postgres.url(VAR_DIR))
)
WEB_PROCESSES = env.int("WEB_PROCESSES", default=2)
WEB_THREADS = env.int("WEB_THREADS", default=4)
WORKER_CONCURRENCY = env.int("WORKER_CONCURRENCY", default=4)

_STATEMENT_TIMEOUT = {"web": "5s", "worker": "60s", "command": "0"}
if PROCESS not in _STATEMENT_TIMEOUT:
    raise ImproperlyConfigured(f"PROCESS must be web, worker or command, not {PROCESS!r}.")


def _database() -> dict[str, Any]:
    database: dict[str, Any] = env.db_url_config(DATABASE_URL)
    if database["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured(
            "DATABASE_URL must name a PostgreSQL database: postgres://user:password@host/name"
        )
    session = {
        "statement_timeout": _STATEMENT_TIMEOUT[PROCESS],
        "idle_in_transaction_session_timeout": "60s",
        "jit": "off",  # Compiling costs more than our short statements can win back.
    }
    options = database.setdefault("OPTIONS", {})
    database["HOST"] = database["HOST"] or options.pop(
        "host", ""
    )  # A socket's folder cannot stand before the path.
    options["application_name"] = f"helpdesk {PROCESS}"
    options["connect_timeout"] = 3
    # Statements are prepared by the server at their fifth use, which spares it most of their parsing.
    options["server_side_binding"] = True
    options["prepare_threshold"] = 5
    options["options"] = " ".join(f"-c {name}={value}" for name, value in session.items())
    if PROCESS == "web":
        # A request that gets no connection within the timeout is answered 503: waiting longer helps nobody.
        options["pool"] = {"min_size": 1, "max_size": WEB_THREADS + 1, "timeout": 3}
    return database


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Background tasks -------------------------------------------------------------------------------------

# A worker that is to stop waits for its tasks; after a second those that go on for long are asked to come to an end.
PROCRASTINATE_WORKER_DEFAULTS = {
    "concurrency": WORKER_CONCURRENCY,
    "delete_jobs": "successful",
    "shutdown_graceful_timeout": 1,
    "worker_middleware": [make_up_for_failed_ones],
}

# --- Signing in -------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.Agent"
AUTHENTICATION_BACKENDS = ["accounts.backends.EmailBackend"]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
# Hashing costs time by the byte: longer passwords are refused before they are hashed.
MAX_PASSWORD_BYTES = 4096

AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
if ENVIRONMENT == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # A slow hash would slow every test.

# --- Sessions and cookies ---------------------------------------------------------------------------------

# Browsers accept a `__Host-` cookie only over HTTPS and for the whole of exactly one host.
_COOKIE_PREFIX = "__Host-" if HTTPS_ONLY else ""
SESSION_COOKIE_NAME = f"{_COOKIE_PREFIX}sessionid"
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_SECURE = HTTPS_ONLY
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
CSRF_COOKIE_NAME = f"{_COOKIE_PREFIX}csrftoken"
CSRF_COOKIE_SECURE = HTTPS_ONLY
CSRF_FAILURE_VIEW = "helpdesk.errors.csrf_failure"
CSRF_COOKIE_HTTPONLY = True  # Pages carry the token themselves; scripts need no cookie.

# --- Security headers -------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = HTTPS_ONLY
# The API refuses plain HTTP instead: a redirect would hide that the key has just been sent in the clear.
SECURE_REDIRECT_EXEMPT = [
    r"^api(/|$)",
    r"^v1(/|$)",
    r"^oauth/(token|revoke|introspect)/?$",
    r"^healthz$",
]
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS_ONLY
SECURE_HSTS_PRELOAD = HTTPS_ONLY
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# --- Limits -----------------------------------------------------------------------------------------------

DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000  # The body without its files, so also every JSON document.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# --- Files ------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
# The tests, and `runserver`, under which files are edited, serve static files from where they lie. Everything else
# serves what was gathered, which browsers may keep for ever because each name carries a hash of its content.
_GATHERED = ENVIRONMENT != "test" and sys.argv[1:2] != ["runserver"]
STATIC_ROOT = VAR_DIR / "static" if _GATHERED else None
WHITENOISE_USE_FINDERS = not _GATHERED
# Web servers walk through all files once, when they start. `runserver`, under which files are edited, and the tests,
# which make many clients, look for each file when it is asked for.
WHITENOISE_AUTOREFRESH = PROCESS != "web"

# Outside every served folder: attachments leave only through a view that asks the policy.
_ATTACHMENTS = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {
        "location": VAR_DIR / "attachments",
        "base_url": None,
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    },
}
STORAGES: dict[str, Any] = {
    "default": _ATTACHMENTS,
    "attachments": _ATTACHMENTS,
    "staticfiles": {
        "BACKEND": "helpdesk.static_files.HashedStaticFiles"
        if _GATHERED
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}

# --- Mail -------------------------------------------------------------------------------------------------

vars().update(env.email_url("EMAIL_URL", default=f"filemail:///{VAR_DIR}/mail"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"helpdesk@{urlsplit(SITE_URL).hostname}")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Calling others ---------------------------------------------------------------------------------------

# Webhooks go to public addresses only (see accounts/reachable.py), and to these: 10.20.0.0/16 for receivers in a
# company's own network, 127.0.0.0/8 for a trial with one on this machine.
OUTGOING_NETWORKS: list[str] = env.list("OUTGOING_NETWORKS", default=[])
# From the look-up of the name to the end of the answer.
OUTGOING_SECONDS = env.float("OUTGOING_SECONDS", default=10)
if not 1 <= OUTGOING_SECONDS <= 20:
    raise ImproperlyConfigured("OUTGOING_SECONDS must be from 1 to 20.")
for _network in OUTGOING_NETWORKS:
    try:
        ip_network(_network)
    except ValueError:
        raise ImproperlyConfigured(
            f"OUTGOING_NETWORKS must be networks such as 10.20.0.0/16, not {_network!r}."
        ) from None

# --- Language and time ------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
# Each by its own name: who seeks his language reads no other.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = "helpdesk.formats"

# --- API --------------------------------------------------------------------------------------------------

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apitokens.authentication.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [],  # Every view declares its operations: see accounts/api/views.py.
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["accounts.api.parsers.JsonBody"],
    "EXCEPTION_HANDLER": "helpdesk.api.errors.handle",
    "URL_FORMAT_OVERRIDE": None,  # `format` is a query parameter like any other.
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_SCHEMA_CLASS": "helpdesk.api.schema.AutoSchema",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "OAS_VERSION": "3.1.0",
    "TITLE": "Helpdesk API",
    "VERSION": "1",
    "DESCRIPTION": f"How to get a key, call, list and read errors: {SITE_URL}/api/docs",
    "SERVERS": [{"url": f"{SITE_URL}/api/v1"}],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SCHEMA_PATH_PREFIX_TRIM": True,
    "SORT_OPERATIONS": False,  # They come in the order of the URL map.
    "PREPROCESSING_HOOKS": ["helpdesk.api.schema.canonical_only"],
    "POSTPROCESSING_HOOKS": ["helpdesk.api.schema.add_components"],
    "ENFORCE_NON_BLANK_FIELDS": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}

# --- OAuth 2.0 --------------------------------------------------------------------------------------------

OAUTH2_PROVIDER_APPLICATION_MODEL = "apitokens.Application"
OAUTH2_PROVIDER_GRANT_MODEL = "apitokens.AuthorizationCode"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "apitokens.AccessToken"  # noqa: S105
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "apitokens.RefreshToken"  # noqa: S105
OAUTH2_PROVIDER: dict[str, Any] = {
    "OAUTH2_BACKEND_CLASS": "apitokens.oauth.backend.Backend",
    "OAUTH2_SERVER_CLASS": "apitokens.oauth.server.Server",
    "OAUTH2_VALIDATOR_CLASS": "apitokens.oauth.validator.Validator",
    "SCOPES_BACKEND_CLASS": "apitokens.oauth.scopes.Scopes",
    "OIDC_ISS_ENDPOINT": SITE_URL,  # The issuer, of plain OAuth too: never from the Host header.
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],  # An application's own addresses may name others.
    "OAUTH2_RESPONSE_TYPES_SUPPORTED": ["code"],
    "OAUTH2_GRANT_TYPES_SUPPORTED": ["authorization_code", "refresh_token"],
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_MATCHING": True,
    "COMPLIANT_BCP_RFC9700_PKCE_REQUIRED": True,
}

# --- Admin ------------------------------------------------------------------------------------------------

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Helpdesk"),
    "SITE_HEADER": _("Helpdesk"),
    "SITE_URL": "/",
    "SHOW_HISTORY": False,
}

# --- Logging ----------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    # Django's own handlers would mail admins and print twice.
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "procrastinate": {"level": "WARNING"},  # It would say each task's start and end.
        "oauthlib": {"level": "WARNING"},  # Below that it would say codes.
        "oauth2_provider": {"level": "WARNING"},
    },
}
