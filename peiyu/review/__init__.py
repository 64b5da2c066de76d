"""How did our forecasts do: earlier forecasts of a city against what was published and settled since."""
