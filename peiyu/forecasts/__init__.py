"""A forecast: asked, run, stated, printed, drawn, written."""
