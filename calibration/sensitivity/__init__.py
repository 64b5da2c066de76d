"""What makes a goal's outcome vary, and which number would tell most."""
