"""Reserved concurrency in an account with a low limit (extension "lambda-concurrency").

A new account may run ten functions at a time, none of which it can reserve. MiniStack reserves any number.
"""

from typing import Any

from local_aws.pinned import private, replace

_EXTENSION = "lambda-concurrency"
_lambda = private(
    _EXTENSION, "ministack.services.lambda_svc", "_put_function_concurrency", "error_response_json"
)
_provisioners = private(_EXTENSION, "ministack.services.cloudformation.provisioners", "_RESOURCE_HANDLERS")

# "Lambda quotas" and "Understanding Lambda function scaling", AWS Lambda Developer Guide.
_ACCOUNT_LIMIT = 10
_LEAST_UNRESERVED = 100

_FUNCTION = "AWS::Lambda::Function"
_REFUSAL = (
    "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
    f"below its minimum value of [{_LEAST_UNRESERVED}]."
)


def install() -> None:
    """Refuse more concurrency than the account has, by the API and in a stack that creates the function."""
    replace(_lambda, "_put_function_concurrency", _refusing_call)
    handler = _provisioners._RESOURCE_HANDLERS[_FUNCTION]
    _provisioners._RESOURCE_HANDLERS[_FUNCTION] = {**handler, "create": _refusing_creation(handler["create"])}


def _is_too_much(reserved: Any) -> bool:
    """0 is always possible: it turns the function off."""
    return int(reserved or 0) > max(0, _ACCOUNT_LIMIT - _LEAST_UNRESERVED)


def _refusing_call(original: Any) -> Any:
    def put_function_concurrency(name: str, data: dict[str, Any]) -> Any:
        if _is_too_much(data.get("ReservedConcurrentExecutions")):
            return _lambda.error_response_json("InvalidParameterValueException", _REFUSAL, 400)
        return original(name, data)

    return put_function_concurrency


def _refusing_creation(create: Any) -> Any:
    def create_function(logical_id: str, properties: dict[str, Any], *more: Any, **named: Any) -> Any:
        if _is_too_much(properties.get("ReservedConcurrentExecutions")):
            raise ValueError(_REFUSAL)
        return create(logical_id, properties, *more, **named)

    return create_function
