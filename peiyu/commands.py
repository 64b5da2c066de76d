"""The program with all its commands."""

from peiyu.cli import (  # noqa: F401  each registers its command
    appendix,
    backtest,
    calibrate,
    change,
    check,
    compare,
    fails_when,
    forecast,
    page,
    reproduce,
    search,
    sensitivity,
    show,
    store,
)
from peiyu.cli.app import app
from peiyu.cli.city import add_observation, cities, city_check, new_city  # noqa: F401

__all__ = ["app"]
