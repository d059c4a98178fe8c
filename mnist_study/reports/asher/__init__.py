"""Report asher: a CNN tuned with Keras Tuner."""
