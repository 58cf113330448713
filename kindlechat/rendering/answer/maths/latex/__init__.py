"""LaTeX as trees: signs, macros, environments, chemistry and units."""
