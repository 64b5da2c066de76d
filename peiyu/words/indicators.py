"""Names of indicators for readers: the label of the code in Chinese, plain words in English."""

from __future__ import annotations

from sim.state.indicators import INDICATORS

ENGLISH = {
    "enterprises": "technology enterprises", "active_enterprises": "active enterprises",
    "future_enterprises": "enterprises in future tracks", "high_growth_enterprises": "high-growth enterprises",
    "entries": "enterprises founded", "attracted": "enterprises moving in", "relocated": "moves between districts",
    "exits": "deregistered enterprises", "activity_exits": "enterprises going dormant",
    "high_growth_share": "share of high-growth enterprises", "gazelle_rate": "gazelle rate",
    "hnte_stock": "High-Tech Enterprises", "hnte_certified": "High-Tech recognitions",
    "hnte_first": "first High-Tech recognitions", "future_hnte_stock": "High-Tech Enterprises in future tracks",
    "future_hnte_new": "first High-Tech recognitions in future tracks", "tech_sme_stock": "provincial technology SMEs",
    "srdi_stock": "specialised SMEs", "little_giant_stock": "little giants", "tech_centres": "technology centres",
    "tech_centres_new": "new technology centres", "future_tech_centres_stock": "technology centres in future tracks",
    "future_tech_centres_new": "new technology centres in future tracks", "unicorns": "unicorns",
    "future_unicorns": "unicorns in future tracks", "future_revenue_leaders": "leaders by revenue in future tracks",
    "future_listed_leaders": "listed leaders in future tracks", "equity_raised": "equity raised",
    "key_results": "key results", "consortia": "innovation consortia", "zone_tenants": "tenants of pilot zones",
    "zone_tenants_moved": "tenants that moved into pilot zones",
    "zone_tenants_founded": "tenants founded in pilot zones",
    "zones_designated": "municipal zones designated", "zones_built": "municipal zones built",
    "zone_districts": "districts with a pilot zone", "zones_provincial": "provincial zones",
    "zones_national": "national zones", "demonstration_samples": "demonstration samples",
    "scenes_released": "scenes released", "scenes_completed": "scenes completed",
    "fund_tiers_operating": "fund tiers operating", "exchange_platforms": "exchange platforms",
    "outlay": "policy outlay",
}  # fmt: skip
"""English names; a new indicator without one keeps its key in words."""


def indicator_label(name: str, lang: str) -> str:
    """Return the name of an indicator in a language."""
    return INDICATORS[name].label if lang == "zh" else ENGLISH.get(name, name.replace("_", " "))
