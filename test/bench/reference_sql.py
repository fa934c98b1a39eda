"""The rules of the Glue jobs for native reviews, in DuckDB's SQL."""

# ruff: noqa: S608 - these are whole statements of the bench's own; the paths in them are from its own manifest

import json

PARQUET = "format parquet, compression zstd, compression_level 3"

# Every leaf is read as text and typed afterwards, so that a wrong value differs from a missing one.
_SHAPE = {
    "review_id": "VARCHAR",
    "product": {
        "product_id": "VARCHAR",
        "parent_id": "VARCHAR",
        "title": "VARCHAR",
        "brand": "VARCHAR",
        "categories": ["VARCHAR"],
        "price": {"amount": "VARCHAR", "currency": "VARCHAR"},
        "url": "VARCHAR",
    },
    "reviewer": dict.fromkeys(
        ("reviewer_id", "name", "profile_url", "image_url", "country", "city"), "VARCHAR"
    ),
    "rating": "VARCHAR",
    "recommended": "VARCHAR",
    "title": "VARCHAR",
    "body": "VARCHAR",
    "language": "VARCHAR",
    "verified_purchase": "VARCHAR",
    "helpful_votes": "VARCHAR",
    "total_votes": "VARCHAR",
    "created_at": "VARCHAR",
    "updated_at": "VARCHAR",
    "media": [dict.fromkeys(("kind", "url", "caption", "width", "height"), "VARCHAR")],
    "responses": [dict.fromkeys(("responder", "body", "responded_at"), "VARCHAR")],
    "tags": ["VARCHAR"],
}
_STRUCTURE = json.dumps(_SHAPE)


def _without(shape: object) -> object:
    """A JSON merge patch that takes away what the shape holds; objects without anything else become empty."""
    return {key: _without(value) for key, value in shape.items()} if isinstance(shape, dict) else None


_PATCH = json.dumps(_without(_SHAPE))
# What the patch leaves of an object without unknown keys.
_EMPTY = r'"(product|reviewer)":\{("price":\{\})?\},?'

MACROS = """
create macro present(t) as nullif(trim(t), '');
create macro plain(line, path, t) as
  case when t is null then null
       when left(t, 1) not in ('{', '[') then present(t)
       when json_type(line, path) not in ('OBJECT', 'ARRAY') then present(t) end;
create macro as_boolean(t) as
  case when lower(t) in ('true', 't', 'yes', 'y', '1') then true
       when lower(t) in ('false', 'f', 'no', 'n', '0') then false end;
create macro as_long(t) as try_cast(replace(t, ',', '') as bigint);
create macro as_time(t) as
  case when substring(t, 5, 1) = '-' then try_cast(t as timestamptz)
       when abs(try_cast(t as double)) < 1e11 then to_timestamp(try_cast(t as double))
       when abs(try_cast(t as double)) < 1e15 then to_timestamp(try_cast(t as double) / 1e3) end;
create macro not_object(t) as t not in ('OBJECT', 'NULL');
create macro key_of(source, id) as sha256(source || chr(10) || length(id) || ':' || id);
"""


def _lines(uri: str) -> str:
    return (
        "select line, row_number() over () record_number "
        f"from read_csv('{uri}', columns={{'line': 'VARCHAR'}}, "
        "delim='\x01', quote='', escape='', header=false, auto_detect=false, max_line_size=17000000) "
        "where trim(line) <> ''"
    )


