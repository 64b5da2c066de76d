"""In which range each number of a lever may be, with its unit: no plan is larger, and no run overflows inside."""

from __future__ import annotations

from typing import Any

from sim.inputs.errors import InputError
from sim.inputs.numbers import Limits
from sim.inputs.said import Said

_SHARE = Limits(0.0, 1.0, Said("(a share)"))
_MONEY = Limits(0.0, 1e8, Said("万元 a year"))  # a trillion yuan, a hundredth of the country's economy
_WAN = Said("万元")
_CASE = Limits(0.0, 1e6, _WAN)
_AWARD = Limits(0.0, 2_000.0, _WAN)
_YEARS = Limits(0.0, 1e6, Said("years"))

RANGES = {
    "budget": _MONEY, "support": _MONEY,
    "size": Limits(0.0, 10.0, Said("times what is written")),
    "ramp_quarters": Limits(0, 120, Said("quarters")),
    "cost": _CASE, "amount": _CASE, "cap": _CASE, "zone_grant": _CASE, "platform_grant": _CASE,
    "rent_relief": Limits(0.0, 1e4, Said("万元 a year and enterprise")),
    "ticket": Limits(0.0, 1e7, _WAN),
    "first_award": _AWARD, "renewal_award": _AWARD,
    "face_value": Limits(0.001, 1e6, _WAN),  # a voucher is worth something
    "public_share": _SHARE, "share": _SHARE, "rate": _SHARE, "reach": _SHARE, "compute_share": _SHARE,
    "platforms": Limits(0.0, 1_000.0, Said("a year")),
}  # fmt: skip
"""By the lever's field."""
ELIGIBLE = {
    "max_age_years": _YEARS, "min_age_years": _YEARS, "max_employees": Limits(0.0, 1e9, Said("people")),
    "max_revenue": Limits(0.0, 1e12, Said("万元 a year")), "min_rd_intensity": _SHARE,
}  # fmt: skip
"""By the field of `eligible`."""
QUARTERS = Limits(1, 4, Said("(a quarter of the year)"))
"""Entries of lists of quarters."""


def check_numbers(given: dict[str, Any]) -> None:
    """Raise `InputError` for a number of a lever's table that is none, or out of its range."""
    for key, value in given.items():
        if key in RANGES:
            RANGES[key].check(f"{key} = ", value)
        elif key in ("batch_quarters", "evaluation_quarters") and isinstance(value, list):
            for entry in value:
                QUARTERS.check(Said("{key}: ", key=key), entry)
    eligible = given.get("eligible")
    for key, value in eligible.items() if isinstance(eligible, dict) else ():
        if key in ELIGIBLE:
            ELIGIBLE[key].check(f"eligible.{key} = ", value)
        elif key == "in_zone" and not isinstance(value, bool):
            raise InputError(Said("eligible.in_zone is true or false, without quotes."))
