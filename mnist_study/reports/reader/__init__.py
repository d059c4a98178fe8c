"""The reader, which no report has."""
