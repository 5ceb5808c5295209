"""One aioice agent: aioice_peer.py controlling|controlled

Prints its SDP attributes and an empty line, reads the other side's from stdin, connects, says "from aioice", prints what
it hears, and ends with stdin. Its log goes to stderr.
"""

import asyncio
import logging
import sys

import aioice
from aioice import ice

host_addresses = ice.get_host_addresses
# It leaves loopback addresses out, and a machine may have no other.
ice.get_host_addresses = lambda *families, **named: host_addresses(*families, **named) or ["127.0.0.1"]


async def read_line():
    return (await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)).strip()


async def main(role):
    connection = aioice.Connection(ice_controlling=role == "controlling", components=1)
    await connection.gather_candidates()
    print("a=ice-ufrag:" + connection.local_username)
    print("a=ice-pwd:" + connection.local_password)
    print("a=ice-options:ice2")  # it says so nowhere, but follows RFC 8445 and answers checks to the end
    for candidate in connection.local_candidates:
        print("a=candidate:" + candidate.to_sdp())
    print(flush=True)
    while line := await read_line():
        name, _, value = line.removeprefix("a=").partition(":")
        if name == "ice-ufrag":
            connection.remote_username = value
        elif name == "ice-pwd":
            connection.remote_password = value
        elif name == "candidate":
            await connection.add_remote_candidate(aioice.Candidate.from_sdp(value))
    await connection.add_remote_candidate(None)
    await connection.connect()
    await connection.send(b"from aioice")
    print((await connection.recv()).decode(), flush=True)
    await read_line()
    await connection.close()


logging.basicConfig(level=logging.INFO, format="%(name)s %(message)s")
asyncio.run(asyncio.wait_for(main(sys.argv[1]), 40))
