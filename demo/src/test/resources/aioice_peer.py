"""One aioice agent: aioice_peer.py controlling|controlled

Prints its description, reads the other side's from stdin, connects, says "from aioice", prints what it hears.
"""

import asyncio
import json
import sys

import aioice


async def main(role):
    connection = aioice.Connection(ice_controlling=role == "controlling", components=1)
    await connection.gather_candidates()
    description = {
        "candidates": [candidate.to_sdp() for candidate in connection.local_candidates],
        "username": connection.local_username,
        "password": connection.local_password,
    }
    print(json.dumps(description), flush=True)
    remote = json.loads(await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline))
    for candidate in remote["candidates"]:
        await connection.add_remote_candidate(aioice.Candidate.from_sdp(candidate))
    await connection.add_remote_candidate(None)
    connection.remote_username = remote["username"]
    connection.remote_password = remote["password"]
    await connection.connect()
    print("connected", flush=True)
    await connection.send(b"from aioice")
    print((await connection.recv()).decode(), flush=True)
    await connection.close()


asyncio.run(asyncio.wait_for(main(sys.argv[1]), 40))
