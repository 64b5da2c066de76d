"""Every number the model reports, in one file. To add an indicator, add one function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from agents import growth
from agents.enterprises import NEVER, Recognition, Stage
from agents.institutions import Status
from sim.state.state import State

Measure = Callable[[State], float]
"""Reads one number off the state at the end of a quarter."""
Kind = Literal["stock", "flow", "ratio"]
"""How quarters become a year: the last one, the sum, or neither (a ratio is read in the fourth quarter)."""


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


def holders(s: State, kind: Recognition, *, future: bool = False) -> float:
    """Count enterprises that hold a recognition, in the city or in future tracks only."""
    counted = s.census.future_held if future else s.census.held
    return s.weight * float(counted[kind])


def flow(s: State, key: str) -> float:
    """Return a flow of enterprises of the quarter."""
    return s.weight * s.flows[key]


@indicator("企业数", unit="家", kind="stock")
def enterprises(s: State) -> float:
    """Technology enterprises on the register at the end of the quarter."""
    return s.weight * len(s.enterprises)


@indicator("活跃企业数", unit="家", kind="stock")
def active_enterprises(s: State) -> float:
    """Technology enterprises on the register that are not dormant."""
    return s.weight * float(np.count_nonzero(~s.enterprises.dormant))


@indicator("未来产业企业数", unit="家", kind="stock")
def future_enterprises(s: State) -> float:
    """Technology enterprises in the future-industry tracks."""
    return s.weight * float(np.count_nonzero(s.enterprises.future))


@indicator("未来产业在册名单企业数", unit="家", kind="stock")
def future_listed(s: State) -> float:
    """Technology enterprises in the future-industry tracks that published lists know: what a list counts of them."""
    return s.parameters.list_coverage * future_enterprises(s)


@indicator("高成长性企业数", unit="家", kind="stock")
def high_growth_enterprises(s: State) -> float:
    """Enterprises in a high-growth episode: over 20 % a year in staff over three years, from ten staff."""
    return s.weight * float(s.census.stage[Stage.HIGH_GROWTH])


@indicator("未来产业高成长企业数", unit="家", kind="stock")
def future_high_growth(s: State) -> float:
    """Enterprises in future-industry tracks in a high-growth episode: over 20 % a year in staff over three years."""
    return s.weight * s.census.future_high


@indicator("营业收入", unit="万元/年", kind="stock")
def revenue(s: State) -> float:
    """Revenue of active technology enterprises in their last closed business year, current prices."""
    return s.weight * float(s.census.sums[0])


@indicator("未来产业营业收入", unit="万元/年", kind="stock")
def future_revenue(s: State) -> float:
    """Revenue of active enterprises in future-industry tracks in their last closed business year, current prices."""
    return s.weight * float(s.census.future_sums[0])


@indicator("从业人员", unit="人", kind="stock")
def employees(s: State) -> float:
    """Staff of active technology enterprises (从业人员)."""
    return s.weight * float(s.census.sums[1])


@indicator("未来产业从业人员", unit="人", kind="stock")
def future_employees(s: State) -> float:
    """Staff of active enterprises in future-industry tracks (从业人员)."""
    return s.weight * float(s.census.future_sums[1])


@indicator("研发投入", unit="万元/年", kind="stock")
def rd_spend(s: State) -> float:
    """R&D really spent by active technology enterprises in their last closed business year, without relabelling."""
    return s.weight * float(s.census.sums[2])


@indicator("未来产业研发投入", unit="万元/年", kind="stock")
def future_rd_spend(s: State) -> float:
    """R&D really spent by active enterprises in future-industry tracks in their last closed business year."""
    return s.weight * float(s.census.future_sums[2])


@indicator("新设企业数", unit="家", kind="flow")
def entries(s: State) -> float:
    """Enterprises founded or moved in during the quarter (新设、迁入)."""
    return flow(s, "entries")


@indicator("迁入企业数", unit="家", kind="flow")
def attracted(s: State) -> float:
    """Enterprises that moved in from outside the city: moved, not created."""
    return flow(s, "attracted")


@indicator("区间迁移企业数", unit="家", kind="flow")
def relocated(s: State) -> float:
    """Enterprises that moved between districts of the city."""
    return flow(s, "relocated")


@indicator("注销企业数", unit="家", kind="flow")
def exits(s: State) -> float:
    """Enterprises struck off the register (注销、吊销)."""
    return flow(s, "exits")


@indicator("停业企业数", unit="家", kind="flow")
def activity_exits(s: State) -> float:
    """Enterprises that stopped being active, on the register or not."""
    return flow(s, "activity_exits")


@indicator("高成长企业占比", unit="比例", kind="ratio")
def high_growth_share(s: State) -> float:
    """Share with over 10 % a year over three years among enterprises of ten staff or more (M4), closing now."""
    return s.census.closing_high / s.census.closing_base if s.census.closing_base else 0.0


@indicator("瞪羚率", unit="比例", kind="ratio")
def gazelle_rate(s: State) -> float:
    """Enterprises in a 20 % high-growth episode per active enterprise of ten staff or more (M5)."""
    e = s.enterprises
    base = np.count_nonzero(~e.dormant & (e.employees >= growth.HIGH_GROWTH_MIN_EMPLOYEES))
    return float(s.census.stage[Stage.HIGH_GROWTH] / base) if base else 0.0


@indicator("高新技术企业数", unit="家", kind="stock")
def hnte_stock(s: State) -> float:
    """Enterprises with a valid high and new-technology recognition (高企有效数)."""
    return holders(s, Recognition.HNTE)


@indicator("高企认定数", unit="家", kind="flow")
def hnte_certified(s: State) -> float:
    """High and new-technology enterprises recognised in the quarter, first-time and renewed."""
    return flow(s, "hnte_certified")


@indicator("首次认定高企数", unit="家", kind="flow")
def hnte_first(s: State) -> float:
    """High and new-technology enterprises recognised for the first time."""
    return flow(s, "hnte_first")


@indicator("未来产业高企数", unit="家", kind="stock")
def future_hnte_stock(s: State) -> float:
    """High and new-technology enterprises with a valid recognition in future-industry tracks."""
    return holders(s, Recognition.HNTE, future=True)


@indicator("未来产业首次认定高企数", unit="家", kind="flow")
def future_hnte_new(s: State) -> float:
    """High and new-technology enterprises in future-industry tracks recognised for the first time."""
    return flow(s, "future_hnte_first")


@indicator("科技型中小企业数", unit="家", kind="stock")
def tech_sme_stock(s: State) -> float:
    """Enterprises holding the technology-SME label (科技型中小企业): the national one, or the province's own."""
    return holders(s, Recognition.TECH_SME)


