"""Report sharpies: From Pixels to Sharpies."""
