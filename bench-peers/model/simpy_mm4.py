"""M/M/4 at 90 % in SimPy: 360 arrivals a second, services of 10 ms in the mean.

Prints what every contestant prints: a name and a number a line.
"""

import math
import random
import sys
import time

import simpy

SERVERS = 4
ARRIVALS_PER_S = 360.0
SERVICES_PER_S = 100.0


class Station:
    """The servers, and what has been measured."""

    def __init__(self, env, requests):
        self.env = env
        self.requests = requests
        self.random = random.Random(1)
        self.servers = simpy.Resource(env, capacity=SERVERS)
        self.waiting = []
        self.sojourn = []
        self.busy_s = 0.0
        self.queue_max = 0
        env.process(self.source())

    def source(self):
        for _ in range(self.requests):
            yield self.env.timeout(self.random.expovariate(ARRIVALS_PER_S))
            self.env.process(self.request())

    def request(self):
        arrived = self.env.now
        with self.servers.request() as turn:
            self.queue_max = max(self.queue_max, len(self.servers.queue))
            yield turn
            self.waiting.append(self.env.now - arrived)
            service = self.random.expovariate(SERVICES_PER_S)
            yield self.env.timeout(service)
            self.busy_s += service
        self.sojourn.append(self.env.now - arrived)


def show(name, times):
    """The mean, and order statistics."""
    ordered = sorted(times)
    print(f"{name}_mean {math.fsum(ordered) / len(ordered)}")
    for percent in (50, 95, 99):
        print(f"{name}_p{percent} {ordered[-(-len(ordered) * percent // 100) - 1]}")


def main():
    requests = int(sys.argv[1])
    start = time.process_time()
    env = simpy.Environment()
    station = Station(env, requests)
    env.run()
    utilisation = station.busy_s / (SERVERS * env.now)
    seconds = time.process_time() - start
    print(f"requests {len(station.sojourn)}")
    print(f"seconds {seconds}")
    print(f"utilisation {utilisation}")
    print(f"queue_max {station.queue_max}")
    show("waiting", station.waiting)
    show("sojourn", station.sojourn)


if __name__ == "__main__":
    main()