@indicator("专精特新中小企业数", unit="家", kind="stock")
def srdi_stock(s: State) -> float:
    """Enterprises holding the provincial SRDI recognition (专精特新中小企业)."""
    return holders(s, Recognition.SRDI)


@indicator("专精特新小巨人企业数", unit="家", kind="stock")
def little_giant_stock(s: State) -> float:
    """Enterprises holding a valid national little-giant recognition (小巨人)."""
    return holders(s, Recognition.LITTLE_GIANT)


@indicator("企业技术中心数", unit="家", kind="stock")
def tech_centres(s: State) -> float:
    """Municipal enterprise technology centres (企业技术中心) recognised under the rule and still held."""
    return holders(s, Recognition.TECH_CENTRE)


@indicator("新认定企业技术中心数", unit="家", kind="flow")
def tech_centres_new(s: State) -> float:
    """Municipal enterprise technology centres recognised for the first time."""
    return flow(s, "tech_centre_first")


@indicator("未来产业企业技术中心数", unit="家", kind="stock")
def future_tech_centres_stock(s: State) -> float:
    """Municipal enterprise technology centres in future-industry tracks."""
    return holders(s, Recognition.TECH_CENTRE, future=True)


@indicator("未来产业新认定企业技术中心数", unit="家", kind="flow")
def future_tech_centres_new(s: State) -> float:
    """Municipal enterprise technology centres in future-industry tracks recognised for the first time."""
    return flow(s, "future_tech_centre_first")


@indicator("独角兽企业数", unit="家", kind="stock")
def unicorns(s: State) -> float:
    """Leaders by valuation (独角兽), any track: at or above the city's unicorn threshold."""
    return s.weight * float(s.census.stage[Stage.LEADER])


@indicator("未来产业独角兽企业数", unit="家", kind="stock")
def future_unicorns(s: State) -> float:
    """Leaders by valuation in future-industry tracks (独角兽)."""
    return s.weight * float(s.census.future_leaders)


@indicator("未来产业营收领军企业数", unit="家", kind="stock")
def future_revenue_leaders(s: State) -> float:
    """Enterprises in future-industry tracks at or above the city's revenue tier (营业收入), known giants included."""
    big = s.enterprises.revenue >= s.city.leader.revenue_tier
    return s.weight * float(np.count_nonzero(big & s.enterprises.future))


