"""What is served of the static files: our scripts without their comments, everything else as it is written."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

from thrive.settings import STORAGES
from thrive.static_files import without_comments

SCRIPTS = sorted((Path(__file__).resolve().parents[2] / "static" / "js").glob("*.js"))
LIBRARY = "mfa/js/webauthn.js"


@pytest.fixture
def collected(settings: Any, tmp_path: Path) -> Path:
    """Collect all static files as a deployment does; return their folder."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = STORAGES
    settings.WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [
        "js",
        "css",
        "svg",
        "png",
        "woff2",
        "txt",
    ]  # no compressing here
    call_command("collectstatic", verbosity=0, interactive=False)
    return tmp_path


def hashed(name: str) -> str:
    return staticfiles_storage.url(name).removeprefix("/static/")


def test_our_scripts_are_collected_without_what_is_for_readers(collected: Path) -> None:
    for source in SCRIPTS:
        served = collected / hashed(f"js/{source.name}")
        code = [line.strip() for line in source.read_text().splitlines()]
        assert served.read_text().splitlines() == [one for one in code if one and not one.startswith("//")]


def test_a_script_of_a_library_is_collected_as_it_is(collected: Path) -> None:
    source = finders.find(LIBRARY)
    assert isinstance(source, str)
    assert (collected / LIBRARY).read_bytes() == Path(source).read_bytes()
    assert (collected / hashed(LIBRARY)).exists()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_no_string_or_comment_of_a_script_goes_over_the_end_of_a_line(script: Path) -> None:
    """Else its spaces or its slashes would be part of it, and taken away."""
    for line in script.read_text().splitlines():
        if not line.strip().startswith("//"):
            assert line.count("`") % 2 == 0, line
            assert line.count("/*") == line.count("*/"), line
            assert not line.endswith("\\"), line


def test_code_keeps_its_lines_and_addresses() -> None:
    script = b"// Why.\n\n  (() => {\n    // One.\n    const a = 'https://b';  \n  })(); // kept\n"
    assert without_comments(script) == b"(() => {\nconst a = 'https://b';\n})(); // kept\n"
