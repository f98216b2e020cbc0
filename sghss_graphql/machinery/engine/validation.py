"""What is wrong with an operation is told in our words: where and why, never the value.

graphql-core's messages quote what was wrong with the whole input around it, the password in it too. Each of
its rules is therefore used with a message of ours; names of the schema and of the operation's fields and arguments may
appear, values don't. What its rules would take seconds for is walked by ours, or ends early.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

from graphql import (
    SKIP,
    ArgumentNode,
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLInputType,
    GraphQLSchema,
    MaxIntrospectionDepthRule,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    ValidationContext,
    ValueNode,
    ValuesOfCorrectTypeRule,
    VisitorAction,
    is_input_type,
    specified_rules,
    type_from_ast,
    validate,
)
from graphql.validation.validate import ValidationAbortedError

from sghss_graphql.machinery.engine.inputs import MOST_TOLD, Place, unknown, wrong_in_literal, wrong_in_value
from sghss_graphql.machinery.faults import Excess, Malformed

_MESSAGES = {
    "ExecutableDefinitionsRule": "Só operações e fragmentos podem ser enviados.",
    "FieldsOnCorrectTypeRule": "Este campo não existe no tipo em que foi pedido; consulte o schema.",
    "FragmentsOnCompositeTypesRule": "Fragmentos só se aplicam a objetos e interfaces.",
    "KnownArgumentNamesRule": "Este argumento não existe neste campo; consulte o schema.",
    "KnownDirectivesRule": "Esta diretiva não existe, ou não cabe aqui.",
    "KnownFragmentNamesRule": "O fragmento usado não foi definido.",
    "KnownOperationTypesRule": "O servidor não oferece este tipo de operação.",
    "KnownTypeNamesRule": "Este tipo não existe; consulte o schema.",
    "LoneAnonymousOperationRule": "Dê nome às operações quando enviar mais de uma.",
    "MaxIntrospectionDepthRule": "A consulta ao schema tem níveis demais.",
    "NoFragmentCyclesRule": "Um fragmento não pode conter a si mesmo.",
    "NoSchemaIntrospectionCustomRule": "A consulta ao schema está desligada neste servidor.",
    "NoUndefinedVariablesRule": "A operação usa uma variável que não declarou.",
    "NoUnusedFragmentsRule": "Há um fragmento definido que ninguém usa.",
    "NoUnusedVariablesRule": "Há uma variável declarada que ninguém usa.",
    "OverlappingFieldsCanBeMergedRule": "Dois campos de mesmo nome na resposta pedem coisas diferentes; use aliases.",
    "PossibleFragmentSpreadsRule": "Este fragmento nunca se aplica ao tipo em que foi usado.",
    "ProvidedRequiredArgumentsRule": "Falta um argumento obrigatório deste campo; consulte o schema.",
    "ScalarLeafsRule": "Peça campos de um objeto, e só de um objeto.",
    "UniqueArgumentNamesRule": "Um argumento aparece duas vezes.",
    "UniqueDirectivesPerLocationRule": "Uma diretiva aparece duas vezes no mesmo lugar.",
    "UniqueFragmentNamesRule": "Dois fragmentos têm o mesmo nome.",
    "UniqueInputFieldNamesRule": "Um campo do objeto de entrada aparece duas vezes.",
    "UniqueOperationNamesRule": "Duas operações têm o mesmo nome.",
    "UniqueVariableNamesRule": "Uma variável é declarada duas vezes.",
    "ValuesOfCorrectTypeRule": "Um valor não é do tipo esperado aqui; consulte o schema.",
    "VariablesAreInputTypesRule": "Uma variável só pode ter um tipo de entrada.",
    "VariablesInAllowedPositionRule": "O tipo de uma variável não serve no lugar em que ela é usada.",
}


_OTHERWISE = "A operação não é válida; consulte o schema."
_MOST_COMPARED = 20_000
"""Steps of graphql-core's comparison of fields of one name: two a pair."""
_QUOTED = re.compile(r"'(?:[\w.]+\()?(\w+)[:']")
"""The first name that a message of graphql-core quotes, which is the schema's: ``'id'``, ``'Query.paciente(id:)'``."""


