"""What the ledger relies on in DynamoDB; no extension, so a new MiniStack is checked for it here."""

from typing import Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]


@pytest.fixture(scope="module")
def table(aws: Any) -> str:
    """A table with the ledger's keys and an index."""
    names = ("object", "version_id", "status_shard", "updated_at")
    aws("dynamodb").create_table(
        TableName="ledger",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=_keys("object", "version_id"),
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-status",
                "KeySchema": _keys("status_shard", "updated_at"),
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    return "ledger"


def _keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def _row(key: str, **more: str) -> dict[str, dict[str, str]]:
    values = {
        "object": f"raw/{key}",
        "version_id": "v1",
        "status": "PROCESSING",
        "status_shard": "PROCESSING#0",
        "updated_at": "2026-11-21",
        **more,
    }
    return {name: {"S": value} for name, value in values.items()}


def test_claim_succeeds_once(aws: Any, table: str) -> None:
    claim = {
        "TableName": table,
        "Item": _row("once"),
        "ConditionExpression": "attribute_not_exists(version_id)",
    }
    aws("dynamodb").put_item(**claim)
    with pytest.raises(ClientError) as refused:
        aws("dynamodb").put_item(**claim, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert refused.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
    assert refused.value.response["Item"]["status"] == {"S": "PROCESSING"}


def test_failed_row_may_be_claimed_again(aws: Any, table: str) -> None:
    aws("dynamodb").put_item(TableName=table, Item=_row("again", status="FAILED"))
    update = {
        "TableName": table,
        "Key": {name: _row("again")[name] for name in ("object", "version_id")},
        "UpdateExpression": "SET #s = :p ADD attempt :one",
        "ConditionExpression": "attribute_not_exists(version_id) OR #s = :f",
        "ExpressionAttributeNames": {"#s": "status"},
        "ExpressionAttributeValues": {":p": {"S": "PROCESSING"}, ":f": {"S": "FAILED"}, ":one": {"N": "1"}},
        "ReturnValues": "ALL_NEW",
    }
    assert aws("dynamodb").update_item(**update)["Attributes"]["attempt"] == {"N": "1"}
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        aws("dynamodb").update_item(**update)


def test_index_is_queried_in_order(aws: Any, table: str) -> None:
    for number in (2, 1, 3):
        row = _row(f"ordered-{number}", status_shard="EMPTY#3", updated_at=f"2026-11-2{number}")
        aws("dynamodb").put_item(TableName=table, Item=row)
    answer = aws("dynamodb").query(
        TableName=table,
        IndexName="by-status",
        KeyConditionExpression="status_shard = :s",
        ExpressionAttributeValues={":s": {"S": "EMPTY#3"}},
    )
    assert [item["object"]["S"] for item in answer["Items"]] == [
        f"raw/ordered-{number}" for number in (1, 2, 3)
    ]
