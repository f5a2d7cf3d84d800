"""Files that are damaged, wrapped, misnamed or mean harm: read as far as they go, or refused in a sentence."""

import gzip
import io
import struct
import time
import zipfile
from datetime import timedelta

import pytest

from challenge.workouts.activity_files import FileResult, FileRun, archive, read
from challenge.workouts.activity_files.doubts import DoubtKind
from challenge.workouts.activity_files.reader import DOCUMENT_TYPE, EMPTY, TOO_BIG, UNKNOWN
from tests.factories.activity_files import (
    START,
    Stretch,
    fit_run,
    gpx,
    kinds,
    tcx,
    with_compressed_time_stamps,
    zipped,
)

XML = '<?xml version="1.0"?>'
SECRET = "HIDDEN-WORDS"


def refused(data: bytes, name: str = "run.gpx") -> str:
    reading = read(data, name)
    assert reading.runs == ()
    assert SECRET not in str(reading.to_json())
    return str(reading.refusal)


def only_run(reading: FileResult) -> FileRun:
    assert reading.refusal is None
    (run,) = reading.runs
    return run


def test_nothing_is_an_empty_file() -> None:
    assert refused(b"") == EMPTY


def test_too_much_is_not_opened() -> None:
    assert refused(bytes(archive.MOST_BYTES + 1)) == TOO_BIG


@pytest.mark.parametrize(
    "data", [b"hello", b"\0" * 100, b"%PDF-1.7", b"<!DOCTYPE html><html></html>", b"{}", b"\x89PNG", b"<"]
)
def test_other_files_are_told_what_we_read(data: bytes) -> None:
    assert refused(data, "x") == UNKNOWN


def test_a_fit_file_by_name_alone_is_refused_as_one() -> None:
    assert "FIT file is damaged" in refused(b"%PDF-1.7", "run.fit")


@pytest.mark.parametrize("name", ["run.gpx", "RUN.TXT", "", "../../etc/passwd", "a\0b", "x" * 5000, "🏃.zip"])
def test_the_content_decides_and_the_name_is_only_shown(name: str) -> None:
    run = only_run(read(fit_run(), name))
    assert run.file_format == "fit"
    assert len(run.file_name) <= 80
    assert "/" not in run.file_name


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.999])
@pytest.mark.parametrize("whole", [fit_run(), gpx().encode(), tcx().encode()], ids=["fit", "gpx", "tcx"])
def test_a_file_cut_off_is_read_as_far_as_it_goes(whole: bytes, share: float) -> None:
    run = only_run(read(whole[: int(len(whole) * share)], "run"))
    assert run.started_at == START
    assert DoubtKind.INCOMPLETE in kinds(run)
    assert run.cadence_spm == 168


def test_a_fit_file_whose_watch_died_before_writing_its_length_is_read() -> None:
    data = bytearray(fit_run()[:-2])
    data[4:8] = b"\0\0\0\0"
    run = only_run(read(bytes(data), "run.fit"))
    assert (run.distance_m, run.cadence_spm) == (3600, 168)
    assert DoubtKind.INCOMPLETE in kinds(run)


def test_a_fit_file_with_a_wrong_checksum_is_read_with_a_warning() -> None:
    data = bytearray(fit_run())
    data[-1] ^= 0xFF
    assert DoubtKind.INCOMPLETE in kinds(only_run(read(bytes(data), "run.fit")))


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_compressed_time_stamps_of_older_watches_are_read(share: float) -> None:
    whole = with_compressed_time_stamps(fit_run([Stretch(900)]))
    run = only_run(read(whole[: int(len(whole) * share)], "old.fit"))
    assert run.started_at == START
    assert run.cadence_spm == 168
    assert run.elapsed_s == pytest.approx(900 * share, abs=12)


def test_fit_files_written_one_after_the_other_are_all_read() -> None:
    later = START.replace(hour=20)
    reading = read(fit_run() + fit_run([Stretch(900)], start=later), "runs.fit")
    assert [run.started_at for run in reading.runs] == [START, later]
    assert all(run.warnings == () for run in reading.runs)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
