"""Scenarios: levers, dates and adaptive rules as planners write them, and mixtures of them."""
