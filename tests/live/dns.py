# SPDX-License-Identifier: Apache-2.0
"""The name server of the simulated net: MX and A of the remote mail domains, PTR of a few hosts, NXDOMAIN else."""
import ipaddress
import socket
import struct
import threading

A, NS, PTR, MX, ANY = 1, 2, 12, 15, 255
NXDOMAIN = 3


class Zone:
    def __init__(self):
        self._records = {}

    def add(self, name, kind, data):
        self._records.setdefault(name, []).append((kind, data))

    def add_host(self, name, ip, reverse=True):
        self.add(name, A, ipaddress.ip_address(ip).packed)
        if reverse:
            self.add(ipaddress.ip_address(ip).reverse_pointer, PTR, encode(name))

    def add_mx(self, domain, host):
        self.add(domain, MX, struct.pack("!H", 10) + encode(host))

    def serve(self, ip):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind((ip, 53))
        threading.Thread(target=self._loop, args=(sock,), daemon=True).start()

    def _loop(self, sock):
        while True:
            query, peer = sock.recvfrom(1500)
            try:
                sock.sendto(self.answer(query), peer)
            except (IndexError, UnicodeDecodeError, struct.error):
                continue

    def answer(self, query):
        name, end = decode(query, 12)
        (kind,) = struct.unpack("!H", query[end:end + 2])
        records = self._records.get(name.lower())
        found = [(k, data) for k, data in records or () if kind in (k, ANY)]
        flags = 0x8580 | (0 if records else NXDOMAIN)
        reply = query[:2] + struct.pack("!5H", flags, 1, len(found), 0, 0) + query[12:end + 4]
        return reply + b"".join(b"\xc0\x0c" + struct.pack("!HHIH", k, 1, 300, len(data)) + data for k, data in found)


def encode(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def decode(packet, at):
    labels = []
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode("ascii"))
        at += 1 + packet[at]
    return ".".join(labels), at + 1
