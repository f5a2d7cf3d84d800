"""Phone numbers as people write them: one rule for every form, stored in E.164, shown in one form."""

from importlib import import_module

import pytest
from django import forms
from django.apps import apps

from challenge.accounts.fields import (
    WHOLE_NUMBER,
    NotAPhone,
    PhoneField,
    phone_link,
    read_phone,
    search_digits,
    show_phone,
)
from challenge.accounts.models import User
from tests.factories.people import make_runner_user

STORED = "+16125550142"


@pytest.mark.parametrize(
    "typed",
    [
        "612 555 0142", "(612) 555-0142", "612.555.0142", "1-612-555-0142", "+1 612 555 0142", "612‑555‑0142",
        "612–555–0142", " 6125550142 ", "+1 (612) 555 01 42",
    ],
)  # fmt: skip
def test_the_same_number_in_any_usual_form_is_stored_once(typed: str) -> None:
    assert read_phone(typed) == STORED
    assert show_phone(STORED) == "+1 612 555 0142"
    assert search_digits(typed) == "16125550142"


@pytest.mark.parametrize("typed", ["612 555 0142 ext. 5", "(612) 555-0142 x5", "612-555-0142 #5"])
def test_an_extension_is_kept_shown_and_dialed(typed: str) -> None:
    stored = read_phone(typed)
    assert stored == STORED + ";ext=5"
    assert show_phone(stored) == "+1 612 555 0142 ext. 5"
    assert phone_link(stored) == "+1-612-555-0142;ext=5"


@pytest.mark.parametrize(
    "typed", ["1-----", "555 0142", "no phone", "911", "²²²²²²²²²²", "9" * 400, "+", "x"]
)
def test_what_no_one_can_dial_gets_a_sentence(typed: str) -> None:
    with pytest.raises(NotAPhone, match="area code"):
        read_phone(typed)


def test_a_number_of_another_country_keeps_its_code() -> None:
    assert show_phone(read_phone("+44 20 7946 0958")) == "+44 20 7946 0958"


def test_old_text_is_shown_as_it_is_and_never_dialed() -> None:
    assert show_phone("ask for Kim") == "ask for Kim"
    assert phone_link("ask for Kim") == ""
    assert read_phone("  ") == ""


@pytest.mark.parametrize(
    ("typed", "digits"), [("555 0142", "5550142"), ("0142", "0142"), ("14", ""), ("Kim", "")]
)
def test_a_search_needs_four_digits(typed: str, digits: str) -> None:
    assert search_digits(typed) == digits


class CallBack(forms.Form):
    phone = PhoneField(required=False)
    name = forms.CharField()


def test_the_field_shows_a_stored_number_and_keeps_a_typed_one() -> None:
    assert 'value="+1 612 555 0142"' in CallBack(initial={"phone": STORED}).as_p()
    wrong = CallBack({"phone": "1-----", "name": ""})
    assert wrong.errors["phone"] == [WHOLE_NUMBER]
    assert 'value="1-----"' in wrong.as_p()
    assert 'value="(612) 555-0142"' in CallBack({"phone": "(612) 555-0142", "name": ""}).as_p()


def test_a_number_that_did_not_change_counts_as_unchanged() -> None:
    same = CallBack({"phone": "+1 612 555 0142", "name": "Kim"}, initial={"phone": STORED, "name": "Kim"})
    assert not same.has_changed()


@pytest.mark.parametrize(
    "dotted",
    [
        "challenge.calls.forms.BookingForm", "challenge.calls.forms.StaffBookingForm",
        "challenge.intake.forms.AboutYouForm", "challenge.enrollment.forms.PersonForm",
        "challenge.accounts.admin.UserForm",
    ],
)  # fmt: skip
def test_every_form_with_a_phone_uses_the_one_rule(dotted: str) -> None:
    module, _, name = dotted.rpartition(".")
    form = getattr(__import__(module, fromlist=[name]), name)
    assert isinstance(form.base_fields["phone"], PhoneField)


@pytest.mark.django_db
def test_the_migration_changes_only_what_it_can_read() -> None:
    old, odd = make_runner_user(phone="(612) 555-0142"), make_runner_user(phone="ask for Kim")
    import_module("challenge.migrations.0009_phones").store_in_e164(apps, None)
    assert list(
        User.objects.filter(pk__in=[old.pk, odd.pk]).order_by("pk").values_list("phone", flat=True)
    ) == [
        STORED,
        "ask for Kim",
    ]
