"""All settings, from the environment variables that `.env.example` lists. Only the health check reads one by itself."""

import ssl
from datetime import timedelta
from functools import partial
from pathlib import Path

import environ

from challenge.accounts.fields import show_phone
from thrive import url_settings
from thrive.bodies import FORM_BYTES
from thrive.browser_policy import POLICY
from thrive.devserver.addresses import addresses, broker_url, local_data_key
from thrive.environment import Environment
from thrive.logging import configuration as logging_configuration
from thrive.logging import start_sentry
from thrive.schedule import SCHEDULE
from thrive.settings_checks import refuse_contradictions, refuse_useless_values
from thrive.url_settings import email_settings

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

environ.Env.read_env(BASE_DIR / ".env")
ENVIRONMENT = Environment()
_local = addresses(BASE_DIR)

DEBUG = ENVIRONMENT.switch("DEBUG")
_needed = not DEBUG

SECRET_KEY = ENVIRONMENT.secret("SECRET_KEY", "only-for-development-" * 3, needed=_needed)
SECRET_KEY_FALLBACKS = [k for k in ENVIRONMENT.text("SECRET_KEY_FALLBACKS").split(",") if k]
DATA_KEY = ENVIRONMENT.secret(
    "DATA_KEY", (DEBUG and local_data_key(VAR_DIR)) or "only-for-secrets-in-development-" * 2, needed=_needed
)
DATA_KEY_FALLBACKS = [k for k in ENVIRONMENT.text("DATA_KEY_FALLBACKS").split(",") if k]
SITE_URL = ENVIRONMENT.web_address("SITE_URL", "http://localhost:8000", needed=_needed)
SITE_HOST = SITE_URL.split("://", 1)[1].split(":", 1)[0]
ALLOWED_HOSTS = ENVIRONMENT.hosts("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver", needed=_needed)
SECURE = SITE_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

CLINIC_EMAIL = ENVIRONMENT.email("CLINIC_EMAIL", "hello@demo.test", needed=_needed)
CLINICAL_REPLY_EMAIL = ENVIRONMENT.email("CLINICAL_REPLY_EMAIL", "clinicians@demo.test", needed=_needed)
CLINIC_PHONE = show_phone(
    ENVIRONMENT.required(
        "CLINIC_PHONE", "+1 612 555 0142", needed=_needed, hint="Write the number that runners call."
    )
)
CLINIC_TIME_ZONE = ENVIRONMENT.time_zone("CLINIC_TIME_ZONE", "America/Chicago")
REQUIRE_STAFF_MFA = ENVIRONMENT.switch("REQUIRE_STAFF_MFA", default=not DEBUG)
TRUSTED_PROXY_COUNT = ENVIRONMENT.count("TRUSTED_PROXY_COUNT")
SENTRY_DSN = ENVIRONMENT.parsed(
    "SENTRY_DSN",
    "",
    url_settings.sentry_dsn,
    hint="Write https://key@host/number as the service shows it, or nothing.",
)
RELEASE_URL = ENVIRONMENT.parsed(
    "RELEASE_URL",
    "",
    url_settings.release_address,
    hint="Write the https:// address of the newest release's deploy/release.json, or nothing.",
)
BACKUP_KEY = ENVIRONMENT.text("BACKUP_KEY")
ERASURE_LIST = ENVIRONMENT.text("ERASURE_LIST")
METRICS_TOKEN = ENVIRONMENT.text("METRICS_TOKEN")
PUSH_KEY = ENVIRONMENT.text("PUSH_KEY")  # `manage.py push_key` makes one; empty: no push
# The push services of Chromium browsers, Firefox, Safari and Edge; each also serves the hosts below it.
PUSH_SERVICES = (
    "fcm.googleapis.com",
    "jmt17.google.com",
    "push.services.mozilla.com",
    "push.apple.com",
    "notify.windows.com",
)
PUSH_LOOPBACK_CERTIFICATE = (
    ""  # tests alone set it: pushes then go to loopback, and this certificate is trusted
)
LOG_FORMAT = ENVIRONMENT.one_of("LOG_FORMAT", ("json", "console"), "console" if DEBUG else "json")

INSTALLED_APPS = [
    "thrive.admin_app.GroupedAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_linear_migrations",
    "thrive",
    "challenge",
]