def test_any_usual_encoding_is_read(encoding: str) -> None:
    head = f'<?xml version="1.0" encoding="{"iso-8859-1" if encoding == "latin-1" else encoding[:6]}"?>'
    run = only_run(read(gpx(head=head).replace("Made up", "Läufer").encode(encoding), "run.gpx"))
    assert run.source_device == "Läufer"


def test_one_bad_character_is_no_damage() -> None:
    text = gpx().replace("<name>Loop</name>", "<name>Loop \x0b & more</name>")
    run = only_run(read(text.encode(), "run.gpx"))
    assert (run.cadence_spm, run.distance_m, run.warnings) == (168, 3597, ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
@pytest.mark.parametrize(
    "subset",
    [
        f'<!DOCTYPE gpx [<!ENTITY x "{SECRET}">]>',
        '<!DOCTYPE gpx [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE gpx SYSTEM "http://localhost:1/evil.dtd">',
        '<!doctype gpx [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    ],
)
def test_document_types_and_entities_are_not_opened(subset: str, encoding: str) -> None:
    text = gpx(head=XML + subset).replace("Made up", "&x;").replace("Loop", "&x;")
    assert refused(text.encode(encoding)) == DOCUMENT_TYPE


def test_a_billion_laughs_and_a_quadratic_blow_up_cost_nothing() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else SECRET}">' for n in range(10))
    long = f'<!ENTITY a "{"x" * 100_000}">'
    started = time.process_time()
    for subset, body in ((laughs, "&l9;"), (long, "&a;" * 10_000)):
        text = gpx(head=f"{XML}<!DOCTYPE gpx [{subset}]>").replace("Loop", body)
        assert refused(text.encode()) == DOCUMENT_TYPE
    assert time.process_time() - started < 2


TWISTED = {
    "deep": "<a>" * 200_000,
    "open": "<a" * 200_000,
    "attributes": "<a " + " ".join(f'b{n}="1"' for n in range(100_000)),
    "references": "&x;" * 200_000,
    "brackets": "<" * 400_000,
}


@pytest.mark.parametrize("body", TWISTED.values(), ids=TWISTED)
def test_twisted_xml_ends_soon(body: str) -> None:
    started = time.process_time()
    assert refused(f"{XML}<gpx>{body}".encode())
    assert time.process_time() - started < 5


def test_a_zip_of_many_kinds_gives_each_run_once() -> None:
    run = fit_run()
    files = [
        ("activities/a.fit", run),
        ("activities/copy.fit", run),
        ("../../b.gpx", gpx(start=START.replace(day=11)).encode()),
        ("c.fit.gz", gzip.compress(fit_run(start=START.replace(day=12)))),
        ("notes.txt", b"hello"),
        ("__MACOSX/._a.fit", b"x"),
        (".DS_Store", b"x"),
    ]
    reading = read(zipped(files), "export.zip")
    assert [run.started_at.day for run in reading.runs] == [10, 11, 12]
    assert [run.file_name for run in reading.runs] == ["a.fit", "b.gpx", "c.fit.gz"]
    assert len({run.file_sha256 for run in reading.runs}) == 3
    assert any("twice" in warning for warning in reading.warnings)
    assert any("notes.txt" in warning for warning in reading.warnings)


def test_the_same_run_from_a_watch_and_an_app_is_pointed_out() -> None:
    later = START + timedelta(seconds=90)
    reading = read(zipped([("watch.fit", fit_run()), ("app.gpx", gpx(start=later).encode())]), "two.zip")
    assert len(reading.runs) == 2
    assert reading.warnings == (
        "“watch.fit” and “app.gpx” start at the same time: they may be the same run.",
    )


def test_a_zip_of_one_file_speaks_as_the_file_does() -> None:
    assert "a bike ride" in refused(zipped([("ride.gpx", gpx(kind="cycling").encode())]))


def test_a_zip_without_any_run_says_what_each_file_is() -> None:
    reading = read(zipped([("a.gpx", gpx(kind="cycling").encode()), ("b.txt", b"hello")]), "x.zip")
    assert "None of the 2 files" in str(reading.refusal)
    assert len(reading.warnings) == 2


def test_zips_inside_zips_locked_and_empty_ones_are_refused_kindly() -> None:
    inner = zipped([("a.fit", fit_run())])
    assert refused(zipped([("inner.zip", inner)])) == archive.NESTED
    assert refused(zipped([])) == archive.EMPTY_ZIP
    locked = bytearray(zipped([("a.fit", fit_run())]))
    locked[6] |= 1
    locked[locked.rfind(b"PK\x01\x02") + 8] |= 1
    assert refused(bytes(locked)) == archive.ENCRYPTED
    assert refused(zipped([("a.fit", fit_run())], zipfile.ZIP_BZIP2)) == archive.ODD_METHOD


def test_a_zip_of_too_many_files_is_not_opened() -> None:
    assert refused(zipped([(f"{n}.fit", b"x") for n in range(archive.MOST_ENTRIES + 1)])) == archive.TOO_MANY
    crowded = bytearray(zipped([("a.fit", fit_run())]))
    struct.pack_into("<I", crowded, crowded.rfind(b"PK\x05\x06") + 12, archive.MOST_DIRECTORY + 1)
    assert refused(bytes(crowded)) == archive.TOO_MANY


def test_a_bomb_stops_at_the_limit() -> None:
    started = time.process_time()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bomb:
        for n in range(2):
            with bomb.open(f"{n}.gpx", "w", force_zip64=True) as file:
                for _ in range(archive.MOST_UNPACKED // 2_000_000 + 1):
                    file.write(b" " * 2_000_000)
    assert "None of the 2" in refused(buffer.getvalue())
    assert refused(gzip.compress(bytes(archive.MOST_UNPACKED + 1), 1)) == archive.TOO_BIG
    assert time.process_time() - started < 20


def test_a_zip_without_its_table_of_contents_is_read_file_by_file() -> None:
    whole = zipped([("a.fit", fit_run()), ("x/b.gpx", gpx(start=START.replace(day=11)).encode())])
    reading = read(whole[: whole.index(b"PK\x01\x02")], "two.zip")
    assert [run.file_name for run in reading.runs] == ["a.fit", "b.gpx"]
    assert reading.warnings == (archive.BROKEN_ZIP,)
    assert all(run.warnings == () for run in reading.runs)


def test_the_last_file_of_a_zip_cut_off_is_read_as_far_as_it_goes() -> None:
    whole = zipped([("a.fit", fit_run()), ("b.gpx", gpx(start=START.replace(day=11)).encode())])
    reading = read(whole[: whole.index(b"PK\x01\x02") * 9 // 10], "two.zip")
    assert [DoubtKind.INCOMPLETE in kinds(run) for run in reading.runs] == [False, True]
    assert refused(whole[:30]) == archive.BAD_ZIP


@pytest.mark.parametrize("pack", ["zip", "gzip"])
def test_a_packed_file_with_a_bad_spot_is_read_up_to_it(pack: str) -> None:
    data = gpx().encode()
    packed = bytearray(zipped([("a.gpx", data)]) if pack == "zip" else gzip.compress(data))
    packed[len(packed) * 3 // 4] ^= 0xFF
    run = only_run(read(bytes(packed), "a"))
    assert DoubtKind.INCOMPLETE in kinds(run)
    assert run.cadence_spm == 168


def test_a_crowd_of_empty_files_without_a_table_of_contents_costs_little() -> None:
    one = zipped([("a", b"")])
    crowd = one[: one.index(b"PK\x01\x02")] * 500_000
    started = time.process_time()
    assert refused(crowd) == archive.BAD_ZIP
    assert time.process_time() - started < 10


def test_a_gzipped_file_cut_off_is_read_as_far_as_it_goes() -> None:
    packed = gzip.compress(fit_run())
    assert DoubtKind.INCOMPLETE in kinds(only_run(read(packed[: len(packed) * 3 // 4], "run.fit.gz")))
