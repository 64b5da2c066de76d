"""The enterprise population: what is known of every enterprise on the register."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from agents.table import AgentTable, Bools, Floats, Ints, column


class Stage(IntEnum):
    """Where an enterprise stands on the cultivation ladder (梯度培育).

    Columns are compared with `.value`: NumPy takes the enum itself for a 64-bit number and widens the column first.
    """

    STARTUP = 0  # 初创小微, and everything that is neither of the other two
    HIGH_GROWTH = 1  # 高成长性: an episode, not a rank
    LEADER = 2  # 领军: unicorn-size, see the city's thresholds


class Origin(IntEnum):
    """How an enterprise came to the city."""

    OPENING = 0
    FOUNDED = 1
    SPIN_OFF = 2
    ATTRACTED = 3


class Recognition(IntEnum):
    """Column of each recognition (认定) in `until` and `first`, in the order of the city's rules."""

    TECH_SME = 0
    HNTE = 1
    SRDI = 2
    LITTLE_GIANT = 3
    TECH_CENTRE = 4


N_RECOGNITIONS = len(Recognition)
NEVER = 0
"""Quarter number that stands for "never happened"; real quarters count from year 0 and are far larger."""


# quarters since year 0 fit into two bytes up to the year 8191; narrow columns keep the copy of every fork small
# fmt: off
@dataclass(slots=True, eq=False)
class Enterprises(AgentTable):
    """Row i of every column is the same enterprise on the register."""

    slot:         Ints   = column("i8", "id",       "identity shared by every scenario, see sim.streams")
    born:         Ints   = column("i2", "quarter",  "quarter of founding; may lie before the start")
    closes:       Ints   = column("i1", "quarter of the year", "quarter in which its business year closes, 0 to 3")
    origin:       Ints   = column("i1", "Origin",   "how it came to the city")
    district:     Ints   = column("i1", "code",     "district (区、县、市), position in the city's list")
    track:        Ints   = column("i1", "code",     "track (赛道), position in the city's list")
    future:       Bools  = column("?",  "yes/no",   "its track is a future industry (未来产业)")
    zone:         Ints   = column("i2", "code",     "1 + position of its pilot zone (先导区); 0 outside any")
    zone_since:   Ints   = column("i2", "quarter",  "quarter in which it became a tenant of its zone")
    stage:        Ints   = column("i1", "Stage",    "rung of the cultivation ladder")
    dormant:      Bools  = column("?",  "yes/no",   "on the register but without activity")
    quality:      Floats = column("f8", "sd",       "latent quality, fixed at founding")
    venture:      Bools  = column("?",  "yes/no",   "the kind of enterprise equity investors back, fixed at founding")
    employees:    Floats = column("f8", "人",        "staff (从业人员)")
    revenue:      Floats = column("f8", "万元/年",    "operating revenue of the last closed year, current prices")
    growth:       Floats = column("f8", "log/year", "growth of staff in the last three closed years, newest first", width=3)
    rd_intensity: Floats = column("f8", "share",    "real R&D as a share of revenue, fixed at founding")
    rd_spend:     Floats = column("f8", "万元/年",    "real R&D spending of the last closed year")
    rd_reported:  Floats = column("f8", "万元/年",    "R&D reported for recognition, relabelled part included")
    rd_given:     Floats = column("f8", "万元",      "real R&D that policy made possible since the last closed year")
    knowledge:    Floats = column("f8", "万元",      "knowledge stock: depreciated sum of real R&D")
    year_lift:    Floats = column("f8", "log",      "what support has added to the growth of the year that closes next")
    year_gain:    Floats = column("f8", "log",      "what support has added to its revenue per head likewise")
    cash:         Floats = column("f8", "万元",      "cash that pays for the gap between R&D and margin")
    planned:      Floats = column("f8", "万元/季",    "planned spending of the last round; 0 once it is used up")
    equity:       Floats = column("f8", "万元",      "equity raised so far")
    rounds:       Ints   = column("i1", "count",    "equity rounds closed")
    round_at:     Ints   = column("i2", "quarter",  "quarter of the last equity round")
    public_part:  Floats = column("f8", "share",    "public money in the last round")
    valuation:    Floats = column("f8", "万元",      "valuation at the last round or take-off")
    on_record:    Ints   = column("i2", "quarter",  "quarter up to which a known enterprise's figures are published; 0 for all others")
    listed:       Ints   = column("i2", "quarter",  "quarter of listing (上市)")
    ever_high:    Bools  = column("?",  "yes/no",   "has had a high-growth episode")
    until:        Ints   = column("i2", "quarter",  "first quarter in which each recognition is no longer valid", width=N_RECOGNITIONS)
    first:        Ints   = column("i2", "quarter",  "quarter of the first recognition of each kind", width=N_RECOGNITIONS)
    project_due:  Ints   = column("i2", "quarter",  "quarter in which a supported key project is reviewed")
    scene_until:  Ints   = column("i2", "quarter",  "first quarter after its application scene (应用场景)")
    results:      Ints   = column("i4", "count",    "key results (关键技术、部件、产品) accepted")
    boost:        Floats = column("f8", "ln HR",    "what fades of past vouchers' effect on the hazard of high growth")
    boost_kept:   Floats = column("f8", "ln HR",    "what stays of it")
    support:      Floats = column("f8", "万元",      "public money received so far")
    reached:      Bools  = column("?",  "yes/no",   "a lever has reached it since the scenarios parted")
# fmt: on