def validate_operation(schema: GraphQLSchema, document: DocumentNode, *, introspection: bool) -> list[GraphQLError]:
    """Give what is wrong with a document (nothing, if it is valid), at most 20 errors, in our words.

    Raises:
        Excess: so many fields of one name stand beside each other that whether they agree isn't worth finding out.
    """
    made: list[ASTValidationRule] = []

    def remembered(rule: type[ASTValidationRule], context: ValidationContext) -> ASTValidationRule:
        made.append(rule(context))
        return made[-1]

    rules: Any = [partial(remembered, rule) for rule in _rules(introspection)]
    errors = validate(schema, document, rules, max_errors=MOST_TOLD, hide_suggestions=True)
    for rule in made:  # each holds itself, and the document: the collector alone would free them, all at once
        vars(rule).clear()
    found = [error for error in errors if not isinstance(error, ValidationAbortedError)]
    if len(found) < min(len(errors), MOST_TOLD):  # it gave up before it had found that many
        raise Excess("A operação repete campos demais sob o mesmo nome, ou tem níveis demais; divida-a em partes.")
    return found


def check_variables(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    values: Mapping[str, Any],
    places: Mapping[str, Place],
    *,
    suggest: bool,
) -> list[GraphQLError]:
    """Give what is wrong with the variables' values, at most 20 things: the variable, the path in it, the reason.

    ``places`` are the arguments that the variables are for, as a form would name them.
    """
    errors: list[GraphQLError] = []
    for definition in operation.variable_definitions or ():
        name = definition.variable.name.value
        type_ = type_from_ast(schema, definition.type)
        if not is_input_type(type_) or (name not in values and definition.default_value is not None):
            continue
        if name in values or definition.type.kind == "non_null_type":
            errors += _wrong_in(name, values.get(name), type_, places.get(name, ()), suggest=suggest)
        if len(errors) >= MOST_TOLD:
            break
    return errors[:MOST_TOLD]


def _wrong_in(name: str, value: Any, type_: GraphQLInputType, place: Place, *, suggest: bool) -> list[GraphQLError]:
    try:
        found = wrong_in_value(value, type_, suggest=suggest)
    except RecursionError:
        return [_invalid("Os valores das variáveis têm níveis demais.")]
    return [
        _invalid(f"Variável {'.'.join(map(str, [f'${name}', *wrong.place]))}: {wrong.reason}", (*place, *wrong.place))
        for wrong in found
    ]


def _invalid(message: str, argument: Place = (), nodes: Any = None) -> GraphQLError:
    return GraphQLError(message, nodes, original_error=Malformed(message, argument))


def _argument_of(context: ValidationContext) -> Place:
    """Name the argument whose value is visited."""
    field, argument = context.get_field_def(), context.get_argument()
    names = [name for name, known in field.args.items() if known is argument] if field is not None else []
    return tuple(names[:1])


class _ValuesOfCorrectType(ValuesOfCorrectTypeRule):
    """graphql-core's rule prints the whole literal for each thing that is wrong in it; here it is walked once."""

    suggest = True

    def is_valid_value_node(self, node: ValueNode, input_type: GraphQLInputType | None) -> VisitorAction:
        """Tell what is wrong with a literal where a type is expected."""
        if input_type is not None:
            argument = _argument_of(self.context)
            for wrong in wrong_in_literal(node, input_type, suggest=self.suggest):
                place = (*argument, *wrong.place)
                where = f"Argumento {'.'.join(map(str, place))}: " if place else "Valor: "
                self.context.report_error(_invalid(where + wrong.reason, place, wrong.node or node))
        return SKIP


