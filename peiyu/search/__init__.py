"""The cheapest lever mix that reaches chosen goals."""
