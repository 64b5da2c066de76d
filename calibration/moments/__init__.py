"""The validation moments: what a run's enterprises live through, against the evidence."""
