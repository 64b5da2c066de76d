"""Estimates the model's weight on the shipped goals and writes it where forecasts read it."""

from __future__ import annotations

from calibration.backtest import goals as goal_backtest
from calibration.backtest.backtest import BacktestBudget
from calibration.backtest.settled import all_goals
from calibration.backtest.weights import Carried, written
from calibration.panel.data import PanelFiles, read_rows
from sim.ensemble.pool import WEIGHTS
from sim.files import write_whole
from sim.workers import Workers


def main() -> None:
    """Score the shipped goals and write model_weights.toml."""
    files = PanelFiles.of_all()
    rows = read_rows(files)
    settled = all_goals(files, rows, shipped=True)
    made = goal_backtest.run(rows, settled, BacktestBudget(1, Workers(1)), lambda _done, _of: None)
    carried = [
        Carried(g.model_probability, g.kind_rate, bool(g.outcome)) for g in made if g.model_probability is not None
    ]
    write_whole(WEIGHTS, written(carried))


if __name__ == "__main__":
    main()
