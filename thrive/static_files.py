"""Static files as they are served: our scripts without their comments, and the hashed URLs cached."""

import re
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.base import ContentFile, File

if TYPE_CHECKING:  # WhiteNoise has no types; its storage extends Django's
    from django.contrib.staticfiles.storage import ManifestStaticFilesStorage as ManifestStorage
else:
    from whitenoise.storage import CompressedManifestStaticFilesStorage as ManifestStorage

OWN_SCRIPTS = "js/"
# Lines that only a reader needs, and what is before and after the code of the others.
FOR_READERS = re.compile(rb"^\s*//.*\n|^\s+|[ \t]+$", re.MULTILINE)


def without_comments(script: bytes) -> bytes:
    """Return one of our scripts without comment lines, blank lines and indentation; every line of code stays a line.

    A fifth of a script is written for its readers. No string may go over the end of a line, which a test checks.
    """
    return FOR_READERS.sub(b"", script)


class CachedManifestStorage(ManifestStorage):
    """WhiteNoise's storage, computing each URL once per process.

    A page needs twenty files, and they change only with a deployment.
    """

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

    def _save(self, name: str, content: "File[Any]") -> str:
        """Write a collected file, our scripts without comments; the names of a library's scripts begin otherwise."""
        if name.startswith(OWN_SCRIPTS):
            content = ContentFile(without_comments(b"".join(content.chunks())))
        return str(super()._save(name, content))  # type: ignore[misc]  # the stubs leave it out
