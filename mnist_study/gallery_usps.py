"""How each figure of report usps is drawn from its records."""

FIGURES: dict = {}
