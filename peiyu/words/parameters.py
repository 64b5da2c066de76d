"""Plain names of the model's parameters in English and Chinese, and how their values are written."""


from __future__ import annotations

from collections.abc import Collection

import numpy as np

from agents.parameters import Parameters
from peiyu.odd.tables import is_assumption
from peiyu.odd.zh_catalogue import CHINESE
from peiyu.words.numbers import digits

# fmt: off
ENGLISH: dict[str, str] = {
    "opening_pool": "technology enterprises in 2012", "entry_rate": "rate of founding", "entry_growth": "growth of founding", "attraction_rate": "rate of moving in from outside",
    "relocation_rate": "rate of moving between districts", "founding_staff": "staff at founding", "founding_sigma": "spread of size at founding", "productivity_sigma": "spread of revenue per head",
    "high_growth_hazard": "rate of becoming high-growth", "spin_off_share": "share of spin-offs", "spin_off_exit": "closure risk of spin-offs", "agglomeration": "agglomeration elasticity",
    "hazard_0_1": "closure rate in the first year", "hazard_1_2": "closure rate in the second year", "hazard_2_3": "closure rate in the third year", "hazard_3_7": "closure rate in years four to seven",
    "hazard_7_up": "closure rate after seven years", "exit_size_slope": "size elasticity of closure", "activity_multiplier": "enterprises going dormant per closure", "distress_exit": "closure risk when out of cash",
    "shock_shape": "shape of growth shocks", "shock_sd": "size of growth shocks", "size_variance": "fall of growth's spread with size", "persistence_small": "persistence of small enterprises' growth",
    "persistence_large": "persistence of large enterprises' growth", "drift": "trend of growth", "drift_young": "extra growth of the young", "quality_growth": "growth per quality",
    "financed_growth": "growth after a financing round", "price_growth": "growth of prices",
    "rd_median": "median R&D intensity", "rd_sigma": "spread of R&D intensity", "relabelled_share": "share of reported R&D that is relabelled", "knowledge_elasticity": "elasticity of revenue to knowledge",
    "depreciation": "depreciation of knowledge", "project_success": "success rate of key projects", "project_years": "duration of key projects",
    "venture_share": "share of venture enterprises", "round_base": "ease of raising a round", "round_quality": "effect of quality on raising a round", "first_round": "size of the first round",
    "round_step": "ratio of a round to the one before", "runway": "runway at which a round is sought", "round_lasts": "time a round lasts", "margin": "margin before R&D",
    "dilution": "dilution per round", "public_odds": "effect of public money on raising a round", "government_only": "discount of government-only rounds", "crowd_in": "private money drawn in per public",
    "take_off": "chance of take-off to a leader", "take_off_scale": "the city's take-off multiplier", "take_off_age": "age at take-off", "take_off_age_s": "spread of the age at take-off",
    "future_take_off": "take-off in future tracks against the rest", "leader_exit": "rate at which leaders fall back", "listing_rate": "rate at which leaders list",
    "hnte_apply": "rate of applying for High-Tech recognition", "drive_2015": "recognition drive, change by 2015", "drive_2017": "recognition drive, change by 2017", "drive_2018": "recognition drive, change by 2018",
    "drive_2019": "recognition drive, change by 2019", "drive_2020": "recognition drive, change by 2020", "drive_2021": "recognition drive, change by 2021", "drive_2022": "recognition drive, change by 2022",
    "drive_2023": "recognition drive, change by 2023", "drive_2024": "recognition drive, change by 2024", "drive_volatility": "volatility of the recognition drive", "future_apply": "applications in future tracks against the rest",
    "hnte_pass": "pass rate of High-Tech review", "hnte_filing": "filing rate after High-Tech review", "renewal": "share of High-Tech recognitions renewed", "revocation": "rate of revocation",
    "tech_sme_apply": "rate of applying for the technology-SME label", "tech_sme_trend": "trend of technology-SME applications", "tech_sme_withdrawal": "rate of withdrawal of the technology-SME label",
    "srdi_apply": "rate of applying for the specialised-SME label", "srdi_trend": "trend of specialised-SME applications", "little_giant_trend": "trend of little-giant applications",
    "little_giant_apply": "rate of applying for the little-giant label", "tech_centre_apply": "rate of applying for technology centres", "label_effect": "effect of a label on high growth",
    "award_response": "response of applications to awards",
    "voucher_additional": "additional share of vouchers", "voucher_unused": "unused share of the other vouchers", "voucher_effect": "effect of vouchers", "voucher_half_life": "half-life of vouchers' effect",
    "voucher_permanent": "lasting share of vouchers' effect",
    "zone_growth": "effect of zones on productivity", "zone_entry": "effect of zones on founding", "zone_top_tier": "discount for large cities' zones", "zone_ramp": "time until zones work",
    "zone_works": "chance that a zone works", "zone_upgrade": "extra effect of higher-level zones", "zone_tenants": "share of a track inside its zone", "zone_candidates": "zone candidates per batch",
    "zone_build_years": "time to build a zone", "provincial_zones": "pace of provincial zones", "national_zones": "pace of national zones",
    "displacement_local": "displacement in local markets", "displacement_tradable": "displacement in tradable markets", "large_effect": "effect on large enterprises against small",
    "basic_research": "effect of basic research on founding", "spillover": "R&D drawn by laboratories' money", "project_cost": "cost of a key project", "consortium_lift": "effect of consortia on key projects",
    "pilot_plant_lift": "effect of pilot plants on key projects", "coaching_growth": "effect of coaching on growth", "incubation_exit": "effect of incubation on closure", "park_entry": "effect of science parks on founding",
    "compute_saving": "saving by cheaper computing", "scene_growth": "effect of an application scene on growth", "demonstration_lift": "effect of demonstrations", "talent_entry": "effect of talent on founding",
    "talent_growth": "effect of talent on growth", "contest_attraction": "enterprises drawn by contests", "listing_pool": "effect of the listing reserve", "dose_elasticity": "elasticity of effects to a lever's size",
    "leader_attraction": "enterprises drawn by leaders",
    "consortia_rate": "pace of forming consortia", "projects_rate": "pace of starting key projects", "scenes_rate": "pace of releasing scenes", "scene_match": "share of scenes matched",
    "scene_years": "time to build a scene", "samples_rate": "pace of model samples", "platforms_rate": "pace of exchange platforms", "result_rate": "key results from knowledge",
}
# fmt: on
"""English name of every parameter; the Chinese one stands with the parameter itself."""
SHARES = ("share", "share in 10 years", "share of the rest", "share of the bill")
"""Units that are written as percent."""
YEARLY = "1/year"
"""Written as percent a year, or as so many a year where more than one is usual."""
CHANGES = ("ln", "ln HR", "ln TFP", "ln entry", "ln odds", "log/year")
"""Units on the log scale that are written as a change in percent, or as a multiple from two times up."""
BARE = ("ratio", "multiplier", "elasticity", "exponent", "correlation", "shape", "log")
"""Units that need not be said."""
PER_YEAR = {"zh": "/年", "en": " a year"}
TIMES = {"zh": " 倍", "en": " times"}
MONEY = {"亿元": "100m CNY", "万元": "10k CNY", "人": "people", "√": ""}
SMALL, TWICE = 10.0, 2.0


