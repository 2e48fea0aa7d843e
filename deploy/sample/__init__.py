"""Synthetic low-income households of real villages; every person, address and sum is invented."""
