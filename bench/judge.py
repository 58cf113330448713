"""Compares figures with their bars, and prints both."""


class Judge:
    """Compares figures with their bars."""

    def __init__(self) -> None:
        self.missed: list[str] = []

    def bar(self, what: str, figure: float, most: float, unit: str = "") -> None:
        """Print a figure with its bar, which is for a figure that should be low."""
        fine = figure <= most
        print(
            f"{what}: {figure:.2f}{unit} (at most {most:g}{unit}){'' if fine else '  MISSED'}",
            flush=True,
        )
        if not fine:
            self.missed.append(what)