def parameter_label(name: str, lang: str) -> str:
    """Return the plain name of a parameter."""
    return ENGLISH[name] if lang == "en" else str(Parameters.__dataclass_fields__[name].metadata["zh"])


def unit_of(name: str) -> str:
    """Return the unit in which a parameter is held."""
    return str(Parameters.__dataclass_fields__[name].metadata["unit"])


def rests_on(name: str, informed: Collection[str]) -> str:
    """Return what the value of a parameter rests on: the city's data, literature, or an assumption."""
    source = str(Parameters.__dataclass_fields__[name].metadata["source"])
    return "data" if name in informed else "assumption" if is_assumption(source) else "literature"


def unit_label(name: str, lang: str) -> str:
    """Return the unit of a parameter for a reader."""
    unit = unit_of(name)
    if lang == "zh":
        return CHINESE.get(unit, unit)
    for zh, en in MONEY.items():
        unit = unit.replace(zh, en)
    return unit


def parameter_value(name: str, x: float, lang: str) -> str:
    """Write a value as a reader expects: rates and shares in percent, log effects as changes or multiples."""
    unit = unit_of(name)
    if unit in SHARES:
        return f"{100.0 * x:.3g} %"
    if unit == YEARLY:
        counts = getattr(Parameters(), name) >= 1.0
        return (digits(x) if counts else f"{100.0 * x:.3g} %") + PER_YEAR[lang]
    if unit in CHANGES or name.startswith("drive_2"):
        return _change(x, lang) + (PER_YEAR[lang] if unit == "log/year" else "")
    return digits(x) if unit in BARE else f"{digits(x)} {unit_label(name, lang)}"


def _change(x: float, lang: str) -> str:
    """Write exp(x) against one."""
    times = float(np.exp(x))
    if times >= TWICE:
        return digits(times) + TIMES[lang]
    change = 100.0 * (times - 1.0)
    return f"{change:+.1f} %" if abs(change) < SMALL else f"{change:+.0f} %"
