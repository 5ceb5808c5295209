"""Links with a delay and a rate: wire.py SECONDS MBIT DEVICE DEVICE [DEVICE DEVICE...]

Makes TUN devices, each two of which are the ends of a link, prints "up", and carries packets until it is killed.
A device may be moved to another network namespace meanwhile.
"""
import collections
import errno
import fcntl
import os
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN_WITHOUT_HEADER = 0x1001
LONGEST_PACKET = 65536
LONGEST_WAIT = 0.1
BATCH = 64


class End:
    """One end of a link, and what is on its way to it."""

    def __init__(self, name):
        self.file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.file, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN_WITHOUT_HEADER))
        self.coming = collections.deque()
        self.free_at = 0.0

    def take(self, packet, now, delay, seconds_a_byte):
        sent = max(now, self.free_at) + len(packet) * seconds_a_byte
        if sent - now <= LONGEST_WAIT:
            self.free_at = sent
            self.coming.append((sent + delay, packet))

    def deliver(self, now):
        while self.coming and self.coming[0][0] <= now:
            packet = self.coming.popleft()[1]
            try:
                os.write(self.file, packet)
            except OSError as e:
                if e.errno not in (errno.EIO, errno.EAGAIN):  # down, or full
                    raise


def packets(file):
    for _ in range(BATCH):
        try:
            yield os.read(file, LONGEST_PACKET)
        except BlockingIOError:
            return


def carry(other_end, delay, seconds_a_byte):
    ends = list(other_end.values())
    while True:
        due = min((end.coming[0][0] for end in ends if end.coming), default=None)
        wait = None if due is None else max(0, due - time.monotonic())
        for file in select.select(list(other_end), [], [], wait)[0]:
            now = time.monotonic()
            for packet in packets(file):
                other_end[file].take(packet, now, delay, seconds_a_byte)
        now = time.monotonic()
        for end in ends:
            end.deliver(now)


def main(seconds, mbit, *devices):
    ends = [End(device) for device in devices]
    other_end = {}
    for one, other in zip(ends[::2], ends[1::2]):
        other_end[one.file] = other
        other_end[other.file] = one
    print("up", flush=True)
    carry(other_end, float(seconds), 8e-6 / float(mbit))


main(*sys.argv[1:])
