"""Writes what is sent to servers, from any interface of this host, as lines of JSON until it is told to end (SIGTERM).

A server is who was seen to be connected to; of a connection that was there before, who has the lower port. (Not by pairs:
NAT gives the two directions of a connection different addresses.) What servers answer is left out: an answer with the key
in it is what the audit's own servers send.
"""

import base64
import json
import signal
import socket
import struct
import sys

ETH_P_ALL = 3
OUTGOING = 4
SO_RCVBUFFORCE = 33
SOL_PACKET, PACKET_STATISTICS = 263, 6
SYN, ACK = 0x02, 0x10

ended = False


def end(*_):
    global ended
    ended = True


def parsed(data, protocol):
    """(source, destination, transport protocol, transport's bytes) of an IP packet."""
    if protocol == 0x0800 and len(data) > 20:
        start = (data[0] & 0x0F) * 4
        length = struct.unpack_from("!H", data, 2)[0] or len(data)
        addresses = (socket.inet_ntop(socket.AF_INET, data[at : at + 4]) for at in (12, 16))
        return (*addresses, data[9], data[start:length])
    if protocol == 0x86DD and len(data) > 40:
        addresses = (socket.inet_ntop(socket.AF_INET6, data[at : at + 16]) for at in (8, 24))
        return (*addresses, data[6], data[40:])
    return None


def main(path):
    signal.signal(signal.SIGTERM, end)
    packets = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
    packets.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 128 * 2**20)
    packets.settimeout(0.2)
    servers, seen = set(), set()
    counts = {"packets": 0, "kept": 0, "dropped": 0, "bytes": 0}
    with open(path, "w", encoding="ascii") as out:
        print("captures", flush=True)
        while not ended:
            try:
                data, (interface, protocol, kind, *_) = packets.recvfrom(2**17)
            except TimeoutError:
                continue
            if interface == "lo" and kind == OUTGOING:
                continue  # it comes again, as incoming
            counts["packets"] += 1
            packet = parsed(data, protocol)
            if packet is None or len(packet[3]) < 8:
                continue
            source, destination, transport, rest = packet
            sport, dport = struct.unpack_from("!HH", rest)
            to, by = (destination, dport), (source, sport)
            if transport == socket.IPPROTO_TCP and len(rest) >= 20:
                flags = rest[13]
                if flags & SYN and not flags & ACK:
                    servers.add(to)
                payload = rest[(rest[12] >> 4) * 4 :]
                mark = struct.unpack_from("!I", rest, 4)[0]
                known = (to in servers) != (by in servers)
                is_request = to in servers if known else dport < sport
            elif transport == socket.IPPROTO_UDP:
                payload, mark, is_request = rest[8:], counts["packets"], True
            else:
                continue
            once = (by, to, mark, len(payload))
            if not payload or not is_request or once in seen:
                continue
            seen.add(once)  # a packet passes several interfaces
            counts["kept"] += 1
            counts["bytes"] += len(payload)
            line = {"from": f"{source}:{sport}", "to": f"{destination}:{dport}", "payload": base64.b64encode(payload).decode()}
            out.write(json.dumps(line) + "\n")
    counts["dropped"] = struct.unpack("II", packets.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))[1]
    print(json.dumps(counts), flush=True)


main(sys.argv[1])
