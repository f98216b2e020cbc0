"""What is wrong with an operation is told in our words: where and why, never the value.

graphql-core's messages quote what was wrong with the whole input around it, the password in it too. Each of
its rules is therefore used with a message of ours; names of the schema may
appear, names and values of the caller don't.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLInputType,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    is_input_type,
    specified_rules,
    type_from_ast,
    validate,
)
from graphql.utilities import validate_input_value

from sghss_graphql.machinery.faults import Malformed

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


class BadValue(GraphQLError):
    """A scalar's refusal: its message holds nothing of the value, and may be told."""


_OTHERWISE = "A operação não é válida; consulte o schema."
_MOST_ERRORS = 20


def validate_operation(schema: GraphQLSchema, document: DocumentNode, *, introspection: bool) -> list[GraphQLError]:
    """Give what is wrong with a document (nothing, if it is valid), at most 20 errors, in our words."""
    return validate(schema, document, _rules(introspection), max_errors=_MOST_ERRORS)


def check_variables(
    schema: GraphQLSchema, operation: OperationDefinitionNode, values: Mapping[str, Any]
) -> list[GraphQLError]:
    """Give what is wrong with the variables' values: the variable, the path in it, the reason."""
    errors: list[GraphQLError] = []
    for definition in operation.variable_definitions or ():
        name = definition.variable.name.value
        type_ = type_from_ast(schema, definition.type)
        if not is_input_type(type_) or (name not in values and definition.default_value is not None):
            continue
        if name in values or definition.type.kind == "non_null_type":
            errors += _wrong_in(name, values.get(name), type_)
    return errors[:_MOST_ERRORS]


def _wrong_in(name: str, value: Any, type_: GraphQLInputType) -> list[GraphQLError]:
    errors: list[GraphQLError] = []

    def on_error(error: GraphQLError, path: list[str | int]) -> None:
        reason = _reason(error) or f"o valor não serve para o tipo {type_}."
        known = [part for part in path if isinstance(part, int) or part in _input_names(type_)]
        where = ".".join(map(str, [f"${name}" if name.isidentifier() else "$", *known]))
        errors.append(_invalid(f"Variável {where}: {reason}"))

    try:
        validate_input_value(value, type_, on_error)
    except RecursionError:
        errors.append(_invalid("Os valores das variáveis têm níveis demais."))
    return errors


def _reason(error: GraphQLError) -> str | None:
    """Give our scalar's own words, if it was one of them that refused."""
    for candidate in (error, error.original_error):
        if isinstance(candidate, BadValue):
            return candidate.message
    return None


def _invalid(message: str) -> GraphQLError:
    return GraphQLError(message, original_error=Malformed(message))


@cache
def _input_names(type_: GraphQLInputType) -> frozenset[str]:
    """Give the names of all fields of an input type, nested ones too: the only ones that a path may show."""
    names: set[str] = set()
    seen: set[Any] = set()
    pending: list[Any] = [type_]
    while pending:
        current = pending.pop()
        while hasattr(current, "of_type"):
            current = current.of_type
        if current not in seen and hasattr(current, "fields"):
            seen.add(current)
            names |= current.fields.keys()
            pending += [field.type for field in current.fields.values()]
    return frozenset(names)


@cache
def _rules(introspection: bool) -> list[type[ASTValidationRule]]:
    rules: list[type[ASTValidationRule]] = list(specified_rules)
    if not introspection:
        rules.append(NoSchemaIntrospectionCustomRule)
    return [_in_our_words(rule) for rule in rules]


def _in_our_words(rule: type[ASTValidationRule]) -> type[ASTValidationRule]:
    message = _MESSAGES.get(rule.__name__, _OTHERWISE)

    class InOurWords(rule):  # type: ignore[valid-type,misc]  # a class made from a value
        def report_error(self, error: GraphQLError) -> None:
            ours = _reason(error) or message
            self.context.report_error(GraphQLError(ours, error.nodes, original_error=Malformed(ours)))

    return InOurWords
