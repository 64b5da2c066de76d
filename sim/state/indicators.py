"""Every number the model reports, in one file. To add an indicator, add one function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

import numpy as np

from agents import growth
from agents.enterprises import NEVER, Recognition, Stage
from agents.institutions import Status
from agents.table import Bools, Floats, Ints, rows_where

if TYPE_CHECKING:
    from sim.model.model import IndustryModel

Measure = Callable[["IndustryModel"], float]
"""Reads one number off the model at the end of a quarter."""
Kind = Literal["stock", "flow", "ratio"]
"""How quarters become a year: the last one, the sum, or neither (a ratio is read in the fourth quarter)."""


@dataclass(frozen=True, slots=True)
class Census:
    """What several indicators need, counted once a quarter."""

    held: Ints  # (recognitions,) rows that hold each recognition
    future_held: Ints  # (recognitions,) the same in future tracks
    stage: Floats  # (stages,) enterprises
    future_leaders: int
    closing_high: float  # 10 %-definition high-growth enterprises among those of ten staff or more
    closing_base: float

    @classmethod
    def of(cls, m: IndustryModel) -> Self:
        """Take the census of the quarter."""
        e = m.enterprises
        rows = growth.closes_now(e.closes, m.quarter)
        rows = rows[rows_where(~e.dormant[rows] & (m.quarter - e.born[rows] >= 4 * growth.HIGH_GROWTH_YEARS))]
        total = growth.in_three_years(e.growth, rows)
        base = growth.began_large(total, e.employees[rows])
        high = np.count_nonzero(base & growth.grew_fast(total, yearly_rate=0.10))
        stage = np.array([np.count_nonzero(e.stage == s.value) for s in Stage], float)
        future_leaders = int(np.count_nonzero(e.future & (e.stage == Stage.LEADER.value)))
        valid = [holds(m, kind) for kind in Recognition]
        held = np.array([np.count_nonzero(v) for v in valid])
        future_held = np.array([np.count_nonzero(v & e.future) for v in valid])
        return cls(held, future_held, stage, future_leaders, float(high), float(np.count_nonzero(base)))


@dataclass(frozen=True, slots=True)
class Indicator:
    """A named, labelled, unit-bearing measurement of the model."""

    name: str
    label: str
    unit: str
    kind: Kind
    measure: Measure

    @property
    def definition(self) -> str:
        """The statistical scope (统计口径), printed in the appendix."""
        return (self.measure.__doc__ or "").strip()


INDICATORS: dict[str, Indicator] = {}


def indicator(label: str, *, unit: str, kind: Kind) -> Callable[[Measure], Measure]:
    """Register the function below as an indicator."""

    def register(measure: Measure) -> Measure:
        INDICATORS[measure.__name__] = Indicator(measure.__name__, label, unit, kind, measure)
        return measure

    return register


def holds(m: IndustryModel, kind: Recognition) -> Bools:
    """Tell whose recognition is valid, (n,)."""
    return m.enterprises.until[:, kind] > m.quarter


def holders(m: IndustryModel, kind: Recognition, *, future: bool = False) -> float:
    """Count enterprises that hold a recognition, in the city or in future tracks only."""
    counted = m.census.future_held if future else m.census.held
    return m.weight * float(counted[kind])


def flow(m: IndustryModel, key: str) -> float:
    """Return a flow of enterprises of the quarter."""
    return m.weight * m.flows[key]


@indicator("企业数", unit="家", kind="stock")
def enterprises(m: IndustryModel) -> float:
    """Technology enterprises on the register at the end of the quarter."""
    return m.weight * len(m.enterprises)


@indicator("活跃企业数", unit="家", kind="stock")
def active_enterprises(m: IndustryModel) -> float:
    """Technology enterprises on the register that are not dormant."""
    return m.weight * float(np.count_nonzero(~m.enterprises.dormant))


@indicator("未来产业企业数", unit="家", kind="stock")
def future_enterprises(m: IndustryModel) -> float:
    """Technology enterprises in the future-industry tracks."""
    return m.weight * float(np.count_nonzero(m.enterprises.future))


@indicator("高成长性企业数", unit="家", kind="stock")
def high_growth_enterprises(m: IndustryModel) -> float:
    """Enterprises in a high-growth episode: over 20 % a year in staff over three years, from ten staff."""
    return m.weight * float(m.census.stage[Stage.HIGH_GROWTH])


@indicator("新设企业数", unit="家", kind="flow")
def entries(m: IndustryModel) -> float:
    """Enterprises founded or moved in during the quarter (新设、迁入)."""
    return flow(m, "entries")


@indicator("迁入企业数", unit="家", kind="flow")
def attracted(m: IndustryModel) -> float:
    """Enterprises that moved in from outside the city: moved, not created."""
    return flow(m, "attracted")


@indicator("区间迁移企业数", unit="家", kind="flow")
def relocated(m: IndustryModel) -> float:
    """Enterprises that moved between districts of the city."""
    return flow(m, "relocated")


@indicator("注销企业数", unit="家", kind="flow")
def exits(m: IndustryModel) -> float:
    """Enterprises struck off the register (注销、吊销)."""
    return flow(m, "exits")


@indicator("停业企业数", unit="家", kind="flow")
def activity_exits(m: IndustryModel) -> float:
    """Enterprises that stopped being active, on the register or not."""
    return flow(m, "activity_exits")


@indicator("高成长企业占比", unit="比例", kind="ratio")
def high_growth_share(m: IndustryModel) -> float:
    """Share with over 10 % a year over three years among enterprises of ten staff or more (M4), closing now."""
    return m.census.closing_high / m.census.closing_base if m.census.closing_base else 0.0


@indicator("瞪羚率", unit="比例", kind="ratio")
def gazelle_rate(m: IndustryModel) -> float:
    """Enterprises in a 20 % high-growth episode per active enterprise of ten staff or more (M5)."""
    e = m.enterprises
    base = np.count_nonzero(~e.dormant & (e.employees >= growth.HIGH_GROWTH_MIN_EMPLOYEES))
    return float(m.census.stage[Stage.HIGH_GROWTH] / base) if base else 0.0


@indicator("高新技术企业数", unit="家", kind="stock")
def hnte_stock(m: IndustryModel) -> float:
    """Enterprises with a valid high and new-technology recognition (高企有效数)."""
    return holders(m, Recognition.HNTE)


@indicator("高企认定数", unit="家", kind="flow")
def hnte_certified(m: IndustryModel) -> float:
    """High and new-technology enterprises recognised in the quarter, first-time and renewed."""
    return flow(m, "hnte_certified")


@indicator("首次认定高企数", unit="家", kind="flow")
def hnte_first(m: IndustryModel) -> float:
    """High and new-technology enterprises recognised for the first time."""
    return flow(m, "hnte_first")


@indicator("未来产业高企数", unit="家", kind="stock")
def future_hnte_stock(m: IndustryModel) -> float:
    """High and new-technology enterprises with a valid recognition in future-industry tracks."""
    return holders(m, Recognition.HNTE, future=True)


@indicator("未来产业首次认定高企数", unit="家", kind="flow")
def future_hnte_new(m: IndustryModel) -> float:
    """High and new-technology enterprises in future-industry tracks recognised for the first time."""
    return flow(m, "future_hnte_first")


@indicator("省科技型中小企业数", unit="家", kind="stock")
def tech_sme_stock(m: IndustryModel) -> float:
    """Enterprises holding the provincial technology-SME label (科技型中小企业, until withdrawn)."""
    return holders(m, Recognition.TECH_SME)


@indicator("专精特新中小企业数", unit="家", kind="stock")
def srdi_stock(m: IndustryModel) -> float:
    """Enterprises holding the provincial SRDI recognition (专精特新中小企业)."""
    return holders(m, Recognition.SRDI)


@indicator("专精特新小巨人企业数", unit="家", kind="stock")
def little_giant_stock(m: IndustryModel) -> float:
    """Enterprises holding a valid national little-giant recognition (小巨人)."""
    return holders(m, Recognition.LITTLE_GIANT)


@indicator("企业技术中心数", unit="家", kind="stock")
def tech_centres(m: IndustryModel) -> float:
    """Municipal enterprise technology centres (企业技术中心) recognised under the rule and still held."""
    return holders(m, Recognition.TECH_CENTRE)


@indicator("新认定企业技术中心数", unit="家", kind="flow")
def tech_centres_new(m: IndustryModel) -> float:
    """Municipal enterprise technology centres recognised for the first time."""
    return flow(m, "tech_centre_first")


@indicator("未来产业企业技术中心数", unit="家", kind="stock")
def future_tech_centres_stock(m: IndustryModel) -> float:
    """Municipal enterprise technology centres in future-industry tracks."""
    return holders(m, Recognition.TECH_CENTRE, future=True)


@indicator("未来产业新认定企业技术中心数", unit="家", kind="flow")
def future_tech_centres_new(m: IndustryModel) -> float:
    """Municipal enterprise technology centres in future-industry tracks recognised for the first time."""
    return flow(m, "future_tech_centre_first")


@indicator("独角兽企业数", unit="家", kind="stock")
def unicorns(m: IndustryModel) -> float:
    """Leaders by valuation (独角兽), any track: at or above the city's unicorn threshold."""
    return m.weight * float(m.census.stage[Stage.LEADER])


