"""Find product functions, methods, properties and classes that nothing uses; `make check` runs it.

Vulture reads the product alone, so code that only tests call is dead. A name also counts as used when a template tag
or a dotted path in a string holds it. What a framework calls by its name is listed below. Fields, options and enum
members are left out: vulture cannot see which of them Django or the stored data use.
"""

import re
import sys
from pathlib import Path

from vulture.core import Vulture

ROOT = Path(__file__).resolve().parent.parent
KINDS = {"function", "method", "property", "class"}
TEMPLATE_TAG = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)
DOTTED_PATH = re.compile(r'"(\w+(?:[.:]\w+)+)"')

REGISTERED = ["@admin.register", "@receiver", "@register.*", "@*.connect", "@*.register_lookup"]
CALLED_BY_NAME = {
    "options of models, forms and apps": ["Meta", "ChallengeConfig", "ThriveConfig"],
    "management commands": ["Command", "add_arguments", "handle"],
    "forms and their fields": ["clean_*", "compress", "form_invalid", "prepare_value", "valid_value"],
    "the admin": [
        *("lookups", "get_readonly_fields", "get_prepopulated_fields", "_get_obj_does_not_exist_redirect")
    ],
    "names that an option or a table of ours holds as a string": [
        "adherence",
        "desk",
        "seat_state",
        "second_factors",
        "waiting_roles",
    ],
    "middleware": ["process_request", "process_view"],
    "session stores": ["_get_new_session_key"],
    "upload handlers": ["new_file", "receive_data_chunk", "file_complete"],
    "managers of users": ["create_superuser", "get_by_natural_key"],
    "lookups": ["as_sql"],
    "allauth's adapters and forms": [
        *("send_mail", "is_open_for_signup", "generate_authenticator_name", "_setup_password_field")
    ],
    "the HTML parser of the standard library": ["handle_starttag", "handle_endtag"],
    "streams that zipfile writes to": ["writable"],
    "gunicorn's hooks": [
        "when_ready",
        "set_accept_enabled",
        "on_starting",
        "on_exit",
        "pre_request",
        "post_request",
    ],
    "collectors of Prometheus": ["collect"],
}


def names_in_templates_and_paths() -> set[str]:
    """Return every word of a template tag and every part of a dotted path in a string."""
    templates = [file.read_text() for file in ROOT.glob("templates/**/*") if file.is_file()]
    code = [file.read_text() for part in ("challenge", "thrive") for file in ROOT.glob(f"{part}/**/*.py")]
    found = [tag for text in templates for tag in TEMPLATE_TAG.findall(text)]
    found += [path for text in code for path in DOTTED_PATH.findall(text)]
    return {word for text in found for word in re.findall(r"\w+", text)}


def main() -> int:
    """Print what nothing uses and return 1 if there is anything."""
    hooks = [name for names in CALLED_BY_NAME.values() for name in names]
    vulture = Vulture(ignore_names=hooks, ignore_decorators=REGISTERED)
    vulture.scavenge(["challenge", "thrive", "manage.py"], exclude=["*/migrations/*"])
    used = names_in_templates_and_paths()
    # 60 is vulture's figure for a name that is never read.
    unused = [i for i in vulture.get_unused_code(min_confidence=60) if i.typ in KINDS and i.name not in used]
    for item in unused:
        place = f"{item.filename.relative_to(ROOT)}:{item.first_lineno}"
        print(f"{place}: nothing uses the {item.typ} {item.name}")
    return int(bool(unused))


if __name__ == "__main__":
    sys.exit(main())
