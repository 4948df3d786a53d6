"""What a group of sites brings and asks for in its busiest hour, derived from the requirement's figures (AI-21)."""

from dataclasses import dataclass

from tooling.bench.studies import SLICES

# A year of a site: the requirement says 8,000 to 13,000 films, 30 to 50 a day. 50 sites have 500,000 and 60,000 CBCTs.
FILMS, CBCTS = 10_000, 1_200
DAYS, HOURS = 250, 8
# The busiest hour of the year is to an average one as three to one.
PEAK = 3
# Who made a study opens it, and who sent the patient. Each opening begins with a page of the worklist or, in other
# programs, with a search by QIDO-RS: both are asked for as often.
OPENINGS = 2


@dataclass(frozen=True)
class Demand:
    """Of a group; `an_hour` means its busiest."""

    sites: int

    @property
    def films_a_year(self) -> int:
        return self.sites * FILMS

    @property
    def cbcts_a_year(self) -> int:
        return self.sites * CBCTS

    @property
    def films_a_site_and_day(self) -> float:
        return FILMS / DAYS

    @property
    def films_an_hour(self) -> float:
        return _busiest(self.films_a_year)

    @property
    def cbcts_an_hour(self) -> float:
        return _busiest(self.cbcts_a_year)

    @property
    def openings_an_hour(self) -> float:
        """Of as many searches, and pages of the worklist."""
        return OPENINGS * (self.films_an_hour + self.cbcts_an_hour)

    @property
    def frames_an_hour(self) -> float:
        """Of a film its one, of a volume each slice."""
        return OPENINGS * (self.films_an_hour + SLICES * self.cbcts_an_hour)


def _busiest(a_year: int) -> float:
    return a_year / DAYS / HOURS * PEAK
