"""Copies an object by the client of a service; prints the most memory that this process has taken (bytes)."""

import os
import sys
from typing import Any

from connector.aws_objects import AwsRawObjects
from connector.azure_objects import AzureObjects
from connector.checked_stream import CheckedStream
from connector.gcs_objects import GcsObjects
from connector.objects_source import SourceObject
from containers import contract
from lists import budget
from peak import peak

service, address, size = sys.argv[1:]
os.environ["AWS_ENDPOINT_URL"] = address
client: Any = AzureObjects if service == "azure" else GcsObjects
of = contract("azure" if service == "azure" else "gcs")
found = SourceObject("large", "1", int(size), "md5" if service == "azure" else "crc32c", None)
stream = CheckedStream(client(of, {}, address=address).chunks(found), found, budget())
AwsRawObjects("raw").put("reviews/large", found, stream)
print(peak())
