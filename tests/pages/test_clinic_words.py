"""The clinic as data: the owner's page, its history, what pages and emails say, pictures drawn again."""

import io
import re
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from PIL import Image

from challenge.clinic.actions import ClinicChanged, forget_cached, save_clinic
from challenge.clinic.models import ClinicVersion
from challenge.clinic.pictures import SIDE_PX, PictureRefused, redrawn
from challenge.clinic.queries import clinic_words, consent_in_force, question_pairs, with_defaults
from challenge.intake.models import Consent
from challenge.intake.queries import CURRENT_VERSION, current
from challenge.mail.rendering import render
from challenge.pages.models import TeamPicture
from tests.conftest import NOW
from tests.factories.clinic import make_member, make_picture, photo
from tests.factories.people import make_owner, use_second_factor

pytestmark = pytest.mark.django_db
CONSENT = "The clinic keeps what I write to run the challenge, and its clinicians read it. " * 4
PAGE = "/admin/clinic/"


@pytest.fixture
def owner(client: Client) -> Client:
    user = make_owner(name="Olive Brook")
    client.force_login(user)
    use_second_factor(client, user)
    return client


def save(**words: str) -> ClinicVersion:
    latest = ClinicVersion.objects.order_by("-pk").first()
    saved = save_clinic(
        words=with_defaults({"name": "River Clinic"} | words),
        based_on=latest.pk if latest is not None else 0,
        author="Olive Brook",
        reason="",
        at=NOW,
    )
    forget_cached()  # a test's transaction never commits
    return saved


def typed(**words: str) -> dict[str, str]:
    return {"name": "River Clinic", "do": "save"} | words


def test_without_a_row_the_settings_speak(client: Client) -> None:
    forget_cached()
    assert clinic_words()["name"] == "Thrive HQ"
    assert "Thrive HQ, a clinic for runners." in client.get("/").content.decode()


def test_an_owners_words_are_on_pages_and_in_emails(client: Client, owner: Client) -> None:
    answer = owner.post(
        PAGE,
        typed(
            phone="(612) 555-0199", address="5 Dock Road", hours="Weekdays", headline="Run on.", lede="Slow and heavy.",
            price_note="It costs $90.", questions="Is it hard?\nYes.\n\nIs it long?\nTen weeks.", footer="Since 2009.",
        ),
    )  # fmt: skip
    assert answer.status_code == 302
    forget_cached()
    body = Client().get("/").content.decode()
    said = ["River Clinic, a clinic", "5 Dock Road", "+1 612 555 0199", "Run on.", "Slow and heavy."]
    said += ["It costs $90.", "<summary>Is it hard?</summary><p>Yes.</p>", "Since 2009."]
    assert [words for words in said if words not in body] == []
    assert "Thrive HQ" not in body
    assert "Will it cure me" not in body
    text = render("list_confirm", {"link": "/x", "off": "/y", "early": True}).text
    assert text.strip().endswith("River Clinic")


def test_looking_at_it_saves_nothing(owner: Client) -> None:
    page = owner.post(PAGE, typed(do="preview", questions="Why?\nBecause."))
    assert page.status_code == 200
    body = page.content.decode()
    assert "Nothing is saved yet" in body
    assert "<summary>Why?</summary><p>Because.</p>" in body
    assert 'value="River Clinic"' in body
    assert not ClinicVersion.objects.exists()


@pytest.mark.parametrize(
    ("words", "field", "sentence"),
    [
        ({"name": " "}, "name", "Enter the name"),
        ({"name": "x" * 81}, "name", "80 characters or fewer"),
        ({"phone": "call me"}, "phone", "whole number with its area code"),
        ({"questions": "Is it hard?"}, "questions", "has no answer"),
        ({"questions": "a\nb\n\n" * 21}, "questions", "20 questions or fewer: now there are 21"),
        ({"questions": f"Why?\n{'so ' * 500}"}, "questions", "too long"),
        ({"consent": "Yes."}, "consent", "too short to agree to"),
        ({"lede": "bad\x00"}, "lede", "Null characters"),
    ],
)
def test_bad_words_are_refused_beside_the_field(
    owner: Client, words: dict[str, str], field: str, sentence: str
) -> None:
    page = owner.post(PAGE, typed(footer="Typed before") | words)
    assert page.status_code == 422
    assert sentence in str(page.context["form"].errors[field])
    assert 'value="Typed before"' in page.content.decode()
    assert not ClinicVersion.objects.exists()


def test_what_an_owner_types_is_text_and_never_markup(owner: Client) -> None:
    save(name="<script>x</script>", headline="<b>y", questions="<i>q\n<u>a")
    body = Client().get("/").content.decode()
    assert not re.search(r"<script>x|<b>y|<i>q|<u>a", body)
    assert "&lt;b&gt;y" in body


def test_two_owners_at_once_lose_nothing(owner: Client) -> None:
    shown = owner.get(PAGE).context["form"]["based_on"].value()
    save(footer="By a colleague")
    page = owner.post(PAGE, typed(footer="By me", based_on=str(shown)))
    assert page.status_code == 409
    body = page.content.decode()
    assert "Olive Brook saved a version while your page was open" in body
    assert 'value="By me"' in body
    again = page.context["form"]["based_on"].value()
    assert owner.post(PAGE, typed(footer="By me", based_on=str(again))).status_code == 302
    assert list(ClinicVersion.objects.order_by("pk").values_list("footer", flat=True)) == [
        "By a colleague",
        "By me",
    ]


def test_saving_twice_is_one_version(owner: Client) -> None:
    first = save()
    assert save() == first
    with pytest.raises(ClinicChanged):
        save_clinic(words=with_defaults({}), based_on=0, author="x", reason="", at=NOW)


