"""What is said of a backtest."""
