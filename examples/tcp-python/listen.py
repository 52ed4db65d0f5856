"""Listens to a topic over Posthaste's TCP door. Usage: listen.py HOST PORT TOPIC [COUNT]"""
import socket, sys

def varint(n):
    return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + varint(n >> 7)
def field(number, data):  # length-delimited: a string, bytes, or a message
    return varint(number << 3 | 2) + varint(len(data)) + data
def frame(data):
    return varint(len(data)) + data

def read_varint(read):
    n = shift = 0
    while True:
        byte = read(1)[0]
        n |= (byte & 127) << shift
        shift += 7
        if byte < 128: return n
def fields(data):
    at, found = 0, {}
    def read(n):
        nonlocal at
        at += n
        return data[at - n:at]
    while at < len(data):
        tag = read_varint(read)
        wire = tag & 7
        found[tag >> 3] = read_varint(read) if wire == 0 else read(
            {1: 8, 5: 4}[wire] if wire != 2 else read_varint(read))
    return found

host, port, topic = sys.argv[1], int(sys.argv[2]), sys.argv[3].encode()
left = int(sys.argv[4]) if len(sys.argv) > 4 else -1
connection = socket.create_connection((host, port))
stream = connection.makefile("rb")
connection.sendall(frame(field(2, field(1, b"posthaste.v1") + field(2, b"listen.py"))))  # Hello
connection.sendall(frame(b"\x08\x01" + field(3, field(1, topic))))  # ref 1, Subscribe
while left:
    got = fields(stream.read(read_varint(stream.read)))
    if 8 in got:  # Ping: say that we are here
        connection.sendall(frame(field(11, b"")))
    elif 6 in got:  # Done: messages published from now on will come
        print("ready", fields(got[6]).get(1, b"").decode(), flush=True)
    elif 4 in got:  # Message
        message = fields(got[4])
        print(message[2].decode(), message.get(6, b"").decode(), flush=True)
        left -= 1
    elif 7 in got:  # Error
        sys.exit(fields(got[7])[3].decode())
