"""The program with all its commands."""

from peiyu.cli import (  # noqa: F401  each registers its command
    appendix,
    calibrate,
    compare,
    fails_when,
    forecast,
    page,
    search,
    sensitivity,
    show,
    store,
)
from peiyu.cli.app import app
from peiyu.cli.city import add_observation, cities, city_check, new_city  # noqa: F401
from peiyu.cli.looking_back import backtest, change, check, reproduce, review  # noqa: F401

__all__ = ["app"]
