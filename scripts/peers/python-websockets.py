# SPDX-License-Identifier: MIT
"""python-websockets.py PORT: each message to everybody who connected with the same path, with `websockets`."""

import asyncio
import sys

from websockets.asyncio.server import broadcast, serve

rooms = {}


async def relay(connection):
    room = rooms.setdefault(connection.request.path, set())
    room.add(connection)
    try:
        async for message in connection:
            broadcast(room, message)
    finally:
        room.discard(connection)


async def main():
    async with serve(relay, "127.0.0.1", int(sys.argv[1]), compression=None):
        await asyncio.get_running_loop().create_future()


asyncio.run(main())
