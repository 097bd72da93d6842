"""Settings. Every value comes from a typed reader that refuses a bad one at start; nothing here opens a connection."""

import logging
from pathlib import Path

from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _
from environs import Env

from portal.embedded import addresses, celery_url
from portal.servers import data_dir, files_dir

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = data_dir()
_embedded = addresses(DATA_DIR)

# --- Kind of installation -------------------------------------------------------------------------
# "demo" is the two-command start on one machine; "production" needs every secret named.
PORTAL_MODE = env.str("PORTAL_MODE", "demo", validate=lambda v: v in {"demo", "production", "test"})
PRODUCTION = PORTAL_MODE == "production"
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY") if PRODUCTION else env.str("SECRET_KEY", "demo-only-not-a-secret-" + "x" * 40)
# What encrypts secrets at rest; several while one is being replaced, the new one first. Without it, SECRET_KEY does.
PORTAL_SECRETS_KEYS: list[str] = env.list("PORTAL_SECRETS_KEY", [])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
PORTAL_BASE_URL = env.str("PORTAL_BASE_URL", "http://localhost:8000").rstrip("/")

# --- Rooms and wings ------------------------------------------------------------------------------
INSTALLED_APPS = [
    "reviews",
    "escalations",
    "access_requests",
    "kpis",
    "partners",
    "sla",
    "portal.demo",
    "portal.home",
    "portal.api",
    "portal.imports",
    "portal.mailbox",
    "portal.webhooks",
    "portal.files",
    "portal.ui",
    "portal.notifications",
    "portal.accounts",
    "portal.audit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]
MIDDLEWARE = [
    "portal.audit.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.accounts.middleware.ActorMiddleware",
    "portal.accounts.middleware.LocaleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.ui.middleware.VaryByHtmxMiddleware",
    "portal.ui.middleware.ErrorPageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.accounts.middleware.RequireSecondFactorMiddleware",
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.ui.context.page",
            ],
            "builtins": ["django.templatetags.i18n", "portal.ui.templatetags.ui"],
        },
    }
]
FORM_RENDERER = "portal.ui.forms.PortalFormRenderer"

# --- Database and broker --------------------------------------------------------------------------
# The application connects as a role that owns nothing; `manage.py migrate` as the owner of the schema.
_as_owner = env.bool("PORTAL_AS_OWNER", False)
_app_url = env.str("DATABASE_URL", "") or _embedded.database_url
_owner_url = env.str("DATABASE_OWNER_URL", "") or env.str("DATABASE_URL", "") or _embedded.owner_url
DATABASES = {
    "default": {
        **Env().dj_db_url("PORTAL_NO_SUCH_VARIABLE", default=_owner_url if _as_owner else _app_url),
        "CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", 60),
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.str("REDIS_URL", "") or _embedded.redis_url
# Falls back to a table when Valkey is away, so that login limits hold then too.
CACHES = {
    "default": {
        "BACKEND": "portal.accounts.limits_cache.FallbackCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 0.5},
    },
}
CELERY_BROKER_URL = celery_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600, "socket_timeout": 5, "socket_connect_timeout": 5}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.5}
CELERY_TIMEZONE = "UTC"

# --- People ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
# The address is unique without regard to case, by a constraint that the check does not know.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home:day"
ACCOUNT_ADAPTER = "portal.accounts.adapter.PortalAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation proves the address; nobody can sign up
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/300s/key", "reset_password": "20/m/ip,5/m/key"}
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# How many proxies stand before the portal: login limits count the visitor, not the proxy.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)
ACCOUNT_FORMS = {
    "login": "portal.accounts.allauth_forms.LoginForm",
    "reset_password": "portal.accounts.allauth_forms.ResetPasswordForm",
    "reset_password_from_key": "portal.accounts.allauth_forms.ResetPasswordKeyForm",
    "change_password": "portal.accounts.allauth_forms.ChangePasswordForm",
    "reauthenticate": "portal.accounts.allauth_forms.ReauthenticateForm",
}
MFA_FORMS = {
    "authenticate": "portal.accounts.allauth_forms.AuthenticateForm",
    "reauthenticate": "portal.accounts.allauth_forms.ReauthenticateCodeForm",
    "activate_totp": "portal.accounts.allauth_forms.ActivateForm",
}
# Whoever asks for a new password gets a row of an address that is not "verified", though an invitation proved it.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_ADAPTER = "portal.accounts.adapter.PortalMFAAdapter"
MFA_TOTP_TOLERANCE = 1
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Partner Operations"
SESSION_ENGINE = "portal.accounts.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_FAILURE_VIEW = "portal.ui.returning.csrf_failure"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", PRODUCTION)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31536000 if PRODUCTION else 0)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_TLS_PROXY", False) else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}

