"""Report inf283: forest, boosting, networks, grid search."""
