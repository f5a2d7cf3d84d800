"""Static files, their hashed URLs cached: a page needs twenty of them, and they change only with a deployment."""

from typing import Any

from django.conf import settings
from whitenoise.storage import CompressedManifestStaticFilesStorage


class CachedManifestStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage, computing each URL once per process."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._urls: dict[str, str] = {}

    def url(self, name: str | None, force: bool = False) -> str:
        """Return the URL, cached unless DEBUG is on: then it does not come from the manifest."""
        if force or name is None or settings.DEBUG:
            return super().url(name, force)
        if name not in self._urls:
            self._urls[name] = super().url(name)
        return self._urls[name]
