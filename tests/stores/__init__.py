"""Tests of the stores: the contract, and what is each engine's own matter."""
