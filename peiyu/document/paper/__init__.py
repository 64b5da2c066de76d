"""Documents on paper: how wide columns are and where lines end, as Word and PDF print them."""
