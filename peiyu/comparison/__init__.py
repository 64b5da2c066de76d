"""Scenarios side by side: paired effects, where they arise, and how levers share them."""
