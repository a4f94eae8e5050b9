"""Templates compiled for one language and one door: what cannot change is worked out beforehand.

A template stays what Jinja's documents say, and the page is the same; docs/architecture.md tells
what is worked out ("How a page is made"), docs/performance.md what it saves.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import Any, Self, cast

from flask.templating import Environment
from jinja2 import BaseLoader, BytecodeCache, nodes
from jinja2.compiler import CodeGenerator, Frame, has_safe_repr
from jinja2.nodes import EvalContext
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

NOTHING: Mapping[str, Any] = MappingProxyType({})
TRANSLATORS = ("_", "gettext")
_PLACE = re.compile(r"%\((\w+)\)s")


class NotConstantError(Exception):
    """What is asked for is known only when a page is made."""


class _Generator(CodeGenerator):
    def visit_Template(self, node: nodes.Template, frame: Any = None) -> None:  # noqa: N802
        environment = cast(FoldingEnvironment, self.environment)
        folded = _Folding(environment, EvalContext(environment, self.name)).visit(node)
        if folded.find((nodes.Extends, nodes.Block, nodes.Macro)) is None:
            folded.body = [nodes.Scope(folded.body, lineno=folded.lineno)]
        super().visit_Template(folded, frame)

    def visit_Scope(self, node: nodes.Scope, frame: Frame) -> None:  # noqa: N802
        """Write what is in it into a list, and hand it on in one piece.

        A piece that is yielded goes through every template around it.
        """
        inner = frame.inner()
        inner.symbols.analyze_node(node)
        self.enter_frame(inner)
        if frame.buffer is None:
            self.buffer(inner)
        self.blockvisit(node.body, inner)
        if frame.buffer is None:
            self.simple_write(f"concat({inner.buffer})", frame)
        self.leave_frame(inner)


class FoldingEnvironment(Environment):
    """Compiles templates in which what is `known`, and what is `worked_out` of it, is constant.

    Both are empty at first; `folding` returns an environment with them.
    """

    code_generator_class = _Generator
    known: Mapping[str, Any] = NOTHING
    worked_out: Mapping[str, Callable[..., Any]] = NOTHING
    apart: frozenset[str] = frozenset()
    getattr = staticmethod(getattr)  # type: ignore[assignment]
    """Templates read attributes alone, and one that is not there is an error: quicker than Jinja,
    which looks for an item then."""

    def folding(
        self,
        known: Mapping[str, Any],
        worked_out: Mapping[str, Callable[..., Any]],
        apart: frozenset[str],
        byte_code: BytecodeCache | None = None,
    ) -> Self:
        """Return an environment that shares all else with this one.

        Of what is known, attributes that are texts or numbers count too. A function of
        `worked_out` raises NotConstantError for what it cannot say beforehand. Templates that
        are `apart` are included as Jinja does: long ones that stand in several places.
        `byte_code` keeps what they are compiled to, for environments in which everything that is
        known and worked out is the same.
        """
        other: Self = self.overlay(bytecode_cache=byte_code)
        other.known, other.worked_out, other.apart = known, worked_out, apart
        return other


class _Folding(NodeTransformer):
    def __init__(self, environment: FoldingEnvironment, context: EvalContext) -> None:
        self._environment = environment
        self._context = context

    def generic_visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> nodes.Node:
        node = super().generic_visit(node, *args, **kwargs)
        for name, value in node.iter_fields():
            if name in ("body", "else_"):
                setattr(node, name, list(_joined(value)))
        return node

    def visit_Name(self, node: nodes.Name) -> nodes.Node:  # noqa: N802
        known = self._environment.known
        if node.ctx != "load":
            # A template that sets what is known would not be heard.
            if node.name in known:
                raise ValueError(f"{node.name} is known, and cannot be set")
            return node
        return _constant(known[node.name], node) if node.name in known else node

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:  # noqa: N802
        if isinstance(node.node, nodes.Name) and node.node.name in self._environment.known:
            it = self._environment.known[node.node.name]
            return _constant(getattr(it, node.attr), node)
        return self.generic_visit(node)

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        if not isinstance(node.node, nodes.Name) or node.dyn_args or node.dyn_kwargs:
            return node
        work_out = self._environment.worked_out.get(node.node.name)
        if work_out is None:
            return node
        try:
            values = [each.as_const(self._context) for each in node.args]
            named = dict(each.as_const(self._context) for each in node.kwargs)
            return _constant(work_out(*values, **named), node)
        except (nodes.Impossible, NotConstantError):
            return node

    def visit_CondExpr(self, node: nodes.CondExpr) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        try:
            holds = node.test.as_const(self._context)
        except nodes.Impossible:
            return node
        chosen = node.expr1 if holds else node.expr2
        return node if chosen is None else chosen

    def visit_Output(self, node: nodes.Output) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.nodes = [part for each in node.nodes for part in self._parts(each)]
        return node

    def _parts(self, node: nodes.Expr) -> Iterator[nodes.Expr]:
        """Yield a sentence with values as what stands between them, and the values."""
        text = self._sentence(node)
        if text is None:
            yield node
            return
        values = {each.key: each.value for each in cast(nodes.Call, node).kwargs}
        pieces = _PLACE.split(text)
        for place, piece in enumerate(pieces):
            if place % 2:
                yield values[piece]
            else:
                yield nodes.TemplateData(piece, lineno=node.lineno)

    def _sentence(self, node: nodes.Expr) -> str | None:
        if not isinstance(node, nodes.Call) or not isinstance(node.node, nodes.Name):
            return None
        translate = self._environment.worked_out.get(node.node.name)
        is_sentence = node.node.name in TRANSLATORS and len(node.args) == 1
        if translate is None or not is_sentence or not isinstance(node.args[0], nodes.Const):
            return None
        places = {each.key: f"%({each.key})s" for each in node.kwargs}
        return str(translate(node.args[0].value, **places))

    def visit_If(self, node: nodes.If) -> nodes.Node | list[nodes.Node]:  # noqa: N802
        taken: list[nodes.If] = []
        otherwise = node.else_
        for branch in (node, *node.elif_):
            test = self.visit(branch.test)
            try:
                holds = test.as_const(self._context)
            except nodes.Impossible:
                taken.append(nodes.If(test, branch.body, [], [], lineno=branch.lineno))
                continue
            if holds:
                otherwise = branch.body
                break
        for branch in taken:
            branch.body = self._body(branch.body)
        otherwise = self._body(otherwise)
        if not taken:
            return otherwise
        taken[0].elif_, taken[0].else_ = taken[1:], otherwise
        return taken[0]

    def _body(self, body: list[nodes.Node]) -> list[nodes.Node]:
        return list(_joined([each for node in body for each in self.visit_list(node)]))

    def visit_Include(self, node: nodes.Include) -> nodes.Node | list[nodes.Node]:  # noqa: N802
        self.generic_visit(node)
        name = node.template.value if isinstance(node.template, nodes.Const) else None
        if name is None or name in self._environment.apart:
            return node
        loader = cast(BaseLoader, self._environment.loader)
        source, path, _ = loader.get_source(self._environment, name)
        included = self.visit(self._environment.parse(source, name, path))
        # What an included template sets is its own.
        is_setting = included.find((nodes.Assign, nodes.AssignBlock, nodes.FromImport))
        return nodes.Scope(included.body, lineno=node.lineno) if is_setting else included.body


def _joined(body: list[nodes.Node]) -> Iterator[nodes.Node]:
    """Yield a body with texts that follow each other in one."""
    for is_output, group in groupby(body, lambda each: isinstance(each, nodes.Output)):
        if not is_output:
            yield from group
            continue
        outputs = [cast(nodes.Output, each) for each in group]
        parts = [part for each in outputs for part in each.nodes]
        yield nodes.Output(parts, lineno=outputs[0].lineno)


def _constant(value: Any, node: nodes.Expr) -> nodes.Expr:
    """Return the value as a node; the node itself where compiled code cannot hold the value."""
    if isinstance(value, Markup) or has_safe_repr(value):
        return nodes.Const(value, lineno=node.lineno)
    return node
