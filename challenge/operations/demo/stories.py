"""Twenty invented runners: how each runs, what hurts, and what happens to them."""

from dataclasses import dataclass

from challenge.protocol.vocabulary import Arch, FootStrike, Shoe, Side, Site, Surface, Symptom


@dataclass(frozen=True)
class RunnerStory:
    """One runner's habits. Cadence in steps a minute of both feet, distances in meters, pain 0 to 10.

    `follows` is how many of ten runs keep the target; `eases_in` the weeks until pain has fallen to `settles_at`;
    `growth_percent` is how much longer the runs become each week;
    `red_week`, `stop_week`, `pause_week` and `silent_from` are weeks of the challenge, 0 for never. So are
    `tested_week`, when a clinician tests heel raises and hops, `track_week`, when the track of a knee or hip is
    approved, and `later_week`, when `later_site` begins to hurt on runs; with `bruised` it is a bruise, and no
    complaint.
    """

    name: str
    baseline_spm: int | None
    days: tuple[int, ...] = (1, 3, 5)
    usual_m: int = 6400
    long_m: int = 11200
    growth_percent: int = 3
    follows: int = 9
    site: Site | None = Site.ACHILLES
    side: Side = Side.LEFT
    pain: int = 4
    settles_at: int = 1
    eases_in: int = 5
    knee_too: bool = False
    strike: FootStrike = FootStrike.MIDFOOT
    surface: Surface = Surface.ROAD
    arch: Arch = Arch.STEADY
    shoe: Shoe = Shoe.EVEN
    strength: tuple[int, ...] = (0, 2, 4)
    counts: bool = False
    red_week: int = 0
    worse_week: int = 0
    stop_week: int = 0
    stop: Symptom = Symptom.LIMP
    pause_week: int = 0
    tested_week: int = 0
    track_week: int = 0
    later_site: Site | None = None
    later_week: int = 0
    bruised: bool = False
    silent_from: int = 0
    time_zone: str = "America/Chicago"
    uses_kilometers: bool = False
    only_a_link: bool = False
    goals: tuple[str, ...] = ("recurring_aches", "tendon_capacity")


STORIES = (
    RunnerStory("Maren Oduya", 160),
    RunnerStory("Tobias Lind", 150, days=(0, 2, 4, 6), long_m=8000, growth_percent=9, tested_week=6),
    RunnerStory("Ines Castellanos", 170, site=Site.CALF, pain=3, tested_week=6),
    RunnerStory("Desmond Achterberg", 182, site=Site.FOOT, side=Side.RIGHT, pain=3, tested_week=6),
    RunnerStory("Priya Venkatesan", 164, knee_too=True, side=Side.BOTH),
    RunnerStory("Halvard Nyström", 158, surface=Surface.TREADMILL, days=(0, 2, 4), tested_week=6),
    RunnerStory("Callum Breckenridge", 166, days=(5,), goals=("form_and_mechanics",)),
    RunnerStory(
        "Yuki Tanabe",
        None,
        counts=True,
        time_zone="America/Los_Angeles",
        later_site=Site.KNEE,
        later_week=5,
    ),
    RunnerStory("Rosalind Mbeki", 162, red_week=2, side=Side.RIGHT, pain=5, settles_at=2),
    RunnerStory(
        "Gideon Farrow",
        168,
        follows=0,
        goals=("stronger_and_faster",),
        later_site=Site.CALF,
        later_week=5,
        bruised=True,
    ),
    RunnerStory("Lucía Amezcua", 172, pause_week=4, uses_kilometers=True),
    RunnerStory(
        "Anton Verhoeven",
        156,
        worse_week=3,
        arch=Arch.COLLAPSING,
        shoe=Shoe.TILTS_INWARD,
        site=Site.INNER_SHIN,
    ),
    RunnerStory("Beatrix Holloway", 165, stop_week=7, stop=Symptom.LIMP, side=Side.RIGHT),
    RunnerStory(
        "Samir Haddad",
        174,
        site=None,
        pain=0,
        settles_at=0,
        goals=("future_injuries", "stronger_and_faster"),
        tested_week=6,
    ),
    RunnerStory(
        "Freya Lindqvist", 161, site=Site.KNEE, side=Side.RIGHT, pain=3, strike=FootStrike.HEEL, track_week=2
    ),
    RunnerStory("Owen Matsuda", 167, stop_week=3, silent_from=7),
    RunnerStory(
        "Nkechi Obiora",
        169,
        days=(1, 3, 5, 6),
        growth_percent=6,
        surface=Surface.TRAIL,
        later_site=Site.KNEE,
        later_week=2,
    ),
    RunnerStory(
        "Piotr Wasilewski", 163, site=Site.HIP, side=Side.LEFT, pain=3, only_a_link=True, track_week=2
    ),
    RunnerStory("Clementine Dubois", 171, strength=(2,), time_zone="America/New_York"),
    RunnerStory("Jasper Ngata", 159, strike=FootStrike.FOREFOOT, pain=5, settles_at=2, eases_in=7),
)

OPEN_NAMES = (
    "Ada Fenwick",
    "Bram Kowalczyk",
    "Celeste Irwin",
    "Dario Pinheiro",
    "Edda Halvorsen",
    "Farid Noorzai",
    "Greta Solheim",
    "Hugo Lachance",
    "Imani Roper",
    "Jonas Petrov",
    "Keiko Arai",
    "Lars Bakker",
    "Mina Stavros",
)
