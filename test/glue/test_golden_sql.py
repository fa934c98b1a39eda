"""The generated SQL in test/glue/golden is the SQL that the kernel makes today."""

from __future__ import annotations

import duckdb
import golden_sql


def test_the_golden_file_is_what_the_kernel_generates() -> None:
    assert golden_sql.FILE.read_text(encoding="utf-8") == golden_sql.generated(), (
        f"Read the difference. If it is what the change is meant to do, run: {golden_sql.COMMAND}"
    )


def test_the_golden_file_is_one_statement_of_duckdb() -> None:
    statements = duckdb.extract_statements(golden_sql.FILE.read_text(encoding="utf-8"))
    assert [statement.type for statement in statements] == [duckdb.StatementType.SELECT]
