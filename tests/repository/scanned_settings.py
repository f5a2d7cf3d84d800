"""The program's own settings without tokens against forged requests and without limits, for scanners.

A scanner sends no token and comes a hundred times a second: it would try these two walls alone. They are tried in
`tests/repository/test_browser_policy.py` and `tests/accounts/test_floods.py`.
"""

from thrive.settings import *  # noqa: F403
from thrive.settings import CACHES, MIDDLEWARE

MIDDLEWARE = [name for name in MIDDLEWARE if name != "django.middleware.csrf.CsrfViewMiddleware"]
# A cache that keeps nothing counts nothing.
CACHES = CACHES | {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # slow hashes would take the whole time
