"""Pictures that readers send along: looked at, made small, and freed of all but their pixels."""
