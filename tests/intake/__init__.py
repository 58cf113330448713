"""Tests of what questions cost, who may ask them, and what views read."""
