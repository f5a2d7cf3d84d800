"""A clinician attaches a film to an exercise; its page in the guide links there, and loads nothing from there."""

import re
from unittest.mock import patch

import pytest
from django.db import DatabaseError, IntegrityError
from django.test import Client

from challenge.review.models import ExerciseVideo
from tests.factories.people import make_clinician
from tests.journeys.doors import signed_in

pytestmark = pytest.mark.django_db
ADD = "/admin/challenge/exercisevideo/add/"
FILM = "https://films.example.org/heavy-calf-raise"


def test_what_a_clinician_attaches_stands_on_the_page_of_the_exercise(client: Client) -> None:
    answer = signed_in(make_clinician()).post(ADD, {"exercise": "heavy_calf_raise", "link": FILM})
    assert answer.status_code == 302
    page = client.get("/guide/heavy_calf_raise/").content.decode()
    assert f'href="{FILM}"' in page
    assert "a video at films.example.org" in page
    assert "films.example.org" not in client.get("/guide/arch_raise/").content.decode()


@pytest.mark.parametrize("link", ["http://films.example.org/a", "javascript:alert(1)", "a film"])
def test_an_address_without_https_is_refused_beside_the_field(link: str) -> None:
    answer = signed_in(make_clinician()).post(ADD, {"exercise": "heavy_calf_raise", "link": link})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert re.search("(Enter|Write) the whole address, beginning with https://.", page)
    assert not ExerciseVideo.objects.exists()


def test_the_database_keeps_nothing_but_https() -> None:
    with pytest.raises(IntegrityError, match="exercise_video_is_https"):
        ExerciseVideo.objects.create(exercise="arch_raise", link="http://films.example.org/a")


def test_the_page_stays_while_the_database_is_away(client: Client) -> None:
    with patch("challenge.pages.views.video_of", side_effect=DatabaseError):
        assert client.get("/guide/heavy_calf_raise/").status_code == 200