MIDDLEWARE = [
    "thrive.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # Before the files, so that they carry the policies of pages.
    "csp.middleware.CSPMiddleware",
    "thrive.middleware.BrowserPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "challenge.accounts.session_store.SessionCookieMiddleware",
    "django.middleware.common.CommonMiddleware",
    "challenge.pages.middleware.QueryStringMiddleware",
    "challenge.pages.middleware.RequestBodyMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "challenge.accounts.middleware.TimeZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "challenge.accounts.middleware.SignedOutMiddleware",
    "challenge.accounts.middleware.FloodMiddleware",
    "challenge.accounts.middleware.IdleTimeMiddleware",
    "challenge.accounts.middleware.StaffSecondFactorMiddleware",
    "challenge.accounts.middleware.FreshSignInMiddleware",
    "challenge.accounts.middleware.KeptFormMiddleware",
]

ROOT_URLCONF = "thrive.urls"
WSGI_APPLICATION = "thrive.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
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
                "challenge.pages.context.clinic",
                "challenge.pages.context.frame",
            ],
            "libraries": {
                "devices": "challenge.accounts.tags",
                "zones": "challenge.accounts.tags",
                "phones": "challenge.accounts.tags",
                "drawings": "challenge.pages.tags",
                "review": "challenge.review.tags",
                "logbook": "challenge.workouts.tags",
                "outcomes": "challenge.outcomes.tags",
                "conversation": "challenge.messages.tags",
            },
        },
    }
]

