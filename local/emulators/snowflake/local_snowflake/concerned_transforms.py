"""Of fakesnow's transforms, only those that concern a statement (extension "concerned-transforms").

fakesnow passes every statement through some seventy transforms, each of which visits every node and changes
nodes of one or two kinds. In a dbt build, visits that changed nothing were half of the server's time.
"""

from collections.abc import Callable
from types import CodeType
from typing import Any

from sqlglot import exp

from local_snowflake.pinned import private, replace

Kinds = frozenset[type]

# Which transforms can change something only where there is a node of this kind. One that is not listed sees
# every statement.
_TRANSFORMS_BY_KIND: dict[type[exp.Expr], str] = {
    exp.Alter: "alter_session extract_comment_on_columns tag extract_text_length "
    "alter_table_strip_cluster_by",
    exp.Alias: "update_variables",
    exp.Anonymous: "alias_in_where haversine sha256 to_timestamp",
    exp.Array: "array_construct_etc",
    exp.ArrayConcat: "array_construct_etc",
    exp.ArrayConstructCompact: "array_construct_etc",
    exp.ArrayAgg: "array_agg",
    exp.ArraySize: "array_size",
    exp.Avg: "numeric_agg_implicit_cast",
    exp.Bracket: "indices_to_json_extract",
    exp.Cast: "json_extract_cast_as_varchar flatten_value_cast_as_varchar timestamp_offsets to_timestamp",
    exp.Comment: "extract_comment_on_table",
    exp.Command: "show_parameters",
    exp.Create: "create_database extract_comment_on_table extract_text_length create_clone create_stage "
    "create_file_format create_table_as",
    exp.CurrentVersion: "current_version",
    exp.DataType: "semi_structured_types timestamp_ntz integer_precision",
    exp.DateAdd: "dateadd_date_cast dateadd_string_literal_timestamp_cast",
    exp.DateDiff: "datediff_string_literal_timestamp_cast",
    exp.Drop: "drop_schema_cascade",
    exp.HexString: "hex_string",
    exp.Join: "alias_in_join",
    exp.JSONExtract: "json_extract_cast_as_varchar json_extract_cased_as_varchar json_extract_precedence",
    exp.JSONExtractScalar: "json_extract_precedence",
    exp.JSONObject: "object_construct",
    exp.Lateral: "flatten",
    exp.ListStage: "list_stage",
    exp.Median: "numeric_agg_implicit_cast",
    exp.ObjectAgg: "object_agg",
    exp.Put: "put_stage",
    exp.Rand: "random",
    exp.RegexpExtract: "regex_substr",
    exp.RegexpReplace: "regex_replace",
    exp.Set: "update_variables",
    exp.SHA2: "sha256",
    exp.SHA2Digest: "sha256",
    exp.Show: "show_databases show_functions show_procedures show_warehouses show_schemas show_tables_etc "
    "show_columns show_stages show_sequences show_keys show_users",
    exp.Split: "split",
    exp.StarMap: "object_construct",
    exp.Stddev: "numeric_agg_implicit_cast",
    exp.StddevPop: "numeric_agg_implicit_cast",
    exp.StddevSamp: "numeric_agg_implicit_cast",
    exp.Struct: "object_construct",
    exp.Sum: "numeric_agg_implicit_cast",
    exp.TableFromRows: "flatten result_scan",
    exp.ToNumber: "to_decimal",
    exp.ToVariant: "to_variant",
    exp.Trim: "trim_cast_varchar",
    exp.UnixToTime: "to_timestamp",
    exp.Use: "set_schema",
    exp.Values: "values_columns",
    exp.Variance: "numeric_agg_implicit_cast",
    exp.VariancePop: "numeric_agg_implicit_cast",
    exp.WithinGroup: "array_agg_within_group",
}
KINDS_BY_TRANSFORM: dict[str, Kinds] = {
    name: frozenset(kind for kind, names in _TRANSFORMS_BY_KIND.items() if name in names.split())
    for names in _TRANSFORMS_BY_KIND.values()
    for name in names.split()
}

_UPPER_CASE = "upper_case_unquoted_identifiers"

private("concerned-transforms", "fakesnow.transforms", _UPPER_CASE, *sorted(KINDS_BY_TRANSFORM))
_cursor = private("concerned-transforms", "fakesnow.cursor", "FakeSnowflakeCursor._transform")


def install() -> None:
    """Leave out transforms that would find nothing to change."""
    replace(_cursor.FakeSnowflakeCursor, "_transform", only_concerned)


def only_concerned(original: Any) -> Any:
    def transform(self: Any, expression: exp.Expr, params: Any) -> exp.Expr:
        transformed: exp.Expr = original(self, Statement(expression), params).expression
        return transformed

    return transform


class Statement:
    """Stands for a statement's expression in fakesnow's chain of transforms."""

    def __init__(self, expression: exp.Expr) -> None:
        self.expression = expression
        self._kinds = _kinds_in(expression)

    def transform(self, function: Callable[..., exp.Expr], *args: Any, **kwargs: Any) -> "Statement":
        """Apply a transform if it concerns a node of the statement."""
        if function.__name__ == _UPPER_CASE:
            # fakesnow's own copies every identifier, with its place in the text, which nobody asks for.
            self.expression = self.expression.transform(_in_upper_case, copy=False)
            return self
        concerned = _kinds_concerned(function.__code__)
        if concerned is None or not concerned.isdisjoint(self._kinds):
            self.expression = self.expression.transform(function, *args, **kwargs)
            self._kinds = _kinds_in(self.expression)
        return self


def _in_upper_case(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Identifier) and not node.quoted and isinstance(node.this, str):
        node.set("this", node.this.upper())
    return node


def _kinds_in(expression: exp.Expr) -> set[type]:
    """Classes of the nodes, with those they derive from: what isinstance tells."""
    return {base for kind in {type(node) for node in expression.walk()} for base in kind.__mro__}


def _kinds_concerned(code: CodeType) -> Kinds | None:
    """What a transform concerns, by its name or, of a lambda, by the one that it calls; None: everything."""
    names = code.co_names if code.co_name == "<lambda>" else (code.co_name,)
    return next((KINDS_BY_TRANSFORM[name] for name in names if name in KINDS_BY_TRANSFORM), None)
