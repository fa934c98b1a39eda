"""Runs a connector as its function does, in its environment: ``python measured_run.py CONTRACT``.

Prints what the function returns, and as "peak" the most memory that this process has taken (bytes).
"""

import json
import math
import os
import sys
from pathlib import Path

from connector.budget import Budget
from connector.kinds import contract_of, run_connector
from peak import peak

contract = contract_of(Path(sys.argv[1]))
outcome = run_connector(contract, os.environ, Budget(100_000, math.inf, lambda: math.inf), 0)
print(json.dumps({**outcome, "peak": peak()}))