def select_records(uri: str, file_id: str, ingested: str) -> str:
    """Every line of a file, typed, with its `reasons` in the order of contracts/outcomes.json, if any."""
    return f"""
with line as ({_lines(uri)}),
parsed as (
  select *, json_valid(line) valid, valid and ltrim(line) like '{{%' is_object,
    case when is_object then from_json(line, '{_STRUCTURE}') end j,
    case when is_object then json_merge_patch(line, '{_PATCH}') end leftover,
    case when is_object then json_type(line, ['$.product', '$.product.price', '$.reviewer']) end object_types
  from line
),
typed as (
  select line, record_number, valid, is_object, 'native' source,
    plain(line, '$.review_id', j.review_id) review_id,
    plain(line, '$.product.product_id', j.product.product_id) product_id,
    plain(line, '$.reviewer.reviewer_id', j.reviewer.reviewer_id) reviewer_id,
    present(j.rating) rating_raw,
    try_cast(rating_raw as decimal(18, 9))::double rating_number,
    case when rating_number between 1 and 5 then rating_number end rating,
    as_boolean(j.recommended) recommended,
    plain(line, '$.title', j.title) title,
    plain(line, '$.body', j.body) body,
    lower(plain(line, '$.language', j.language)) "language",
    as_boolean(j.verified_purchase) verified_purchase,
    as_long(j.helpful_votes) helpful_votes,
    as_long(j.total_votes) total_votes,
    j.created_at created_raw,
    as_time(trim(j.created_at)) created_at,
    as_time(trim(j.updated_at)) updated_at,
    {{'parent_id': plain(line, '$.product.parent_id', j.product.parent_id),
      'title': plain(line, '$.product.title', j.product.title),
      'brand': plain(line, '$.product.brand', j.product.brand),
      'categories': j.product.categories,
      'price_amount': try_cast(j.product.price.amount as decimal(12, 2)),
      'price_currency': plain(line, '$.product.price.currency', j.product.price.currency),
      'url': plain(line, '$.product.url', j.product.url)}} product,
    {{'name': plain(line, '$.reviewer.name', j.reviewer.name),
      'profile_url': plain(line, '$.reviewer.profile_url', j.reviewer.profile_url),
      'image_url': plain(line, '$.reviewer.image_url', j.reviewer.image_url),
      'country': plain(line, '$.reviewer.country', j.reviewer.country),
      'city': plain(line, '$.reviewer.city', j.reviewer.city)}} reviewer,
    list_transform(j.media, lambda m: {{
      'kind': present(m.kind), 'url': present(m.url), 'caption': present(m.caption),
      'width': try_cast(m.width as integer), 'height': try_cast(m.height as integer)}}) media,
    list_transform(j.responses, lambda r: {{'responder': present(r.responder), 'body': present(r.body),
      'responded_at': as_time(r.responded_at)}}) responses,
    list_transform(j.tags, lambda t: present(t)) tags,
    nullif(regexp_replace(regexp_replace(leftover, '{_EMPTY}', '', 'g'), ',\\}}$', '}}'), '{{}}') attributes,
    case when not_object(object_types[1]) then 'product is not an object'
         when not_object(object_types[2]) then 'product.price is not an object'
         when not_object(object_types[3]) then 'reviewer is not an object' end mismatch
  from parsed
),
judged as (
  select *, case
    when not valid then ['MALFORMED_JSON']
    when not is_object then ['NOT_AN_OBJECT']
    else list_filter([
      if(review_id is null, 'MISSING_ID', null),
      if(product_id is null, 'MISSING_PRODUCT', null),
      if(rating is null, 'RATING_INVALID', null),
      if(created_at is null or created_at < timestamptz '1990-01-01', 'TIMESTAMP_INVALID', null),
      if(greatest(created_at, updated_at) > {ingested} + interval 1 day, 'TIMESTAMP_FUTURE', null),
      if(mismatch is not null, 'SCHEMA_MISMATCH', null)], lambda r: r is not null) end reasons
  from typed
)
select * exclude (line, valid, is_object, rating_number, created_raw, mismatch),
  case when len(reasons) = 0 then key_of(source, review_id) end review_key,
  -- A comma after the record parts it from the next one.
  case when len(reasons) > 0 then if(ends_with(line, '}},'), left(line, -1), line) end record,
  case when len(reasons) > 0 and is_object then list_transform(reasons, lambda r: case r
    when 'MISSING_ID' then 'identity' when 'MISSING_PRODUCT' then 'product_id'
    when 'RATING_INVALID' then 'rating=' || left(coalesce(rating_raw, 'missing'), 100)
    when 'TIMESTAMP_INVALID' then 'created_at=' || left(coalesce(created_raw, 'missing'), 100)
    when 'TIMESTAMP_FUTURE' then 'created_at=' || left(coalesce(created_raw, 'missing'), 100)
    else mismatch end) end details,
  coalesce(updated_at, created_at) as_of,
  '{file_id}' file_id, {ingested} ingested_at
from judged"""


def typed_records(uri: str, file_id: str, ingested: str) -> str:
    """Appends every line of a file to table `record`."""
    return f"insert into record {select_records(uri, file_id, ingested)}"


# On a tie in time the last in the batch wins; file ids of the bench are in the order of the files.
NEWEST = """
create table newest as select arg_max(rowid, (as_of, file_id, record_number)) id from record
where len(reasons) = 0 group by review_key;
create view published as select * exclude (reasons, record, details) from record
where rowid in (select id from newest);
"""

COUNTS = """
select 'published', count(*) from newest
union all select 'duplicates', count(*) filter (len(reasons) = 0) - (select count(*) from newest) from record
union all select 'rejected', count(*) filter (len(reasons) > 0) from record
"""

_LINEAGE = "file_id, record_number, ingested_at"


def _newest_of(key: str, id_column: str, fields: str) -> str:
    """One row per product or reviewer: as the newest review describes it."""
    return f"""
select key_of(source, {id_column}) {key}, source, {id_column}, unnest(newest.d), newest.as_of last_seen_at,
  newest.file_id, newest.record_number, newest.ingested_at
from (select source, {id_column},
  arg_max({{'d': {fields}, 'as_of': as_of, 'file_id': file_id, 'record_number': record_number,
    'ingested_at': ingested_at}}, (as_of, file_id, record_number)) newest
  from published where {id_column} is not null group by all)"""


def _items(column: str, item: str) -> str:
    """One row per item of a list."""
    return f"""
select review_key, position, {item}, {_LINEAGE}
from (select review_key, {_LINEAGE}, unnest(range(len({column})))::integer position, unnest({column}) item
  from published)"""


TABLES = {
    # In the order that the published table has.
    "reviews": f"""
select review_key, source, review_id, key_of(source, product_id) product_key, product_id,
  key_of(source, reviewer_id) reviewer_key, reviewer_id, rating, rating_raw, '1-5' rating_scale, recommended,
  title, body, "language", verified_purchase, helpful_votes, total_votes, created_at, updated_at,
  attributes, {_LINEAGE}
from published order by product_id, created_at""",
    # No catalogue is among the files.
    "products": "select *, false from_catalogue, null::varchar attributes from "
    f"({_newest_of('product_key', 'product_id', 'product')})",
    "reviewers": _newest_of("reviewer_key", "reviewer_id", "reviewer"),
    "review_media": _items("media", "unnest(item)"),
    "review_responses": _items("responses", "unnest(item)"),
    "review_tags": _items("tags", "item tag"),
    "rejected_records": f"""
select source, reasons[1] reason, reasons, details, record, null::varchar record_base64,
  strlen(record) record_bytes, {_LINEAGE}
from record where len(reasons) > 0""",
}
