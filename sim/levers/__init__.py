"""Policy levers (政策工具): importing this package registers every lever under the `type` scenario files use."""

from sim.levers import capability, funding, innovation, market, vouchers, zones
from sim.levers.base import LEVERS, Lever
from sim.levers.context import CityTerms, QuarterContext

__all__ = [
    "LEVERS",
    "CityTerms",
    "Lever",
    "QuarterContext",
    "capability",
    "funding",
    "innovation",
    "market",
    "vouchers",
    "zones",
]
