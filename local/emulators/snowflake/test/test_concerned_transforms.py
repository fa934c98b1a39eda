"""Leaving out fakesnow's transforms changes no statement."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fakesnow.cursor import FakeSnowflakeCursor
from fakesnow.dialect import parse_one
from fakesnow.instance import FakeSnow
from local_snowflake import concerned_transforms

STATEMENTS = [
    "select 1",
    "select a, b from t where a is null or b < 0",
    "select * from (select a as x from t) where x = 1 and y in (select y from u)",
    "select a as x, count(*) from t join u on x = u.x group by a having count(*) > 1",
    "select cast(null as array), cast(null as number(38,0)), a::float, a::timestamp_ntz from t",
    "select v:a:b::varchar, upper(v:a), v[0]::varchar, array_size(v), to_variant(a) from t",
    "select f.value::varchar from t, lateral flatten(input => t.v) f",
    "select * from table(flatten(input => parse_json('[1]')))",
    "select dateadd('day', -30, current_date), dateadd('day', 1, '2024-01-01'::date)",
    "select dateadd('hour', 1, '2024-01-01'), datediff('second', '2024-01-01', current_timestamp())",
    "select to_date('2024-01-01'), to_date(a), to_timestamp(a), to_timestamp(0) from t",
    "select '2024-01-01 00:00:00 +01:00'::timestamp_tz, to_decimal('1.2', 10, 1), to_number(a) from t",
    "select trim(a), split('a,b', ','), x'ff', sha2(a, 256), sha2_binary(a) from t",
    "select random(), random(3), current_version()",
    "select haversine(1, 2, 3, 4), try_parse_json(a), regexp_replace(a, 'b', 'c') from t",
    "select regexp_substr(a, 'b'), sum(a), avg(b), array_agg(b), object_agg(a, b) from t",
    "select array_agg(a) within group (order by b) from t",
    "select object_construct('a', 1), array_construct(1, 2) from t",
    "select object_construct('a', a) as o from t where o is not null",
    "select array_construct_compact(1, null), array_cat(a, b) from t",
    "select percentile_cont(0.95) within group (order by a), count_if(a > 1) from t sample (10)",
    "select column1 from values (1, 'a'), (2, 'b')",
    "select s.nextval",
    "select * from identifier('t')",
    "select * from table(result_scan('01'))",
    "select * from information_schema.tables",
    "select * from information_schema.databases",
    "create or replace table d.s.t (a number(38,0) not null, b varchar(10)) as (select 1 as a, 'x' as b)",
    "create or replace view v (a comment 'of it') comment = 'it' as (select a from t)",
    "create table c clone t",
    "create table k (a integer, b varchar(5)) comment = 'of it'",
    "create table e (a timestamp_ntz, b float)",
    "create database e",
    "create schema if not exists s",
    "create stage s3 url = 's3://bucket/'",
    "create file format f type = csv",
    "create user someone",
    "drop schema s",
    "drop table if exists t",
    "alter session set autocommit = false",
    "alter table t add column a varchar(3)",
    "alter table t alter column a comment 'of it'",
    "alter table t set tag cost = 'low'",
    "alter table t cluster by (a)",
    "insert into t (a) select sha2('a', 256)",
    "update t set a = a::float where b is null",
    "delete from t where a = 1",
    "merge into t using u on t.a = u.a when matched then update set b = u.b",
    "use schema d.s",
    "use database d",
    "set x = 1",
    "show databases",
    "show schemas",
    "show objects in d.s limit 100",
    "show tables in schema s",
    "show columns in table t",
    "show primary keys in schema s",
    "show imported keys in schema s",
    "show users",
    "show warehouses",
    "show functions",
    "show procedures",
    "show parameters",
    "show stages",
    "show sequences",
    "describe table t",
    "truncate table t",
    "comment on table t is 'of it'",
    "list @s3",
    "put file:///tmp/a.csv @s3",
]

Outcome = tuple[str, dict[str, str]] | str


def outcome(transform: Any, cursor: FakeSnowflakeCursor, statement: str) -> Outcome:
    """The result for a statement: DuckDB's query and what fakesnow notes beside it, or the error."""
    try:
        transformed = transform(cursor, parse_one(statement), None)
        sql = re.sub(r"'\d{4}-\d\d-\d\dT[^']*'", "now", transformed.sql(dialect="duckdb"))
        return sql, {key: str(value) for key, value in transformed.args.items() if key != "expression"}
    except Exception as error:
        return f"{type(error).__name__}: {error}"


@pytest.fixture(scope="module")
def cursor() -> Iterator[FakeSnowflakeCursor]:
    connection = FakeSnow().connect("D", "S")
    opened = connection.cursor()
    opened.execute("create table t (a integer, b integer)")
    yield opened
    connection.close()


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_statement_becomes_what_all_transforms_make_of_it(
    cursor: FakeSnowflakeCursor, statement: str
) -> None:
    every = FakeSnowflakeCursor._transform
    concerned = concerned_transforms.only_concerned(every)
    assert outcome(concerned, cursor, statement) == outcome(every, cursor, statement)


def test_the_statements_reach_every_transform_that_may_be_left_out(
    cursor: FakeSnowflakeCursor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the comparison above would say nothing about it."""
    reached: set[str] = set()
    applied = concerned_transforms.Statement.transform

    def noting(self: Any, function: Any, *args: Any, **kwargs: Any) -> Any:
        before = repr(self.expression), str(self.expression.args)
        answer = applied(self, function, *args, **kwargs)
        if (repr(self.expression), str(self.expression.args)) != before:
            reached.update([function.__code__.co_name, *function.__code__.co_names])
        return answer

    monkeypatch.setattr(concerned_transforms.Statement, "transform", noting)
    concerned = concerned_transforms.only_concerned(FakeSnowflakeCursor._transform)
    for statement in STATEMENTS:
        outcome(concerned, cursor, statement)
    assert sorted(concerned_transforms.KINDS_BY_TRANSFORM.keys() - reached) == []