@indicator("未来产业上市领军企业数", unit="家", kind="stock")
def future_listed_leaders(s: State) -> float:
    """Enterprises in future-industry tracks on an exchange (上市): listed since the opening, or known from before."""
    listed = s.enterprises.listed != NEVER
    return s.weight * float(np.count_nonzero(listed & s.enterprises.future))


@indicator("股权融资额", unit="万元", kind="flow")
def equity_raised(s: State) -> float:
    """Equity raised in rounds closed in the quarter."""
    return flow(s, "equity")


@indicator("关键技术、部件、产品数", unit="个", kind="flow")
def key_results(s: State) -> float:
    """Key results (关键技术、部件、产品): supported projects that passed review, and results out of own knowledge."""
    return flow(s, "key_results")


@indicator("创新联合体数", unit="个", kind="stock")
def consortia(s: State) -> float:
    """Innovation consortia formed so far (创新联合体)."""
    return len(s.institutions.consortia)


@indicator("先导区入区企业数", unit="家", kind="stock")
def zone_tenants(s: State) -> float:
    """Enterprises that are tenants of a pilot zone of any level (先导区)."""
    return s.weight * float(np.count_nonzero(s.enterprises.zone))


@indicator("先导区迁入企业数", unit="家", kind="flow")
def zone_tenants_moved(s: State) -> float:
    """Enterprises that became tenants by moving from another district: moved, not created (先导区)."""
    return flow(s, "zone_tenants_moved")


@indicator("先导区新设企业数", unit="家", kind="flow")
def zone_tenants_founded(s: State) -> float:
    """Enterprises founded in the city after the zone, that became its tenants (先导区)."""
    return flow(s, "zone_tenants_founded")


@indicator("市级先导区拟培育数", unit="个", kind="stock")
def zones_designated(s: State) -> float:
    """Municipal pilot zones named as candidates or further (先导区, 拟培育)."""
    return int(sum(z.status > Status.POTENTIAL for z in s.institutions.pilot_zones))


@indicator("市级先导区建成数", unit="个", kind="stock")
def zones_built(s: State) -> float:
    """Municipal pilot zones evaluated as built (先导区, 建成)."""
    return int(sum(z.status == Status.BUILT for z in s.institutions.pilot_zones))


@indicator("布局先导区的区县数", unit="个", kind="stock")
def zone_districts(s: State) -> float:
    """Districts with a pilot zone of municipal level or above (先导区)."""
    return len({z.district for z in s.institutions.pilot_zones if z.designated or z.provincial or z.national})


@indicator("省级先导区数", unit="个", kind="stock")
def zones_provincial(s: State) -> float:
    """Provincial pilot zones in the city (先导区)."""
    return int(sum(z.provincial != NEVER for z in s.institutions.pilot_zones))


@indicator("国家级先导区数", unit="个", kind="stock")
def zones_national(s: State) -> float:
    """National pilot zones in the city (先导区)."""
    return int(sum(z.national != NEVER for z in s.institutions.pilot_zones))


@indicator("未来社会示范样本数", unit="个", kind="stock")
def demonstration_samples(s: State) -> float:
    """Demonstration samples completed (示范样本)."""
    return s.institutions.counts.samples


@indicator("应用场景发布数", unit="项", kind="flow")
def scenes_released(s: State) -> float:
    """Application scenes released in the quarter (应用场景)."""
    return s.flows["scenes_released"]


@indicator("应用场景建成数", unit="项", kind="flow")
def scenes_completed(s: State) -> float:
    """Application scenes matched and completed in the quarter (应用场景)."""
    return s.flows["scenes_completed"]


@indicator("运行中的基金层级数", unit="个", kind="stock")
def fund_tiers_operating(s: State) -> float:
    """Tiers of the guidance funds with money invested (政府引导基金)."""
    return int(sum(fund.invested > 0 or fund.on_record for fund in s.institutions.funds.values()))


@indicator("合作交流平台数", unit="个", kind="stock")
def exchange_platforms(s: State) -> float:
    """Exchange platforms established (交流平台)."""
    return s.institutions.counts.platforms


@indicator("政策支出", unit="万元", kind="flow")
def outlay(s: State) -> float:
    """Payments of all levers in the quarter (财政支出), from the ledger."""
    return s.ledger.total()


NAMES: tuple[str, ...] = tuple(INDICATORS)
"""Indicator names in declaration order, the column order of every series."""
