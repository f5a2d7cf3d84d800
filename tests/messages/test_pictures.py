"""Pictures of messages: what is refused, what is stored, who sees them, and that no position is left in any."""

import io
import os
import random
import struct
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from PIL import ExifTags, Image

from challenge.accounts.models import AccessEntry
from challenge.clinic.pictures import MOVES, NOT_A_PICTURE, TOO_MANY_PIXELS, PictureRefused
from challenge.db.sealed import open_bytes
from challenge.messages.forms import LARGE, REFUSALS, read_picture
from challenge.messages.models import Message, MessagePicture
from challenge.messages.picture_child import LARGEST, MOST_BYTES, SIDE_PX, RedrawnPicture, redraw
from challenge.operations.data_key import reseal_all, wrong_key_sentence
from tests.messages.conftest import picture_bytes, picture_file, signed_in

SEED = 20
POSITION = b"N44.9778W93.2650"
HEADS = {"JPEG": b"\xff\xd8", "PNG": b"\x89PNG", "WEBP": b"RIFF"}


def with_position(form: str, size: tuple[int, int] = (40, 30)) -> bytes:
    """A picture whose metadata names a place, a device and a comment."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = POSITION.decode()
    exif[ExifTags.Base.Orientation] = 6
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef] = "N"
    gps[ExifTags.GPS.GPSProcessingMethod] = POSITION
    return picture_bytes(size, form=form, exif=exif)


def png_header(width: int, height: int) -> bytes:
    """A PNG that only says how large it is."""
    body = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", body) + chunk(b"IDAT", zlib.compress(bytes(1000)))


def animation(form: str) -> bytes:
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "green", "blue")]
    written = io.BytesIO()
    frames[0].save(written, form, save_all=True, append_images=frames[1:], duration=80)
    return written.getvalue()


REFUSED = {
    "a script": (b"<script>alert(1)</script>", NOT_A_PICTURE),
    "an SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', NOT_A_PICTURE),
    "nothing": (b"", NOT_A_PICTURE),
    "a GIF": (picture_bytes(form="GIF"), NOT_A_PICTURE),
    "400 megapixels": (png_header(20_000, 20_000), TOO_MANY_PIXELS),
    "41 megapixels": (png_header(8_200, 5_000), TOO_MANY_PIXELS),
    "an animated PNG": (animation("PNG"), MOVES),
    "an animated WebP": (animation("WEBP"), MOVES),
    "a picture cut in half": (picture_bytes((300, 300))[:900], NOT_A_PICTURE),
    "too many bytes": (b"\xff\xd8" + bytes(MOST_BYTES), LARGE),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_still_picture_is_refused_with_a_sentence(name: str) -> None:
    content, sentence = REFUSED[name]
    with pytest.raises(PictureRefused) as refusal:
        read_picture(content)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize("form", HEADS)
def test_a_picture_comes_out_as_a_jpeg_without_place_or_device(form: str) -> None:
    content = with_position(form)
    assert POSITION in content
    drawn = read_picture(content)
    with Image.open(io.BytesIO(drawn.jpeg)) as opened:
        assert opened.format == "JPEG"
        assert not opened.getexif()
        assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        # Turned upright, as the orientation said.
        assert opened.size == (drawn.width_px, drawn.height_px) == (30, 40)
    assert POSITION not in drawn.jpeg


def test_a_large_picture_of_noise_still_fits() -> None:
    size = (3000, 2000)
    noise = Image.frombytes("RGB", size, random.Random(SEED).randbytes(3 * size[0] * size[1]))
    written = io.BytesIO()
    noise.save(written, "JPEG", quality=85)
    drawn = read_picture(written.getvalue())
    assert len(drawn.jpeg) <= LARGEST
    assert max(drawn.width_px, drawn.height_px) <= SIDE_PX


def damaged(numbers: random.Random) -> bytes:
    """A picture with a position, with bytes changed, cut out, doubled or appended."""
    content = bytearray(with_position(numbers.choice(list(HEADS)), (numbers.randint(1, 90), 60)))
    for _ in range(numbers.randint(0, 12)):
        place = numbers.randrange(len(content))
        match numbers.randrange(4):
            case 0:
                content[place] = numbers.randrange(256)
            case 1:
                del content[place : place + numbers.randint(1, 40)]
            case 2:
                content[place:place] = content[place : place + 60]
            case _:
                content += numbers.randbytes(30)
        if not content:
            break
    return bytes(content)


def survives(read: Callable[[bytes], RedrawnPicture], content: bytes) -> bool:
    """Return whether this picture could be read. Anything but a picture of ours or a refusal of ours fails."""
    try:
        drawn = read(content)
    except PictureRefused as refusal:
        if str(refusal) not in REFUSALS:
            raise
        return False
    assert drawn.jpeg.startswith(HEADS["JPEG"])
    assert len(drawn.jpeg) <= LARGEST
    assert max(drawn.width_px, drawn.height_px) <= SIDE_PX
    assert POSITION not in drawn.jpeg
    with Image.open(io.BytesIO(drawn.jpeg)) as opened:
        assert not opened.getexif()
    return True


def test_500_damaged_pictures_are_read_or_refused() -> None:
    numbers = random.Random(SEED)
    assert 50 < sum(survives(redraw, damaged(numbers)) for _ in range(500)) < 450  # both ways were tried


@pytest.mark.deep
@pytest.mark.timeout(3_600)  # a process for each picture
@pytest.mark.parametrize("thousand", range(10))
def test_10_000_damaged_pictures_are_read_or_refused_by_the_sandbox(thousand: int) -> None:
    """Each in a process of its own under its limits, as a picture that a runner sends."""
    numbers = random.Random(SEED + 1 + thousand)
    contents = [damaged(numbers) for _ in range(1_000)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        assert 100 < sum(pool.map(partial(survives, in_sandbox), contents)) < 900


def in_sandbox(content: bytes) -> RedrawnPicture:
    """Read a picture in the real child. A child that ends without an answer is a refusal, too: here it fails."""
    try:
        return read_picture(content)
    except PictureRefused as refusal:
        raise (refusal.__cause__ or refusal) from None


def test_a_reader_that_dies_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("challenge.messages.forms.MEMORY", 1024)
    with pytest.raises(PictureRefused):
        read_picture(picture_bytes())


@pytest.mark.django_db
class TestPictureOfAMessage:
    @pytest.fixture
    def picture(self, phone: Client) -> MessagePicture:
        phone.post("/messages/", {"text": "My foot", "pictures": [picture_file()]})
        return MessagePicture.objects.get()

    def test_it_is_encrypted_in_the_database(self, picture: MessagePicture) -> None:
        sealed = bytes(picture.content)
        opened = open_bytes(picture.sealed_key, sealed)
        assert opened.startswith(HEADS["JPEG"])
        assert opened[:16] not in sealed  # two bytes alone occur in sealed ones by chance

    def test_a_new_data_key_seals_it_again_and_it_opens(self, picture: MessagePicture, settings: Any) -> None:
        old = settings.DATA_KEY
        settings.DATA_KEY, settings.DATA_KEY_FALLBACKS = "another" * 10, (old,)
        assert reseal_all().resealed == 1
        settings.DATA_KEY_FALLBACKS = ()
        assert wrong_key_sentence() == ""
        picture.refresh_from_db()
        assert open_bytes(picture.sealed_key, bytes(picture.content)).startswith(HEADS["JPEG"])

    @pytest.mark.parametrize("change", [{"place": 1}, {"content": b"x"}, {"width_px": 1}])
    def test_it_is_written_once(self, picture: MessagePicture, change: dict[str, Any]) -> None:
        rows = MessagePicture.objects.filter(pk=picture.pk)
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.delete()

    def test_its_runner_and_their_clinician_see_it_under_a_sandbox(
        self, picture: MessagePicture, phone: Client, desk: Client, people: SimpleNamespace
    ) -> None:
        for client, path in ((phone, "/messages/pictures/"), (desk, "/admin/messages/pictures/")):
            answer = client.get(f"{path}{picture.pk}/")
            assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
            assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert "no-store" in answer["Cache-Control"]
        looks = AccessEntry.objects.filter(runner=people.enrollment.seat.user, what="picture in a message")
        assert [look.viewer for look in looks] == [people.clinician]

    def test_no_one_else_does(self, picture: MessagePicture, people: SimpleNamespace) -> None:
        other, stranger = signed_in(people.other.seat.user), signed_in(people.stranger)
        assert other.get(f"/messages/pictures/{picture.pk}/").status_code == 404
        assert stranger.get(f"/admin/messages/pictures/{picture.pk}/").status_code == 404
        assert stranger.get(f"/messages/pictures/{picture.pk}/").status_code == 403
        for path in (f"/messages/pictures/{picture.pk}/", f"/admin/messages/pictures/{picture.pk}/"):
            assert Client().get(path).status_code == 302

    def test_four_are_too_many_and_the_words_stay(self, phone: Client) -> None:
        files = [picture_file(color=color) for color in ("red", "tan", "teal", "navy")]
        answer = phone.post("/messages/", {"text": "All four", "pictures": files})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "at most 3 pictures" in page
        assert "All four</textarea>" in page
        assert not Message.objects.exists()

    def test_one_that_is_refused_is_named(self, phone: Client) -> None:
        script = SimpleUploadedFile("shoe.jpg", b"<script>", "image/jpeg")
        answer = phone.post("/messages/", {"text": "Two", "pictures": [picture_file(), script]})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "“shoe.jpg”: This isn’t a picture" in page
        assert "Choose your pictures again" in page
        assert not Message.objects.exists()
