"""The guide's articles in reading order, and the studies they cite. The text is in templates.

Of a study: what was done, what was found, and where to read it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Study:
    """One study. `found` is its result in our words.

    `is_about_carrying_on`: its result would tell a stopped runner that running on does no harm.
    """

    short: str
    citation: str
    doi: str
    found: str
    is_about_carrying_on: bool = False

    @property
    def url(self) -> str:
        """Return the address that resolves the DOI."""
        return f"https://doi.org/{self.doi}"


STUDIES: dict[str, Study] = {
    "silbernagel": Study(
        "Silbernagel 2007",
        "Silbernagel KG, Thomeé R, Eriksson BI, Karlsson J. Continued sports activity, using a "
        "pain-monitoring model, during rehabilitation in patients with Achilles tendinopathy. American "
        "Journal of Sports Medicine 2007;35:897–906.",
        "10.1177/0363546506298279",
        "38 people with Achilles trouble followed the same strength program. Half kept running and "
        "jumping under a pain limit, half stopped for six weeks. Both improved; keeping going did no "
        "harm.",
        is_about_carrying_on=True,
    ),
    "heiderscheit": Study(
        "Heiderscheit 2011",
        "Heiderscheit BC, Chumanov ES, Michalski MP, Wille CM, Ryan MB. Effects of step rate "
        "manipulation on joint mechanics during running. Medicine & Science in Sports & Exercise "
        "2011;43:296–302.",
        "10.1249/MSS.0b013e3181ebedf4",
        "45 healthy runners at one speed, with steps 5 and 10% quicker or slower. At 5% "
        "quicker the knee absorbed about a fifth less energy a step; the hip needed 10%.",
    ),
    "rio": Study(
        "Rio 2015",
        "Rio E, Kidgell D, Purdam C, Gaida J, Moseley GL, Pearce AJ, Cook J. Isometric exercise "
        "induces analgesia and reduces inhibition in patellar tendinopathy. British Journal of Sports "
        "Medicine 2015;49:1277–1283.",
        "10.1136/bjsports-2014-094386",
        "Five holds of 45 seconds eased pain for at least 45 minutes, in six volleyball players with "
        "knee-tendon pain. A small study of another tendon; in the Achilles the relief varies from "
        "person to person.",
    ),
    "beyer": Study(
        "Beyer 2015",
        "Beyer R, Kongsgaard M, Hougs Kjær B, Øhlenschlæger T, Kjær M, Magnusson SP. Heavy slow "
        "resistance versus eccentric training as treatment for Achilles tendinopathy. American "
        "Journal of Sports Medicine 2015;43:1704–1711.",
        "10.1177/0363546515584760",
        "A randomized trial of heavy slow strength three times a week against daily heel drops. Both "
        "groups did well at twelve weeks and at a year.",
    ),
    "barton": Study(
        "Barton 2016",
        "Barton CJ, Bonanno DR, Carr J, Neal BS, Malliaras P, Franklyn-Miller A, Menz HB. Running "
        "retraining to treat lower limb injuries: a mixed-methods study. British Journal of Sports "
        "Medicine 2016;50:513–526.",
        "10.1136/bjsports-2015-095278",
        "A review with sixteen experts: step rate and strike can be changed, and the change has to "
        "fit the runner. For pain at the front of the shin, what there is points toward a midfoot or "
        "forefoot strike.",
    ),
    "frandsen": Study(
        "Schuster Brandt Frandsen 2025",
        "Schuster Brandt Frandsen J, Hulme A, Parner ET, et al. How much running is too much? "
        "Identifying high-risk running sessions in a 5200-person cohort study. British Journal of "
        "Sports Medicine 2025;59:1203–1210.",
        "10.1136/bjsports-2024-109380",
        "5,205 runners and 588,071 sessions. Against the longest run of the last 30 days, a run "
        "10–30% longer came with a 64% higher rate of overuse injury, one 30–100% longer with 52%, and "
        "one more than twice as long with 128%; the weekly total said little.",
    ),
    "buist": Study(
        "Buist 2008",
        "Buist I, Bredeweg SW, van Mechelen W, Lemmink KA, Pepping GJ, Diercks RL. No effect of a "
        "graded training program on the number of running-related injuries in novice runners. "
        "American Journal of Sports Medicine 2008;36:33–39.",
        "10.1177/0363546507307505",
        "532 new runners, half of them held to 10% more a week. They were injured as often as the others.",
    ),
    "nielsen": Study(
        "Nielsen 2014",
        "Nielsen RØ, Parner ET, Nohr EA, Sørensen H, Lind M, Rasmussen S. Excessive progression in "
        "weekly running distance and risk of running-related injuries. Journal of Orthopaedic & "
        "Sports Physical Therapy 2014;44:739–747.",
        "10.2519/jospt.2014.5164",
        "873 new runners followed for a year. More than 30% in a week came with more of some "
        "injuries; overall the difference could have been chance.",
    ),
    "matthews": Study(
        "Matthews 2021",
        "Matthews W, Ellis R, Furness J, Hing WA. The clinical diagnosis of Achilles tendinopathy: a "
        "scoping review. PeerJ 2021;9:e12166.",
        "10.7717/peerj.12166",
        "159 articles on how the condition is recognized: pain in the tendon itself, brought on by "
        "loading it, such as heel raises and hops, with stiffness in the morning.",
    ),
    "willy_treadmill": Study(
        "Willy 2016",
        "Willy RW, Halsey L, Hayek A, Johnson H, Willson JD. Patellofemoral joint and Achilles tendon "
        "loads during overground and treadmill running. Journal of Orthopaedic & Sports Physical "
        "Therapy 2016;46:664–672.",
        "10.2519/jospt.2016.6494",
        "18 healthy runners, at their own speed on a treadmill and on the ground. The treadmill cost the "
        "Achilles about 12% more peak force, and 14% more over each kilometer; for the knee there was no "
        "difference.",
    ),
    "lyght": Study(
        "Lyght 2016",
        "Lyght M, Nockerts M, Kernozek TW, Ragan R. Effects of foot strike and step frequency on Achilles "
        "tendon stress during running. Journal of Applied Biomechanics 2016;32:365–372.",
        "10.1123/jab.2015-0183",
        "19 women ran on the heel and on the forefoot, at their own cadence and 5% either way. On the heel "
        "the peak stress in the Achilles was lower, and with 5% more steps it was lower on either strike.",
    ),
    "almonroeder": Study(
        "Almonroeder 2013",
        "Almonroeder T, Willson JD, Kernozek TW. The effect of foot strike pattern on Achilles tendon load "
        "during running. Annals of Biomedical Engineering 2013;41:1758–1766.",
        "10.1007/s10439-013-0819-1",
        "19 women, barefoot. Those who landed farther forward put about 11% more load through the Achilles "
        "with each step than those who landed on the heel.",
    ),
    "jonsson": Study(
        "Jonsson 2008",
        "Jonsson P, Alfredson H, Sunding K, Fahlström M, Cook J. New regimen for eccentric calf-muscle "
        "training in patients with chronic insertional Achilles tendinopathy: results of a pilot study. "
        "British Journal of Sports Medicine 2008;42:746–749.",
        "10.1136/bjsm.2007.039545",
        "27 patients with pain at the heel bone did their calf work without letting the heel below the "
        "floor. 18 were satisfied and back at what they did before. A small study without a comparison.",
    ),
    "willy_knee": Study(
        "Willy 2019",
        "Willy RW, Hoglund LT, Barton CJ, et al. Patellofemoral pain: clinical practice guidelines. Journal "
        "of Orthopaedic & Sports Physical Therapy 2019;49:CPG1–CPG95.",
        "10.2519/jospt.2019.0302",
        "A guideline for pain around the kneecap: exercises for hip and knee together come first.",
    ),
    "leppanen": Study(
        "Leppänen 2024",
        "Leppänen M, Viiala J, Kaikkonen P, et al. Hip and core exercise programme prevents running-related "
        "overuse injuries in adult novice recreational runners: a three-arm randomised controlled trial. "
        "British Journal of Sports Medicine 2024;58:722–732.",
        "10.1136/bjsports-2023-107926",
        "325 new runners for 24 weeks. With hip and core work the rate of leg injuries was about a third lower "
        "than with stretching; a group that trained ankle and foot had no fewer overuse injuries and more acute ones.",
    ),
}


@dataclass(frozen=True)
class Article:
    """One article. `sources` are keys of `STUDIES`; `lists_exercises`: it links those of each phase;
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
