"""Forwards TCP connections from the machine's loopback into a network namespace.

Arguments: a process of the namespace, the address (the same on both sides), ports.
The sockets that listen are made before the namespace is entered, and stay where they were made.
"""
import asyncio
import ctypes
import os
import socket
import sys

CLONE_NEWNET = 0x40000000
CHUNK_BYTES = 65536


def enter_network_of(pid):
    namespace = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")
    os.close(namespace)


async def pump(reader, writer):
    try:
        while data := await reader.read(CHUNK_BYTES):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.close()


async def join(address, port, client_reader, client_writer):
    try:
        reader, writer = await asyncio.open_connection(address, port)
    except OSError:
        client_writer.transport.abort()
        return
    try:
        await asyncio.gather(pump(client_reader, writer), pump(reader, client_writer))
    finally:
        writer.close()
        client_writer.close()


async def main(pid, address, ports):
    listeners = [(port, socket.create_server((address, port))) for port in ports]
    enter_network_of(pid)
    for port, listener in listeners:
        await asyncio.start_server(
            lambda r, w, port=port: join(address, port, r, w), sock=listener
        )
    await asyncio.Event().wait()


asyncio.run(main(int(sys.argv[1]), sys.argv[2], [int(port) for port in sys.argv[3:]]))
