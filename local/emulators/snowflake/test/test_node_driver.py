"""The Node driver, which the provisioning function uses: key-pair login, rows as JSON, Snowflake's errors."""
# ruff: noqa: S603, S607 (the tests start their own programs)

import json
import os
import subprocess
import time
from typing import Any

import pytest
from emulator_process import ROOT, Server

SCRIPT = """
import snowflake from 'snowflake-sdk';
import { generateKeyPairSync } from 'node:crypto';
snowflake.configure({ logLevel: 'OFF', logFilePath: 'STDOUT', additionalLogToConsole: false });
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const connection = snowflake.createConnection({
  account: 'local', username: 'NODE', authenticator: 'SNOWFLAKE_JWT', privateKey, accessUrl: process.argv[1],
});
await new Promise((done, fail) => connection.connect((error) => (error ? fail(error) : done())));
const answers = [];
for (const sqlText of JSON.parse(process.argv[2])) {
  answers.push(await new Promise((done) => connection.execute({
    sqlText,
    complete: (error, statement, rows) =>
      done(error ? { code: error.code, sqlState: error.sqlState, message: error.message } : rows),
  })));
}
await new Promise((done) => connection.destroy(done));
console.log(JSON.stringify(answers));
"""


@pytest.fixture
def answers(server: Server) -> Any:
    """Runs statements through the Node driver; returns the rows or the error of each."""

    def run(*statements: str) -> list[Any]:
        finished = subprocess.run(
            ["node", "--input-type=module", "-e", SCRIPT, server.endpoint, json.dumps(statements)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PATH": f"{ROOT / 'node_modules' / '.bin'}:{os.environ['PATH']}"},
            timeout=60,
        )
        assert finished.returncode == 0, finished.stderr
        found: list[Any] = json.loads(finished.stdout)
        return found

    return run


def test_every_type_comes_as_it_is(answers: Any) -> None:
    ((row,),) = answers(
        "select 1::number(38,0) as I, 1.25::number(9,2) as D, 0.5::float as F, true as B, 'it''s' as S,"
        " null as N, null::timestamp_ntz as NEVER,"
        " '2026-11-20'::date as DAY, '2026-11-20 01:02:03.456'::timestamp_ntz as AT,"
        " parse_json('{\"a\": [1]}') as V"
    )
    assert row == {
        "I": 1,
        "D": 1.25,
        "F": 0.5,
        "B": True,
        "S": "it's",
        "N": None,
        "DAY": "2026-11-20",
        "AT": "2026-11-20 01:02:03.456",
        "NEVER": None,
        "V": {"a": [1]},
    }


def test_ddl_answers_a_status_and_show_answers_rows(answers: Any, name: str) -> None:
    created, shown, nothing = answers(
        f"CREATE ROLE IF NOT EXISTS \"{name}\" COMMENT = 'c'",
        f"SHOW ROLES LIKE '{name}'",
        "SHOW ROLES LIKE 'none'",
    )
    assert created == [{"status": f"Role {name} successfully created."}]
    assert [(row["name"], row["comment"]) for row in shown] == [(name, "c")]
    assert nothing == []


def test_an_error_comes_at_once_with_its_code(answers: Any) -> None:
    began = time.monotonic()
    missing, unsupported, wrong = answers("DESC INTEGRATION NOWHERE", "COPY INTO t FROM @s", "select * fro t")
    assert (missing["code"], missing["sqlState"]) == ("002003", "02000")
    assert (unsupported["code"], unsupported["sqlState"]) == ("000002", "0A000")
    assert (wrong["code"], wrong["sqlState"]) == ("001003", "42000")
    assert time.monotonic() - began < 20, "a driver repeats what is answered by HTTP 500 for minutes"