@indicator("未来产业独角兽企业数", unit="家", kind="stock")
def future_unicorns(m: IndustryModel) -> float:
    """Leaders by valuation in future-industry tracks (独角兽)."""
    return m.weight * float(m.census.future_leaders)


@indicator("未来产业营收领军企业数", unit="家", kind="stock")
def future_revenue_leaders(m: IndustryModel) -> float:
    """Enterprises in future-industry tracks at or above the city's revenue tier (营业收入)."""
    big = m.enterprises.revenue >= m.city.leader.revenue_tier
    return m.weight * float(np.count_nonzero(big & m.enterprises.future))


@indicator("未来产业上市领军企业数", unit="家", kind="stock")
def future_listed_leaders(m: IndustryModel) -> float:
    """Enterprises in future-industry tracks that listed on an exchange (上市) since the opening."""
    listed = m.enterprises.listed != NEVER
    return m.weight * float(np.count_nonzero(listed & m.enterprises.future))


@indicator("股权融资额", unit="万元", kind="flow")
def equity_raised(m: IndustryModel) -> float:
    """Equity raised in rounds closed in the quarter."""
    return flow(m, "equity")


@indicator("关键技术、部件、产品数", unit="个", kind="flow")
def key_results(m: IndustryModel) -> float:
    """Key results (关键技术、部件、产品): supported projects that passed review, and results out of own knowledge."""
    return flow(m, "key_results")


