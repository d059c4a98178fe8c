"""Report nust: a LeNet on a modified test set."""
