"""Checks an inclusion proof: `curl .../api/v1/ledger/proof/7 | python ledger-proof.py [ROOT]`.

Uses only Python. ROOT is the root of a head that you trust, such as that of an anchor of its size.
"""

import json
import sys
from hashlib import sha256

proof = json.load(sys.stdin)
entry, head = proof["entry"], proof["head"]
text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
node = sha256(b"\x00" + text.encode()).digest()
place, last = proof["sequence"], head["size"] - 1
for sibling in map(bytes.fromhex, proof["path"]):
    if place % 2 or place == last:
        node = sha256(b"\x01" + sibling + node).digest()
        while place and not place % 2:
            place, last = place // 2, last // 2
    else:
        node = sha256(b"\x01" + node + sibling).digest()
    place, last = place // 2, last // 2
root = sys.argv[1] if len(sys.argv) > 1 else head["root"]
if last or node.hex() != root:
    sys.exit(f"entry {entry['id']} is NOT in the ledger of {head['size']} entries")
print(f"entry {entry['id']} is in the ledger of {head['size']} entries, root {root}")
