"""Static files, their hashed URLs cached: a page needs twenty of them, and they change only with a deployment."""

from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:  # WhiteNoise has no types; its storage extends Django's
    from django.contrib.staticfiles.storage import ManifestStaticFilesStorage as ManifestStorage
else:
    from whitenoise.storage import CompressedManifestStaticFilesStorage as ManifestStorage


class CachedManifestStorage(ManifestStorage):
    """WhiteNoise's storage, computing each URL once per process."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._urls: dict[str, str] = {}

    def url(self, name: str | None, force: bool = False) -> str:
        """Return the URL, cached unless DEBUG is on: then it does not come from the manifest."""
        if force or settings.DEBUG or not name:
            return super().url(name or "", force)
        if name not in self._urls:
            self._urls[name] = super().url(name)
        return self._urls[name]