# --- Words and time -------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# --- Files ----------------------------------------------------------------------------------------
# What people and mails bring along; served only through a view that asks who may read it.
FILES_ROOT = files_dir()
FILES_MAX_BYTES = env.int("FILES_MAX_BYTES", 25 * 1024 * 1024)
# Where clamd listens ("tcp://host:3310", "unix:/run/clamav/clamd.ctl"); empty: files are not scanned. What becomes of files
# while it does not answer, and how many seconds it has.
CLAMD_ADDRESS = env.str("CLAMD_ADDRESS", "", validate=lambda v: not v or v.startswith(("tcp://", "unix:/")))
CLAMD_UNREACHABLE = env.str("CLAMD_UNREACHABLE", "refuse", validate=lambda v: v in {"refuse", "accept"})
CLAMD_TIMEOUT = env.float("CLAMD_TIMEOUT", 15.0, validate=lambda v: 0 < v <= 120)
# Days after which evidence packs of cases are deleted.
EVIDENCE_PACK_DAYS = env.int("EVIDENCE_PACK_DAYS", 30, validate=lambda v: 1 <= v <= 3650)
STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", DATA_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(FILES_ROOT)},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if PORTAL_MODE == "test" or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = PORTAL_MODE == "test" or DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "portal.files.intake.RoomHandler",
]

# --- Cases, API and channels ----------------------------------------------------------------------
# Hours without an answer after which whoever offered a hand-over is told.
HANDOVER_SILENCE_HOURS = env.int("HANDOVER_SILENCE_HOURS", 8, validate=lambda v: 1 <= v <= 720)
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", 1200)  # of one person; unknown tokens: of an address
CHANNEL_REQUESTS_PER_MINUTE = env.int("CHANNEL_REQUESTS_PER_MINUTE", 600)  # signed ones, of one endpoint

# --- Webhooks and other systems -------------------------------------------------------------------
# Lets requests go to private addresses and over plain HTTP: for tests, and for targets inside the house.
WEBHOOKS_ALLOW_PRIVATE = env.bool("WEBHOOKS_ALLOW_PRIVATE", False)
WEBHOOKS_TIMEOUT = env.int("WEBHOOKS_TIMEOUT", 10)  # seconds for one request as a whole
WEBHOOKS_SILENCE = env.int("WEBHOOKS_SILENCE", 300, validate=lambda v: 60 <= v <= 3600)  # seconds, doubling
DISPATCHERS = env.int("DISPATCHERS", 1, validate=lambda v: 1 <= v <= 32)  # workers that may wait for them at a time

# --- Mail -----------------------------------------------------------------------------------------
# In the demo, mail goes into a table that a page shows; in production to SMTP.
_smtp = {
    "host": env.str("EMAIL_HOST", "localhost"),
    "port": env.int("EMAIL_PORT", 25),
    "username": env.str("EMAIL_HOST_USER", ""),
    "password": env.str("EMAIL_HOST_PASSWORD", ""),
    "use_tls": env.bool("EMAIL_USE_TLS", False),
    "timeout": env.int("EMAIL_TIMEOUT", 10),
}
_by_smtp = PRODUCTION or env.bool("EMAIL_BY_SMTP", False)
MAILERS = {
    "default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": _smtp}
    if _by_smtp
    else {"BACKEND": "portal.notifications.mail.DemoMailBackend"}
}
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Partner Operations <no-reply@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Logs -----------------------------------------------------------------------------------------
LOG_JSON = env.bool("LOG_JSON", PRODUCTION)
LOG_LEVEL = env.log_level("LOG_LEVEL", logging.INFO)
LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "portal.logs.RequestIdFilter"}},
    "formatters": {
        "json": {"()": "portal.logs.JsonFormatter"},
        "plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["request_id"],
            "formatter": "json" if LOG_JSON else "plain",
        }
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
    },
}