class _OverlappingFieldsCanBeMerged(OverlappingFieldsCanBeMergedRule):
    """graphql-core's rule with less patience: to compare every pair of 2,000 fields of one name takes it a second."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = _MOST_COMPARED


_OURS: dict[type[ASTValidationRule], type[ASTValidationRule]] = {
    ValuesOfCorrectTypeRule: _ValuesOfCorrectType,
    OverlappingFieldsCanBeMergedRule: _OverlappingFieldsCanBeMerged,
}


@lru_cache(maxsize=2)
def _rules(introspection: bool) -> list[type[ASTValidationRule]]:
    """Give the rules; where the schema may not be asked for, nothing of it is suggested either."""
    rules: list[type[ASTValidationRule]] = [*specified_rules, MaxIntrospectionDepthRule]
    if not introspection:
        rules.append(NoSchemaIntrospectionCustomRule)
    return [_in_our_words(rule, suggest=introspection) for rule in dict.fromkeys(rules)]


def _in_our_words(rule: type[ASTValidationRule], *, suggest: bool) -> type[ASTValidationRule]:
    message = _MESSAGES.get(rule.__name__, _OTHERWISE)
    words = _WORDS.get(rule.__name__)
    own = _OURS.get(rule, rule)

    class InOurWords(own):  # type: ignore[valid-type,misc]  # a class made from a value
        def __init__(self, context: ValidationContext) -> None:
            super().__init__(_Telling(context, self._in_our_words))

        def _in_our_words(self, error: GraphQLError) -> GraphQLError:
            if isinstance(error.original_error, Malformed):  # it is told already
                return error
            told, argument = (words(self.context, error, suggest) if words is not None else None) or (message, ())
            return _invalid(told, argument, error.nodes)

    InOurWords.suggest = suggest
    return InOurWords


class _Telling:
    """A rule's context, through which its errors go out in our words: some rules report to it on their own."""

    def __init__(self, context: ValidationContext, told: Callable[[GraphQLError], GraphQLError]) -> None:
        self._context = context
        self._told = told

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def report_error(self, error: GraphQLError) -> None:
        """Report it as it is told."""
        self._context.report_error(self._told(error))


_Words = Callable[[ValidationContext, GraphQLError, bool], tuple[str, Place] | None]
"""Says more of a broken rule: the message, and the argument that it is about."""


def _unknown_field(context: ValidationContext, error: GraphQLError, suggest: bool) -> tuple[str, Place] | None:
    node, parent = next(iter(error.nodes or ()), None), context.get_parent_type()
    if not isinstance(node, FieldNode) or parent is None:
        return None
    known = getattr(parent, "fields", {}) if suggest else ()
    told = unknown(node.name.value, parent.name, known)
    return f"{told[0].upper()}{told[1:]}{'' if told.endswith('?') else '.'}", ()


def _unknown_argument(context: ValidationContext, error: GraphQLError, suggest: bool) -> tuple[str, Place] | None:
    node, field = next(iter(error.nodes or ()), None), context.get_field_def()
    if not isinstance(node, ArgumentNode) or field is None:
        return None
    name = node.name.value
    told = (
        unknown(name, "este campo", field.args if suggest else ())
        .replace("um campo", "um argumento")
        .replace("em este", "neste")
    )
    return f"{told[0].upper()}{told[1:]}{'' if told.endswith('?') else '.'}", (name,)


def _missing_argument(context: ValidationContext, error: GraphQLError, suggest: bool) -> tuple[str, Place] | None:
    del context, suggest
    found = _QUOTED.search(error.message)
    return (f"Falta o argumento {found[1]}, que é obrigatório.", (found[1],)) if found else None


_WORDS: dict[str, _Words] = {
    "FieldsOnCorrectTypeRule": _unknown_field,
    "KnownArgumentNamesRule": _unknown_argument,
    "ProvidedRequiredArgumentsRule": _missing_argument,
}