_database = ENVIRONMENT.parsed(
    "DATABASE_URL",
    _local.database_url,
    url_settings.database_settings,
    needed=_needed,
    hint="Write postgresql://user:password@host:5432/name.",
)
# Set only where migrations run, as the owner of the tables: `migrate` makes this role and grants it its rights.
_program = ENVIRONMENT.parsed(
    "PROGRAM_DATABASE_URL",
    "",
    url_settings.optional_database_settings,
    hint="Write the program's own DATABASE_URL, or nothing where one role does all.",
)
_separate = bool(_program) and _program["USER"] != _database["USER"]
PROGRAM_ROLE: tuple[str, str] = (_program["USER"], _program["PASSWORD"]) if _separate else ("", "")
DATABASES = {
    "default": _database
    | {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # A cursor of the server belongs to a connection, and behind PgBouncer the next statement may have another.
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "ATOMIC_REQUESTS": False,
        "OPTIONS": _database.get("OPTIONS", {}) | {"connect_timeout": 5, "application_name": "thrive"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_redis_hint = "Write redis://host:6379/0 or unix:///path/to/socket?db=0."
REDIS_URL = ENVIRONMENT.parsed(
    "REDIS_URL", _local.redis_url, url_settings.redis_url, needed=_needed, hint=_redis_hint
)
CACHE_URL = ENVIRONMENT.parsed(
    "CACHE_URL", _local.cache_url, url_settings.redis_url, needed=_needed, hint=_redis_hint
)
CACHES = {
    "default": {
        "BACKEND": "thrive.backends.LimitCache",
        "LOCATION": CACHE_URL,
        "TIMEOUT": 300,
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 1},
    },
    # Counts of limits while the other one is away.
    "process": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
}

# The visibility timeout is well above every task's time limit: only the task of a lost worker is delivered again.
CELERY_BROKER_URL = broker_url(REDIS_URL)
if REDIS_URL.startswith("rediss://"):  # kombu checks no certificate by default
    CELERY_BROKER_USE_SSL = {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.2,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.2,
}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_ENABLE_UTC = True
CELERY_TIMEZONE = "UTC"
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_BACKEND = None
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = 2
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BEAT_SCHEDULER = "thrive.beat:ClockSafeScheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = SCHEDULE

_email = ENVIRONMENT.parsed(
    "EMAIL_URL",
    "filemail:///" + str(VAR_DIR / "mail") if DEBUG else "smtp://localhost:25",
    partial(email_settings, debug=DEBUG),
    needed=_needed,
    hint="Write smtp+tls://user:password@host:587, or anymail+postmark://KEY@?webhook=NAME:SECRET.",
)
globals().update(_email)
EMAIL_WEBHOOK: str = _email["EMAIL_WEBHOOK"]
INBOUND_MAIL_DOMAIN = ENVIRONMENT.domain("INBOUND_MAIL_DOMAIN")
if INBOUND_MAIL_DOMAIN and EMAIL_WEBHOOK in ("", "mailersend"):
    ENVIRONMENT.wrong(
        "INBOUND_MAIL_DOMAIN",
        "is set, and EMAIL_URL has no email service that hands mail over.",
        "Write EMAIL_URL with a service and its webhook, or leave this one empty.",
    )
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = ENVIRONMENT.email(
    "DEFAULT_FROM_EMAIL", "Thrive HQ <challenge@demo.test>", needed=_needed
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL

AUTH_USER_MODEL = "challenge.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        # Django's own list has no `name`, which is the whole name here.
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
MESSAGE_STORAGE = "thrive.backends.MessageStorage"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/today/"

ACCOUNT_ADAPTER = "challenge.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD = "website"
ACCOUNT_FORMS = {
    "login": "challenge.accounts.forms.PasswordLoginForm",
    "signup": "challenge.accounts.forms.EmailSignupForm",
    "request_login_code": "challenge.accounts.forms.CodeRequestForm",
    "confirm_login_code": "challenge.accounts.forms.CodeForm",
    "confirm_email_verification_code": "challenge.accounts.forms.ConfirmAddressForm",
    "confirm_password_reset_code": "challenge.accounts.forms.NewPasswordCodeForm",
    "reset_password": "challenge.accounts.forms.ForgotPasswordForm",
    "reset_password_from_key": "challenge.accounts.forms.NewPasswordForm",
    "set_password": "challenge.accounts.forms.FirstPasswordForm",
    "change_password": "challenge.accounts.forms.ReplacePasswordForm",
    "add_email": "challenge.accounts.forms.AddAddressForm",
    "reauthenticate": "challenge.accounts.forms.ConfirmPasswordForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_EMAIL_NOTIFICATIONS = False  # challenge.accounts.identity writes them
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
MFA_ADAPTER = "challenge.accounts.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "login_webauthn": "challenge.accounts.forms.PasskeyLoginForm",
    "authenticate_webauthn": "challenge.accounts.forms.PasskeyFactorForm",
    "reauthenticate_webauthn": "challenge.accounts.forms.ConfirmPasskeyForm",
    "add_webauthn": "challenge.accounts.forms.NewPasskeyForm",
    "authenticate": "challenge.accounts.forms.SecondFactorForm",
    "reauthenticate": "challenge.accounts.forms.ConfirmFactorForm",
    "activate_totp": "challenge.accounts.forms.NewAppForm",
    "edit_webauthn": "challenge.accounts.forms.PasskeyNameForm",
}
MFA_TOTP_TOLERANCE = 1  # a phone whose clock is half a minute off; `one_time_codes` takes each code once
MFA_TOTP_ISSUER = "Pain-Free Runner Challenge"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
USERSESSIONS_ADAPTER = "challenge.accounts.adapter.SessionsAdapter"
USERSESSIONS_TRACK_ACTIVITY = False  # IdleTimeMiddleware records it once a minute

SESSION_ENGINE = "challenge.accounts.session_store"
STAFF_IDLE = timedelta(minutes=15)
STAFF_IDLE_WARNING = timedelta(minutes=2)
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "challenge.pages.errors.csrf_failure"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
if SECURE:
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = POLICY
DATA_UPLOAD_MAX_MEMORY_SIZE = FORM_BYTES
FILE_UPLOAD_MAX_MEMORY_SIZE = FORM_BYTES
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

LANGUAGE_CODE = "en-us"
USE_I18N = False
FORMAT_MODULE_PATH = "thrive.formats"
USE_TZ = True
TIME_ZONE = CLINIC_TIME_ZONE

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "thrive.static_files.CachedManifestStorage"},
}
WHITENOISE_MAX_AGE = 3600

refuse_contradictions(
    ENVIRONMENT,
    debug=DEBUG,
    site_url=SITE_URL,
    allowed_hosts=ALLOWED_HOSTS,
    proxies=TRUSTED_PROXY_COUNT,
    redis_url=REDIS_URL,
    cache_url=CACHE_URL,
)
refuse_useless_values(
    ENVIRONMENT,
    public=SECURE and not DEBUG,
    secret_key=SECRET_KEY,
    old_secret_keys=SECRET_KEY_FALLBACKS,
    data_key=DATA_KEY,
    old_data_keys=DATA_KEY_FALLBACKS,
    clinic_phone=CLINIC_PHONE,
    backup_key=BACKUP_KEY,
    metrics_token=METRICS_TOKEN,
    push_key=PUSH_KEY,
)

LOGGING_CONFIG = None
logging_configuration(LOG_FORMAT)
start_sentry(SENTRY_DSN)
