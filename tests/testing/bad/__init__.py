"""Receivers as people first write them, each with faults that its contract shows."""
