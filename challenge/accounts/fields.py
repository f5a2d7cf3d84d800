"""What people type: text in their own words, and when it counts as nothing; and phone numbers.

A phone number is read as people write it, stored in E.164 with an extension, and shown in one form. A stored number
looks like `+16125550142` or `+16125550142;ext=5`. Numbers without a country code are read as North American. What an
older row holds and no one can dial is shown as it is.
"""

import re
import unicodedata
from typing import Any

import phonenumbers
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


REGION = "US"
STORED_LENGTH = 40  # of the columns that hold a number
WHOLE_NUMBER = "Enter the whole number with its area code, like 612 555 0142."


class NotAPhone(ValueError):
    """The text is not a phone number that can be dialed; `str()` is the sentence to show."""


def read_phone(text: str) -> str:
    """Return the number as it is stored, or an empty string for blank text. Raises NotAPhone."""
    if not text.strip():
        return ""
    number = _parse(text)
    if number is None:
        raise NotAPhone(WHOLE_NUMBER)
    stored = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    stored += f";ext={number.extension}" if number.extension else ""
    if len(stored) > STORED_LENGTH:
        raise NotAPhone(WHOLE_NUMBER)
    return stored


def show_phone(stored: str) -> str:
    """Return `+1 612 555 0142 ext. 5`; text that is no number is returned unchanged."""
    number = _parse(stored)
    if number is None:
        return stored
    extension, number.extension = number.extension, None
    shown = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL).replace("-", " ")
    return f"{shown} ext. {extension}" if extension else shown


def phone_link(stored: str) -> str:
    """Return the value of a `tel:` link, without the scheme; empty for text that is no number."""
    number = _parse(stored)
    if number is None:
        return ""
    link = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.RFC3966)
    return link.removeprefix("tel:")


def search_digits(text: str) -> str:
    """Return the digits by which a stored number is found, or an empty string for text that is no number.

    A country's trunk or access digits, an extension and all punctuation are left out; the last digits of a number
    are enough.
    """
    number = _parse(text)
    if number is not None:
        return f"{number.country_code}{phonenumbers.national_significant_number(number)}"
    digits = re.sub(r"[\s().+\-\u2010-\u2015\u2212]", "", text)
    return digits if digits.isascii() and digits.isdigit() and len(digits) >= 4 else ""


def _parse(text: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return None
    # Possible, not valid: numbering plans grow faster than the library's tables. Seven digits are local only.
    reason = phonenumbers.is_possible_number_with_reason(number)
    return number if reason == phonenumbers.ValidationResult.IS_POSSIBLE else None


class PhoneField(forms.CharField):
    """A phone number in any usual form; the cleaned value is the stored one."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"type": "tel", "autocomplete": "tel", "inputmode": "tel"}
        options: dict[str, Any] = {"label": "Phone", "widget": forms.TextInput(attributes)} | kwargs
        super().__init__(**options)

    def to_python(self, value: Any) -> str:
        """Return the stored form. Raises ValidationError with the sentence for the field."""
        try:
            return read_phone(str(super().to_python(value) or ""))
        except NotAPhone as error:
            raise forms.ValidationError(str(error)) from error

    def prepare_value(self, value: Any) -> Any:
        """Return a stored number as it is shown; what was typed stays as it was typed."""
        is_stored = isinstance(value, str) and value.startswith("+") and " " not in value
        return show_phone(value) if is_stored else value
