"""Kinds of dated institutional facts: what each is an event of, and which are noted without entering a count."""

from __future__ import annotations

COUNT_OF = {
    "consortium_formed": "consortia",
    "scene_list_published": "scenes",
    "scene_need_listed": "scenes",
    "scene_completed": "scenes_completed",
    "key_project_listed": "projects",
    "sample_made": "samples",
    "platform_built": "platforms",
    "zone_designated": "zones_municipal",
    "zone_built": "zones_built",
    "zone_provincial": "zones_provincial",
    "zone_national": "zones_national",
}
"""Which count of the model a kind of event enters.

A scene on a published list and a need on a list of scene opportunities (场景机会清单) are both offers to
enterprises, so both are released scenes; which of them becomes a scene in use is `scene_match`.
"""
INDICATORS_OF = {
    "consortia": ("consortia",),
    "scenes": ("scenes_released",),
    "scenes_completed": ("scenes_completed",),
    "projects": ("key_results",),
    "samples": ("demonstration_samples",),
    "platforms": ("exchange_platforms",),
    "zones_municipal": ("zones_designated", "zone_districts"),
    "zones_built": ("zones_built", "zones_designated", "zone_districts"),
    "zones_provincial": ("zones_provincial", "zone_districts"),
    "zones_national": ("zones_national", "zone_districts"),
}
"""The indicators that read a count, the one it is first."""
FUND_INVESTED = {
    "fund_invested_seed": "seed",
    "fund_invested_angel": "angel",
    "fund_invested_venture": "venture",
    "fund_invested_merger": "merger",
}
"""Kinds that say that a tier of the funds has invested; no rate stands for them, so they need no coverage."""
NOTED = {
    "fund_announced": "a fund that is announced has not invested",
    "fund_started": "a fund that has started has not invested yet: write fund_invested_<tier> when it has",
    "scene_capability_listed": "what enterprises can do, not a scene",
    "zone_national_bid": "a bid is no status",
    "zone_level_not_stated": "a zone of which no level is known has no status to book",
}
"""Kinds that are kept for readers and enter no count, and why."""
KINDS = (*COUNT_OF, *FUND_INVESTED, *NOTED)
"""Every kind of event that events.csv may hold."""


def read_by(kind: str) -> tuple[str, ...]:
    """Return the indicators that an event of a kind enters, the one it is first; none for what is only noted."""
    return ("fund_tiers_operating",) if kind in FUND_INVESTED else INDICATORS_OF.get(COUNT_OF.get(kind, ""), ())
