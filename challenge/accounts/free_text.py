"""What people write in their own words, and when it counts as nothing."""

import unicodedata
from typing import Any

from django import forms

# Letters and symbols by their Unicode category that are drawn as a blank.
_DRAWN_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def shows_nothing(text: str) -> bool:
    """Return whether the text is nothing but spaces, zero-width characters and control characters."""
    return all(letter in _DRAWN_BLANK or unicodedata.category(letter)[0] not in "LNPS" for letter in text)


class FreeTextField(forms.CharField):
    """Text that someone writes. What shows nothing is empty; anything else is kept as it was typed."""

    default_error_messages = {
        "max_length": "Please shorten it to %(limit_value)s characters; it has %(show_value)s.",
    }

    def to_python(self, value: Any) -> Any:
        """Return the text without the space around it, or the empty value."""
        text = super().to_python(value)
        return self.empty_value if shows_nothing(text or "") else text
