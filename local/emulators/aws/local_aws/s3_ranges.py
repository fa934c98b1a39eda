"""Reading a part of an object version (extension "s3-ranges")."""

from typing import Any

from local_aws.pinned import private, replace

_s3 = private(
    "s3-ranges", "ministack.services.s3", "_get_object", "_parse_range", "_range_error_xml", "_xml_body"
)


def install() -> None:
    """MiniStack answers a GetObject that has a version id with the whole object, whatever its Range says."""
    replace(_s3, "_get_object", _honouring_range)


def _honouring_range(original: Any) -> Any:
    def get_object(
        bucket: str, key: str, headers: dict[str, str], query: dict[str, Any] | None = None
    ) -> Any:
        response = original(bucket, key, headers, query)
        requested = headers.get("range")
        if not requested or response[0] != 200 or "versionId" not in (query or {}):
            return response
        return _part(bucket, key, requested, response)

    return get_object


def _part(bucket: str, key: str, requested: str, response: Any) -> Any:
    _, headers, body = response
    total = len(body)
    bounds = _s3._parse_range(requested, total)
    if bounds is None:
        refused = {"Content-Type": "application/xml", "Content-Range": f"bytes */{total}"}
        return 416, refused, _s3._xml_body(_s3._range_error_xml(bucket, key))
    start, end = bounds
    # The checksums are of the whole object; an SDK would compare them with the part.
    kept = {name: value for name, value in headers.items() if not name.lower().startswith("x-amz-checksum")}
    kept |= {"Content-Range": f"bytes {start}-{end}/{total}", "Content-Length": str(end - start + 1)}
    return 206, kept, body[start : end + 1]
