"""What the plain relay's other implementation does: a relay, and the two peers that use it.

    plain_relay.py serve                   prints its port, relays until stdin ends
    plain_relay.py offer  URI DESCRIPTION  says DESCRIPTION once somebody may be there, prints the answer
    plain_relay.py answer URI DESCRIPTION  waits for an offer, prints it, says DESCRIPTION once
"""

import asyncio
import sys

import websockets

clients = set()


async def relay(socket, path=None):
    clients.add(socket)
    try:
        async for message in socket:
            for other in clients - {socket}:
                await other.send(message)
    finally:
        clients.discard(socket)


async def serve():
    async with websockets.serve(relay, "127.0.0.1", 0) as server:
        print(list(server.sockets)[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def offer(uri, description):
    async with websockets.connect(uri) as socket:
        await socket.send(description)
        print(await socket.recv(), flush=True)


async def answer(uri, description):
    async with websockets.connect(uri) as socket:
        print("ready", flush=True)
        print(await socket.recv(), flush=True)
        await socket.send(description)


asyncio.run({"serve": serve, "offer": offer, "answer": answer}[sys.argv[1]](*sys.argv[2:]))
