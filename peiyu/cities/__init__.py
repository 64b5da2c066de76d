"""Several cities side by side: their goals, their chances, and what their plans bring."""