@indicator("创新联合体数", unit="个", kind="stock")
def consortia(m: IndustryModel) -> float:
    """Innovation consortia formed so far (创新联合体)."""
    return len(m.consortia)


@indicator("先导区入区企业数", unit="家", kind="stock")
def zone_tenants(m: IndustryModel) -> float:
    """Enterprises that are tenants of a pilot zone of any level (先导区)."""
    return m.weight * float(np.count_nonzero(m.enterprises.zone))


@indicator("先导区迁入企业数", unit="家", kind="flow")
def zone_tenants_moved(m: IndustryModel) -> float:
    """Enterprises that became tenants by moving from another district: moved, not created (先导区)."""
    return flow(m, "zone_tenants_moved")


@indicator("先导区新设企业数", unit="家", kind="flow")
def zone_tenants_founded(m: IndustryModel) -> float:
    """Enterprises founded in the city after the zone, that became its tenants (先导区)."""
    return flow(m, "zone_tenants_founded")


@indicator("市级先导区拟培育数", unit="个", kind="stock")
def zones_designated(m: IndustryModel) -> float:
    """Municipal pilot zones named as candidates or further (先导区, 拟培育)."""
    return sum(z.status > Status.POTENTIAL for z in m.pilot_zones)


@indicator("市级先导区建成数", unit="个", kind="stock")
def zones_built(m: IndustryModel) -> float:
    """Municipal pilot zones evaluated as built (先导区, 建成)."""
    return sum(z.status == Status.BUILT for z in m.pilot_zones)


@indicator("布局先导区的区县数", unit="个", kind="stock")
def zone_districts(m: IndustryModel) -> float:
    """Districts with a pilot zone of municipal level or above (先导区)."""
    return len({z.district for z in m.pilot_zones if z.designated or z.provincial or z.national})


@indicator("省级先导区数", unit="个", kind="stock")
def zones_provincial(m: IndustryModel) -> float:
    """Provincial pilot zones in the city (先导区)."""
    return sum(z.provincial != NEVER for z in m.pilot_zones)


@indicator("国家级先导区数", unit="个", kind="stock")
def zones_national(m: IndustryModel) -> float:
    """National pilot zones in the city (先导区)."""
    return sum(z.national != NEVER for z in m.pilot_zones)


@indicator("未来社会示范样本数", unit="个", kind="stock")
def demonstration_samples(m: IndustryModel) -> float:
    """Demonstration samples completed (示范样本)."""
    return m.counts.samples


@indicator("应用场景发布数", unit="项", kind="flow")
def scenes_released(m: IndustryModel) -> float:
    """Application scenes released in the quarter (应用场景)."""
    return m.flows["scenes_released"]


@indicator("应用场景建成数", unit="项", kind="flow")
def scenes_completed(m: IndustryModel) -> float:
    """Application scenes matched and completed in the quarter (应用场景)."""
    return m.flows["scenes_completed"]


@indicator("运行中的基金层级数", unit="个", kind="stock")
def fund_tiers_operating(m: IndustryModel) -> float:
    """Tiers of the guidance funds with money invested (政府引导基金)."""
    return sum(fund.invested > 0 for fund in m.funds.values())


@indicator("合作交流平台数", unit="个", kind="stock")
def exchange_platforms(m: IndustryModel) -> float:
    """Exchange platforms established (交流平台)."""
    return m.counts.platforms


@indicator("政策支出", unit="万元", kind="flow")
def outlay(m: IndustryModel) -> float:
    """Payments of all levers in the quarter (财政支出), from the ledger."""
    return m.ledger.total()


NAMES: tuple[str, ...] = tuple(INDICATORS)
"""Indicator names in declaration order, the column order of every series."""
