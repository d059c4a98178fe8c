"""What runs are trained by: epochs that can be resumed, networks, classical models."""
