"""Which button sent a form: a button's name says it, as some browsers show the value of one that has any."""

from flask import request


def pressed(kind: str) -> str:
    """What was pressed of a kind: "shorter" for the button `action.shorter`, or a field of that name; "" for
    nothing."""
    prefix = f"{kind}."
    names = (name.removeprefix(prefix) for name in request.form if name.startswith(prefix))
    return next(names, request.form.get(kind, ""))
