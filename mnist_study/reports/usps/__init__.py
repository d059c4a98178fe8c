"""Report usps: zip codes."""
