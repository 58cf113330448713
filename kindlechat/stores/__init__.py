"""Where conversations are kept: one contract, and an engine for one machine and for many."""
