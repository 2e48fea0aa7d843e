"""Running Qingling: the whole system on one machine, and synthetic data to try it with."""
