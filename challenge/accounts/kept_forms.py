"""Keep what staff typed into a form that arrived after they were signed out, until they have signed in again.

The late POST is not executed. Its text fields are encrypted and put into the cache under a random token: only for the
person who typed it (their id is part of the cache's key and of the encryption key), for one hour, to be shown once.
After sign-in `/accounts/kept/<token>/` leads to the page that has the form. That page comes back with the fields filled
by the server, and the person presses the button. Nothing is sent on its own.

Why the server fills the page: it needs no JavaScript, works for every form, and the page shows the current state around
the old text. Hidden fields keep the fresh page's values, so that a check for concurrent changes still holds. `refill`
writes the values into our own pages; Django's change forms build their inline rows from the POST, so `KeptChangeForm`
lets Django render them as a bound form that is never valid. Text whose form or field is gone is shown to be copied.

CSRF: a late POST is kept only when its token is valid, or was issued to this same person before they signed in again.
Only a page that this program gave to that person carries such a token, so another site cannot plant text.
"""

import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, QueryDict

# Private, because no public function returns the secret inside a token. A rename breaks `test_kept_forms`.
from django.middleware.csrf import CSRF_TOKEN_LENGTH, _unmask_cipher_token  # type: ignore[attr-defined]
from django.urls import Resolver404, resolve, reverse
from django.utils.crypto import salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme

KEEP_FOR = timedelta(hours=1)
REMEMBER_OWNER_FOR = timedelta(hours=12)  # a page left open over a working day
IN_SESSION = "kept_form"
STAFF_PAGES = "/admin/"
CSRF_FIELD = "csrfmiddlewaretoken"
NOTHING_TYPED = {"admin:logout", "admin:login"}
MAX_HOPS = 3


@dataclass
class KeptForm:
    """A late POST: the page that has its form, the URL that the form is sent to, and what was typed.

    `hops` counts redirects in search of the page with the form; `is_shown` is set once a page shows the values. `why`
    gives the reason it was refused, "" where the person had been signed out.
    """

    address: str
    action: str
    values: dict[str, list[str]]
    hops: int = 0
    is_shown: bool = False
    why: str = ""

    def as_post(self) -> QueryDict:
        post = QueryDict(mutable=True)
        for name, values in self.values.items():
            post.setlist(name, values)
        return post


def is_staff_form(request: HttpRequest) -> bool:
    """Return whether this is a POST of a form under /admin/ that has fields to type into."""
    if request.method != "POST" or not request.path.startswith(STAFF_PAGES):
        return False
    match = request.resolver_match
    return match is None or match.view_name not in NOTHING_TYPED


def keep(request: HttpRequest, *, owner: int, why: str = "") -> str:
    """Keep the text of this POST for its owner; return the URL that shows it again. Drop files and passwords.

    `why` is why a form was refused whose page has no place next to the field, as one that answers many questions.
    """
    typed = {
        name: [str(value) for value in values]
        for name, values in request.POST.lists()
        if name != CSRF_FIELD and "password" not in name.lower()
    }
    return store(KeptForm(_page_of(request), request.path, typed, why=why), owner=owner)


def store(kept: KeptForm, *, owner: int) -> str:
    """Encrypt and cache the form for one hour; return the URL that shows it again."""
    token = secrets.token_urlsafe(24)
    sealed = _cipher(owner).encrypt(json.dumps(asdict(kept)).encode())
    cache.set(_key(owner, token), sealed, KEEP_FOR.total_seconds())
    return reverse("kept_form", args=[token])


def read(token: str, *, owner: int) -> KeptForm | None:
    """Return this person's form under the token, without deleting it; None where it is gone or altered."""
    sealed = cache.get(_key(owner, token))
    if sealed is None:
        return None
    try:
        plain = _cipher(owner).decrypt(sealed, ttl=int(KEEP_FOR.total_seconds()))
    except InvalidToken:
        return None
    return KeptForm(**json.loads(plain))


def take(token: str, *, owner: int) -> KeptForm | None:
    """Return the form and delete it."""
    kept = read(token, owner=owner)
    # `delete` answers True to one of two concurrent requests, so that the form is shown once.
    return kept if cache.delete(_key(owner, token)) else None


def remember_owner(request: HttpRequest) -> None:
    """Remember whose pages carry this browser's CSRF secret: signing in again rotates it."""
    if secret := request.META.get("CSRF_COOKIE"):
        cache.set(_owner_key(secret), request.user.pk, REMEMBER_OWNER_FOR.total_seconds())


def owner_of(request: HttpRequest) -> int | None:
    """Return the staff member to whom the page of this POST was given, by its CSRF token."""
    token = request.POST.get(CSRF_FIELD, "")
    # The unmasking below raises on anything that is no masked token.
    if len(token) != CSRF_TOKEN_LENGTH or not (token.isascii() and token.isalnum()):
        return None
    owner: int | None = cache.get(_owner_key(_unmask_cipher_token(token)))
    return owner


def keep_refused(request: HttpRequest) -> str:
    """Keep a POST whose CSRF token is out of date; return its URL, or "" where it is not this person's."""
    if not is_staff_form(request):
        return ""
    owner = owner_of(request)
    if owner is None or (request.user.is_authenticated and request.user.pk != owner):
        return ""
    return keep(request, owner=owner)


def _page_of(request: HttpRequest) -> str:
    """Return the page that showed the form: the referring staff page, else the form's own URL."""
    referer = urlsplit(request.headers.get("Referer", ""))
    address = referer.path + (f"?{referer.query}" if referer.query else "")
    ours = referer.netloc == request.get_host() and referer.path.startswith(STAFF_PAGES)
    # The Referer comes from the browser: never redirect to another site, nor to a URL without a view.
    if not ours or not url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        return request.get_full_path()
    try:
        resolve(referer.path)
    except Resolver404:
        return request.get_full_path()
    return address


def _cipher(owner: int) -> Fernet:
    # A key per person: a token in a wrong hand, or a bug in the cache key, still decrypts nothing.
    info = f"kept form of user {owner}".encode()
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(settings.SECRET_KEY.encode())
    return Fernet(urlsafe_b64encode(key))


# Both keys name SHA-1, Django's default before 2028: another one would lose the forms that are kept during an upgrade.
def _key(owner: Any, token: str) -> str:
    return f"kept-form:{owner}:{salted_hmac('kept form', token, algorithm='sha1').hexdigest()}"


def _owner_key(secret: str) -> str:
    return f"kept-form-owner:{salted_hmac('kept form owner', secret, algorithm='sha1').hexdigest()}"
