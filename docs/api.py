"""Write docs/api.md, the reference of all public names, from their docstrings.

python -m docs.api            writes the page
python -m docs.api --check    fails if the page is out of date
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from inspect import cleandoc, getsource, isroutine
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

__all__ = ["main", "render"]

PAGE = Path(__file__).with_name("api.md")
TOP = """\
# API reference

Made from the docstrings by `python -m docs.api`.
All names that are not on this page are internal and can change at any time, except
`Visit.context.sweep()` (see [the sweep](beyond.md#sweep)) and `Visit.context.find_route`
(see [routes in reports](frameworks.md#routes-in-reports))."""
# The public modules. A tuple names the public part of a module whose `__all__` holds more.
MODULES: dict[str, tuple[str, ...]] = {
    "cookiegate": (),
    "cookiegate.asgi": ("CookieGateMiddleware",),
    "cookiegate.wsgi": ("CookieGateMiddleware",),
    "cookiegate.middleware.options": ("Gates", "MiddlewareOptions"),
    "cookiegate.flask": (),
    "cookiegate.starlette": (),
    "cookiegate.django": (),
    "cookiegate.tags": (),
    "cookiegate.testing": (),
    "cookiegate.pages": (),
    "cookiegate.ledger": (),
    "cookiegate.reports": (),
}
SECTIONS = {"Args": "Arguments", "Returns": "Returns", "Raises": "Raises"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def render() -> str:
    """Return the page as Markdown."""
    contents, parts = [], []
    seen: dict[int, str] = {}
    for module_name, chosen in MODULES.items():
        module = import_module(module_name)
        names = chosen or tuple(module.__all__)
        contents.append(f"* `{module_name}`: {', '.join(_link(module_name, one) for one in names)}")
        parts += [f"## {module_name}", _prose(module.__doc__)]
        for name in names:
            found = getattr(module, name)
            parts.append(f"### {module_name}.{name}")
            if id(found) in seen:
                parts.append(f"The same as `{seen[id(found)]}`.")
            else:
                seen[id(found)] = f"{module_name}.{name}"
                parts += _describe(module, name, found)
    return "\n\n".join(part for part in [TOP, "\n".join(contents), *parts] if part) + "\n"


def main() -> int:
    """Write the page, or with `--check` compare it. Return the exit code."""
    text = render()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        print("docs/api.md is out of date; run: python -m docs.api", file=sys.stderr)
        return 1
    return 0


def _link(module_name: str, name: str) -> str:
    anchor = f"{module_name}.{name}".lower().replace(".", "")
    return f"[{name}](#{anchor})"


def _describe(module: ModuleType, name: str, found: Any) -> Iterator[str]:
    if isinstance(found, type):
        yield from _class(name, found)
    elif isroutine(found):
        yield from _function(name, _parse(found)[0])
    else:
        yield from _value(name, module)


def _parse(found: Any) -> tuple[Any, list[str]]:
    """Return the syntax tree of a class or function, and its lines."""
    source = dedent(getsource(found))
    return ast.parse(source).body[0], source.splitlines()


def _value(name: str, module: ModuleType) -> Iterator[str]:
    source = getsource(module)
    for one in ast.parse(source).body:
        match one:
            case ast.ImportFrom(level=level, module=path) if any(n.name == name for n in one.names):
                yield from _value(name, import_module(f"{'.' * level}{path}", module.__package__))
                continue
            case ast.AnnAssign(target=ast.Name(id=target), annotation=kind):
                code = f"{name}: {_unparse(kind)}"
            case ast.Assign(targets=[ast.Name(id=target)]):
                code = _unparse(one)
            case _:
                continue
        if target == name:
            yield _code(code)
            yield _comment_above(one, source.splitlines())


def _class(name: str, found: type) -> Iterator[str]:
    node, _ = _parse(found)
    methods = {one.name: one for one in node.body if isinstance(one, Function)}
    if init := methods.pop("__init__", None):
        yield _code(_signature(name, init))
    yield _prose(ast.get_docstring(node))
    # The fields of a private base are a part of the class.
    names = [_unparse(one) for one in node.bases if _unparse(one).startswith("_")]
    bases = [vars(sys.modules[found.__module__])[one] for one in names]
    parts = [_parse(one) for one in (*bases, found)]
    if attributes := [item for part in parts for item in _attributes(*part)]:
        yield "Attributes:"
        yield "\n".join(attributes)
    if issubclass(found, Enum):
        yield "Values:"
        yield "\n".join(f"* `{one.value}`: {getattr(one, 'text', '')}" for one in found)
    for method, one in methods.items():
        # An adapter's `__call__` is the protocol's, and has no docstring.
        is_call = method == "__call__" and ast.get_docstring(one) is not None
        if is_call or not (method.startswith("_") or _is_property(one)):
            yield f"#### {name}.{method}"
            yield from _function(f"{name}.{method}", one)


def _function(name: str, node: Function) -> Iterator[str]:
    yield _code(_signature(name, node))
    yield _prose(ast.get_docstring(node))


def _unparse(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if '"' in text else text.replace("'", '"')


def _code(text: str) -> str:
    return f"```python\n{text}\n```"


def _signature(name: str, node: Function) -> str:
    """Return a signature on one line, or with one parameter on each line if it is long."""
    words = list(_parameters(node.args))
    prefix = "async " if isinstance(node, ast.AsyncFunctionDef) else ""
    suffix = "" if node.returns is None else f" -> {_unparse(node.returns)}"
    line = f"{prefix}{name}({', '.join(words)}){suffix}"
    if len(line) <= 88:
        return line
    return "\n".join([f"{prefix}{name}(", *(f"    {word}," for word in words), f"){suffix}"])


def _parameters(arguments: ast.arguments) -> Iterator[str]:
    positional = arguments.posonlyargs + arguments.args
    missing = [None] * (len(positional) - len(arguments.defaults))
    for one, default in zip(positional, [*missing, *arguments.defaults], strict=True):
        if one.arg not in ("self", "cls"):
            yield _with_default(_unparse(one), default)
    if arguments.vararg:
        yield f"*{_unparse(arguments.vararg)}"
    elif arguments.kwonlyargs:
        yield "*"
    for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield _with_default(_unparse(one), default)
    if arguments.kwarg:
        yield f"**{_unparse(arguments.kwarg)}"


def _with_default(code: str, default: ast.expr | None) -> str:
    # The name of a constant or function says nothing to a reader of the page.
    is_literal = isinstance(default, ast.Constant | ast.Tuple)
    return code if default is None else f"{code} = {_unparse(default) if is_literal else '...'}"


def _attributes(node: ast.ClassDef, lines: list[str]) -> Iterator[str]:
    """Yield a list item for each public field and property."""
    for one in node.body:
        match one:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=kind, value=default):
                code = _with_default(f"{name}: {_unparse(kind)}", default)
                text = _comment_above(one, lines)
            case ast.FunctionDef(name=name) if _is_property(one):
                code = name if one.returns is None else f"{name}: {_unparse(one.returns)}"
                text = (
                    _prose(ast.get_docstring(one)).replace("\n", "\n  ").replace("\n  \n", "\n\n")
                )
            case _:
                continue
        if not name.startswith("_"):
            yield f"* `{code}`" + (f": {text}" if text else "")


def _is_property(node: Function) -> bool:
    return any(_unparse(one).endswith("property") for one in node.decorator_list)


def _comment_above(node: ast.stmt, lines: list[str]) -> str:
    """Return the text of the "#:" comment above a statement; "" if it has none."""
    at = node.lineno - 1
    while lines[at - 1].lstrip().startswith("#:"):
        at -= 1
    return " ".join(line.strip().removeprefix("#:").strip() for line in lines[at : node.lineno - 1])


def _prose(docstring: str | None) -> str:
    """Return a docstring as Markdown, with its sections as lists."""
    parts: list[str] = []
    for block in cleandoc(docstring or "").split("\n\n"):
        title, _, rest = block.partition(":\n")
        if title not in SECTIONS:
            parts.append(block)
            continue
        items: list[str] = []
        for line in dedent(rest).splitlines():
            name, colon, text = line.partition(": ")
            if line.startswith(" "):
                items[-1] += f" {line.strip()}"
            elif title == "Returns":
                items.append(line)
            else:
                items.append(f"* `{name}`: {text}" if colon else f"* {line}")
        parts.append(f"{SECTIONS[title]}:\n\n" + "\n".join(items))
    return "\n\n".join(parts)


if __name__ == "__main__":
    sys.exit(main())
