"""Every page of the program is looked at, by axe, the Nu checker and the screenshots: see `places`."""

import pytest
from django.urls import Resolver404, get_resolver, resolve

from tests.journeys.places import SHOWN_ELSEWHERE, everything
from tests.journeys.world import make_world
from tests.repository.test_access import addresses

pytestmark = [pytest.mark.urls("tests.journeys.all_addresses")]

# Addresses without a page of their own, and why.
NO_PAGE = {
    "a file or a machine's answer": {
        "admin:autocomplete",
        "admin:jsi18n",
        "calls:calendar_file",
        "calls:feed",
        "email_inbound",
        "calls_admin:desk_feed",
        "health_live",
        "health_ready",
        "join_calendar",
        "manifest",
        "message_picture",
        "messages_admin:picture",
        "metrics",
        "plan_feed",
        "mfa_download_recovery_codes",
        "mfa_login_webauthn",
        "review:report_csv",
        "robots",
        "security_txt",
        "change_password_page",
        "seats_admin:export",
        "service_worker",
        "sitemap",
        "stay_signed_in",
        "team_picture",
    },
    "takes a form and leads on": {
        "admin:logout",
        "calls_admin:begin",
        "calls_admin:cancel",
        "calls_admin:correct",
        "calls_admin:end_calendar",
        "calls_admin:end_leave",
        "calls_admin:enter_calendar",
        "calls_admin:enter_leave",
        "calls_admin:followed_up",
        "calls_admin:hand_over",
        "calls_admin:notes",
        "calls_admin:offer_check_in",
        "calls_admin:outcome",
        "calls_admin:phoned",
        "calls_admin:renew_feed",
        "calls_admin:resend",
        "calls_admin:seat",
        "end_session",
        "calls_admin:set_check_in",
        "calls_admin:set_date",
        "calls_admin:set_terms",
        "calls_admin:set_week",
        "clinic_picture",
        "messages_admin:delete_template",
        "messages_draft",
        "messages_emails",
        "messages_read",
        "plan_announce",
        "together_join",
        "together_leave",
        "together_nod",
        "plan_delete",
        "intake_draft",
        "join_release",
        "add_device",
        "change_feed",
        "know_home_screen",
        "remove_device",
        "log_import_address",
        "log_strength_set",
        "questionnaire_draft",
        "review:answer_many",
        "review:approve",
        "review:close",
        "review:confirm_address",
        "review:decide",
        "review:sign_numbers",
        "review:take",
        "review:undo",
        "seats_admin:close",
        "seats_admin:invitations",
        "seats_admin:person",
        "seats_admin:seat",
        "weekly_admin:addresses_again",
        "weekly_admin:message_again",
        "weekly_admin:message_test",
        "weekly_admin:take_back",
    },
    "leads on to a page that is listed": {
        "admin:login",
        "admin:view_on_site",
        "kept_form",
        "review:cohorts",
        "review:next",
    },
    "an email as it is sent, under a policy of its own: tests/mail looks at them": {
        "weekly_admin:coming_html",
        "weekly_admin:message_html",
    },
}
# Django's own form, deletion and history of a model: one of each kind is listed, of a model that people change.
ADMIN_KINDS = ("_add", "_change", "_delete", "_history")


def seen() -> set[str]:
    values = dict.fromkeys(
        (
            "cohort",
            "open",
            "slot",
            "call_token",
            "confirm_token",
            "listed",
            "not_me",
            "objection",
            "unsubscribe",
        ),
        "x",
    ) | dict.fromkeys(
        (
            "week_asked",
            "asked",
            "cohort_pk",
            "runner",
            "seat",
            "message",
            "run",
            "strength",
            "call",
            "hours",
            "key",
            "clinician",
        ),
        "1",
    )
    values |= dict.fromkeys(("read", "reading", "doubtful"), "00000000-0000-4000-8000-000000000000")
    found = set()
    for place in everything():
        try:
            found.add(resolve(place.path.format(**values).split("?")[0]).view_name)
        except Resolver404:
            assert place.status == 404, place
    return found


def all_names() -> set[str]:
    names = {name for name, _ in addresses(get_resolver())}
    own = {n for n in names if not (n.startswith("admin:") and n.endswith(ADMIN_KINDS))}
    return {name for name in own if not name.startswith("admin:route ")}


def test_an_address_is_looked_at_or_listed_with_a_reason() -> None:
    excused = set().union(*NO_PAGE.values())
    assert sorted(all_names() - seen() - excused) == []


def test_no_excuse_is_left_over() -> None:
    excused = set().union(*NO_PAGE.values())
    assert sorted(excused - all_names()) == []
    assert sorted(excused & seen()) == []


def test_one_of_each_kind_of_the_admins_own_pages_is_looked_at() -> None:
    assert [kind for kind in ADMIN_KINDS if not any(name.endswith(kind) for name in seen())] == []


def test_names_of_places_are_their_own() -> None:
    names = [place.name for place in everything()]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_what_is_shown_elsewhere_is_a_place() -> None:
    assert sorted(SHOWN_ELSEWHERE - {place.name for place in everything()}) == []


@pytest.mark.deep
@pytest.mark.django_db
def test_each_place_is_open_to_its_person_without_leading_on() -> None:
    """In `make test` the walk of test_accessibility judges the status of the places that it looks at."""
    world = make_world()
    wrong = {}
    for place in everything():
        if place.sends is None:
            path = place.path.format(**world.values)
            world.clients[place.who].raise_request_exception = False
            answer = world.clients[place.who].get(path)
            if answer.status_code != place.status:
                wrong[str(place)] = answer.status_code
    assert wrong == {}
