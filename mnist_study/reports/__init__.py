"""The five reports and the reader, one folder each with the same four files, and the verdicts on all claims."""