def test_the_history_is_written_once_and_an_old_version_comes_back(owner: Client) -> None:
    old, _ = save(footer="Old"), save(footer="New")
    with pytest.raises(IntegrityError), transaction.atomic():
        ClinicVersion.objects.update(footer="Rewritten")
    with pytest.raises(IntegrityError), transaction.atomic():
        ClinicVersion.objects.all().delete()
    page = owner.get(f"{PAGE}?version={old.pk}")
    assert page.context["form"]["footer"].value() == "Old"
    assert owner.get(f"{PAGE}?version=999999").status_code == 404
    assert owner.get(f"{PAGE}?version=x").status_code == 400


def test_each_consent_text_is_a_version_and_other_changes_are_none() -> None:
    assert current()[0] == CURRENT_VERSION
    first = save(consent=CONSENT)
    save(consent=CONSENT, footer="Other")
    version, shown = current()
    assert version == f"clinic-{first.pk}"
    assert shown == (CONSENT.strip(),)
    second = save(consent=f"{CONSENT}\n\nAnd more.")
    assert consent_in_force() is not None
    assert current()[0] == f"clinic-{second.pk}"
    save(consent="")
    assert current()[0] == CURRENT_VERSION


def test_questions_are_read_from_blocks() -> None:
    assert question_pairs("A?\r\nOne\r\ntwo.\r\n\r\n\r\nB?\nThree.") == [("A?", "One two."), ("B?", "Three.")]
    assert question_pairs(" \n\n ") == []


# Pictures


def send(owner: Client, content: bytes, name: str = "me.jpg") -> Any:
    member = make_member()
    return owner.post(f"{PAGE}people/{member.pk}/picture/", {"picture": SimpleUploadedFile(name, content)})


def test_a_picture_is_drawn_again_without_what_it_carried(owner: Client) -> None:
    exif = Image.Exif()
    exif[0x010E] = "Zanzibar-marker"  # the description
    exif[0x0112] = 6  # turned by a quarter
    sent = photo(exif=exif.tobytes(), comment=b"<script>alert(1)</script>")
    assert b"Zanzibar-marker" in sent
    assert send(owner, sent).status_code == 302
    stored = bytes(TeamPicture.objects.get().jpeg)
    assert b"Zanzibar" not in stored
    assert b"<script>" not in stored
    with Image.open(io.BytesIO(stored)) as drawn:
        assert not drawn.getexif()
        assert max(drawn.size) == SIDE_PX
        assert drawn.height > drawn.width  # upright
    body = Client().get("/").content.decode()
    address = re.search(r'src="(/team/[^"]+)"', body)
    assert address is not None
    shown = Client().get(address[1])
    assert shown["Content-Type"] == "image/jpeg"
    assert shown["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert shown.content == stored


BOMB = (
    b"\x89PNG\r\n\x1a\n"
    b"\x00\x00\x00\rIHDR\x00\x00\xff\xff\x00\x00\xff\xff\x08\x06\x00\x00\x00"
    + zlib.crc32(b"IHDR\x00\x00\xff\xff\x00\x00\xff\xff\x08\x06\x00\x00\x00").to_bytes(4, "big")
)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "a picture we can read"),
        (b"<html><script>alert(1)</script>", "a picture we can read"),
        (b"GIF89a<script>alert(1)</script>", "a picture we can read"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "a picture we can read"),
        (photo()[:900], "a picture we can read"),
        (BOMB, "a picture we can read"),
        (photo("PNG", (8000, 6000)), "40 megapixels"),
        (b"\xff\xd8\xff" * 700_000, "larger than 2 MB"),
        (b"", "This file is empty"),
    ],
    ids=["svg", "html", "gif", "postscript", "cut off", "bomb", "huge", "heavy", "empty"],
)
def test_a_file_that_is_no_picture_is_refused_beside_the_field(
    owner: Client, content: bytes, sentence: str
) -> None:
    page = send(owner, content)
    assert page.status_code in {413, 422}
    assert page.status_code == 413 or sentence in page.content.decode()
    assert not TeamPicture.objects.exists()


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_every_kind_becomes_a_jpeg(kind: str) -> None:
    assert redrawn(photo(kind)).startswith(b"\xff\xd8\xff")


def test_a_gif_is_not_even_opened() -> None:
    with pytest.raises(PictureRefused):
        redrawn(photo("GIF"))


@pytest.mark.parametrize("place", [11, 35, 37])
def test_damaged_metadata_is_refused(place: int) -> None:
    exif, written = Image.Exif(), io.BytesIO()
    exif[0x0112], exif[0x011A], exif[0x010F] = 6, 72.5, "x"
    Image.new("RGB", (60, 40)).save(written, "JPEG", exif=exif)
    content = bytearray(written.getvalue())
    content[content.find(b"MM\0*") + place] = 2  # the type of a value, or the number of values
    with pytest.raises(PictureRefused):
        redrawn(bytes(content))


def test_only_the_address_of_a_shown_person_has_a_picture() -> None:
    picture = make_picture()
    address = f"/team/{picture.member_id}/{picture.digest}.jpg"
    assert Client().get(address).status_code == 200
    assert Client().get(f"/team/{picture.member_id}/0000000000000000.jpg").status_code == 404
    picture.member.is_shown = False
    picture.member.save()
    assert Client().get(address).status_code == 404


def test_a_picture_is_removed(owner: Client) -> None:
    picture = make_picture()
    owner.post(f"{PAGE}people/{picture.member_id}/picture/", {"do": "remove"})
    assert not TeamPicture.objects.exists()


def test_no_consent_is_touched_by_a_new_text() -> None:
    save(consent=CONSENT)
    assert not Consent.objects.exists()
