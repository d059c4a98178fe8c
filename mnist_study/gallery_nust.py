"""How each figure of report nust is drawn from its records."""

FIGURES: dict = {}
