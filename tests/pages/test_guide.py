"""The guide is open to anyone, whole, and names its sources."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.db import OperationalError, connection
from django.template.loader import render_to_string
from django.test import Client

from challenge.pages import guide
from challenge.pages.exercise_figures import FIGURES, ON_THE_FLOOR, SPARING
from challenge.pages.exercise_pages import by_phase, by_track, slugs
from challenge.pages.guide import STUDIES
from challenge.pages.method import method_facts
from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.exercises import guarded_form
from challenge.protocol.vocabulary import ExerciseId, FormKind, Site

EXERCISES = [exercise.value for exercise in CATALOG]


def away(*args: Any) -> None:
    raise OperationalError("the server closed the connection")


@pytest.mark.django_db
@pytest.mark.parametrize("slug", guide.BY_SLUG)
def test_every_article_opens_without_an_account_and_without_the_database(client: Client, slug: str) -> None:
    with connection.execute_wrapper(away):
        assert client.get(f"/guide/{slug}/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("slug", EXERCISES)
def test_every_exercise_opens_without_an_account(client: Client, slug: str) -> None:
    assert client.get(f"/guide/{slug}/").status_code == 200


def test_an_unknown_page_is_not_found(client: Client) -> None:
    assert client.get("/guide/miracle-cure/").status_code == 404
    assert client.get("/guide/sheet/4/").status_code == 404


OWN_FORMS = [
    (exercise.value, kind)
    for exercise in CATALOG
    for kind in (FormKind.EASIER, FormKind.FLAT)
    if guarded_form(exercise, kind)
]


def test_every_form_with_a_page_of_its_own_has_its_own_figure() -> None:
    assert {slug for slug, kind in OWN_FORMS if kind is FormKind.EASIER} == set(SPARING)
    assert {slug for slug, kind in OWN_FORMS if kind is FormKind.FLAT} == set(ON_THE_FLOOR)


@pytest.mark.django_db
@pytest.mark.parametrize(("slug", "kind"), OWN_FORMS)
def test_a_form_with_its_own_page_shows_nothing_of_the_full_form(
    client: Client, slug: str, kind: FormKind
) -> None:
    page = client.get(f"/guide/{slug}/{kind.value}/").content.decode().replace("&#x27;", "'")
    described = CATALOG[ExerciseId(slug)]
    figures = {FormKind.EASIER: SPARING, FormKind.FLAT: ON_THE_FLOOR}[kind]
    assert described.form(kind).how in page
    assert described.form(kind).steps
    assert all(step in page for step in described.form(kind).steps)
    assert not [step for step in described.steps if step in page and step not in described.form(kind).steps]
    assert described.standard.name not in page.replace(described.form(kind).name, "")
    assert all(scene.word in page for scene in figures[slug])
    assert FIGURES[slug][0].word not in page


@pytest.mark.parametrize(
    "path",
    ["heavy_calf_raise/easier", "cadence/easier", "miracle-cure/flat", "skipping/flat", "wall_sit/easier"],
)
def test_a_form_without_its_own_page_is_not_found(client: Client, path: str) -> None:
    assert client.get(f"/guide/{path}/").status_code == 404


def test_every_exercise_of_the_catalog_has_a_figure_and_a_place() -> None:
    assert set(FIGURES) == {exercise.value for exercise in CATALOG}
    assert set(slugs()) == set(CATALOG)


@pytest.mark.django_db
def test_the_hub_lists_each_track_with_its_exercises(client: Client) -> None:
    page = client.get("/guide/").content.decode()
    for group in by_track():
        assert f'id="{group.site}"' in page
        assert group.lead in page
        assert all(f'href="/guide/{shown.slug}/"' in page for shown in group.pages)
    assert {shown.exercise.track for shown in by_track()[0].pages} == {Site.KNEE}


@pytest.mark.django_db
def test_a_page_of_a_track_says_that_a_clinician_approves_it_and_whose_it_is(client: Client) -> None:
    page = client.get("/guide/hip_hike/").content.decode()
    assert "a clinician has to OK it first" in page
    assert "a proposal until the clinic confirms it" in page
    assert "3 × 8 each leg, the sore one first" in page
    assert "three times a week" in page
    assert "On one sheet" not in page
    assert "has to OK it first" not in client.get("/guide/heavy_calf_raise/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("exercise", list(CATALOG.values()), ids=str)
def test_an_exercise_page_has_all_that_doing_it_safely_takes(client: Client, exercise: object) -> None:
    page = client.get(f"/guide/{exercise.id.value}/").content.decode()  # type: ignore[attr-defined]
    texts = [*exercise.steps, exercise.feel, exercise.never, exercise.easier.name, exercise.harder.name]  # type: ignore[attr-defined]
    plain = page.replace("&#x27;", "'").replace("&quot;", '"')
    assert [words for words in texts if words not in plain] == []


@pytest.mark.parametrize("article", guide.ARTICLES, ids=str)
def test_a_study_that_an_article_cites_is_listed_under_it(article: guide.Article) -> None:
    page = render_to_string(
        article.template, {"article": article, "phases": by_phase(), "tracks": by_track()}
    )
    cited = set(re.findall(r'href="#([a-z-]+-\d{4})"', page))
    assert cited <= set(re.findall(r'<li id="([^"]+)"', page))


def test_every_study_is_used_and_has_a_doi() -> None:
    assert {key for article in guide.ARTICLES for key in article.sources} == set(STUDIES)
    assert all(re.fullmatch(r"10\.\d{4,}/\S+", study.doi) for study in STUDIES.values())


@pytest.mark.django_db
@pytest.mark.parametrize("word", ["guarantee", "cures", "heals you", "pain-free for life"])
def test_nothing_is_promised(client: Client, word: str) -> None:
    pages = [client.get(f"/guide/{slug}/").content.decode().lower() for slug in guide.BY_SLUG]
    assert not any(word in page for page in pages)


def test_the_manifest_is_json_and_its_pictures_exist(client: Client) -> None:
    manifest = client.get("/site.webmanifest").json()
    assert manifest["start_url"] == "/today/"
    assert all(finders.find(icon["src"].removeprefix("/static/")) for icon in manifest["icons"])


def test_the_sitemap_names_every_page_and_robots_the_sitemap(client: Client) -> None:
    sitemap = client.get("/sitemap.xml").content.decode()
    assert all(f"/guide/{slug}/</loc>" in sitemap for slug in [*guide.BY_SLUG, *EXERCISES])
    assert "/sitemap.xml" in client.get("/robots.txt").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("outdoors-and-treadmill", "about 12% more peak force, and 14% more over each kilometer"),
        ("strike", "landing on the heel lowered the peak stress in the Achilles"),
        ("strike", "about 11% more load through it with each step"),
        ("recovery", "10–30% longer came with a 64% higher rate of overuse injury, 30–100% longer with 52%"),
        ("spring-and-brake", "trial of 38 patients"),
        ("what-does-not-last", "trial of 38 patients"),
        ("phases", "the heel never goes below the floor"),
        ("phases", "stays under 45 minutes"),
        ("pain", "Pain in a joint or in bone is never"),
    ],
)
def test_an_article_says_what_the_study_found(client: Client, slug: str, words: str) -> None:
    assert words in client.get(f"/guide/{slug}/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "claim", ["no study", "not a finding of a study", "never more, and", "where it should be"]
)
def test_no_page_claims_what_is_not_so(client: Client, claim: str) -> None:
    pages = [client.get(f"/guide/{slug}/").content.decode() for slug in guide.BY_SLUG]
    pages.append(render_to_string("pages/home.html", {"method": method_facts(), "announcement": {}}))
    assert not any(claim in page for page in pages)


@pytest.mark.django_db
def test_joint_pain_comes_before_the_colors(client: Client) -> None:
    page = client.get("/guide/pain/").content.decode()
    assert page.index("Pain in a joint or in bone") < page.index('class="bands"')


@pytest.mark.parametrize(("phase", "minutes"), [(1, 35), (2, 35), (3, 25)])
def test_a_sheet_says_how_long_its_session_takes(client: Client, phase: int, minutes: int) -> None:
    page = client.get(f"/guide/sheet/{phase}/").content.decode()
    assert f"A session with all of it takes about {minutes} minutes." in page
    assert ("Drills are part of a run." in page) is (phase == 3)


def test_on_paper_the_footer_goes_and_the_drawn_feet_stay() -> None:
    css = Path("static/css/base.css").read_text()
    on_paper = css[css.index("@media print") :]
    assert "footer.foot," in on_paper
    # A figure's foot has the same class as the footer.
    assert not re.search(r"^\s*\.foot\b", on_paper, re.MULTILINE)
