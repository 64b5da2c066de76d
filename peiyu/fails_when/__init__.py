"""In which region of parameters and lever sizes a goal is missed."""
