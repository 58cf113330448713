"""Compiles templates so that words which are the same on every page of a language are put in only once.

Most of a page is such words: its name, its navigation, the addresses of its assets. A compiled template
is the same for all languages. Each language has an environment of its own, and looks its constants up when it
loads the template.
"""

from collections.abc import Iterable, MutableMapping
from typing import Any, NamedTuple

from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.idtracking import VAR_LOAD_RESOLVE
from markupsafe import _escape_inner, escape  # type: ignore[attr-defined]


class Constant(NamedTuple):
    """Something that an environment prints: one of its globals, an attribute of it, or what it says of a
    word, as in `{{ root }}`, `{{ language.code }}` and `{{ t("ui.ask") }}`."""

    name: str
    attribute: str = ""
    word: str | None = None


def printed(value: Any) -> str:
    """What a page says of a value, as `escape` does. That also makes Markup of each text, so that nobody
    escapes it twice, which takes longer than to escape it; but a template prints a text at once."""
    return _escape_inner(value) if type(value) is str else escape(value)


class ConstantsGenerator(CodeGenerator):
    """Writes the Python code of a template, with its constants as variables of the module."""

    environment: "ConstantsEnvironment"

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._constants: list[list[str | Constant]] = []

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        """Write the template, then its constants, which its functions need only later."""
        super().visit_Template(node, frame)
        for number, parts in enumerate(self._constants):
            said = (
                f"environment.say{tuple(p)!r}" if type(p) is Constant else repr(p) for p in parts
            )
            self.writeline(f"constant_{number} = {' + '.join(said)}")
        # An earlier version, if somebody goes back to it, finds what this one has compiled.
        self.writeline("escape = getattr(environment, 'printed', escape)")

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: Any) -> Any:
        try:
            return super()._output_child_to_const(node, frame, finalize)
        except nodes.Impossible:
            return self._constant(node, frame)

    def _output_const_repr(self, group: Iterable[Any]) -> str:
        parts = list(group)
        if not any(type(part) is Constant for part in parts):
            return super()._output_const_repr(parts)
        self._constants.append(parts)
        return f"constant_{len(self._constants) - 1}"

    def _constant(self, node: nodes.Expr, frame: Frame) -> Constant:
        """The constant that a node prints. Raises nodes.Impossible where it is none."""
        match node:
            case nodes.Getattr(node=nodes.Name(name=name), attr=attribute):
                constant = Constant(name, attribute)
            case nodes.Call(
                node=nodes.Name(name=name),
                args=[nodes.Const(value=str(word))],
                kwargs=[],
                dyn_args=None,
                dyn_kwargs=None,
            ):
                constant = Constant(name, word=word)
            case nodes.Name(name=name):
                constant = Constant(name)
            case _:
                raise nodes.Impossible
        load = frame.symbols.find_load(frame.symbols.ref(name))
        if name not in self.environment.constants or load != (VAR_LOAD_RESOLVE, name):
            raise nodes.Impossible  # it is a page's value, or the template's own
        # What raises here raises again when the page is made, and then the line is known.
        self.environment.say(*constant)
        return constant


class ConstantsEnvironment(Environment):
    """An environment whose globals `constants` are the same on every page. No page may have a value with
    one of these names."""

    code_generator_class = ConstantsGenerator
    printed = staticmethod(printed)
    constants: frozenset[str] = frozenset()

    def say(self, name: str, attribute: str = "", word: str | None = None) -> str:
        """What a constant prints. Raises what looking it up raises."""
        value: Any = self.globals[name]
        if attribute:
            value = getattr(value, attribute)
        return str(escape(value if word is None else value(word)))

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals of a template. Jinja2 looks through all of them for each import on each page, and its
        chain of dictionaries takes a tenth of a page's time for that."""
        return {**self.globals, **(d or {})}
