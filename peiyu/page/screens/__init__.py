"""What each screen shows: one function a screen, from a choice to what its template says."""
