"""The guide's articles in reading order. The text is in templates; this is what lists and links need."""

from dataclasses import dataclass

from challenge.pages.citations import STUDIES, Study


@dataclass(frozen=True)
class Article:
    """One article. `sources` are keys of `citations.STUDIES`; `lists_exercises`: it links those of each phase;
    `has_numbers`: it states numbers that a challenge may set otherwise.
    """

    slug: str
    title: str
    lead: str
    sources: tuple[str, ...] = ()
    lists_exercises: bool = False
    has_numbers: bool = False

    @property
    def template(self) -> str:
        """Return the template with the text."""
        return f"pages/guide/{self.slug}.html"

    @property
    def studies(self) -> tuple[Study, ...]:
        """Return the cited studies."""
        return tuple(STUDIES[key] for key in self.sources)


ARTICLES: tuple[Article, ...] = (
    Article(
        "spring-and-brake",
        "A spring, not a brake",
        "What your Achilles is for, why it complains, and why capacity beats flexibility.",
        ("matthews", "silbernagel"),
    ),
    Article(
        "recovery",
        "Recovery is part of the dose",
        "Most runners who hurt don’t run too much for their lungs. They recover too little for what they ask of "
        "their tendons.",
        ("frandsen", "silbernagel"),
        has_numbers=True,
    ),
    Article(
        "three-mistakes",
        "Three mistakes, and what to do instead",
        "More miles than the tissue can keep up with; a weak inner ankle; form that asks too much of the ankle.",
        ("frandsen", "buist", "nielsen"),
        has_numbers=True,
    ),
    Article(
        "cadence",
        "A quicker, shorter step",
        "How your weekly number is made, and what a quicker step buys.",
        ("heiderscheit", "lyght", "barton"),
        has_numbers=True,
    ),
    Article(
        "strike",
        "How your foot lands",
        "No strike is good or bad. Each one moves the work somewhere else.",
        ("lyght", "almonroeder", "barton"),
        has_numbers=True,
    ),
    Article(
        "outdoors-and-treadmill",
        "Outdoors and the treadmill",
        "The same run, but not the same steps: what the ground changes, and what the belt does.",
        ("willy_treadmill",),
    ),
    Article(
        "what-does-not-last",
        "What doesn’t work for long",
        "Stretching, complete rest, new shoes and daily massage: what each can and can’t do.",
        ("silbernagel", "beyer"),
    ),
    Article(
        "phases",
        "Three phases, one track",
        "Settle the pain, build the tendon, give the spring back. A clinician moves you on.",
        ("rio", "beyer", "silbernagel", "jonsson", "willy_knee", "leppanen"),
        lists_exercises=True,
        has_numbers=True,
    ),
    Article(
        "pain",
        "Pain, in numbers",
        "What 0 to 10 means here, what the next morning tells, and when to stop.",
        ("silbernagel", "matthews"),
        has_numbers=True,
    ),
)
BY_SLUG = {article.slug: article for article in ARTICLES}


def neighbors(slug: str) -> tuple[Article | None, Article | None]:
    """Return the previous and the next article."""
    place = [article.slug for article in ARTICLES].index(slug)
    before = ARTICLES[place - 1] if place else None
    after = ARTICLES[place + 1] if place + 1 < len(ARTICLES) else None
    return before, after
