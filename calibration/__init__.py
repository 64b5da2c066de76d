"""From data to parameters: what was observed, how far a run is from it, and which parameters that leaves."""
