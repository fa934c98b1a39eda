"""The published tables as SQL over the clean reviews; contracts/tables defines their columns.

The relations that the queries read: `published` (columns of `clean/`, but the duplicates; `record_number`
counts in the file), `reviewed` (those of them that are reviews), `customers` and `support_cases` (columns of
their folders, but the duplicates), `refused` (columns of `rejected/`) and `gone` (columns of `deleted/`), all
with `file_id`.
"""

from __future__ import annotations

from datetime import datetime

from reviews import tables
from reviews.kernel import sql
from reviews.kernel.mapping import column, key_of_text

DIMENSIONS = {"products": "product", "reviewers": "reviewer"}
"""Table of products or reviewers, which several reviews can share → the prefix of their columns."""

# Neighbouring rows are then similar, and a query for one product reads few pages.
ORDER = {"reviews": "order by product_id, created_at"}
OF_CRM = ("customers", "support_cases")
"""Tables whose rows are a CRM's records."""
TYPES = {"string": "varchar", "timestamp": "timestamptz", "array<string>": "varchar[]"}
# A catalogue's description comes first, then the newest review's; positions decide between equal times.
_NEWEST = "(from_catalogue, as_of, file_no, split_start, record_number)"


def row_tables(ingested_at: datetime) -> dict[str, str]:
    """Table → query, for the tables whose rows each come from a single record."""
    queries = {"reviews": _reviews(ingested_at)}
    queries |= {table: _items(name, table, ingested_at) for name, table in tables.LISTS.items()}
    queries |= {table: _select(table, table, {}, ingested_at) for table in OF_CRM}
    return queries | {
        "deleted_reviews": _select("deleted_reviews", "gone", {}, ingested_at),
        "rejected_records": _select("rejected_records", "refused", {"reason": "reasons[1]"}, ingested_at),
    }


def newest(table: str, relation: str) -> str:
    """One row per product (reviewer) of the relation, with details of a catalogue or else the newest review.

    The result has all columns that the relation needs, so `newest` of a union of results is newest of all.
    """
    identity = f"{DIMENSIONS[table]}_id"
    position = ["as_of", "file_no", "split_start", "record_number", "file_id"]
    kept = {name: sql.name(name) for name in (*_described(table).values(), "from_catalogue", *position)}
    if table == "products":  # a review's remaining attributes describe the review, not its product
        kept["attributes"] = "if(from_catalogue, attributes, null)"
    fields = ", ".join(f"{sql.name(name)}: {expression}" for name, expression in kept.items())
    return (
        f"select source, {identity}, unnest(newest) from (select source, {identity}, "
        f"arg_max({{{fields}}}, {_NEWEST}) as newest "
        f"from {relation} where {identity} is not null group by all)"
    )


def dimension(table: str, relation: str, ingested_at: datetime) -> str:
    """The rows of table `products` (`reviewers`), from a result of `newest`."""
    prefix = DIMENSIONS[table]
    expressions = {name: sql.name(kept) for name, kept in _described(table).items()}
    expressions |= {f"{prefix}_key": key_of_text(f"{prefix}_id"), "last_seen_at": "as_of"}
    return _select(table, relation, expressions, ingested_at)


def _described(table: str) -> dict[str, str]:
    """Column of the table → column of the clean reviews with the product's (reviewer's) detail."""
    prefix = DIMENSIONS[table]
    return {
        name.removeprefix(f"{prefix}."): column(name)
        for name in tables.canonical_fields()
        if name.startswith(f"{prefix}.")
    }


def _reviews(ingested_at: datetime) -> str:
    # Hashes each product and reviewer once, not once for each review.
    relation = "reviewed"
    for prefix in DIMENSIONS.values():
        identity = f"{prefix}_id"
        keys = (
            f"select source, {identity}, {key_of_text(identity)} as {prefix}_key "
            f"from (select distinct source, {identity} from reviewed)"
        )
        relation += f" left join ({keys}) using (source, {identity})"
    return _select("reviews", relation, {}, ingested_at)


def _items(name: str, table: str, ingested_at: datetime) -> str:
    """One row per list item that is not empty, with its position in the list, from 0."""
    columns = [sql.name(c) for c in tables.list_items(name)]
    relation = (
        f"(select review_key, file_id, record_number, unnest({name}) as item, "
        f"unnest(range(len({name}))) as position from reviewed where {name} is not null)"
    )
    filled = f"coalesce({', '.join(f'item.{c}::varchar' for c in columns)}) is not null"
    expressions = {c: f"item.{sql.name(c)}" for c in tables.list_items(name)}
    return _select(table, f"{relation} where {filled}", expressions, ingested_at)


def _select(table: str, relation: str, expressions: dict[str, str], ingested_at: datetime) -> str:
    """Selects the table's columns, in its order and types: `expressions`, or else the column of that name."""
    expressions = expressions | {
        "ingested_at": f"timestamptz '{ingested_at.isoformat()}'",
        "original_batch_id": "null",
    }
    listed = ", ".join(
        f"({expressions.get(c.name, sql.name(c.name))})::{TYPES.get(c.type, c.type)} as {sql.name(c.name)}"
        for c in tables.table(table).columns
    )
    return f"select {listed} from {relation} {ORDER.get(table, '')}"
